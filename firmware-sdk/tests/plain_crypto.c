/* SPDX-License-Identifier: Apache-2.0 */
#include "plain_crypto.h"

#include "ws.h"

#include <stdio.h>
#include <string.h>

static int hash(void *state, enum jg_hash_kind kind, const struct jg_part *parts, size_t count, uint8_t *out)
{
	(void)state;
	uint32_t h = 1;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *const p = parts[i].data;
		for (size_t k = 0; k < parts[i].size; k++) {
			h = h * 31 + p[k];
		}
	}
	memset(out, (int)(h & 1), kind == JG_SHA512 ? 64 : 32);
	return JG_OK;
}

static int x25519(void *state, uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32])
{
	(void)state;
	(void)scalar;
	memmove(out, point, 32);
	return JG_OK;
}

static bool ended[JG_CIPHER_SLOTS];

static int cipher_start(void *state, unsigned slot, bool seal, const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_size)
{
	(void)state, (void)seal, (void)key, (void)nonce, (void)ad, (void)ad_size;
	if (slot >= JG_CIPHER_SLOTS) {
		return JG_ERR_CRYPTO;
	}
	ended[slot] = false;
	return JG_OK;
}

static int cipher_run(void *state, unsigned slot, const uint8_t *in, uint8_t *out, size_t size)
{
	(void)state;
	if (ended[slot]) {
		return JG_ERR_CRYPTO; /* a piece that was no multiple of 16 has to be the last */
	}
	ended[slot] = size % 16 != 0;
	memmove(out, in, size);
	return JG_OK;
}

static int cipher_end(void *state, unsigned slot, uint8_t tag[16])
{
	(void)state, (void)slot;
	memset(tag, 0, 16);
	return JG_OK;
}

const struct jg_crypto plain_crypto = {JG_CHACHAPOLY, hash, x25519, cipher_start, cipher_run, cipher_end, NULL};

size_t plain_handshake(char *to, const char *category, const uint8_t psk[32])
{
	static const char head[] = "{\"type\":\"noise/handshake\",\"payload\":{\"data\":\"";
	const struct jg_part parts[] = {{"sendspin-psk-id-v1", 18}, {psk, 32}};
	uint8_t id[32], message[200] = {1};
	char text[44] = {0};
	(void)hash(NULL, JG_SHA256, parts, 2, id);
	(void)jg_base64(text, id, 32, true);
	const int n = snprintf((char *)message + 32, sizeof message - 32, "{\"psk_id\":\"%s\",\"psk_category\":\"%s\"}", text, category);
	memset(message + 32 + n, 0, 16);
	memcpy(to, head, sizeof head - 1);
	size_t at = sizeof head - 1;
	at += jg_base64(to + at, message, 32 + (size_t)n + 16, true);
	memcpy(to + at, "\"}}", 4);
	return at + 3;
}
