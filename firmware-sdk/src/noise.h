/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Noise_KKpsk2 as the responder that every Sendspin client is (Noise
 * specification revision 34; Sendspin/spec connection.md, "Encryption").
 */
#ifndef JG_NOISE_H
#define JG_NOISE_H

#include "jumpgate/jumpgate.h"

#if JG_CRYPTO

enum { JG_TAG = 16, JG_NOISE_FIRST = 32 + JG_TAG, JG_NOISE_ANSWER = 32 + 2 + JG_TAG };

/* The symmetric state, which lives as long as a handshake is computed. */
struct jg_noise {
	const struct jg_crypto *y;
	unsigned slot;
	uint8_t h[32], ck[32], k[32];
	uint8_t remote_e[32];
	bool failed; /* an operation of the crypto did */
};

/* Nothing but zeros, and the u-coordinate of Curve25519's base point (RFC 7748 section 4.1). */
extern const uint8_t jg_zeros[128], jg_base_point[32];

/* SHA-256, SHA-512 or HMAC of up to 8 parts; false where the crypto failed. */
bool jg_hash(const struct jg_crypto *y, enum jg_hash_kind kind, const struct jg_part *parts, size_t count, uint8_t *out);
bool jg_hmac(const struct jg_crypto *y, enum jg_hash_kind kind, const uint8_t *key, const struct jg_part *parts, size_t count,
             uint8_t *out);

/* Each link opens what comes in a slot of its own, in which its handshake is
 * computed too; what goes out is sealed in this one, one message after the other. */
enum { JG_SENDING_SLOT = JG_LINKS };

/* Seals or opens in place; the tag stands behind the data. Opening is false
 * where the tag is not right, and what stands in data is to be forgotten. */
bool jg_seal(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n, const uint8_t *ad, size_t ad_size, uint8_t *data, size_t size);
bool jg_open(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n, const uint8_t *ad, size_t ad_size, uint8_t *data, size_t size);
/* The same for data that comes in pieces. */
bool jg_seal_start(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n);
bool jg_open_start(const struct jg_crypto *y, unsigned slot, const uint8_t key[32], uint64_t n);
bool jg_open_end(const struct jg_crypto *y, unsigned slot, const uint8_t tag[JG_TAG]);

/* h after the protocol's name and a prologue in parts. */
bool jg_noise_prologue(const struct jg_crypto *y, const struct jg_part *parts, size_t count, uint8_t h[32]);

struct jg_keypair {
	uint8_t private_key[32], public_key[32];
};

/* Takes the first message, whose payload is opened at message + 32 and has
 * size - JG_NOISE_FIRST bytes. h is what jg_noise_prologue() gave. */
bool jg_noise_read(struct jg_noise *s, const struct jg_crypto *y, unsigned slot, const uint8_t h[32], const struct jg_keypair *own,
                   const uint8_t remote[32], uint8_t *message, size_t size);
/* Writes the answer under a pre-shared key; ephemeral holds 32 random bytes.
 * s->h is the handshake hash then. */
bool jg_noise_answer(struct jg_noise *s, struct jg_keypair *ephemeral, const uint8_t remote[32], const uint8_t psk[32],
                     uint8_t answer[JG_NOISE_ANSWER], uint8_t receive[32], uint8_t send[32]);

/* Whether two secrets are equal, in a time that does not tell where not. */
bool jg_same_bytes(const uint8_t *a, const uint8_t *b, size_t size);

#endif
#endif
