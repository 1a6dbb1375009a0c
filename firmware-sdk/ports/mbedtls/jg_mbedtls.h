/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crypto by mbedTLS (Apache-2.0), 2.28 or 3.x: X25519, SHA-256, SHA-512, and
 * ChaCha20-Poly1305 or AES-256-GCM. Its big numbers take memory from mbedTLS'
 * allocator, at most some 2 KB, and so does AES for its round keys where a link
 * gets new ones: never while audio plays.
 */
#ifndef JG_MBEDTLS_H
#define JG_MBEDTLS_H

#include "jumpgate/jumpgate.h"

#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>

struct jg_mbedtls {
	/* Your random numbers, such as mbedtls_ctr_drbg_random and its context: they
	 * blind the curve's arithmetic. */
	int (*random)(void *user, unsigned char *to, size_t size);
	void *random_user;
	union {
		mbedtls_chachapoly_context chacha;
		struct {
			mbedtls_gcm_context gcm;
			uint8_t key[32]; /* whose round keys are in gcm */
			bool keyed;
		} aes;
	} cipher[JG_CIPHER_SLOTS];
};

/* Fill in random first. m must stay where it is and outlive what is returned. */
struct jg_crypto jg_mbedtls_crypto(struct jg_mbedtls *m);
/* The same with AES-256-GCM, for a processor that has AES in hardware and an
 * mbedTLS that uses it. */
struct jg_crypto jg_mbedtls_crypto_aes(struct jg_mbedtls *m);

#endif
