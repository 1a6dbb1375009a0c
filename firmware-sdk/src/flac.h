/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the FLAC decoder share. */
#ifndef JG_FLAC_H
#define JG_FLAC_H

#include "decode.h"

/* Bits ready at the top of cache. Below those that count may stand some that
 * will come, else zeros. Behind the end come zeros, and `over` counts how many
 * of their bits were made. */
struct jg_bits {
	const uint8_t *p, *end;
	const uint8_t *then, *then_end;
	uint32_t cache;
	uint32_t left; /* that count: 24 to 31 between two calls */
	uint32_t over;
};

void jg_bits_fill(struct jg_bits *b);
/* n bits, up to 24; or as a signed number, up to 32. */
uint32_t jg_bits(struct jg_bits *b, unsigned n);
int32_t jg_bits_signed(struct jg_bits *b, unsigned n);
/* Zeros before a one; the one is taken too. */
uint32_t jg_bits_unary(struct jg_bits *b);
/* Rice codes of parameter k (section 9.2.7), until end or over. */
void jg_bits_rice(struct jg_bits *b, int32_t *out, const int32_t *end, unsigned k);
/* Whether more was taken than there was. */
static inline bool jg_bits_over(const struct jg_bits *b)
{
	return b->over > b->left;
}

/* Turns the residuals behind the first `order` samples into samples. */
void jg_flac_fixed(int32_t *x, uint32_t block, unsigned order);
/* Coefficients oldest sample first, behind so many zeros that all are a
 * multiple of four; wide: sums may need more than 32 bits. */
void jg_flac_linear(int32_t *x, uint32_t block, const int32_t *coefficient, unsigned order, unsigned shift, bool wide);

uint16_t jg_flac_crc16(const struct jg_span *in, size_t size);
uint8_t jg_flac_crc8(const struct jg_span *in, size_t size);

#endif
