/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are, and the servers we are paired with. */
#include "secure.h"

#if JG_CRYPTO

#include "noise.h"
#include "pair.h"
#include "text.h"

#include <string.h>

static const struct jg_crypto *crypto(const struct jg_client *c)
{
	return c->config->crypto;
}

enum { RECORDS = 5, RECORD = 64 };

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
	uint8_t kept[RECORDS * RECORD + 4];
	const struct jg_crypto *const y = crypto(c);
	if (y == NULL) {
		return JG_OK;
	}
	if (c->cb->random == NULL || (c->config->static_code != NULL && jg_length(c->config->static_code) != 8)) {
		return JG_ERR_ARGUMENT;
	}
	if (!load(c, JG_KEY_IDENTITY, kept, JG_IDENTITY)) {
		c->cb->random(c->user, kept, JG_IDENTITY);
		save(c, JG_KEY_IDENTITY, kept, JG_IDENTITY);
	}
	memcpy(c->identity, kept, JG_IDENTITY);
	return y->x25519(y->state, c->identity + JG_IDENTITY, c->identity, jg_base_point);
}

bool jg_secure_paired(struct jg_client *c)
{
	uint8_t kept[RECORDS * RECORD + 4];
	return load(c, JG_KEY_PAIRINGS, kept, RECORDS * RECORD);
}

/* Newest first; a sixth pushes the oldest out. */
void jg_secure_keep(struct jg_client *c, struct jg_link *l, const uint8_t *psk)
{
	uint8_t old[RECORDS * RECORD + 4], fresh[RECORDS * RECORD + 4] = {0};
	const uint8_t *const remote = l->secure.remote;
	size_t n = 0;
	(void)load(c, JG_KEY_PAIRINGS, old, RECORDS * RECORD);
	if (psk != NULL) {
		memcpy(fresh, remote, 32);
		memcpy(fresh + 32, psk, 32);
		n++;
	}
	for (size_t i = 0; i < RECORDS && n < RECORDS; i++) {
		const uint8_t *const r = old + i * RECORD;
		if (!jg_same_bytes(r, remote, 32) && !jg_same_bytes(r, jg_zeros, 32)) {
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
	memcpy(both, c->identity + JG_IDENTITY, 32);
	memcpy(both + 32, c->identity + 32, 32);
	jg_pair_token(token, '0', both, sizeof both);
	return JG_OK;
}

/* psk_id: which key this is, without saying it. */
static bool is_key(struct jg_client *c, const uint8_t psk[32], const uint8_t id[32])
{
	uint8_t own[32];
	const struct jg_part parts[] = {{"sendspin-psk-id-v1", 18}, {psk, 32}};
	return jg_hash(crypto(c), JG_SHA256, parts, 2, own) && jg_same_bytes(own, id, 32);
}

bool jg_secure_sentinel(struct jg_client *c, uint8_t psk[32])
{
	const struct jg_part part = {"sendspin-sentinel-psk-v1", 24};
	return jg_hash(crypto(c), JG_SHA256, &part, 1, psk);
}

int jg_secure_find(struct jg_client *c, const uint8_t remote[32], uint8_t category, const uint8_t id[32], uint8_t psk[32])
{
	if (category == JG_PAIRING_KEY) {
		memcpy(psk, c->identity + 32, 32);
		return is_key(c, psk, id);
	}
	if (category == JG_SENTINEL) {
		return jg_secure_sentinel(c, psk) && is_key(c, psk, id);
	}
	uint8_t kept[RECORDS * RECORD + 4];
	if (!load(c, JG_KEY_PAIRINGS, kept, RECORDS * RECORD)) {
		return 0;
	}
	for (size_t i = 0; i < RECORDS; i++) {
		const uint8_t *const r = kept + i * RECORD;
		if (!jg_same_bytes(r, jg_zeros, 32) && is_key(c, r + 32, id)) {
			memcpy(psk, r + 32, 32);
			return jg_same_bytes(r, remote, 32) ? 1 : JG_ERR_CRYPTO; /* another server's */
		}
	}
	return 0;
}

#endif
