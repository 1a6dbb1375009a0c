/* SPDX-License-Identifier: Apache-2.0 */
/* Reading bits of coded bytes that lie in up to two pieces, and FLAC's Rice
 * codes. */
#include "flac.h"

void jg_bits_fill(struct jg_bits *b)
{
	while (b->left < 24) {
		if (b->p == b->end) {
			if (b->then == b->then_end) {
				b->over += 8;
				b->left += 8;
				continue;
			}
			b->p = b->then;
			b->end = b->then_end;
			b->then = b->then_end;
		}
		b->cache |= (uint32_t)*b->p++ << (24 - b->left);
		b->left += 8;
	}
}

uint32_t jg_bits(struct jg_bits *b, unsigned n)
{
	const uint32_t v = b->cache >> 1 >> (31 - n);
	b->cache <<= n;
	b->left -= n;
	jg_bits_fill(b);
	return v;
}

static uint32_t wide(struct jg_bits *b, unsigned n)
{
	const uint32_t v = n > 16 ? jg_bits(b, n - 16) << 16 : 0;
	return v | jg_bits(b, n > 16 ? 16 : n);
}

int32_t jg_bits_signed(struct jg_bits *b, unsigned n)
{
	const uint32_t v = wide(b, n);
	return n == 0 ? 0 : (int32_t)(v << (32 - n)) >> (32 - n);
}

/* Zeros before the first one, 31 at most. */
static unsigned leading(uint32_t v)
{
	v |= 1;
#if defined(__GNUC__) && (defined(__ARM_ARCH) || defined(__x86_64__) || defined(__aarch64__) || defined(__XTENSA__))
	return (unsigned)__builtin_clz(v);
#else
	unsigned n = 0;
	for (unsigned step = 16; step > 0; step >>= 1) {
		if (v >> (32 - step) == 0) {
			v <<= step;
			n += step;
		}
	}
	return n;
#endif
}

uint32_t jg_bits_unary(struct jg_bits *b)
{
	uint32_t n = 0;
	unsigned zeros;
	while ((zeros = leading(b->cache)) >= b->left) {
		n += b->left;
		b->left = 0;
		b->cache = 0;
		jg_bits_fill(b);
		if (jg_bits_over(b)) {
			return n;
		}
	}
	b->cache = b->cache << zeros << 1;
	b->left -= zeros + 1;
	jg_bits_fill(b);
	return n + zeros;
}

/* The loop that decides how fast all this is. Four bytes are read at once, of
 * which those count that fit; the others are read again. */
void jg_bits_rice(struct jg_bits *from, int32_t *out, const int32_t *end, unsigned k)
{
	struct jg_bits b = *from;
	while (out < end) {
		unsigned zeros = leading(b.cache);
		uint32_t v;
		if (zeros + 1 + k > b.left) {
			if (b.end - b.p >= 4) {
				b.cache |= ((uint32_t)b.p[0] << 24 | (uint32_t)b.p[1] << 16 | (uint32_t)b.p[2] << 8 | b.p[3]) >> b.left;
				b.p += (31 - b.left) >> 3;
				b.left |= 24;
			} else {
				jg_bits_fill(&b);
			}
			zeros = leading(b.cache);
		}
		if (zeros + 1 + k <= b.left) {
			const uint32_t rest = b.cache << zeros << 1;
			v = (uint32_t)zeros << k | (rest >> 1 >> (31 - k));
			b.cache = rest << k;
			b.left -= zeros + 1 + k;
		} else {
			v = jg_bits_unary(&b) << k;
			v |= wide(&b, k);
			if (jg_bits_over(&b)) {
				break;
			}
		}
		*out++ = (int32_t)(v >> 1 ^ (0u - (v & 1u)));
	}
	*from = b;
	jg_bits_fill(from);
}
