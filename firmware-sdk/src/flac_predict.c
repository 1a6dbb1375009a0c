/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FLAC's predictors: what turns residuals into samples (RFC 9639 sections 9.2.5
 * and 9.2.6). Two samples are predicted at once, because the loads of samples
 * and coefficients are what takes time and both share them. The later one needs
 * the earlier: it is computed with the residual in its place, which the
 * prediction, times the last coefficient, puts right.
 */
#include "flac.h"

/* Sums wrap as unsigned numbers do: damaged input must not be undefined. */
void jg_flac_fixed(int32_t *x, uint32_t block, unsigned order)
{
	uint32_t *s = (uint32_t *)x;
	for (uint32_t i = order; i < block; i++) {
		switch (order) {
		case 1:
			s[i] += s[i - 1];
			break;
		case 2:
			s[i] += 2 * s[i - 1] - s[i - 2];
			break;
		case 3:
			s[i] += 3 * (s[i - 1] - s[i - 2]) + s[i - 3];
			break;
		default:
			s[i] += 4 * (s[i - 1] + s[i - 3]) - 6 * s[i - 2] - s[i - 4];
			break;
		}
	}
}

/* Coefficients stand oldest sample first, in a multiple of four. */
static int32_t *predict32(int32_t *x, const int32_t *end, const int32_t *coefficient, unsigned order, unsigned shift)
{
	for (; x + order + 1 < end; x += 2) {
		const uint32_t *s = (const uint32_t *)x;
		const int32_t *c = coefficient;
		uint32_t a = 0, b = 0, s0 = *s++, k;
		do {
			k = (uint32_t)c[0], a += s0 * k, s0 = s[0], b += s0 * k;
			k = (uint32_t)c[1], a += s0 * k, s0 = s[1], b += s0 * k;
			k = (uint32_t)c[2], a += s0 * k, s0 = s[2], b += s0 * k;
			k = (uint32_t)c[3], a += s0 * k, s0 = s[3], b += s0 * k;
			c += 4;
			s += 4;
		} while (c < coefficient + order);
		a = (uint32_t)((int32_t)a >> shift);
		b += a * k;
		x[order] = (int32_t)((uint32_t)x[order] + a);
		x[order + 1] = (int32_t)((uint32_t)x[order + 1] + (uint32_t)((int32_t)b >> shift));
	}
	return x;
}

static int32_t *predict64(int32_t *x, const int32_t *end, const int32_t *coefficient, unsigned order, unsigned shift)
{
	for (; x + order + 1 < end; x += 2) {
		const int32_t *s = x, *c = coefficient;
		int64_t a = 0, b = 0;
		int32_t s0 = *s++, k;
		do {
			k = c[0], a += (int64_t)s0 * k, s0 = s[0], b += (int64_t)s0 * k;
			k = c[1], a += (int64_t)s0 * k, s0 = s[1], b += (int64_t)s0 * k;
			k = c[2], a += (int64_t)s0 * k, s0 = s[2], b += (int64_t)s0 * k;
			k = c[3], a += (int64_t)s0 * k, s0 = s[3], b += (int64_t)s0 * k;
			c += 4;
			s += 4;
		} while (c < coefficient + order);
		const int32_t more = (int32_t)(a >> shift);
		b += (int64_t)more * k;
		x[order] = (int32_t)((uint32_t)x[order] + (uint32_t)more);
		x[order + 1] = (int32_t)((uint32_t)x[order + 1] + (uint32_t)(b >> shift));
	}
	return x;
}

/* One at a time: before the padded coefficients have their samples, and the
 * last one of an odd number. */
static void predict(int32_t *x, const int32_t *end, const int32_t *coefficient, unsigned order, unsigned shift)
{
	for (; x + order < end; x++) {
		int64_t sum = 0;
		for (unsigned j = 0; j < order; j++) {
			sum += (int64_t)x[j] * coefficient[j];
		}
		x[order] = (int32_t)((uint32_t)x[order] + (uint32_t)(sum >> shift));
	}
}

void jg_flac_linear(int32_t *x, uint32_t block, const int32_t *coefficient, unsigned order, unsigned shift, bool wide)
{
	const unsigned pad = (0u - order) & 3;
	int32_t *const end = x + block;
	if (block <= order + pad) {
		predict(x, end, coefficient + pad, order, shift);
		return;
	}
	predict(x, x + order + pad, coefficient + pad, order, shift);
	x = (wide ? predict64 : predict32)(x, end, coefficient, order + pad, shift);
	predict(x + pad, end, coefficient + pad, order, shift);
}
