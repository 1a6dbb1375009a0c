/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections: the upgrade, frames into messages, messages into frames, and who
 * has to go. One buffer sends for both links; who does not take what is in it
 * for two seconds is taken for dead.
 */
#include "client.h"
#include "message.h"
#include "playout.h"
#include "ring.h"
#include "ws.h"

#include <string.h>

enum {
	GREET_US = 5000000,  /* for the upgrade and the hello */
	IDLE_US = 30000000,  /* without a byte from the server */
	CLOGGED_US = 2000000,
	LEAVE_US = 1000000,
	DIAL_FROM_US = 250000,
	DIAL_TO_US = 10000000
};

static const char *path(const struct jg_client *c)
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

char *jg_link_text(struct jg_client *c, int link, size_t *room)
{
	*room = c->big == link ? sizeof c->text : sizeof c->handshake;
	return c->big == link ? c->text : c->handshake;
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

int jg_opened(struct jg_client *c, int link, bool accepted, int64_t now)
{
	if (link < 0 || link >= JG_LINKS || c->link[link].state != JG_FREE) {
		return JG_ERR_ARGUMENT;
	}
	struct jg_link *const l = &c->link[link];
	c->now = now;
	memset(l, 0, sizeof *l);
	l->state = JG_UPGRADE;
	l->accepted = accepted;
	l->opened = l->heard = now;
	jg_ws_start(&l->ws, accepted);
	if (c->big < 0) {
		c->big = link;
	}
	if (!accepted) {
		l->due = JG_DUE_UPGRADE;
	}
	jg_link_compose(c);
	return JG_OK;
}

void jg_link_fail(struct jg_client *c, int link, int why)
{
	struct jg_link *const l = &c->link[link];
	if (l->state != JG_DEAD && l->state != JG_FREE) {
		l->state = JG_DEAD;
		l->why = why;
		jg_client_log(c, why);
	}
}

void jg_closed(struct jg_client *c, int link, int64_t now)
{
	if (link < 0 || link >= JG_LINKS) {
		return;
	}
	struct jg_link *const l = &c->link[link];
	const bool well = l->state == JG_READY && now - l->opened > DIAL_TO_US;
	c->now = now;
	if (c->out_link == link) {
		c->out_from = c->out_to = 0;
	}
	if (c->big == link) {
		c->big = -1;
	}
	if (c->current == link) {
		jg_client_gone(c, link);
	}
	l->state = JG_FREE;
	if (c->config->dial && link == 0) {
		uint8_t some;
		jg_link_random(c, &some, 1);
		const uint32_t twice = 2 * c->dial_wait;
		c->dial_wait = well || c->dial_wait == 0 ? DIAL_FROM_US : twice < DIAL_TO_US ? twice : DIAL_TO_US;
		c->dial_at = now + c->dial_wait + (c->dial_wait >> 10) * some; /* and up to a quarter more */
	}
	jg_link_compose(c);
}

enum jg_want jg_want(const struct jg_client *c, int link, int64_t now)
{
	const struct jg_link *const l = &c->link[link];
	/* The server closes first, so that it has read our goodbye by then. */
	if (l->state == JG_DEAD || (l->state == JG_LEAVING && now - l->opened > LEAVE_US)) {
		return JG_WANT_CLOSE;
	}
	const bool dial = c->config->dial && link == 0 && l->state == JG_FREE && !c->left && now >= c->dial_at;
	return dial ? JG_WANT_CONNECT : JG_WANT_NOTHING;
}

/* ---- Sending ------------------------------------------------------------ */

static void write_upgrade(struct jg_client *c, struct jg_link *l, struct jg_writer *w)
{
	if (l->accepted) {
		jg_put(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
		memcpy(w->at, l->accept, sizeof l->accept); /* there is room for all of this: see jg_init() */
		w->at += sizeof l->accept;
	} else {
		uint8_t nonce[16];
		char key[25];
		jg_link_random(c, nonce, sizeof nonce);
		key[jg_base64(key, nonce, sizeof nonce, false)] = '\0';
		jg_ws_accept(l->accept, key);
		jg_put(w, "GET ");
		jg_put(w, path(c));
		jg_put(w, " HTTP/1.1\r\nHost: ");
		jg_put(w, c->config->host != NULL ? c->config->host : "jumpgate");
		jg_put(w, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
		jg_put(w, key);
	}
	jg_put(w, "\r\n\r\n");
}

static void write_message(struct jg_client *c, const struct jg_link *l, uint8_t bit, struct jg_writer *w)
{
	const struct jg_format *const f = c->play.streaming ? &c->play.next.format : c->config->formats;
	const uint32_t lead = jg_lead_ms(f, c->config->audio_bytes);
	const struct jg_report report = {(c->roles & 1u << JG_FAMILY_PLAYER) != 0, c->play.starving, c->muted, c->volume, c->delay_ms, lead, lead / 2};
	switch (bit) {
	case JG_DUE_HELLO:
		jg_write_hello(w, c->config, jg_ring_capacity(c->config->audio_bytes));
		break;
	case JG_DUE_STATE:
		c->lead_ms = (uint16_t)lead;
		jg_write_state(w, &report);
		break;
	case JG_DUE_FORMAT:
		jg_write_format(w, &c->config->formats[c->prefer - 1]);
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

/* Puts a frame into the buffer, which is free. The payload stands at
 * out + JG_WS_HEAD_ROOM already. */
static void send_frame(struct jg_client *c, int link, size_t size, uint8_t opcode)
{
	uint8_t mask[4];
	uint8_t *const payload = c->out + JG_WS_HEAD_ROOM;
	const bool masked = !c->link[link].accepted;
	if (masked) {
		jg_link_random(c, mask, sizeof mask);
	}
	const size_t head = jg_ws_frame(payload, size, opcode, masked ? mask : NULL);
	c->out_from = (uint16_t)(JG_WS_HEAD_ROOM - head);
	c->out_to = (uint16_t)(JG_WS_HEAD_ROOM + size);
	c->out_link = link;
	c->out_since = c->now;
}

static void compose(struct jg_client *c, int link)
{
	struct jg_link *const l = &c->link[link];
	const uint8_t bit = (uint8_t)(l->due & (0u - l->due));
	char *const start = (char *)c->out + JG_WS_HEAD_ROOM;
	struct jg_writer w = {start, (char *)c->out + sizeof c->out, false};
	l->due = (uint8_t)(l->due & ~bit);
	if (bit == JG_DUE_UPGRADE) {
		write_upgrade(c, l, &w);
		c->out_from = JG_WS_HEAD_ROOM;
		c->out_to = (uint16_t)(w.at - (char *)c->out);
		c->out_link = link;
		c->out_since = c->now;
		return;
	}
	if (bit == JG_DUE_CLOSE) {
		c->out[JG_WS_HEAD_ROOM] = 1000 >> 8;
		c->out[JG_WS_HEAD_ROOM + 1] = 1000 & 0xFF;
		send_frame(c, link, 2, JG_WS_CLOSE);
		return;
	}
	write_message(c, l, bit, &w);
	if (w.full) {
		jg_link_fail(c, link, JG_ERR_ROOM);
		return;
	}
	send_frame(c, link, (size_t)(w.at - start), JG_WS_TEXT);
}

/* Fills the sending buffer if it is free, the server in use first. */
void jg_link_compose(struct jg_client *c)
{
	for (int i = 0; i < JG_LINKS && c->out_from == c->out_to; i++) {
		const int link = c->current > 0 ? JG_LINKS - 1 - i : i;
		const uint8_t state = c->link[link].state;
		if (c->link[link].due != 0 && state != JG_FREE && state != JG_DEAD) {
			compose(c, link);
		}
	}
}

size_t jg_output(struct jg_client *c, int link, const uint8_t **data)
{
	*data = c->out + c->out_from;
	return c->out_link == link && c->link[link].state != JG_DEAD ? (size_t)(c->out_to - c->out_from) : 0;
}

void jg_sent(struct jg_client *c, int link, size_t size, int64_t now)
{
	c->now = now;
	if (c->out_link == link && size <= (size_t)(c->out_to - c->out_from)) {
		c->out_from = (uint16_t)(c->out_from + size);
		if (c->out_from == c->out_to) {
			c->out_from = c->out_to = 0;
			jg_link_compose(c);
		} else if (size > 0) {
			c->out_since = now;
		}
	}
}

/* ---- Receiving ---------------------------------------------------------- */

/* The HTTP head, a line at a time; lines that are too long do not matter. */
static int upgrade(struct jg_client *c, int link, const uint8_t *data, size_t size, size_t *used)
{
	struct jg_link *const l = &c->link[link];
	size_t room;
	char *const line = jg_link_text(c, link, &room);
	*used = 0;
	while (*used < size) {
		const char ch = (char)data[(*used)++];
		if (ch != '\n') {
			l->longtext = l->longtext || l->text_have + 1u >= room;
			line[l->text_have] = ch;
			l->text_have = (uint16_t)(l->text_have + (l->longtext ? 0 : 1));
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
		const int r = cut ? (first ? JG_ERR_HTTP : 0) : jg_http_line(line, first, l->accepted, path(c), l->accept);
		if (r < 0) {
			return r;
		}
		l->keyed = l->keyed || r == 1;
	}
	return 0;
}

static void control(struct jg_client *c, int link, size_t size, const char *payload)
{
	struct jg_link *const l = &c->link[link];
	if (l->ws.opcode == JG_WS_CLOSE) {
		l->state = JG_LEAVING;
		l->due = JG_DUE_CLOSE;
		l->opened = c->now;
	} else if (l->ws.opcode == JG_WS_PING && c->out_from == c->out_to && payload != NULL) {
		memcpy(c->out + JG_WS_HEAD_ROOM, payload, size);
		send_frame(c, link, size, JG_WS_PONG);
	}
}

static int text_piece(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_link *const l = &c->link[link];
	size_t room;
	char *const text = jg_link_text(c, link, &room);
	const bool whole = n == l->ws.left;
	const bool inside = l->ws.opcode >= JG_WS_CLOSE; /* a control frame, behind the text so far */
	if (l->text_have + n > room) {
		l->longtext = l->longtext || !inside;
		jg_ws_payload(&l->ws, NULL, data, n);
	} else {
		jg_ws_payload(&l->ws, (uint8_t *)text + l->text_have, data, n);
		l->text_have = (uint16_t)(l->text_have + n);
	}
	if (!whole) {
		return JG_OK;
	}
	if (inside) {
		const size_t size = l->ws.head[1] & 0x7F;
		const bool kept = l->text_have >= size;
		l->text_have = (uint16_t)(kept ? l->text_have - size : 0);
		control(c, link, size, kept ? text + l->text_have : NULL);
		return JG_OK;
	}
	if (!l->ws.fin) {
		return JG_OK;
	}
	const size_t size = l->text_have;
	const bool cut = l->longtext;
	l->text_have = 0;
	l->longtext = false;
	if (cut) {
		c->counts.oversize++;
		jg_client_log(c, JG_ERR_ROOM);
		return l->state == JG_GREETING ? JG_ERR_ROOM : JG_OK;
	}
	return jg_client_text(c, link, text, size);
}

/* Audio goes from the socket into the ring. */
static void audio_piece(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
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
		jg_ws_payload(&l->ws, to, data, k);
		if (l->sink) {
			jg_ring_grow(&c->ring, k);
		}
		data += k;
		n -= k;
	}
}

static int64_t timestamp(const struct jg_link *l)
{
	uint64_t at = 0;
	for (unsigned i = 1; i < 9; i++) {
		at = at << 8 | l->binary[i];
	}
	return (int64_t)at;
}

static void binary_piece(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_link *const l = &c->link[link];
	while (n > 0 && l->binary_have < sizeof l->binary) {
		jg_ws_payload(&l->ws, &l->binary[l->binary_have++], data++, 1);
		n--;
		if (l->binary_have == sizeof l->binary) {
			l->sink = jg_client_binary(c, link) && jg_ring_begin(&c->ring, timestamp(l));
		}
	}
	audio_piece(c, l, data, n);
	if (l->ws.left == 0 && l->ws.fin) {
		if (l->sink && c->ring.fresh > JG_RECORD_BYTES) {
			jg_ring_commit(&c->ring, timestamp(l), c->play.next.generation);
		}
		l->sink = false;
		l->binary_have = 0;
	}
}

static int frames(struct jg_client *c, int link, const uint8_t *data, size_t size)
{
	struct jg_link *const l = &c->link[link];
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
		int r = JG_OK;
		if (l->ws.opcode < JG_WS_CLOSE && l->ws.message == JG_WS_BINARY) {
			binary_piece(c, link, data, n);
		} else {
			r = text_piece(c, link, data, n);
		}
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
	if (link < 0 || link >= JG_LINKS || c->link[link].state == JG_FREE) {
		return JG_ERR_ARGUMENT;
	}
	struct jg_link *const l = &c->link[link];
	const uint8_t *p = data;
	int r = JG_OK;
	c->now = now;
	l->heard = now;
	if (l->state == JG_UPGRADE) {
		size_t used;
		r = upgrade(c, link, p, size, &used);
		p += used;
		size -= used;
		if (r == 1) {
			l->state = JG_GREETING;
			l->due = (uint8_t)(JG_DUE_HELLO | (l->accepted ? JG_DUE_UPGRADE : 0));
		}
	}
	if (r >= 0 && l->state != JG_UPGRADE) {
		r = frames(c, link, p, size);
	}
	if (r < 0) {
		jg_link_fail(c, link, r);
	}
	jg_link_compose(c);
	return r < 0 ? r : JG_OK;
}

/* Ends what has taken too long. */
void jg_link_check(struct jg_client *c)
{
	if (c->out_from != c->out_to && c->now - c->out_since > CLOGGED_US) {
		jg_link_fail(c, c->out_link, JG_ERR_TIMEOUT);
		c->out_from = c->out_to = 0;
	}
	for (int i = 0; i < JG_LINKS; i++) {
		struct jg_link *const l = &c->link[i];
		const bool early = l->state == JG_UPGRADE || l->state == JG_GREETING;
		if ((early && c->now - l->opened > GREET_US) || (l->state == JG_READY && c->now - l->heard > IDLE_US)) {
			jg_link_fail(c, i, JG_ERR_TIMEOUT);
		}
	}
}
