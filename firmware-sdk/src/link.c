/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections: the upgrade, frames into messages, messages into frames, and who
 * has to go. One buffer sends for both links; who does not take what is in it
 * for two seconds is taken for dead.
 */
#include "client.h"
#include "message.h"
#include "noise.h"
#include "pair.h"
#include "playout.h"
#include "ring.h"
#include "secure.h"
#include "ws.h"

#include <string.h>

enum {
	GREET_US = 5000000,  /* for the upgrade and the hello */
	ACTIVATE_US = 30000000,
	IDLE_US = 30000000,  /* without a byte from the server */
	CLOGGED_US = 2000000,
	LEAVE_US = 1000000,
	DIAL_FROM_US = 250000,
	DIAL_TO_US = 10000000
};

const char *jg_link_path(const struct jg_client *c)
{
	return c->config->path != NULL ? c->config->path : "/sendspin";
}

/* Masks and waits may be guessed; keys are drawn elsewhere. */
void jg_link_random(struct jg_client *c, uint8_t *to, size_t size)
{
	if (c->cb->random != NULL) {
		c->cb->random(c->user, to, size);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		c->seed ^= c->seed << 13;
		c->seed ^= c->seed >> 17;
		c->seed ^= c->seed << 5;
		to[i] = (uint8_t)(c->seed >> 24);
	}
}

JG_SMALL struct jg_link *jg_link_at(struct jg_client *c, int link)
{
	return link >= 0 && link < JG_LINKS ? &c->link[link] : NULL;
}

int jg_free_link(const struct jg_client *c)
{
	for (int i = 0; i < JG_LINKS; i++) {
		if (c->link[i].state == JG_FREE) {
			return i;
		}
	}
	return JG_ERR_STATE;
}

void jg_link_lend(struct jg_client *c, struct jg_link *l, bool large)
{
	l->text = large ? (char *)c->config->audio : c->handshake;
	l->room = (large ? JG_TEXT_BYTES : JG_HANDSHAKE_BYTES) - 1; /* NUL goes behind it */
}

int jg_opened(struct jg_client *c, int link, bool accepted, int64_t now)
{
	struct jg_link *const l = jg_link_at(c, link);
	if (l == NULL || l->state != JG_FREE) {
		return JG_ERR_ARGUMENT;
	}
	c->now = now;
	memset(l, 0, sizeof *l);
	l->state = JG_UPGRADE;
	l->accepted = accepted;
	l->opened = l->heard = (uint32_t)now;
	jg_ws_start(&l->ws, accepted);
	const struct jg_link *const other = jg_other(c, l);
	jg_link_lend(c, l, other->state == JG_FREE || other->text == c->handshake);
	if (!accepted) {
		l->due = JG_DUE_UPGRADE;
	}
	jg_link_compose(c);
	return JG_OK;
}

void jg_link_fail(struct jg_client *c, struct jg_link *l, int why)
{
	if (l->state != JG_DEAD && l->state != JG_FREE) {
		l->state = JG_DEAD;
		l->why = why;
		jg_client_log(c, why);
	}
}

void jg_closed(struct jg_client *c, int link, int64_t now)
{
	struct jg_link *const l = jg_link_at(c, link);
	if (l == NULL) {
		return;
	}
	c->now = now;
	if (c->out_link == l) {
		c->out_left = 0;
		c->said = 0;
	}
	if (c->current == l) {
		jg_client_gone(c, l);
	}
#if JG_CRYPTO
	/* Who does not answer client/init may know cleartext alone, and the other way
	 * round: the next connection begins with what this one has not tried. */
	if (l->state != JG_UPGRADE && l->server == 0) {
		c->plain = l->stage == JG_INIT;
	}
#endif
	l->state = JG_FREE;
	if (c->config->dial && link == 0) {
		uint8_t some;
		jg_link_random(c, &some, 1);
		const uint32_t twice = 2 * c->dial_wait;
		c->dial_wait = twice == 0 ? DIAL_FROM_US : twice < DIAL_TO_US ? twice : DIAL_TO_US;
		c->dial_from = (uint32_t)now;
		c->dial_pause = c->dial_wait + (c->dial_wait >> 10) * some; /* up to a quarter more */
	}
	jg_link_compose(c);
}

enum jg_want jg_want(const struct jg_client *c, int link, int64_t now)
{
	const struct jg_link *const l = &c->link[link];
	/* The server closes first, so that it has read our goodbye by then. */
	if (l->state == JG_DEAD || (l->state == JG_LEAVING && (uint32_t)now - l->opened > LEAVE_US)) {
		return JG_WANT_CLOSE;
	}
	const bool dial = c->config->dial && link == 0 && l->state == JG_FREE && !c->left && (uint32_t)now - c->dial_from >= c->dial_pause;
	return dial ? JG_WANT_CONNECT : JG_WANT_NOTHING;
}

static JG_SMALL void check(struct jg_client *c, struct jg_link *l)
{
	const uint32_t age = (uint32_t)c->now - l->opened, most = l->stage == JG_ACTIVE ? ACTIVATE_US : GREET_US;
	const bool ready = l->state == JG_READY;
	if (ready && age > DIAL_TO_US) {
		c->dial_wait = 0; /* all is well: dial again at once when it ends */
	}
	if (ready ? (uint32_t)c->now - l->heard > IDLE_US : l->state != JG_FREE && l->state < JG_READY && age > most) {
		jg_link_fail(c, l, JG_ERR_TIMEOUT);
	}
}

/* Ends what has taken too long. */
void jg_link_check(struct jg_client *c)
{
	if (c->out_left > 0 && (uint32_t)c->now - c->out_since > CLOGGED_US) {
		jg_link_fail(c, c->out_link, JG_ERR_TIMEOUT);
		c->out_left = 0;
		c->said = 0;
	}
	for (int i = 0; i < JG_LINKS; i++) {
		check(c, &c->link[i]);
	}
}
