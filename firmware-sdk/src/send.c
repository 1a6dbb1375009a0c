/* SPDX-License-Identifier: Apache-2.0 */
/* Sending: one buffer for both links, in which one message at a time waits for
 * the socket. */
#include "client.h"
#include "message.h"
#include "noise.h"
#include "pair.h"
#include "secure.h"
#include "ws.h"

#include <string.h>

#if JG_CRYPTO
/* What is sealed at once: whole blocks, with room for the tag behind the last. */
enum { SEALED_BYTES = (JG_OUT_BYTES - JG_WS_HEAD_ROOM - JG_TAG) & ~15 };
#endif

static JG_SMALL void write_upgrade(struct jg_client *c, struct jg_link *l, struct jg_writer *w)
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

static JG_SMALL void write_message(struct jg_client *c, struct jg_link *l, unsigned what, struct jg_writer *w)
{
	const struct jg_format *const prefers = c->prefer > 0 ? &c->config->formats[c->prefer - 1] : NULL;
	if (what == JG_SAY_FORMAT && jg_keyed(l)) {
		what = JG_SAY_STATE; /* which says there what is preferred */
	}
	switch (what) {
	case JG_SAY_UPGRADE:
		write_upgrade(c, l, w);
		break;
#if JG_CRYPTO
	case JG_SAY_ANSWER:
		jg_secure_write_answer(l, w);
		break;
	case JG_SAY_PAIR:
		l->due |= jg_pair_write(c, w) ? JG_DUE_PAIR : 0;
		break;
#endif
	case JG_SAY_HELLO:
#if JG_CRYPTO
		if (l->stage == JG_INIT) {
			jg_secure_write_init(c, w);
			break;
		}
#endif
		jg_write_hello(w, c, jg_keyed(l));
		break;
	case JG_SAY_FORMAT:
		jg_write_format(w, prefers);
		break;
	case JG_SAY_STATE:
		c->lead_ms = (uint16_t)jg_lead_ms(c->play.streaming ? &c->play.next.format : c->config->formats, c->config->audio_bytes);
		jg_write_state(w, c, jg_keyed(l), prefers);
		break;
	case JG_SAY_PRESS:
		jg_write_command(w, c->press, c->press_value);
		c->press = 0;
		break;
	case JG_SAY_TIME:
		jg_write_time(w, c->now);
		break;
	case JG_SAY_GOODBYE:
		jg_write_goodbye(w, l->goodbye);
		break;
	default:
		jg_put(w, "\x03\xE8"); /* 1000: all is well */
		break;
	}
}

static void fill(struct jg_client *c, struct jg_link *l, size_t at, size_t size)
{
	c->out_at = (uint16_t)at;
	c->out_left = (uint16_t)size;
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
	const size_t head = jg_ws_frame(payload, size, opcode, masked ? mask : NULL);
	fill(c, l, JG_WS_HEAD_ROOM - head, head + size);
}

/* Only the hello may be longer than the buffer. It is the same each time it is
 * written, and so goes in pieces, each a frame of one WebSocket message. */
static JG_SMALL void compose(struct jg_client *c, struct jg_link *l, unsigned what)
{
	uint8_t *const start = c->out + JG_WS_HEAD_ROOM;
	const bool first = c->said == 0;
	struct jg_writer w = {(char *)start, (char *)c->out + sizeof c->out, false, c->said};
	uint8_t opcode = what == JG_SAY_CLOSE ? JG_WS_CLOSE : JG_WS_TEXT;
	l->due = (uint16_t)(l->due & ~(1u << what));
#if JG_CRYPTO
	if (jg_keyed(l) && l->secure.told && what != JG_SAY_CLOSE) { /* the first answer goes in clear */
		opcode = JG_WS_BINARY;
		w.end = (char *)start + SEALED_BYTES;
		jg_put_char(&w, 0); /* the kind of message: JSON */
	}
#endif
	write_message(c, l, what, &w);
	const bool more = w.full && what == JG_SAY_HELLO;
	size_t size = (size_t)(w.at - (char *)start);
	c->said = more ? c->said + (uint32_t)size : 0;
	bool good = w.full == more;
#if JG_CRYPTO
	if (opcode == JG_WS_BINARY) {
		good = good && jg_secure_seal(c, l, start, size, first, !more);
		size += more ? 0 : JG_TAG;
	}
	if (what == JG_SAY_ANSWER) {
		jg_secure_answered(l);
		l->secure.told = true;
	}
#endif
	if (!good) {
		c->said = 0;
		jg_link_fail(c, l, JG_ERR_ROOM);
	} else if (what == JG_SAY_UPGRADE) {
		fill(c, l, JG_WS_HEAD_ROOM, size);
	} else {
		jg_link_frame(c, l, size, (uint8_t)((first ? opcode : JG_WS_CONTINUE) | (more ? JG_WS_MORE : 0)));
	}
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

/* Fills the sending buffer if it is free: with the rest of what has begun, else
 * for the server in use first. */
void jg_link_compose(struct jg_client *c)
{
	struct jg_link *l = c->said > 0 ? c->out_link : c->current == NULL ? c->link : c->current;
	for (int i = 0; i < JG_LINKS && c->out_left == 0; i++, l = jg_other(c, l)) {
		const uint16_t due = c->said > 0 ? JG_DUE_HELLO : sendable(l);
		if (due != 0) {
			unsigned what = 0;
			while ((due >> what & 1u) == 0) {
				what++;
			}
			compose(c, l, what);
		}
	}
}

size_t jg_output(struct jg_client *c, int link, const uint8_t **data)
{
	const struct jg_link *const l = &c->link[link];
	*data = c->out + c->out_at;
	return c->out_link == l && l->state != JG_DEAD ? c->out_left : 0;
}

void jg_sent(struct jg_client *c, int link, size_t size, int64_t now)
{
	c->now = now;
	if (c->out_link == &c->link[link] && size > 0 && size <= c->out_left) {
		c->out_at = (uint16_t)(c->out_at + size);
		c->out_left = (uint16_t)(c->out_left - size);
		c->out_since = (uint32_t)now;
		jg_link_compose(c); /* where nothing is left */
	}
}
