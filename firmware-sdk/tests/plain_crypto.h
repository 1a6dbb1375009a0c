/* SPDX-License-Identifier: Apache-2.0 */
/* No crypto: ciphers change nothing, every tag is zeros, a hash is all 0 or all
 * 1. So what stands above the crypto is tested and fuzzed without it, also where
 * there is no library for it. */
#ifndef PLAIN_CRYPTO_H
#define PLAIN_CRYPTO_H

#include "jumpgate/jumpgate.h"

extern const struct jg_crypto plain_crypto;

/* The payload's text of a noise/handshake under the Sentinel ("sn") or another
 * key with its psk_id; returns the length. to has 400 bytes. */
size_t plain_handshake(char *to, const char *category, const uint8_t psk[32]);

#endif
