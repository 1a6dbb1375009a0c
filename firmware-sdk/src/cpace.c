/* SPDX-License-Identifier: Apache-2.0 */
#include "cpace.h"

#if JG_CRYPTO

#include "noise.h"
#include "text.h"

#include <string.h>

/* ---- The field of 2^255 - 19 --------------------------------------------- */

/* Little-endian words; any value below 2^256 stands for what it is modulo p. */
struct element {
	uint32_t w[8];
};

/* Adds what is beyond 2^256, each worth 38. After two passes nothing is left. */
static JG_SMALL void settle(struct element *a, uint64_t over)
{
	for (unsigned pass = 0; pass < 2; pass++) {
		over *= 38;
		for (unsigned i = 0; i < 8; i++) {
			over += a->w[i];
			a->w[i] = (uint32_t)over;
			over >>= 32;
		}
	}
}

static void multiply(struct element *to, const struct element *a, const struct element *b)
{
	uint32_t t[16] = {0};
	for (unsigned i = 0; i < 8; i++) {
		uint64_t carry = 0;
		for (unsigned j = 0; j < 8; j++) {
			carry += (uint64_t)a->w[i] * b->w[j] + t[i + j];
			t[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		t[i + 8] = (uint32_t)carry;
	}
	uint64_t over = 0;
	for (unsigned i = 0; i < 8; i++) {
		over += t[i] + (uint64_t)38 * t[i + 8];
		to->w[i] = (uint32_t)over;
		over >>= 32;
	}
	settle(to, over);
}

static void add(struct element *to, const struct element *a, const struct element *b)
{
	uint64_t over = 0;
	for (unsigned i = 0; i < 8; i++) {
		over += (uint64_t)a->w[i] + b->w[i];
		to->w[i] = (uint32_t)over;
		over >>= 32;
	}
	settle(to, over);
}

/* -1 */
static const struct element minus = {{0xFFFFFFECu, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x7FFFFFFFu}};
static const struct element one = {{1, 0, 0, 0, 0, 0, 0, 0}};
static const struct element curve_a = {{486662, 0, 0, 0, 0, 0, 0, 0}};

/* a to the power of `bits` ones whose lowest eight are `low`; the exponent is no
 * secret. */
static void power(struct element *to, const struct element *a, unsigned bits, unsigned low)
{
	struct element r = one;
	while (bits-- > 0) {
		multiply(&r, &r, &r);
		if (bits >= 8 || (low >> bits & 1u) != 0) {
			multiply(&r, &r, a);
		}
	}
	*to = r;
}

/* The one value below p. */
static void reduce(struct element *a)
{
	for (unsigned pass = 0; pass < 3; pass++) {
		/* In the last pass 19 is added on trial: it overflows from p on. */
		struct element t = *a;
		uint64_t over = pass < 2 ? (uint64_t)19 * (t.w[7] >> 31) : 19;
		t.w[7] &= pass < 2 ? 0x7FFFFFFFu : ~0u;
		for (unsigned i = 0; i < 8; i++) {
			over += t.w[i];
			t.w[i] = (uint32_t)over;
			over >>= 32;
		}
		const uint32_t take = pass < 2 ? ~0u : 0u - (t.w[7] >> 31);
		t.w[7] &= pass < 2 ? ~0u : 0x7FFFFFFFu;
		for (unsigned i = 0; i < 8; i++) {
			a->w[i] = (a->w[i] & ~take) | (t.w[i] & take);
		}
	}
}

/* Appendix F.3 with Z = 2: v = -A/(1 + 2r^2) where v^3 + Av^2 + v is a square,
 * else -v - A. */
void jg_elligator2(uint8_t u[32])
{
	struct element r, v, y, other;
	for (unsigned i = 0; i < 8; i++) {
		r.w[i] = (uint32_t)u[4 * i] | (uint32_t)u[4 * i + 1] << 8 | (uint32_t)u[4 * i + 2] << 16 | (uint32_t)u[4 * i + 3] << 24;
	}
	r.w[7] &= 0x7FFFFFFFu;
	multiply(&v, &r, &r);
	add(&v, &v, &v);
	add(&v, &v, &one);
	power(&v, &v, 255, 0xEB); /* p - 2: the inverse */
	multiply(&v, &v, &curve_a);
	multiply(&v, &v, &minus);
	add(&other, &v, &curve_a);
	multiply(&y, &other, &v);
	add(&y, &y, &one);
	multiply(&y, &y, &v);
	multiply(&other, &other, &minus);
	power(&y, &y, 254, 0xF6); /* (p - 1)/2: 1, 0, or -1 for what is no square */
	reduce(&y);
	const uint32_t square = 0u - (uint32_t)(y.w[7] == 0);
	for (unsigned i = 0; i < 8; i++) {
		v.w[i] = (v.w[i] & square) | (other.w[i] & ~square);
	}
	reduce(&v);
	for (unsigned i = 0; i < 32; i++) {
		u[i] = (uint8_t)(v.w[i / 4] >> (8 * (i & 3)));
	}
}

/* ---- CPace --------------------------------------------------------------- */

/* Every string is hashed behind its length, which is one byte for all of ours. */
bool jg_cpace_generator(const struct jg_crypto *y, const uint8_t *password, size_t size, const uint8_t *sid, size_t sid_size, uint8_t g[32])
{
	uint8_t hash[64];
	const uint8_t length[4] = {(uint8_t)size, (uint8_t)(128 - 1 - 9 - 1 - size), 0, (uint8_t)sid_size};
	const struct jg_part parts[] = {{"\x08" "CPace255", 9}, {length, 1}, {password, size}, {length + 1, 1}, {jg_zeros, length[1]},
	                                {length + 2, 2}, /* no channel identifier, and sid's length */
	                                {sid, sid_size}};
	const bool ok = jg_hash(y, JG_SHA512, parts, 7, hash);
	memcpy(g, hash, 32);
	jg_elligator2(g);
	return ok;
}

bool jg_cpace_derive(const struct jg_crypto *y, const uint8_t *sid, const uint8_t scalar[32], const uint8_t ya[32], const uint8_t yb[32],
                     uint8_t isk[64])
{
	uint8_t k[32];
	if (y->x25519(y->state, k, scalar, ya) != JG_OK || jg_same_bytes(k, jg_zeros, 32)) {
		return false;
	}
	const struct jg_part parts[] = {{"\x0c" "CPace255_ISK" "\x3d", 14}, {sid, JG_SID}, {"\x20", 1}, {k, 32}, {"\x20", 1}, {ya, 32},
	                                {"\x06" "server" "\x20", 8}, {yb, 32}, {"\x06" "client", 7}};
	const bool ok = jg_hash(y, JG_SHA512, parts, 9, isk);
	memset(k, 0, sizeof k);
	return ok;
}

bool jg_cpace_tag(const struct jg_crypto *y, const uint8_t *sid, const uint8_t isk[64], const uint8_t share[32], const char *who,
                  uint8_t tag[JG_KC])
{
	uint8_t key[64];
	const struct jg_part secret[] = {{"CPaceMac", 8}, {sid, JG_SID}, {isk, 64}};
	const struct jg_part parts[] = {{"\x20", 1}, {share, 32}, {"\x06", 1}, {who, 6}};
	return jg_hash(y, JG_SHA512, secret, 3, key) && jg_hmac(y, JG_SHA512, key, parts, 4, tag);
}

#endif
