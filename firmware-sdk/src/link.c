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

static void write_message(struct jg_client *c, int link, uint16_t bit, struct jg_writer *w)
{
	struct jg_link *const l = &c->link[link];
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
		jg_secure_write_answer(c, link, w);
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

static void compose(struct jg_client *c, int link, uint16_t bit)
{
	struct jg_link *const l = &c->link[link];
	uint8_t *const start = c->out + JG_WS_HEAD_ROOM;
	struct jg_writer w = {(char *)start, (char *)c->out + sizeof c->out, false};
	bool sealed = false;
	l->due = (uint16_t)(l->due & ~bit);
	if (bit == JG_DUE_UPGRADE) {
		write_upgrade(c, l, &w);
		c->out_from = JG_WS_HEAD_ROOM;
		c->out_to = (uint16_t)(w.at - (char *)c->out);
		c->out_link = link;
		c->out_since = c->now;
		return;
	}
	if (bit == JG_DUE_CLOSE) {
		start[0] = 1000 >> 8;
		start[1] = 1000 & 0xFF;
		send_frame(c, link, 2, JG_WS_CLOSE);
		return;
	}
#if JG_CRYPTO
	sealed = jg_keyed(l) && l->secure.told; /* the first answer goes in clear */
	if (sealed) {
		*w.at++ = 0; /* the kind of message: JSON */
		w.end -= JG_TAG;
	}
#endif
	write_message(c, link, bit, &w);
	size_t size = (size_t)(w.at - (char *)start);
#if JG_CRYPTO
	if (sealed && !w.full) {
		w.full = !jg_secure_seal(c, link, start, size);
		size += JG_TAG;
	}
	if (bit == JG_DUE_ANSWER) {
		jg_secure_answered(c, link);
		l->secure.told = true;
	}
#endif
	if (w.full) {
		jg_link_fail(c, link, JG_ERR_ROOM);
		return;
	}
	send_frame(c, link, size, sealed ? JG_WS_BINARY : JG_WS_TEXT);
}

/* What a link may send now, as bits: while keys change hands, the answer alone. */
static uint16_t sendable(const struct jg_link *l)
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
	for (int i = 0; i < JG_LINKS && c->out_from == c->out_to; i++) {
		const int link = c->current > 0 ? JG_LINKS - 1 - i : i;
		const uint16_t due = sendable(&c->link[link]);
		if (due != 0) {
			compose(c, link, (uint16_t)(due & (0u - due)));
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

/* Bytes of a message, unmasked, or opened already. */
static void take(struct jg_link *l, uint8_t *to, const uint8_t *from, size_t n)
{
	if (!jg_keyed(l)) {
		jg_ws_payload(&l->ws, to, from, n);
	} else if (to != NULL) {
		memcpy(to, from, n);
	}
}

void jg_link_text_bytes(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_link *const l = &c->link[link];
	size_t room;
	char *const text = jg_link_text(c, link, &room);
	l->longtext = l->longtext || l->text_have + n > room;
	take(l, l->longtext ? NULL : (uint8_t *)text + l->text_have, data, n);
	l->text_have = (uint16_t)(l->text_have + (l->longtext ? 0 : n));
}

int jg_link_text_done(struct jg_client *c, int link)
{
	struct jg_link *const l = &c->link[link];
	size_t room;
	char *const text = jg_link_text(c, link, &room);
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
		return jg_secure_text(c, link, text, size);
	}
#endif
	return jg_client_text(c, link, text, size);
}

/* A control frame's payload stands behind the text so far; one for which there
 * is no room is passed over. */
static void control_piece(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_link *const l = &c->link[link];
	size_t room;
	char *const text = jg_link_text(c, link, &room);
	const size_t size = l->ws.head[1] & 0x7F, at = l->text_have + (size - l->ws.left);
	const bool fits = l->text_have + size <= room;
	jg_ws_payload(&l->ws, fits ? (uint8_t *)text + at : NULL, data, n);
	if (l->ws.left == 0) {
		control(c, link, size, fits ? text + l->text_have : NULL);
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

#if JG_ROLE_ARTWORK
/* Whether a message is a picture, which goes to its callback in pieces. */
static bool is_picture(const struct jg_client *c, int link)
{
	const struct jg_link *const l = &c->link[link];
	return link == c->current && !jg_keyed(l) && l->binary_have == 9 && l->binary[0] >= 8 && l->binary[0] < 12 && c->cb->artwork != NULL;
}

static void picture_bytes(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n)
{
	uint8_t some[64];
	while (n > 0) {
		const size_t k = n < sizeof some ? n : sizeof some;
		jg_ws_payload(&l->ws, some, data, k);
		c->cb->artwork(c->user, (uint8_t)(l->binary[0] - 8), some, k);
		data += k;
		n -= k;
	}
}
#endif

static int64_t timestamp(const struct jg_link *l)
{
	uint64_t at = 0;
	for (unsigned i = 1; i < 9; i++) {
		at = at << 8 | l->binary[i];
	}
	return (int64_t)at;
}

void jg_link_binary_bytes(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_link *const l = &c->link[link];
	const uint8_t head = jg_keyed(l) ? 13 : 9;
	while (n > 0 && l->binary_have < head) {
		take(l, &l->binary[l->binary_have++], data++, 1);
		n--;
		if (l->binary_have == head) {
			l->sink = jg_client_binary(c, link) && jg_ring_begin(&c->ring, timestamp(l));
		}
	}
#if JG_ROLE_ARTWORK
	if (is_picture(c, link)) {
		picture_bytes(c, l, data, n);
		return;
	}
#endif
	audio_bytes(c, l, data, n);
}

void jg_link_binary_done(struct jg_client *c, int link)
{
	struct jg_link *const l = &c->link[link];
	if (l->sink && c->ring.fresh > JG_RECORD_BYTES) {
		jg_ring_commit(&c->ring, timestamp(l), c->play.next.generation);
	}
#if JG_ROLE_ARTWORK
	if (is_picture(c, link)) {
		c->cb->artwork(c->user, (uint8_t)(l->binary[0] - 8), NULL, 0);
	}
#endif
	l->sink = false;
	l->binary_have = 0;
}

/* A piece of a frame's payload, and what follows from its end. */
static int piece(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_link *const l = &c->link[link];
	if (l->ws.opcode >= JG_WS_CLOSE) {
		control_piece(c, link, data, n);
		return JG_OK;
	}
#if JG_CRYPTO
	if (jg_keyed(l)) {
		const int r = l->ws.message == JG_WS_BINARY ? jg_secure_piece(c, link, data, n) : JG_ERR_CRYPTO;
		return r == JG_OK && l->ws.left == 0 && l->ws.fin ? jg_secure_done(c, link) : r;
	}
#endif
	const bool text = l->ws.message == JG_WS_TEXT;
	if (text) {
		jg_link_text_bytes(c, link, data, n);
	} else {
		jg_link_binary_bytes(c, link, data, n);
	}
	if (l->ws.left > 0 || !l->ws.fin) {
		return JG_OK;
	}
	if (text) {
		return jg_link_text_done(c, link);
	}
	jg_link_binary_done(c, link);
	return JG_OK;
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
		const int r = piece(c, link, data, n);
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
			l->due = JG_DUE_HELLO | (l->accepted ? JG_DUE_UPGRADE : 0);
#if JG_CRYPTO
			jg_secure_start(c, link);
#endif
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
		const int32_t most = l->stage == JG_ACTIVE ? ACTIVATE_US : GREET_US;
		if ((early && c->now - l->opened > most) || (l->state == JG_READY && c->now - l->heard > IDLE_US)) {
			jg_link_fail(c, i, JG_ERR_TIMEOUT);
		}
	}
}
