/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving: the upgrade, frames into messages, and where a message's bytes go. */
#include "client.h"
#include "pair.h"
#include "picture.h"
#include "ring.h"
#include "secure.h"
#include "ws.h"

#include <string.h>

/* The HTTP head, a line at a time; lines that are too long do not matter. */
static int upgrade(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t size, size_t *used)
{
	char *const line = l->text;
	*used = 0;
	while (*used < size) {
		const char ch = (char)data[(*used)++];
		if (ch != '\n') {
			if (l->text_have < l->room) {
				line[l->text_have++] = ch;
			} else {
				l->longtext = true;
			}
			continue;
		}
		if (l->text_have > 0 && line[l->text_have - 1] == '\r') {
			l->text_have--;
		}
		line[l->text_have] = '\0';
		const bool blank = l->text_have == 0, cut = l->longtext;
		const bool first = l->ws.have == 0; /* which counts nothing before the first frame */
		l->text_have = 0;
		l->longtext = false;
		if (blank && !first) {
			jg_ws_start(&l->ws, l->accepted);
			return l->keyed ? 1 : JG_ERR_HTTP;
		}
		l->ws.have = 1;
		const int r = cut ? (first ? JG_ERR_HTTP : 0) : jg_http_line(line, first, l->accepted, jg_link_path(c), l->accept);
		if (r < 0) {
			return r;
		}
		l->keyed = l->keyed || r == 1;
	}
	return 0;
}

static void control(struct jg_client *c, struct jg_link *l, size_t size, const char *payload)
{
	if (l->ws.opcode == JG_WS_CLOSE) {
		l->state = JG_LEAVING;
		l->due = JG_DUE_CLOSE;
		l->opened = (uint32_t)c->now;
	} else if (l->ws.opcode == JG_WS_PING && c->out_left == 0 && payload != NULL) {
		memcpy(c->out + JG_WS_HEAD_ROOM, payload, size);
		jg_link_frame(c, l, size, JG_WS_PONG);
	}
}

/* Bytes of a message, unmasked, or opened already. */
static void take(struct jg_link *l, uint8_t *to, const uint8_t *from, size_t n)
{
	if (!jg_keyed(l)) {
		jg_ws_payload(&l->ws, to, from, n);
	} else if (to != NULL) {
		memcpy(to, from, n);
	}
}

void jg_link_text_bytes(struct jg_link *l, const uint8_t *data, size_t n)
{
	l->longtext = l->longtext || l->text_have + n > l->room;
	take(l, l->longtext ? NULL : (uint8_t *)l->text + l->text_have, data, n);
	l->text_have = (uint16_t)(l->text_have + (l->longtext ? 0 : n));
}

int jg_link_text_done(struct jg_client *c, struct jg_link *l)
{
	const size_t size = l->text_have;
	const bool cut = l->longtext;
	l->text_have = 0;
	l->longtext = false;
	if (cut) {
		c->counts.oversize++;
		jg_client_log(c, JG_ERR_ROOM);
		return l->state == JG_GREETING ? JG_ERR_ROOM : JG_OK;
	}
#if JG_CRYPTO
	if (l->stage == JG_INIT || l->stage == JG_SHAKE) {
		return jg_secure_text(c, l, l->text, size);
	}
#endif
	return jg_client_text(c, l, l->text, size);
}

/* A control frame's payload stands behind the text so far; one for which there
 * is no room is passed over. */
static void control_piece(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	const size_t size = l->ws.head[1] & 0x7F;
	char *const payload = l->text_have + size <= l->room ? l->text + l->text_have : NULL;
	jg_ws_payload(&l->ws, payload != NULL ? (uint8_t *)payload + (size - l->ws.left) : NULL, data, n);
	if (l->ws.left == 0) {
		control(c, l, size, payload);
	}
}

/* Audio goes from the socket into the ring. */
static void audio_bytes(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	while (n > 0) {
		size_t room = 0;
		uint8_t *const to = l->sink ? jg_ring_place(&c->ring, &room) : NULL;
		if (l->sink && room == 0) {
			l->sink = false; /* more than we said we can hold */
			c->counts.dropped++;
			continue;
		}
		const size_t k = l->sink && room < n ? room : n;
		take(l, to, data, k);
		if (l->sink) {
			jg_ring_grow(&c->ring, k);
		}
		data += k;
		n -= k;
	}
}

static JG_SMALL int64_t timestamp(const struct jg_link *l)
{
	uint64_t at = 0;
	for (unsigned i = 1; i < 9; i++) {
		at = at << 8 | l->binary[i];
	}
	return (int64_t)at;
}

void jg_link_binary_bytes(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	const uint8_t head = jg_keyed(l) ? 13 : 9;
	while (n > 0 && l->binary_have < head && !jg_picture_comes(c, l)) {
		take(l, &l->binary[l->binary_have++], data++, 1);
		n--;
		if (l->binary_have == head) {
			l->sink = jg_client_binary(c, l) && jg_ring_begin(&c->ring, timestamp(l));
		}
	}
#if JG_ROLE_ARTWORK
	if (jg_picture_comes(c, l)) {
		jg_picture_bytes(c, l, data, n);
		return;
	}
#endif
	audio_bytes(c, l, data, n);
}

void jg_link_binary_done(struct jg_client *c, struct jg_link *l)
{
	if (l->sink && c->ring.fresh > JG_RECORD_BYTES) {
		jg_ring_commit(&c->ring, timestamp(l), c->play.next.generation);
	}
#if JG_ROLE_ARTWORK
	if (jg_picture_comes(c, l)) {
		jg_picture_done(c, l);
	}
#endif
	l->sink = false;
	l->binary_have = 0;
}

/* A piece of a frame's payload, and what follows from its end. */
static JG_SMALL int piece(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	if (l->ws.opcode >= JG_WS_CLOSE) {
		control_piece(c, l, data, n);
		return JG_OK;
	}
#if JG_CRYPTO
	if (jg_keyed(l)) {
		const int r = l->ws.message == JG_WS_BINARY ? jg_secure_piece(c, l, data, n) : JG_ERR_CRYPTO;
		return r == JG_OK && l->ws.left == 0 && l->ws.fin ? jg_secure_done(c, l) : r;
	}
#endif
	const bool text = l->ws.message == JG_WS_TEXT;
	if (text) {
		jg_link_text_bytes(l, data, n);
	} else {
		jg_link_binary_bytes(c, l, data, n);
	}
	if (l->ws.left > 0 || !l->ws.fin) {
		return JG_OK;
	}
	if (text) {
		return jg_link_text_done(c, l);
	}
	jg_link_binary_done(c, l);
	return JG_OK;
}

static int frames(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t size)
{
	while (size > 0 && l->state != JG_DEAD && l->state != JG_LEAVING) {
		size_t n = 0;
		if (l->ws.have < l->ws.need) {
			const int r = jg_ws_head(&l->ws, data, size, &n);
			data += n;
			size -= n;
			if (r <= 0) {
				return r;
			}
		}
		n = size < l->ws.left ? size : l->ws.left;
		if (l->ws.left > 0 && n == 0) {
			return JG_OK;
		}
		const int r = piece(c, l, data, n);
		data += n;
		size -= n;
		if (r < 0) {
			return r;
		}
		if (l->ws.left == 0) {
			jg_ws_done(&l->ws);
		}
	}
	return JG_OK;
}

int jg_received(struct jg_client *c, int link, const void *data, size_t size, int64_t now)
{
	struct jg_link *const l = jg_link_at(c, link);
	if (l == NULL || l->state == JG_FREE) {
		return JG_ERR_ARGUMENT;
	}
	const uint8_t *p = data;
	int r = JG_OK;
	c->now = now;
	l->heard = (uint32_t)now;
	if (l->state == JG_UPGRADE) {
		size_t used;
		r = upgrade(c, l, p, size, &used);
		p += used;
		size -= used;
		if (r == 1) {
			l->state = JG_GREETING;
			l->due = JG_DUE_HELLO | (l->accepted ? JG_DUE_UPGRADE : 0);
#if JG_CRYPTO
			jg_secure_start(c, l);
#endif
		}
	}
	if (r >= 0 && l->state != JG_UPGRADE) {
		r = frames(c, l, p, size);
	}
	if (r < 0) {
		jg_link_fail(c, l, r);
	}
	jg_link_compose(c);
	return r < 0 ? r : JG_OK;
}
