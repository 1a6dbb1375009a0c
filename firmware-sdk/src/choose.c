/* SPDX-License-Identifier: Apache-2.0 */
/* Which server is listened to (Sendspin/spec connection.md, "Multiple servers"). */
#include "client.h"
#include "clock.h"
#include "pair.h"
#include "picture.h"
#include "playout.h"

#include <string.h>

/* The specification's rules for several servers: one that plays is preferred,
 * then the one that played last; else the one that is there stays. */
static bool preferred(const struct jg_client *c, const struct jg_link *fresh, const struct jg_link *old)
{
	if (fresh->server == old->server) {
		return true;
	}
#if JG_CRYPTO
	if (jg_pair_running(c) && fresh->rank > JG_IDLE) {
		return false; /* a pairing is not disturbed */
	}
#endif
	if (fresh->rank == JG_IDLE && old->rank == JG_IDLE) {
		return fresh->server == c->last_server;
	}
	return fresh->rank >= old->rank;
}

void jg_client_leave(struct jg_client *c, struct jg_link *l, uint8_t why)
{
	if (l->state == JG_GREETING || l->state == JG_READY) {
		const bool told = !JG_CRYPTO || l->stage == JG_CLEAR || l->stage >= JG_KEYED;
		l->state = JG_LEAVING;
		l->goodbye = why;
		l->due = (uint16_t)((l->due & JG_DUE_PAIR) | (told ? JG_DUE_GOODBYE : 0) | JG_DUE_CLOSE);
		l->opened = (uint32_t)c->now;
	} else if (l->state == JG_UPGRADE) {
		jg_link_fail(c, l, JG_ERR_STATE);
	}
}

void jg_client_gone(struct jg_client *c, struct jg_link *l)
{
	const int why = l->why;
#if JG_CRYPTO
	jg_pair_stop(c);
	c->pair.window = c->now;
	c->unreported = false;
#endif
	c->current = NULL;
	c->roles = 0;
	jg_play_clear(c, true);
#if JG_ROLE_ARTWORK
	jg_picture_clear(c);
#endif
	if (c->cb->server != NULL) {
		c->cb->server(c->user, NULL, why);
	}
}

void jg_client_played(struct jg_client *c)
{
	const uint32_t server = c->current->server;
	if (c->last_server != server) {
		c->last_server = server;
		jg_settings_changed(c);
	}
}

void jg_client_choose(struct jg_client *c, struct jg_link *l, const char *name)
{
	struct jg_link *const old = c->current;
	if (old != NULL) {
		if (!preferred(c, l, old)) {
			jg_client_leave(c, l, jg_keyed(l) ? JG_CONCURRENT : JG_ANOTHER_SERVER);
			return;
		}
		old->why = JG_ERR_REFUSED;
		jg_client_leave(c, old, JG_ANOTHER_SERVER);
		jg_client_gone(c, old);
	}
	c->current = l;
	l->state = JG_READY;
	jg_clock_start(&c->clock);
	c->asked = 0;
	c->ask_at = (uint32_t)c->now;
	c->prefer = 0;
	memset(&c->shown, 0, sizeof c->shown);
	if (c->cb->server != NULL) {
		c->cb->server(c->user, name, JG_OK);
	}
	/* The large buffer changes hands; nothing uses the text behind this line. */
	if (l->text == c->handshake) {
		struct jg_link *const other = jg_other(c, l);
		other->longtext = other->text_have > 0;
		other->text_have = 0;
		jg_link_lend(c, other, false);
		jg_link_lend(c, l, true);
	}
}

void jg_leave(struct jg_client *c, enum jg_goodbye why, int64_t now)
{
	c->now = now;
	c->left = why != JG_RESTART;
	for (int i = 0; i < JG_LINKS; i++) {
		jg_client_leave(c, &c->link[i], (uint8_t)why);
	}
	jg_link_compose(c);
}
