/* SPDX-License-Identifier: Apache-2.0 */
#include "secure.h"

#if JG_CRYPTO

#include "clock.h"
#include "noise.h"
#include "pair.h"
#include "playout.h"
#include "text.h"
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

/* ---- Identity and records ------------------------------------------------ */

enum { IDENTITY = 64, RECORDS = 5, RECORD = 64 };

/* What is kept ends with a hash: what a power cut left half-written counts as
 * not there. */
static bool load(struct jg_client *c, enum jg_key key, uint8_t *data, size_t size)
{
	const bool read = c->cb->load != NULL && c->cb->load(c->user, key, data, size + 4) == size + 4;
	const uint32_t h = jg_hash32(data, size);
	const bool good = read && (uint8_t)h == data[size] && (uint8_t)(h >> 8) == data[size + 1] && (uint8_t)(h >> 16) == data[size + 2] &&
	                  (uint8_t)(h >> 24) == data[size + 3];
	if (!good) {
		memset(data, 0, size);
	}
	return good;
}

static void save(struct jg_client *c, enum jg_key key, uint8_t *data, size_t size)
{
	const uint32_t h = jg_hash32(data, size);
	for (unsigned i = 0; i < 4; i++) {
		data[size + i] = (uint8_t)(h >> (8 * i));
	}
	if (c->cb->save != NULL) {
		c->cb->save(c->user, key, data, size + 4);
	}
}

bool jg_secure_pairs(const struct jg_client *c)
{
	return c->cb->load != NULL && c->cb->save != NULL;
}

int jg_secure_init(struct jg_client *c)
{
	static const uint8_t base[32] = {9};
	uint8_t kept[RECORDS * RECORD + 4];
	const struct jg_crypto *const y = crypto(c);
	if (y == NULL) {
		return JG_OK;
	}
	if (c->cb->random == NULL || (c->config->static_code != NULL && jg_length(c->config->static_code) != 8)) {
		return JG_ERR_ARGUMENT;
	}
	if (!load(c, JG_KEY_IDENTITY, kept, IDENTITY)) {
		c->cb->random(c->user, kept, IDENTITY);
		save(c, JG_KEY_IDENTITY, kept, IDENTITY);
	}
	memcpy(c->identity, kept, IDENTITY);
	return y->x25519(y->state, c->identity + IDENTITY, c->identity, base);
}

static bool paired(struct jg_client *c)
{
	uint8_t kept[RECORDS * RECORD + 4];
	return load(c, JG_KEY_PAIRINGS, kept, RECORDS * RECORD);
}

/* Newest first; a sixth pushes the oldest out. */
void jg_secure_keep(struct jg_client *c, int link, const uint8_t *psk)
{
	uint8_t old[RECORDS * RECORD + 4], fresh[RECORDS * RECORD + 4] = {0};
	const uint8_t *const remote = c->link[link].secure.remote;
	size_t n = 0;
	(void)load(c, JG_KEY_PAIRINGS, old, RECORDS * RECORD);
	if (psk != NULL) {
		memcpy(fresh, remote, 32);
		memcpy(fresh + 32, psk, 32);
		n++;
	}
	static const uint8_t none[32];
	for (size_t i = 0; i < RECORDS && n < RECORDS; i++) {
		const uint8_t *const r = old + i * RECORD;
		if (memcmp(r, remote, 32) != 0 && memcmp(r, none, 32) != 0) {
			memcpy(fresh + n++ * RECORD, r, RECORD);
		}
	}
	save(c, JG_KEY_PAIRINGS, fresh, RECORDS * RECORD);
}

void jg_forget_pairings(struct jg_client *c)
{
	uint8_t none[RECORDS * RECORD + 4] = {0};
	if (c->cb->save != NULL) {
		c->cb->save(c->user, JG_KEY_PAIRINGS, none, sizeof none); /* whose hash is wrong */
	}
}

int jg_pairing_token(const struct jg_client *c, char token[JG_TOKEN_BYTES])
{
	uint8_t both[64];
	if (crypto(c) == NULL) {
		return JG_ERR_STATE;
	}
	memcpy(both, c->identity + IDENTITY, 32);
	memcpy(both + 32, c->identity + 32, 32);
	jg_pair_token(token, '0', both, sizeof both);
	return JG_OK;
}

/* ---- The handshake ------------------------------------------------------- */

void jg_secure_start(struct jg_client *c, int link)
{
	struct jg_link *const l = &c->link[link];
	if (crypto(c) != NULL && !(c->config->cleartext && c->plain && !paired(c))) {
		l->stage = JG_INIT;
	}
}

void jg_secure_write_init(struct jg_client *c, struct jg_writer *w)
{
	jg_write_begin(w, "client/init");
	jg_write_bytes(w, "client_id", c->identity + IDENTITY, 32);
	jg_write_number(w, "version", 1);
	jg_write_text(w, "suite", crypto(c)->suite == JG_AESGCM ? "25519_AESGCM_SHA256" : "25519_ChaChaPoly_SHA256");
	jg_put(w, "}}");
}

void jg_secure_write_answer(struct jg_client *c, int link, struct jg_writer *w)
{
	jg_write_begin(w, "noise/handshake");
	jg_write_bytes(w, "data", c->link[link].secure.answer, JG_NOISE_ANSWER);
	jg_put(w, "}}");
}

static int server_init(struct jg_client *c, int link, char *text, size_t size)
{
	struct jg_link *const l = &c->link[link];
	struct jg_message m;
	char own[160];
	struct jg_writer w = {own, own + sizeof own, false};
	jg_secure_write_init(c, &w);
	/* Both as they were on the wire: reading changes the text. */
	const struct jg_part prologue[] = {{own, (size_t)(w.at - own)}, {text, size}};
	if (!jg_noise_prologue(crypto(c), prologue, 2, l->secure.h)) {
		return JG_ERR_CRYPTO;
	}
	const int r = jg_message_read(&m, text, size);
	uint8_t remote[33];
	if (r < 0 || m.type != JG_T_INIT || m.version != 1 || m.server_id == NULL || jg_length(m.server_id) != 43 ||
	    jg_unbase64(remote, sizeof remote, m.server_id) != 32) {
		return r < 0 ? r : JG_ERR_MESSAGE;
	}
	memcpy(l->secure.remote, remote, 32);
	l->server = jg_hash32(m.server_id, 43);
	l->stage = JG_SHAKE;
	c->plain = false;
	return JG_OK;
}

/* psk_id: which key this is, without saying it. */
static bool is_key(struct jg_client *c, const uint8_t psk[32], const uint8_t id[32])
{
	uint8_t own[32];
	const struct jg_part parts[] = {{"sendspin-psk-id-v1", 18}, {psk, 32}};
	return jg_hash(crypto(c), JG_SHA256, parts, 2, own) && jg_same_bytes(own, id, 32);
}

/* The published key that stands where there is no other. */
static bool sentinel(struct jg_client *c, uint8_t psk[32])
{
	const struct jg_part part = {"sendspin-sentinel-psk-v1", 24};
	return jg_hash(crypto(c), JG_SHA256, &part, 1, psk);
}

/* Finds the key that the server refers to: 1, or 0 if it is not here. */
static int find(struct jg_client *c, const uint8_t remote[32], uint8_t category, const uint8_t id[32], uint8_t psk[32])
{
	if (category == JG_PAIRING_KEY) {
		memcpy(psk, c->identity + 32, 32);
		return is_key(c, psk, id);
	}
	if (category == JG_SENTINEL) {
		return sentinel(c, psk) && is_key(c, psk, id);
	}
	uint8_t kept[RECORDS * RECORD + 4];
	static const uint8_t none[32];
	if (!load(c, JG_KEY_PAIRINGS, kept, RECORDS * RECORD)) {
		return 0;
	}
	for (size_t i = 0; i < RECORDS; i++) {
		const uint8_t *const r = kept + i * RECORD;
		if (memcmp(r, none, 32) != 0 && is_key(c, r + 32, id)) {
			memcpy(psk, r + 32, 32);
			return memcmp(r, remote, 32) == 0 ? 1 : JG_ERR_CRYPTO; /* another server's */
		}
	}
	return 0;
}

/* The payload of the first handshake message. */
struct offer {
	uint32_t have;
	uint8_t category;
	char *id;
};
static const char *const categories_list[] = {"lt", "pr", "sn"};
static const struct jg_words categories = {3, categories_list};
static const struct jg_field offer_fields[] = {
	{"psk_id", JG_J_STRING, 0, (uint16_t)offsetof(struct offer, id), NULL},
	{"psk_category", JG_J_WORD, 1, (uint16_t)offsetof(struct offer, category), &categories},
};
static const struct jg_shape offer_shape = {2, offer_fields};

/* Takes the server's message, in base64url over itself, and makes the answer.
 * first: of a connection, where a key that is not here gives way to the
 * Sentinel. */
static int shake(struct jg_client *c, int link, char *data, bool first)
{
	struct jg_secure *const s = &c->link[link].secure;
	struct jg_noise n;
	struct jg_keypair pair;
	uint8_t h[32], psk[32], id[33];
	const int size = data == NULL ? 0 : jg_unbase64((uint8_t *)data, jg_length(data), data);
	memcpy(h, s->h, 32);
	if (!first) {
		const struct jg_part prologue = {s->h, 32};
		if (!jg_noise_prologue(crypto(c), &prologue, 1, h)) {
			return JG_ERR_CRYPTO;
		}
	}
	memcpy(pair.private_key, c->identity, 32);
	memcpy(pair.public_key, c->identity + IDENTITY, 32);
	if (size < JG_NOISE_FIRST || !jg_noise_read(&n, crypto(c), h, &pair, s->remote, (uint8_t *)data, (size_t)size)) {
		return JG_ERR_CRYPTO;
	}
	struct offer o = {0, JG_NO_CATEGORY, NULL};
	if (jg_json_read(data + 32, (size_t)size - JG_NOISE_FIRST, &offer_shape, &o) < 0 || o.id == NULL || o.category >= JG_NO_CATEGORY ||
	    jg_unbase64(id, sizeof id, o.id) != 32) {
		return JG_ERR_CRYPTO;
	}
	int found = find(c, s->remote, o.category, id, psk);
	if (found == 0 && first) {
		o.category = JG_SENTINEL;
		found = sentinel(c, psk) ? 1 : 0;
	}
	if (found != 1) {
		return JG_ERR_CRYPTO;
	}
	uint8_t receive[32];
	c->cb->random(c->user, pair.private_key, 32);
	if (!jg_noise_answer(&n, &pair, s->remote, psk, s->answer, receive, s->next_send)) {
		return JG_ERR_CRYPTO;
	}
	memset(psk, 0, sizeof psk);
	memcpy(s->h, n.h, 32);
	memcpy(s->receive, receive, 32);
	s->received = 0;
	s->category = o.category;
	s->pairings = 0;
	c->link[link].due |= JG_DUE_ANSWER;
	return JG_OK;
}

void jg_secure_answered(struct jg_client *c, int link)
{
	struct jg_link *const l = &c->link[link];
	memcpy(l->secure.send, l->secure.next_send, 32);
	l->secure.sent = 0;
}

int jg_secure_text(struct jg_client *c, int link, char *text, size_t size)
{
	struct jg_link *const l = &c->link[link];
	struct jg_message m;
	if (l->stage == JG_INIT) {
		return server_init(c, link, text, size);
	}
	int r = jg_message_read(&m, text, size);
	if (r == JG_OK) {
		r = m.type == JG_T_HANDSHAKE ? shake(c, link, m.data, true) : JG_ERR_MESSAGE;
	}
	if (r == JG_OK) {
		l->stage = JG_KEYED;
	}
	return r;
}

/* ---- Messages ------------------------------------------------------------ */

bool jg_secure_seal(struct jg_client *c, int link, uint8_t *data, size_t size)
{
	struct jg_secure *const s = &c->link[link].secure;
	return jg_seal(crypto(c), s->send, s->sent++, NULL, 0, data, size);
}

static void body(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	if (c->link[link].secure.kind == KIND_JSON) {
		jg_link_text_bytes(c, link, data, n);
	} else {
		jg_link_binary_bytes(c, link, data, n);
	}
}

/* A message's kind is known: where its bytes go. */
static int kind(struct jg_client *c, int link, uint8_t k)
{
	struct jg_secure *const s = &c->link[link].secure;
	if (k == KIND_FRAGMENT) {
		return JG_ERR_CRYPTO;
	}
	s->kind = k;
	s->part = PART_BODY;
	if (k != KIND_JSON) {
		body(c, link, &k, 1);
	}
	return JG_OK;
}

/* Opened bytes, which nobody has vouched for before the tag: they go where they
 * belong, and nothing is done with them. */
static int plain(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_secure *const s = &c->link[link].secure;
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
			r = s->part == PART_KIND && s->within ? JG_ERR_CRYPTO : kind(c, link, b);
		}
	}
	if (r == JG_OK && n > 0) {
		body(c, link, data, n);
	}
	return r;
}

/* The last 16 bytes so far may be the tag, and wait. */
int jg_secure_piece(struct jg_client *c, int link, const uint8_t *data, size_t n)
{
	struct jg_link *const l = &c->link[link];
	struct jg_secure *const s = &l->secure;
	uint8_t some[JG_TAG + 64];
	if (!s->opening) {
		s->opening = true;
		s->part = PART_KIND;
		s->fragment = false;
		s->tail_have = 0;
		if (!jg_open_start(crypto(c), (unsigned)link, s->receive, s->received++)) {
			return JG_ERR_CRYPTO;
		}
	}
	while (n > 0) {
		const size_t k = n < 64 ? n : 64, have = s->tail_have + k, ready = have > JG_TAG ? have - JG_TAG : 0;
		memcpy(some, s->tail, s->tail_have);
		jg_ws_payload(&l->ws, some + s->tail_have, data, k);
		if (ready > 0) {
			if (crypto(c)->cipher_run(crypto(c)->state, (unsigned)link, some, some, ready) != JG_OK) {
				return JG_ERR_CRYPTO;
			}
			const int r = plain(c, link, some, ready);
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

int jg_secure_done(struct jg_client *c, int link)
{
	struct jg_secure *const s = &c->link[link].secure;
	s->opening = false;
	if (s->tail_have != JG_TAG || !jg_open_end(crypto(c), (unsigned)link, s->tail) || s->part != PART_BODY) {
		return JG_ERR_CRYPTO;
	}
	s->within = s->fragment && !s->last;
	if (s->within) {
		return JG_OK;
	}
	if (s->kind == KIND_JSON) {
		return jg_link_text_done(c, link);
	}
	jg_link_binary_done(c, link);
	return JG_OK;
}

/* ---- What the connection is for ------------------------------------------ */

static bool offers(const struct jg_client *c, const struct jg_message *m, uint8_t category)
{
	const bool fixed = c->config->static_code != NULL && !c->config->shows_qr;
	if (!jg_secure_pairs(c)) {
		return false;
	}
	switch (m->method) {
	case JG_BY_KEY:
		return category == JG_PAIRING_KEY;
	case JG_BY_STATIC_CODE:
		return category == JG_SENTINEL && fixed;
	case JG_BY_SHOWN_CODE:
		return category == JG_SENTINEL && !fixed && (m->code_format == 1) == c->config->shows_qr && m->code_format <= 1;
	default:
		return false;
	}
}

/* Whether an activation may be, for the key of the session; else the reason of
 * the goodbye (messaging.md, "server/activate"). */
static uint8_t judge(const struct jg_client *c, uint32_t activities, uint8_t roles, uint8_t category)
{
	const bool plays = (activities & JG_ACTIVITY_PLAYBACK) != 0 || roles != 0, pairs = (activities & JG_ACTIVITY_PAIRING) != 0;
	if (pairs && category == JG_LONG_TERM) {
		return JG_UNAUTHORIZED;
	}
	return plays && category != JG_LONG_TERM && !c->config->unpaired_access ? JG_PAIRING_REQUIRED : JG_OK;
}

static uint8_t compiled_roles(void)
{
	return 1u << JG_FAMILY_PLAYER | (JG_ROLE_CONTROLLER ? 1u << JG_FAMILY_CONTROLLER : 0) | (JG_ROLE_METADATA ? 1u << JG_FAMILY_METADATA : 0) |
	       (JG_ROLE_JUMPGATE ? 1u << JG_FAMILY_JUMPGATE : 0);
}

static int activate(struct jg_client *c, int link, const struct jg_message *m)
{
	struct jg_link *const l = &c->link[link];
	struct jg_secure *const s = &l->secure;
	const bool again = link == c->current, pairs = (m->activities & JG_ACTIVITY_PAIRING) != 0;
	if (l->stage != JG_ACTIVE || (pairs && !jg_has(m, JG_H_PAIRING))) {
		return JG_ERR_MESSAGE;
	}
	const uint8_t before = again ? c->roles : 0;
	uint8_t roles = jg_has(m, JG_H_ROLES) ? (uint8_t)m->roles & compiled_roles() : before;
	if (!jg_has(m, JG_H_ROLES) && ((s->category != JG_LONG_TERM && !c->config->unpaired_access) || (pairs && s->category == JG_LONG_TERM))) {
		roles = 0; /* taken away by what the connection is now */
	}
	s->held = false;
	s->pairings += pairs ? 1 : 0;
	const uint8_t bye = judge(c, m->activities, roles, s->category);
	if (bye != JG_OK) {
		jg_client_leave(c, link, bye);
		return JG_OK;
	}
	l->rank = (m->activities & JG_ACTIVITY_PLAYBACK) != 0 ? JG_TO_PLAY : pairs ? JG_TO_PAIR : JG_IDLE;
	if (!again) {
		jg_client_choose(c, link, s->name);
		if (link != c->current) {
			return JG_OK;
		}
	}
	jg_pair_stop(c);
	c->roles = roles;
	if ((before & ~roles & 1u << JG_FAMILY_PLAYER) != 0) {
		jg_play_clear(c, true);
	}
	if (roles != before) {
		jg_client_report(c);
	}
	if (l->rank == JG_TO_PLAY) {
		jg_client_played(c);
	}
	if (pairs && offers(c, m, s->category)) {
		jg_pair_start(c, m->method, m->code_format == 1);
	} else if (pairs) {
		jg_pair_refuse(c);
	}
	return JG_OK;
}

static int hello(struct jg_client *c, int link, const struct jg_message *m)
{
	struct jg_link *const l = &c->link[link];
	if (l->stage != JG_KEYED || m->server_name == NULL) {
		return JG_ERR_MESSAGE;
	}
	size_t n = jg_length(m->server_name);
	const size_t most = sizeof l->secure.name - 1;
	if (n > most) { /* not through the middle of a character */
		for (n = most; n > 0 && ((uint8_t)m->server_name[n] & 0xC0) == 0x80; n--) {
		}
	}
	memcpy(l->secure.name, m->server_name, n);
	l->secure.name[n] = '\0';
	l->stage = JG_ACTIVE;
	l->opened = c->now; /* what the server is here for may take it longer */
	l->due |= JG_DUE_HELLO;
	return JG_OK;
}

int jg_secure_message(struct jg_client *c, int link, struct jg_message *m)
{
	struct jg_link *const l = &c->link[link];
	switch (m->type) {
	case JG_T_HELLO:
		return hello(c, link, m);
	case JG_T_ACTIVATE:
		return activate(c, link, m);
	case JG_T_HANDSHAKE: {
		if (l->stage != JG_ACTIVE || l->secure.held || (l->due & JG_DUE_ANSWER) != 0) {
			return JG_ERR_CRYPTO;
		}
		const int r = shake(c, link, m->data, false);
		if (r == JG_OK && link == c->current) {
			jg_pair_stop(c);
		}
		l->secure.held = true;
		return r;
	}
	case JG_T_UNPAIR:
		if (l->secure.category == JG_LONG_TERM) {
			jg_secure_keep(c, link, NULL);
			jg_client_leave(c, link, JG_UNPAIRED);
		}
		return JG_OK;
	default:
		return link == c->current && m->type >= JG_T_PAIR_INIT && m->type <= JG_T_PAIR_ABORT ? jg_pair_message(c, m) : JG_OK;
	}
}

#endif
