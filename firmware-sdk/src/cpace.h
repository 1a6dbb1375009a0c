/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPace on X25519 with SHA-512, the responder's side, with explicit mutual
 * confirmation (draft-irtf-cfrg-cpace; Sendspin/spec pairing.md, "PAKE"). The
 * field arithmetic takes the same time whatever the code is.
 */
#ifndef JG_CPACE_H
#define JG_CPACE_H

#include "jumpgate/jumpgate.h"

#if JG_CRYPTO

enum { JG_SID = 61, JG_KC = 64 };

/* RFC 9380's map to Curve25519, its u coordinate, little-endian. u is read and
 * written; its highest bit does not count. */
void jg_elligator2(uint8_t u[32]);

/* The point that a password and a session give. Password and associated input
 * are shorter than 96 bytes, sid shorter than 128. */
bool jg_cpace_generator(const struct jg_crypto *y, const uint8_t *password, size_t size, const uint8_t *sid, size_t sid_size, uint8_t g[32]);

/* isk of the server's share ya, ours yb, and our scalar; false where the share
 * is of low order. */
bool jg_cpace_derive(const struct jg_crypto *y, const uint8_t *sid, const uint8_t scalar[32], const uint8_t ya[32], const uint8_t yb[32],
                     uint8_t isk[64]);

/* What proves that who sent share knows isk; who is "server" or "client". */
bool jg_cpace_tag(const struct jg_crypto *y, const uint8_t *sid, const uint8_t isk[64], const uint8_t share[32], const char *who,
                  uint8_t tag[JG_KC]);

#endif
#endif
