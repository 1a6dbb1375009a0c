/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures. In cleartext one is one message, and goes to its callback as it
 * comes. In the current dialect a message is believed when its tag was right, so
 * each is held whole until then: an announce with the size, parts, or a cancel.
 */
#include "picture.h"

#if JG_ROLE_ARTWORK

#include "ws.h"

#include <string.h>

enum { CHANNELS = 4, SLOT = 8 }; /* the kinds of binary messages of the channels */

bool jg_picture_wanted(const struct jg_client *c, bool encrypted)
{
	return c->cb->artwork != NULL && (!encrypted || c->config->picture != NULL);
}

bool jg_picture_comes(const struct jg_client *c, const struct jg_link *l)
{
	const bool keyed = jg_keyed(l);
	return l == c->current && l->binary_have >= (keyed ? 1 : 9) && l->binary[0] >= SLOT && l->binary[0] < SLOT + CHANNELS &&
	       jg_picture_wanted(c, keyed);
}

static void tell(const struct jg_client *c, const struct jg_link *l, const uint8_t *data, size_t size)
{
	c->cb->artwork(c->user, (uint8_t)(l->binary[0] - SLOT), data, size);
}

#if JG_CRYPTO
enum { PART = 0, CANCEL = 1, ANNOUNCE = 2, ANNOUNCE_BYTES = 13 };

/* Takes back what has begun; there is one channel alone, because one is asked for. */
static void cancel(struct jg_client *c)
{
	if (c->picture_left > 0) {
		c->picture_left = 0;
		c->cb->artwork(c->user, 0, NULL, JG_PICTURE_VOID);
	}
}

static void part(struct jg_client *c, const struct jg_link *l, const uint8_t *data, uint32_t n)
{
	if (n > c->picture_left) {
		cancel(c); /* of one that was cancelled, or more than was announced */
		return;
	}
	if (n == 0) {
		return;
	}
	tell(c, l, data, n);
	c->picture_left -= n;
	if (c->picture_left == 0) {
		tell(c, l, NULL, 0);
	}
}

static void announce(struct jg_client *c, const struct jg_link *l, const uint8_t *size)
{
	cancel(c);
	c->picture_left = (uint32_t)size[0] << 24 | (uint32_t)size[1] << 16 | (uint32_t)size[2] << 8 | size[3];
	if (c->picture_left == 0) {
		tell(c, l, NULL, 0);
	}
}

/* A message behind its kind, which is whole and was vouched for. */
static void message(struct jg_client *c, const struct jg_link *l, const uint8_t *m, uint32_t size)
{
	if (l->binary[0] != SLOT || size == 0) {
		return;
	}
	if (m[0] == PART) {
		part(c, l, m + 1, size - 1);
	} else if (m[0] == CANCEL && size == 1) {
		cancel(c);
	} else if (m[0] == ANNOUNCE && size == ANNOUNCE_BYTES) {
		announce(c, l, m + 9); /* behind the time at which it is to be shown */
	} else {
		jg_client_log(c, JG_ERR_MESSAGE);
	}
}

static void hold(struct jg_client *c, const uint8_t *data, size_t n)
{
	const size_t room = c->config->picture_bytes, have = c->picture_have;
	if (have > room || n > room - have) {
		c->picture_have = (uint32_t)room + 1; /* too long */
		return;
	}
	memcpy(c->config->picture + have, data, n);
	c->picture_have += (uint32_t)n;
}
#endif

void jg_picture_bytes(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
#if JG_CRYPTO
	if (jg_keyed(l)) {
		hold(c, data, n);
		return;
	}
#endif
	uint8_t some[64];
	while (n > 0) {
		const size_t k = n < sizeof some ? n : sizeof some;
		jg_ws_payload(&l->ws, some, data, k);
		tell(c, l, some, k);
		data += k;
		n -= k;
	}
}

void jg_picture_done(struct jg_client *c, struct jg_link *l)
{
#if JG_CRYPTO
	if (jg_keyed(l)) {
		const uint32_t size = c->picture_have;
		c->picture_have = 0;
		if (size <= c->config->picture_bytes) {
			message(c, l, c->config->picture, size);
			return;
		}
		c->counts.oversize++;
		jg_client_log(c, JG_ERR_ROOM);
		cancel(c);
		return;
	}
#endif
	tell(c, l, NULL, 0);
}

void jg_picture_clear(struct jg_client *c)
{
	if (c->cb->artwork == NULL) {
		return;
	}
#if JG_CRYPTO
	c->picture_have = 0;
	cancel(c);
#endif
	c->cb->artwork(c->user, 0, NULL, 0);
}

#endif
