/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crypto by mbedTLS (Apache-2.0), 2.28 or 3.x: X25519, ChaCha20-Poly1305,
 * SHA-256 and SHA-512. Its big numbers take memory from mbedTLS' allocator, at
 * most some 2 KB and never while audio plays.
 */
#ifndef JG_MBEDTLS_H
#define JG_MBEDTLS_H

#include "jumpgate/jumpgate.h"

#include <mbedtls/chachapoly.h>

struct jg_mbedtls {
	/* Your random numbers, such as mbedtls_ctr_drbg_random and its context: they
	 * blind the curve's arithmetic. */
	int (*random)(void *user, unsigned char *to, size_t size);
	void *random_user;
	mbedtls_chachapoly_context cipher[JG_CIPHER_SLOTS];
};

/* Fill in random first. m must stay where it is and outlive what is returned. */
struct jg_crypto jg_mbedtls_crypto(struct jg_mbedtls *m);

#endif
