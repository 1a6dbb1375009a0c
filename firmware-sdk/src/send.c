/* SPDX-License-Identifier: Apache-2.0 */
/* Sending: one buffer for both links, in which one message at a time waits for
 * the socket. */
#include "client.h"
#include "message.h"
#include "noise.h"
#include "pair.h"
#include "ring.h"
#include "secure.h"
#include "ws.h"

#include <string.h>

static void write_upgrade(struct jg_client *c, struct jg_link *l, struct jg_writer *w)
{
	uint8_t nonce[16];
	char key[25];
	if (!l->accepted) {
		jg_link_random(c, nonce, sizeof nonce);
		key[jg_base64(key, nonce, sizeof nonce, false)] = '\0';
		jg_ws_accept(l->accept, key);
		jg_put_all(w, "GET %r HTTP/1.1\r\nHost: %r",
		           (const union jg_value[]){{.p = jg_link_path(c)}, {.p = c->config->host != NULL ? c->config->host : "jumpgate"}});
	}
	jg_put(w, l->accepted ? "HTTP/1.1 101 Switching Protocols" : "\r\nSec-WebSocket-Version: 13");
	jg_put_all(w, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-%r: %r\r\n\r\n",
	           (const union jg_value[]){{.p = l->accepted ? "Accept" : "Key"}, {.p = l->accepted ? l->accept : key}});
}

static void write_message(struct jg_client *c, struct jg_link *l, uint16_t bit, struct jg_writer *w)
{
	const struct jg_format *const f = c->play.streaming ? &c->play.next.format : c->config->formats;
	const uint32_t lead = jg_lead_ms(f, c->config->audio_bytes);
	const struct jg_format *const prefers = c->prefer > 0 ? &c->config->formats[c->prefer - 1] : NULL;
	const struct jg_report report = {(c->roles & 1u << JG_FAMILY_PLAYER) != 0, c->play.starving, c->muted, jg_keyed(l), c->volume, c->delay_ms,
	                                 lead, lead / 2, prefers};
	if (bit == JG_DUE_FORMAT && report.encrypted) {
		bit = JG_DUE_STATE; /* which says there what is preferred */
	}
	switch (bit) {
#if JG_CRYPTO
	case JG_DUE_ANSWER:
		jg_secure_write_answer(l, w);
		break;
	case JG_DUE_PAIR:
		l->due |= jg_pair_write(c, w) ? JG_DUE_PAIR : 0;
		break;
	case JG_DUE_HELLO:
		if (l->stage == JG_INIT) {
			jg_secure_write_init(c, w);
		} else {
			jg_write_hello(w, c->config, jg_ring_capacity(c->config->audio_bytes), jg_keyed(l), jg_secure_pairs(c));
		}
		break;
#else
	case JG_DUE_HELLO:
		jg_write_hello(w, c->config, jg_ring_capacity(c->config->audio_bytes), false, false);
		break;
#endif
	case JG_DUE_FORMAT:
		jg_write_format(w, prefers);
		break;
	case JG_DUE_STATE:
		c->lead_ms = (uint16_t)lead;
		jg_write_state(w, &report);
		break;
	case JG_DUE_PRESS:
		jg_write_command(w, c->press, c->press_value);
		c->press = 0;
		break;
	case JG_DUE_TIME:
		jg_write_time(w, c->now);
		break;
	default:
		jg_write_goodbye(w, l->goodbye);
		break;
	}
}

static void fill(struct jg_client *c, struct jg_link *l, size_t from, size_t to)
{
	c->out_from = (uint16_t)from;
	c->out_to = (uint16_t)to;
	c->out_link = l;
	c->out_since = (uint32_t)c->now;
}

/* Puts a frame into the buffer, which is free. The payload stands at
 * out + JG_WS_HEAD_ROOM already. */
void jg_link_frame(struct jg_client *c, struct jg_link *l, size_t size, uint8_t opcode)
{
	uint8_t mask[4];
	uint8_t *const payload = c->out + JG_WS_HEAD_ROOM;
	const bool masked = !l->accepted;
	if (masked) {
		jg_link_random(c, mask, sizeof mask);
	}
	fill(c, l, JG_WS_HEAD_ROOM - jg_ws_frame(payload, size, opcode, masked ? mask : NULL), JG_WS_HEAD_ROOM + size);
}

static void compose(struct jg_client *c, struct jg_link *l, uint16_t bit)
{
	uint8_t *const start = c->out + JG_WS_HEAD_ROOM;
	struct jg_writer w = {(char *)start, (char *)c->out + sizeof c->out, false};
	bool sealed = false;
	l->due = (uint16_t)(l->due & ~bit);
	if (bit == JG_DUE_UPGRADE) {
		write_upgrade(c, l, &w);
		fill(c, l, JG_WS_HEAD_ROOM, (size_t)(w.at - (char *)c->out));
		return;
	}
	if (bit == JG_DUE_CLOSE) {
		start[0] = 1000 >> 8;
		start[1] = 1000 & 0xFF;
		jg_link_frame(c, l, 2, JG_WS_CLOSE);
		return;
	}
#if JG_CRYPTO
	sealed = jg_keyed(l) && l->secure.told; /* the first answer goes in clear */
	if (sealed) {
		*w.at++ = 0; /* the kind of message: JSON */
		w.end -= JG_TAG;
	}
#endif
	write_message(c, l, bit, &w);
	size_t size = (size_t)(w.at - (char *)start);
#if JG_CRYPTO
	if (sealed && !w.full) {
		w.full = !jg_secure_seal(c, l, start, size);
		size += JG_TAG;
	}
	if (bit == JG_DUE_ANSWER) {
		jg_secure_answered(l);
		l->secure.told = true;
	}
#endif
	if (w.full) {
		jg_link_fail(c, l, JG_ERR_ROOM);
		return;
	}
	jg_link_frame(c, l, size, sealed ? JG_WS_BINARY : JG_WS_TEXT);
}

/* What a link may send now, as bits: while keys change hands, the answer alone. */
static JG_SMALL uint16_t sendable(const struct jg_link *l)
{
	const uint16_t due = l->state == JG_FREE || l->state == JG_DEAD ? 0 : l->due;
#if JG_CRYPTO
	return l->secure.held ? due & (JG_DUE_ANSWER | JG_DUE_GOODBYE | JG_DUE_CLOSE) : due;
#else
	return due;
#endif
}

/* Fills the sending buffer if it is free, the server in use first. */
void jg_link_compose(struct jg_client *c)
{
	struct jg_link *l = c->current == NULL ? c->link : c->current;
	for (int i = 0; i < JG_LINKS && c->out_from == c->out_to; i++, l = jg_other(c, l)) {
		const uint16_t due = sendable(l);
		if (due != 0) {
			compose(c, l, (uint16_t)(due & (0u - due)));
		}
	}
}

size_t jg_output(struct jg_client *c, int link, const uint8_t **data)
{
	const struct jg_link *const l = &c->link[link];
	*data = c->out + c->out_from;
	return c->out_link == l && l->state != JG_DEAD ? (size_t)(c->out_to - c->out_from) : 0;
}

void jg_sent(struct jg_client *c, int link, size_t size, int64_t now)
{
	c->now = now;
	if (c->out_link == &c->link[link] && size <= (size_t)(c->out_to - c->out_from)) {
		c->out_from = (uint16_t)(c->out_from + size);
		if (c->out_from == c->out_to) {
			c->out_from = c->out_to = 0;
			jg_link_compose(c);
		} else if (size > 0) {
			c->out_since = (uint32_t)now;
		}
	}
}
