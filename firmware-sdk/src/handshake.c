/* SPDX-License-Identifier: Apache-2.0 */
/* The handshake of the current dialect, the first and later ones. */
#include "secure.h"

#if JG_CRYPTO

#include "noise.h"
#include "text.h"
#include "ws.h"

#include <string.h>

static const struct jg_crypto *crypto(const struct jg_client *c)
{
	return c->config->crypto;
}

void jg_secure_start(struct jg_client *c, struct jg_link *l)
{
	if (crypto(c) != NULL && !(c->config->cleartext && c->plain && !jg_secure_paired(c))) {
		l->stage = JG_INIT;
	}
}

void jg_secure_write_init(struct jg_client *c, struct jg_writer *w)
{
	const union jg_value v[] = {{.p = c->identity + JG_IDENTITY}, {32}, {.p = crypto(c)->suite == JG_AESGCM ? "AESGCM" : "ChaChaPoly"}};
	jg_write(w, "/init", "'client_id':'%x','version':1,'suite':'25519_%r_SHA256'", v);
}

void jg_secure_write_answer(const struct jg_link *l, struct jg_writer *w)
{
	jg_write(w, "noise/handshake", "'data':'%x'", (const union jg_value[]){{.p = l->secure.answer}, {JG_NOISE_ANSWER}});
}

static int server_init(struct jg_client *c, struct jg_link *l, char *text, size_t size)
{
	struct jg_message m;
	char own[160];
	struct jg_writer w = {own, own + sizeof own, false, 0};
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

/* The payload of the first handshake message. */
struct offer {
	uint32_t have;
	uint8_t category;
	char *id;
};
static const struct jg_field offer_fields[] = {
	{JG_J_STRING, 0, offsetof(struct offer, id), 0},
	{JG_J_WORD, 1, offsetof(struct offer, category), 1},
	{JG_J_NONE, 0, 0, 0},
};
static const struct jg_names offer_schema[] = {{"psk_id\0psk_category\0", offer_fields}, {"lt\0pr\0sn\0", NULL}};

int jg_secure_shake(struct jg_client *c, struct jg_link *l, char *data, bool first)
{
	struct jg_secure *const s = &l->secure;
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
	memcpy(pair.public_key, c->identity + JG_IDENTITY, 32);
	if (size < JG_NOISE_FIRST || !jg_noise_read(&n, crypto(c), (unsigned)(l - c->link), h, &pair, s->remote, (uint8_t *)data, (size_t)size)) {
		return JG_ERR_CRYPTO;
	}
	struct offer o = {0, JG_NO_CATEGORY, NULL};
	if (jg_json_read(data + 32, (size_t)size - JG_NOISE_FIRST, offer_schema, &o) < 0 || o.id == NULL || o.category >= JG_NO_CATEGORY ||
	    jg_unbase64(id, sizeof id, o.id) != 32) {
		return JG_ERR_CRYPTO;
	}
	int found = jg_secure_find(c, s->remote, o.category, id, psk);
	if (found == 0 && first) {
		o.category = JG_SENTINEL;
		found = jg_secure_sentinel(c, psk) ? 1 : 0;
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
	l->due |= JG_DUE_ANSWER;
	return JG_OK;
}

void jg_secure_answered(struct jg_link *l)
{
	memcpy(l->secure.send, l->secure.next_send, 32);
	l->secure.sent = 0;
}

int jg_secure_text(struct jg_client *c, struct jg_link *l, char *text, size_t size)
{
	struct jg_message m;
	if (l->stage == JG_INIT) {
		return server_init(c, l, text, size);
	}
	int r = jg_message_read(&m, text, size);
	if (r == JG_OK) {
		r = m.type == JG_T_HANDSHAKE ? jg_secure_shake(c, l, m.data, true) : JG_ERR_MESSAGE;
	}
	if (r == JG_OK) {
		l->stage = JG_KEYED;
	}
	return r;
}

#endif
