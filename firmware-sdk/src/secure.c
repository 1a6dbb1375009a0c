/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the current dialect, sealed and opened. */
#include "secure.h"

#if JG_CRYPTO

#include "noise.h"
#include "ws.h"

#include <string.h>

/* Kinds of binary messages that belong to the transport. */
enum { KIND_JSON = 0, KIND_FRAGMENT = 1 };
enum { FLAG_LAST = 1, FLAG_FIRST = 2 };

/* What of a message comes next. */
enum { PART_KIND, PART_FLAGS, PART_INNER, PART_BODY };

static const struct jg_crypto *crypto(const struct jg_client *c)
{
	return c->config->crypto;
}

bool jg_secure_seal(struct jg_client *c, struct jg_link *l, uint8_t *data, size_t size, bool first, bool last)
{
	struct jg_secure *const s = &l->secure;
	const struct jg_crypto *const y = crypto(c);
	if (first && !jg_seal_start(y, JG_SENDING_SLOT, s->send, s->sent++)) {
		return false;
	}
	return y->cipher_run(y->state, JG_SENDING_SLOT, data, data, size) == JG_OK &&
	       (!last || y->cipher_end(y->state, JG_SENDING_SLOT, data + size) == JG_OK);
}

static void body(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	if (l->secure.kind == KIND_JSON) {
		jg_link_text_bytes(l, data, n);
	} else {
		jg_link_binary_bytes(c, l, data, n);
	}
}

/* A message's kind is known: where its bytes go. */
static int kind(struct jg_client *c, struct jg_link *l, uint8_t k)
{
	struct jg_secure *const s = &l->secure;
	if (k == KIND_FRAGMENT) {
		return JG_ERR_CRYPTO;
	}
	s->kind = k;
	s->part = PART_BODY;
	if (k != KIND_JSON) {
		body(c, l, &k, 1);
	}
	return JG_OK;
}

/* Opened bytes, which nobody has vouched for before the tag: they go where they
 * belong, and nothing is done with them. */
static int plain(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	struct jg_secure *const s = &l->secure;
	int r = JG_OK;
	while (n > 0 && r == JG_OK && s->part != PART_BODY) {
		const uint8_t b = *data++;
		n--;
		if (s->part == PART_KIND && b == KIND_FRAGMENT) {
			s->fragment = true;
			s->part = PART_FLAGS;
		} else if (s->part == PART_FLAGS) {
			const bool first = (b & FLAG_FIRST) != 0;
			r = (b & ~(FLAG_FIRST | FLAG_LAST)) != 0 || first == s->within ? JG_ERR_CRYPTO : JG_OK;
			s->last = (b & FLAG_LAST) != 0;
			s->part = first ? PART_INNER : PART_BODY;
		} else {
			r = s->part == PART_KIND && s->within ? JG_ERR_CRYPTO : kind(c, l, b);
		}
	}
	if (r == JG_OK && n > 0) {
		body(c, l, data, n);
	}
	return r;
}

/* The last 16 bytes so far may be the tag, and wait; so does what is no whole
 * block. */
int jg_secure_piece(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	struct jg_secure *const s = &l->secure;
	uint8_t some[sizeof s->tail + 64];
	if (!s->opening) {
		s->opening = true;
		s->part = PART_KIND;
		s->fragment = false;
		s->tail_have = 0;
		if (!jg_open_start(crypto(c), (unsigned)(l - c->link), s->receive, s->received++)) {
			return JG_ERR_CRYPTO;
		}
	}
	while (n > 0) {
		const size_t k = n < 64 ? n : 64, have = s->tail_have + k, ready = have > JG_TAG ? (have - JG_TAG) & ~(size_t)15 : 0;
		memcpy(some, s->tail, s->tail_have);
		jg_ws_payload(&l->ws, some + s->tail_have, data, k);
		if (ready > 0) {
			if (crypto(c)->cipher_run(crypto(c)->state, (unsigned)(l - c->link), some, some, ready) != JG_OK) {
				return JG_ERR_CRYPTO;
			}
			const int r = plain(c, l, some, ready);
			if (r < 0) {
				return r;
			}
		}
		memcpy(s->tail, some + ready, have - ready);
		s->tail_have = (uint8_t)(have - ready);
		data += k;
		n -= k;
	}
	return JG_OK;
}

int jg_secure_done(struct jg_client *c, struct jg_link *l)
{
	struct jg_secure *const s = &l->secure;
	const size_t rest = s->tail_have - (size_t)JG_TAG;
	s->opening = false;
	if (s->tail_have < JG_TAG || crypto(c)->cipher_run(crypto(c)->state, (unsigned)(l - c->link), s->tail, s->tail, rest) != JG_OK) {
		return JG_ERR_CRYPTO;
	}
	const int r = plain(c, l, s->tail, rest);
	if (r < 0 || !jg_open_end(crypto(c), (unsigned)(l - c->link), s->tail + rest) || s->part != PART_BODY) {
		return JG_ERR_CRYPTO;
	}
	s->within = s->fragment && !s->last;
	if (s->within) {
		return JG_OK;
	}
	if (s->kind == KIND_JSON) {
		return jg_link_text_done(c, l);
	}
	jg_link_binary_done(c, l);
	return JG_OK;
}

#endif
