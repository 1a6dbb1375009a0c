/* SPDX-License-Identifier: Apache-2.0 */
#include "jg_mbedtls.h"

#include <mbedtls/ecp.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>
#include <mbedtls/version.h>

#include <string.h>

#if MBEDTLS_VERSION_MAJOR < 3
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#define mbedtls_sha512_starts mbedtls_sha512_starts_ret
#define mbedtls_sha512_update mbedtls_sha512_update_ret
#define mbedtls_sha512_finish mbedtls_sha512_finish_ret
#endif

static int hash(void *state, enum jg_hash_kind kind, const struct jg_part *parts, size_t count, uint8_t *out)
{
	(void)state;
	int r;
	if (kind == JG_SHA256) {
		mbedtls_sha256_context c;
		mbedtls_sha256_init(&c);
		r = mbedtls_sha256_starts(&c, 0);
		for (size_t i = 0; i < count && r == 0; i++) {
			r = mbedtls_sha256_update(&c, parts[i].data, parts[i].size);
		}
		r = r == 0 ? mbedtls_sha256_finish(&c, out) : r;
		mbedtls_sha256_free(&c);
	} else {
		mbedtls_sha512_context c;
		mbedtls_sha512_init(&c);
		r = mbedtls_sha512_starts(&c, 0);
		for (size_t i = 0; i < count && r == 0; i++) {
			r = mbedtls_sha512_update(&c, parts[i].data, parts[i].size);
		}
		r = r == 0 ? mbedtls_sha512_finish(&c, out) : r;
		mbedtls_sha512_free(&c);
	}
	return r == 0 ? JG_OK : JG_ERR_CRYPTO;
}

static int x25519(void *state, uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32])
{
	const struct jg_mbedtls *const m = state;
	uint8_t d[32], u[32];
	size_t size = 0;
	mbedtls_ecp_group group;
	mbedtls_ecp_point p, q;
	mbedtls_mpi k;
	memcpy(d, scalar, 32); /* RFC 7748 section 5 */
	d[0] &= 248;
	d[31] = (uint8_t)((d[31] & 127) | 64);
	memcpy(u, point, 32);
	u[31] &= 127;
	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&p);
	mbedtls_ecp_point_init(&q);
	mbedtls_mpi_init(&k);
	const bool ok = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_CURVE25519) == 0 && mbedtls_ecp_point_read_binary(&group, &p, u, 32) == 0 &&
	                mbedtls_mpi_read_binary_le(&k, d, 32) == 0 && mbedtls_ecp_mul(&group, &q, &k, &p, m->random, m->random_user) == 0 &&
	                mbedtls_ecp_point_write_binary(&group, &q, MBEDTLS_ECP_PF_UNCOMPRESSED, &size, out, 32) == 0 && size == 32;
	mbedtls_mpi_free(&k);
	mbedtls_ecp_point_free(&q);
	mbedtls_ecp_point_free(&p);
	mbedtls_ecp_group_free(&group);
	memset(d, 0, sizeof d);
	return ok ? JG_OK : JG_ERR_CRYPTO;
}

static int chacha_start(void *state, unsigned slot, bool seal, const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_size)
{
	struct jg_mbedtls *const m = state;
	mbedtls_chachapoly_context *const c = &m->cipher[slot].chacha;
	const bool ok = mbedtls_chachapoly_setkey(c, key) == 0 &&
	                mbedtls_chachapoly_starts(c, nonce, seal ? MBEDTLS_CHACHAPOLY_ENCRYPT : MBEDTLS_CHACHAPOLY_DECRYPT) == 0 &&
	                mbedtls_chachapoly_update_aad(c, ad, ad_size) == 0;
	return ok ? JG_OK : JG_ERR_CRYPTO;
}

static int chacha_run(void *state, unsigned slot, const uint8_t *in, uint8_t *out, size_t size)
{
	struct jg_mbedtls *const m = state;
	return mbedtls_chachapoly_update(&m->cipher[slot].chacha, size, in, out) == 0 ? JG_OK : JG_ERR_CRYPTO;
}

static int chacha_end(void *state, unsigned slot, uint8_t tag[16])
{
	struct jg_mbedtls *const m = state;
	return mbedtls_chachapoly_finish(&m->cipher[slot].chacha, tag) == 0 ? JG_OK : JG_ERR_CRYPTO;
}

static int aes_start(void *state, unsigned slot, bool seal, const uint8_t key[32], const uint8_t nonce[12], const void *ad, size_t ad_size)
{
	struct jg_mbedtls *const m = state;
	mbedtls_gcm_context *const c = &m->cipher[slot].aes.gcm;
	const int mode = seal ? MBEDTLS_GCM_ENCRYPT : MBEDTLS_GCM_DECRYPT;
	if (!m->cipher[slot].aes.keyed || memcmp(m->cipher[slot].aes.key, key, 32) != 0) {
		m->cipher[slot].aes.keyed = mbedtls_gcm_setkey(c, MBEDTLS_CIPHER_ID_AES, key, 256) == 0;
		memcpy(m->cipher[slot].aes.key, key, 32);
	}
#if MBEDTLS_VERSION_MAJOR < 3
	const bool ok = m->cipher[slot].aes.keyed && mbedtls_gcm_starts(c, mode, nonce, 12, ad, ad_size) == 0;
#else
	const bool ok = m->cipher[slot].aes.keyed && mbedtls_gcm_starts(c, mode, nonce, 12) == 0 && mbedtls_gcm_update_ad(c, ad, ad_size) == 0;
#endif
	return ok ? JG_OK : JG_ERR_CRYPTO;
}

static int aes_run(void *state, unsigned slot, const uint8_t *in, uint8_t *out, size_t size)
{
	struct jg_mbedtls *const m = state;
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_gcm_update(&m->cipher[slot].aes.gcm, size, in, out) == 0 ? JG_OK : JG_ERR_CRYPTO;
#else
	size_t made = 0; /* all of it: pieces are whole blocks */
	return mbedtls_gcm_update(&m->cipher[slot].aes.gcm, in, size, out, size, &made) == 0 && made == size ? JG_OK : JG_ERR_CRYPTO;
#endif
}

static int aes_end(void *state, unsigned slot, uint8_t tag[16])
{
	struct jg_mbedtls *const m = state;
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_gcm_finish(&m->cipher[slot].aes.gcm, tag, 16) == 0 ? JG_OK : JG_ERR_CRYPTO;
#else
	size_t made = 0;
	return mbedtls_gcm_finish(&m->cipher[slot].aes.gcm, NULL, 0, &made, tag, 16) == 0 ? JG_OK : JG_ERR_CRYPTO;
#endif
}

struct jg_crypto jg_mbedtls_crypto(struct jg_mbedtls *m)
{
	for (unsigned i = 0; i < JG_CIPHER_SLOTS; i++) {
		mbedtls_chachapoly_init(&m->cipher[i].chacha);
	}
	return (struct jg_crypto){JG_CHACHAPOLY, hash, x25519, chacha_start, chacha_run, chacha_end, m};
}

struct jg_crypto jg_mbedtls_crypto_aes(struct jg_mbedtls *m)
{
	for (unsigned i = 0; i < JG_CIPHER_SLOTS; i++) {
		mbedtls_gcm_init(&m->cipher[i].aes.gcm);
		m->cipher[i].aes.keyed = false;
	}
	return (struct jg_crypto){JG_AESGCM, hash, x25519, aes_start, aes_run, aes_end, m};
}
