/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#if JG_CRYPTO

#include "cpace.h"
#include "noise.h"
#include "secure.h"
#include "text.h"
#include "ws.h"

#include <string.h>

enum {
	ATTEMPT_US = 120000000,
	WINDOW_US = 300000000, /* for the static code */
	MOST_ROUNDS = 20,      /* of shown codes, between two that were right */
	MOST_WRONG = 5,        /* in a window */
	CODE_DIGITS = 6,
	QR_BYTES = 24
};

enum state { NONE, HELD, WANT_ROUND, WANT_AUTH, WANT_CONFIRM, WANT_ACK };

/* Bits of jg_pair.due, in the order in which they go. */
enum { SAY_PENDING = 1, SAY_INIT = 2, SAY_AUTH = 4, SAY_RETRY = 8, SAY_CONFIRM = 16, SAY_FINALIZE = 32, SAY_ABORT = 64 };

static const char aborts[] = "attempt_timeout\0method_not_supported\0pairing_code_mismatch\0";
enum { ABORT_TIMEOUT, ABORT_METHOD, ABORT_MISMATCH };

static struct jg_link *link_of(struct jg_client *c)
{
	return c->current;
}

static const struct jg_crypto *crypto(const struct jg_client *c)
{
	return c->config->crypto;
}

static void say(struct jg_client *c, uint8_t what)
{
	c->pair.due = (uint8_t)(c->pair.due | what);
	link_of(c)->due |= JG_DUE_PAIR;
}

void jg_pair_token(char *to, char version, const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ934567";
	uint32_t v = 0;
	unsigned bits = 0;
	memcpy(to, "SP:", 3);
	to[3] = version;
	to += 4;
	for (size_t i = 0; i < size; i++) {
		v = v << 8 | data[i];
		for (bits += 8; bits >= 5;) {
			bits -= 5;
			*to++ = digits[v >> bits & 31];
		}
	}
	if (bits > 0) {
		*to++ = digits[v << (5 - bits) & 31];
	}
	*to = '\0';
}

static void show(struct jg_client *c, bool on)
{
	struct jg_pair *const p = &c->pair;
	char text[4 + (QR_BYTES * 8 + 4) / 5 + 1] = "";
	if (on && p->qr) {
		jg_pair_token(text, '1', p->code, QR_BYTES);
	} else if (on) {
		memcpy(text, p->code, CODE_DIGITS);
		text[CODE_DIGITS] = '\0';
	}
	if ((on || p->shown) && c->cb->pairing_code != NULL) {
		c->cb->pairing_code(c->user, text);
	}
	p->shown = on;
}

static void forget(struct jg_client *c)
{
	struct jg_pair *const p = &c->pair;
	show(c, false);
	p->state = NONE;
	memset(p->psk, 0, sizeof p->psk);
	memset(p->code, 0, sizeof p->code);
	memset(p->isk, 0, sizeof p->isk);
}

void jg_pair_stop(struct jg_client *c)
{
	c->pair.due = 0;
	if (c->pair.state != NONE) {
		forget(c);
	}
}

bool jg_pair_running(const struct jg_client *c)
{
	return c->pair.state > HELD;
}

static void give_up(struct jg_client *c, uint8_t why)
{
	c->pair.abort = why;
	forget(c);
	say(c, SAY_ABORT);
}

void jg_pair_refuse(struct jg_client *c)
{
	jg_pair_stop(c);
	give_up(c, ABORT_METHOD);
}

void jg_pair_check(struct jg_client *c)
{
	if (jg_pair_running(c) && c->now > c->pair.until) {
		give_up(c, ABORT_TIMEOUT);
		jg_link_compose(c);
	}
}

/* Begins, or waits for somebody at the device. */
static void begin(struct jg_client *c)
{
	struct jg_pair *const p = &c->pair;
	const bool held = p->method == JG_BY_STATIC_CODE ? c->now >= p->window : p->method == JG_BY_SHOWN_CODE && p->rounds >= MOST_ROUNDS;
	if (held) {
		p->state = HELD;
		say(c, SAY_PENDING);
		return;
	}
	p->until = c->now + ATTEMPT_US;
	p->round = 0;
	c->cb->random(c->user, p->psk, sizeof p->psk);
	if (p->method == JG_BY_KEY) {
		p->state = WANT_ACK;
		say(c, SAY_INIT | SAY_FINALIZE);
		return;
	}
	p->state = WANT_ROUND;
	if (p->method == JG_BY_SHOWN_CODE) {
		c->cb->random(c->user, p->nonce, sizeof p->nonce);
	} else {
		memcpy(p->code, c->config->static_code, 8);
		p->code_size = 8;
		p->round = 1;
		p->state = WANT_AUTH;
	}
	say(c, SAY_INIT);
}

void jg_pair_start(struct jg_client *c, uint8_t method, bool qr)
{
	jg_pair_stop(c);
	c->pair.method = method;
	c->pair.qr = qr;
	begin(c);
}

void jg_allow_pairing(struct jg_client *c, int64_t now)
{
	c->now = now;
	c->pair.window = now + WINDOW_US;
	c->pair.wrong = c->pair.rounds = 0;
	if (c->pair.state == HELD) {
		begin(c);
		jg_link_compose(c);
	}
}

/* CPace's sid: what this session, this attempt and this round are. */
static void session_id(struct jg_client *c, uint8_t sid[JG_SID])
{
	const uint32_t numbers[2] = {link_of(c)->secure.pairings, c->pair.round};
	static const char label[21] = "sendspin-pair-pake-v1";
	memcpy(sid, label, sizeof label);
	memcpy(sid + 21, link_of(c)->secure.h, 32);
	for (unsigned i = 0; i < 8; i++) {
		sid[53 + i] = (uint8_t)(numbers[i / 4] >> (24 - 8 * (i & 3)));
	}
}

/* The code of a shown one's first round: 24 bytes, or six digits: the hash, a
 * number, modulo a million. */
static bool make_code(struct jg_client *c, const uint8_t nonce_a[32])
{
	struct jg_pair *const p = &c->pair;
	uint8_t hash[32];
	const struct jg_part parts[] = {{"sendspin-pairing-code-derive-v1", 31}, {link_of(c)->secure.h, 32}, {nonce_a, 32}, {p->nonce, 32}};
	if (!jg_hash(crypto(c), JG_SHA256, parts, 4, hash)) {
		return false;
	}
	memcpy(p->code, hash, QR_BYTES);
	p->code_size = QR_BYTES;
	if (!p->qr) {
		uint32_t v = 0;
		for (unsigned i = 0; i < 32; i++) {
			v = (v << 8 | hash[i]) % 1000000u;
		}
		for (unsigned i = CODE_DIGITS; i-- > 0; v /= 10) {
			p->code[i] = (uint8_t)('0' + v % 10);
		}
		p->code_size = CODE_DIGITS;
	}
	return true;
}

static int on_round(struct jg_client *c, const char *nonce_a)
{
	struct jg_pair *const p = &c->pair;
	uint8_t nonce[33];
	p->round++;
	if (p->state != WANT_ROUND || (p->round == 1) != (nonce_a != NULL)) {
		return JG_ERR_MESSAGE;
	}
	if (nonce_a != NULL && (jg_unbase64(nonce, sizeof nonce, nonce_a) != 32 || !make_code(c, nonce))) {
		return JG_ERR_MESSAGE;
	}
	p->rounds++;
	p->state = WANT_AUTH;
	show(c, true);
	return JG_OK;
}

static int on_auth(struct jg_client *c, const char *share)
{
	struct jg_pair *const p = &c->pair;
	uint8_t sid[JG_SID], scalar[32], g[32], peer[33];
	if (p->state != WANT_AUTH || share == NULL || jg_unbase64(peer, sizeof peer, share) != 32) {
		return JG_ERR_MESSAGE;
	}
	session_id(c, sid);
	c->cb->random(c->user, scalar, sizeof scalar);
	memcpy(p->peer, peer, 32);
	const struct jg_crypto *const y = crypto(c);
	const bool ok = jg_cpace_generator(y, p->code, p->code_size, sid, JG_SID, g) && y->x25519(y->state, p->share, scalar, g) == JG_OK &&
	                jg_cpace_derive(y, sid, scalar, p->peer, p->share, p->isk);
	memset(scalar, 0, sizeof scalar);
	if (!ok) {
		return JG_ERR_CRYPTO;
	}
	p->state = WANT_CONFIRM;
	say(c, SAY_AUTH);
	return JG_OK;
}

static int on_confirm(struct jg_client *c, const char *text)
{
	struct jg_pair *const p = &c->pair;
	uint8_t sid[JG_SID], said[JG_KC + 1], own[JG_KC];
	if (p->state != WANT_CONFIRM || text == NULL || jg_unbase64(said, sizeof said, text) != JG_KC) {
		return JG_ERR_MESSAGE;
	}
	session_id(c, sid);
	if (!jg_cpace_tag(crypto(c), sid, p->isk, p->peer, "server", own)) {
		return JG_ERR_CRYPTO;
	}
	if (jg_same_bytes(own, said, JG_KC)) {
		p->rounds = 0;
		p->state = WANT_ACK;
		say(c, SAY_CONFIRM | SAY_FINALIZE);
	} else if (p->method == JG_BY_SHOWN_CODE && p->rounds < MOST_ROUNDS) {
		p->state = WANT_ROUND;
		say(c, SAY_RETRY);
	} else {
		p->wrong++;
		p->window = p->method == JG_BY_STATIC_CODE && p->wrong >= MOST_WRONG ? c->now : p->window;
		give_up(c, ABORT_MISMATCH);
	}
	return JG_OK;
}

int jg_pair_message(struct jg_client *c, struct jg_message *m)
{
	struct jg_pair *const p = &c->pair;
	if (!jg_pair_running(c)) {
		return JG_OK; /* left over */
	}
	switch (m->type) {
	case JG_T_PAIR_INIT:
		return on_round(c, m->nonce_a);
	case JG_T_PAIR_AUTH:
		return on_auth(c, m->pake_share);
	case JG_T_PAIR_CONFIRM:
		return on_confirm(c, m->server_kc);
	case JG_T_PAIR_ABORT:
		jg_pair_stop(c);
		return JG_OK;
	default: /* pair-finalize */
		if (p->state != WANT_ACK || p->due != 0) {
			return JG_ERR_MESSAGE;
		}
		jg_secure_keep(c, c->current, p->psk);
		p->window = c->now;
		forget(c);
		return JG_OK;
	}
}

/* ---- Writing ------------------------------------------------------------- */

/* 32 bytes under a key that seals nothing else, so that its nonce may be 0. */
static bool wrap(struct jg_client *c, const char *label, const uint8_t value[32], uint8_t sealed[32 + JG_TAG])
{
	uint8_t sid[JG_SID], key[32];
	session_id(c, sid);
	const struct jg_part parts[] = {{label, jg_length(label)}, {sid, JG_SID}, {c->pair.isk, 64}};
	memcpy(sealed, value, 32);
	return jg_hash(crypto(c), JG_SHA256, parts, 3, key) && jg_seal(crypto(c), JG_SENDING_SLOT, key, 0, NULL, 0, sealed, 32);
}

static bool write_init(struct jg_client *c, struct jg_writer *w)
{
	const struct jg_pair *const p = &c->pair;
	uint8_t commit[32];
	const struct jg_part parts[] = {{"sendspin-pair-commit-v1", 23}, {p->nonce, 32}};
	const bool ok = jg_hash(crypto(c), JG_SHA256, parts, 2, commit);
	const union jg_value v[] = {{(int32_t)link_of(c)->secure.pairings}, {.p = commit}, {32}};
	jg_write(w, "/pair-init", p->method == JG_BY_SHOWN_CODE ? "'pairing_index':%d,'commit_B':'%x'" : "'pairing_index':%d", v);
	return ok;
}

static bool write_confirm(struct jg_client *c, struct jg_writer *w)
{
	const struct jg_pair *const p = &c->pair;
	uint8_t sid[JG_SID], tag[JG_KC], sealed[32 + JG_TAG];
	session_id(c, sid);
	bool ok = jg_cpace_tag(crypto(c), sid, p->isk, p->share, "client", tag);
	ok = wrap(c, "sendspin-pair-nonce-wrap-v1", p->nonce, sealed) && ok;
	const union jg_value v[] = {{.p = tag}, {JG_KC}, {.p = sealed}, {sizeof sealed}};
	jg_write(w, "/pair-confirm", p->method == JG_BY_SHOWN_CODE ? "'client_kc':'%x','wrapped_nonce_B':'%x'" : "'client_kc':'%x'", v);
	return ok;
}

static bool write_finalize(struct jg_client *c, struct jg_writer *w)
{
	const struct jg_pair *const p = &c->pair;
	uint8_t sealed[32 + JG_TAG];
	bool ok = true;
	if (p->method == JG_BY_KEY) {
		jg_write(w, "/pair-finalize", "'long_term_psk':'%x'", (const union jg_value[]){{.p = p->psk}, {32}});
	} else {
		ok = wrap(c, "sendspin-pair-psk-wrap-v1", p->psk, sealed);
		jg_write(w, "/pair-finalize", "'wrapped_psk':'%x'", (const union jg_value[]){{.p = sealed}, {sizeof sealed}});
	}
	return ok;
}

bool jg_pair_write(struct jg_client *c, struct jg_writer *w)
{
	struct jg_pair *const p = &c->pair;
	const uint8_t bit = (uint8_t)(p->due & (0u - p->due));
	bool ok = true;
	p->due = (uint8_t)(p->due & ~bit);
	switch (bit) {
	case SAY_PENDING:
		jg_write(w, "/pair-pending", "'pairing_index':%d", (const union jg_value[]){{(int32_t)link_of(c)->secure.pairings}});
		break;
	case SAY_INIT:
		ok = write_init(c, w);
		break;
	case SAY_AUTH:
		jg_write(w, "/pair-auth", "'pake_msg_2':'%x'", (const union jg_value[]){{.p = p->share}, {32}});
		break;
	case SAY_RETRY:
		jg_write(w, "/pair-retry", "", NULL);
		break;
	case SAY_CONFIRM:
		ok = write_confirm(c, w);
		break;
	case SAY_FINALIZE:
		ok = write_finalize(c, w);
		break;
	default:
		jg_write(w, "pair/abort", "'reason':%s", (const union jg_value[]){{.p = jg_word_at(aborts, p->abort)}});
		break;
	}
	w->full = w->full || !ok; /* ends the connection */
	return p->due != 0;
}

#endif
