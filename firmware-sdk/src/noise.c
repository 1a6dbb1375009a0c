/* SPDX-License-Identifier: Apache-2.0 */
#include "noise.h"

#if JG_CRYPTO

#include <string.h>

const uint8_t jg_zeros[128], jg_base_point[32] = {9};

bool jg_hash(const struct jg_crypto *y, enum jg_hash_kind kind, const struct jg_part *parts, size_t count, uint8_t *out)
{
	return y->hash(y->state, kind, parts, count, out) == JG_OK;
}

/* HMAC (RFC 2104) of a key that is as long as the hash. */
bool jg_hmac(const struct jg_crypto *y, enum jg_hash_kind kind, const uint8_t *key, const struct jg_part *parts, size_t count,
             uint8_t *out)
{
	const size_t size = kind == JG_SHA512 ? 64 : 32, block = 2 * size;
	uint8_t pad[128];
	struct jg_part all[8] = {{pad, block}};
	for (size_t i = 0; i < block; i++) {
		pad[i] = (uint8_t)((i < size ? key[i] : 0) ^ 0x36u);
	}
	for (size_t i = 0; i < count && i < 7; i++) {
		all[1 + i] = parts[i];
	}
	bool ok = jg_hash(y, kind, all, 1 + count, out);
	for (size_t i = 0; i < block; i++) {
		pad[i] ^= 0x36u ^ 0x5Cu;
	}
	all[1] = (struct jg_part){out, size};
	ok = ok && jg_hash(y, kind, all, 2, out);
	return ok;
}

bool jg_same_bytes(const uint8_t *a, const uint8_t *b, size_t size)
{
	uint8_t differs = 0;
	for (size_t i = 0; i < size; i++) {
		differs = (uint8_t)(differs | (a[i] ^ b[i]));
	}
	return differs == 0;
}

/* ---- Ciphers (Noise section 5.1; nonces: section 12) --------------------- */

static bool start(const struct jg_crypto *y, unsigned slot, bool seal, const uint8_t key[32], uint64_t n, const uint8_t *ad, size_t ad_size)
{
	const bool big = y->suite == JG_AESGCM; /* its counter is big-endian, ChaCha's little */
	uint8_t nonce[12] = {0};
	for (unsigned i = 0; i < 8; i++) {
		nonce[4 + (big ? 7 - i : i)] = (uint8_t)(n >> (8 * i));
	}
	return y->cipher_start(y->state, slot, seal, key, nonce, ad, ad_size) == JG_OK;
}

bool jg_seal_start(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n)
{
	return start(y, slot, true, key, n, NULL, 0);
}

bool jg_open_start(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n)
{
	return start(y, slot, false, key, n, NULL, 0);
}

bool jg_open_end(const struct jg_crypto *y, unsigned slot, const uint8_t tag[JG_TAG])
{
	uint8_t own[JG_TAG];
	return y->cipher_end(y->state, slot, own) == JG_OK && jg_same_bytes(own, tag, JG_TAG);
}

bool jg_seal(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n, const uint8_t *ad, size_t ad_size, uint8_t *data,
             size_t size)
{
	return start(y, slot, true, key, n, ad, ad_size) && y->cipher_run(y->state, slot, data, data, size) == JG_OK &&
	       y->cipher_end(y->state, slot, data + size) == JG_OK;
}

bool jg_open(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n, const uint8_t *ad, size_t ad_size, uint8_t *data,
             size_t size)
{
	return start(y, slot, false, key, n, ad, ad_size) && y->cipher_run(y->state, slot, data, data, size) == JG_OK &&
	       jg_open_end(y, slot, data + size);
}

/* ---- The symmetric state (section 5.2) ----------------------------------- */

static void mix_hash(struct jg_noise *s, const uint8_t *data, size_t size)
{
	const struct jg_part parts[] = {{s->h, 32}, {data, size}};
	s->failed = !jg_hash(s->y, JG_SHA256, parts, 2, s->h) || s->failed;
}

/* HKDF with two or three outputs; the first goes to ck (section 4.3). */
static void derive(struct jg_noise *s, const uint8_t *input, size_t size, uint8_t *second, uint8_t *third)
{
	uint8_t secret[32], n = 1;
	struct jg_part parts[2] = {{input, size}, {&n, 1}};
	bool ok = jg_hmac(s->y, JG_SHA256, s->ck, parts, 1, secret);
	uint8_t *const out[3] = {s->ck, second, third};
	for (; n <= 3 && out[n - 1] != NULL; n++) {
		parts[0] = (struct jg_part){n > 1 ? out[n - 2] : NULL, n > 1 ? 32u : 0u};
		ok = jg_hmac(s->y, JG_SHA256, secret, parts, 2, out[n - 1]) && ok;
	}
	memset(secret, 0, sizeof secret);
	s->failed = !ok || s->failed;
}

static JG_SMALL void mix_key(struct jg_noise *s, const uint8_t *input)
{
	derive(s, input, 32, s->k, NULL);
}

/* Mixes the result of X25519 in. One of nothing but zeros comes of a key that
 * was made to give it (RFC 7748 section 6.1). */
static void mix_shared(struct jg_noise *s, const uint8_t scalar[32], const uint8_t point[32])
{
	uint8_t shared[32];
	if (s->y->x25519(s->y->state, shared, scalar, point) != JG_OK || jg_same_bytes(shared, jg_zeros, 32)) {
		s->failed = true;
	}
	mix_key(s, shared);
	memset(shared, 0, sizeof shared);
}

/* What h and ck begin with: the protocol's name, or its hash where it is longer
 * than one. */
static bool name_hash(const struct jg_crypto *y, uint8_t to[32])
{
	static const char gcm[32] = "Noise_KKpsk2_25519_AESGCM_SHA256", chacha[36] = "Noise_KKpsk2_25519_ChaChaPoly_SHA256";
	const struct jg_part part = {chacha, sizeof chacha};
	if (y->suite == JG_AESGCM) {
		memcpy(to, gcm, sizeof gcm);
		return true;
	}
	return jg_hash(y, JG_SHA256, &part, 1, to);
}

bool jg_noise_prologue(const struct jg_crypto *y, const struct jg_part *parts, size_t count, uint8_t h[32])
{
	struct jg_part all[4] = {{h, 32}};
	for (size_t i = 0; i < count && i < 3; i++) {
		all[1 + i] = parts[i];
	}
	return name_hash(y, h) && jg_hash(y, JG_SHA256, all, 1 + count, h);
}

bool jg_noise_read(struct jg_noise *s, const struct jg_crypto *y, unsigned slot, const uint8_t h[32], const struct jg_keypair *own,
                   const uint8_t remote[32], uint8_t *message, size_t size)
{
	if (size < JG_NOISE_FIRST) {
		return false;
	}
	memset(s, 0, sizeof *s);
	s->y = y;
	s->slot = slot;
	memcpy(s->h, h, 32);
	s->failed = !name_hash(y, s->ck);
	mix_hash(s, remote, 32); /* <- s and -> s were known before */
	mix_hash(s, own->public_key, 32);
	memcpy(s->remote_e, message, 32);
	mix_hash(s, s->remote_e, 32); /* -> e, es, ss */
	mix_key(s, s->remote_e);
	mix_shared(s, own->private_key, s->remote_e);
	mix_shared(s, own->private_key, remote);
	uint8_t sealed[32]; /* h is mixed with what was sealed, and needed to open it */
	memcpy(sealed, s->h, 32);
	mix_hash(s, message + 32, size - 32);
	return jg_open(y, slot, s->k, 0, sealed, 32, message + 32, size - JG_NOISE_FIRST) && !s->failed;
}

bool jg_noise_answer(struct jg_noise *s, struct jg_keypair *e, const uint8_t remote[32], const uint8_t psk[32],
                     uint8_t answer[JG_NOISE_ANSWER], uint8_t receive[32], uint8_t send[32])
{
	uint8_t mixed[32];
	if (s->y->x25519(s->y->state, e->public_key, e->private_key, jg_base_point) != JG_OK) {
		return false;
	}
	memcpy(answer, e->public_key, 32);
	mix_hash(s, e->public_key, 32); /* <- e, ee, se, psk */
	mix_key(s, e->public_key);
	mix_shared(s, e->private_key, s->remote_e);
	mix_shared(s, e->private_key, remote);
	derive(s, psk, 32, mixed, s->k);
	mix_hash(s, mixed, 32);
	answer[32] = '{';
	answer[33] = '}';
	s->failed = !jg_seal(s->y, s->slot, s->k, 0, s->h, 32, answer + 32, 2) || s->failed;
	mix_hash(s, answer + 32, JG_NOISE_ANSWER - 32);
	derive(s, NULL, 0, send, NULL); /* the first one is the server's direction */
	memcpy(receive, s->ck, 32);
	memset(s->ck, 0, sizeof s->ck);
	memset(e->private_key, 0, sizeof e->private_key);
	return !s->failed;
}

#endif
