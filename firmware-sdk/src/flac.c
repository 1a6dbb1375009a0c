/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FLAC (RFC 9639): subset and beyond, 16 to 24 bits, to 192 kHz, one frame at a
 * time from coded bytes that lie in up to two pieces. Samples are decoded in
 * place in the caller's memory; there is no other buffer.
 */
#include "flac.h"

#include <string.h>

static int residual(struct jg_bits *b, int32_t *out, uint32_t block, unsigned order)
{
	const unsigned wide = jg_bits(b, 2);
	const unsigned partitions = jg_bits(b, 4);
	const unsigned width = 4 + wide;
	const uint32_t each = block >> partitions;
	if (wide > 1 || each << partitions != block || each < order) {
		return JG_ERR_STREAM;
	}
	int32_t *p = out + order;
	for (uint32_t i = 1; i <= 1u << partitions; i++) {
		int32_t *const end = out + i * each;
		const unsigned k = jg_bits(b, width);
		if (k + 1 != 1u << width) {
			jg_bits_rice(b, p, end, k);
		} else {
			const unsigned n = jg_bits(b, 5);
			for (int32_t *q = p; q < end; q++) {
				*q = jg_bits_signed(b, n);
			}
		}
		if (jg_bits_over(b)) {
			return JG_ERR_MORE;
		}
		p = end;
	}
	return JG_OK;
}

static int linear(struct jg_bits *b, int32_t *out, uint32_t block, unsigned order, unsigned bits)
{
	int32_t coefficient[32] = {0};
	const unsigned pad = (0u - order) & 3;
	const unsigned precision = jg_bits(b, 4) + 1;
	const int32_t shift = jg_bits_signed(b, 5);
	if (precision == 16 || shift < 0) {
		return JG_ERR_STREAM;
	}
	for (unsigned i = order; i > 0; i--) {
		coefficient[pad + i - 1] = jg_bits_signed(b, precision);
	}
	const int r = residual(b, out, block, order);
	if (r < 0) {
		return r;
	}
	unsigned sum_bits = bits + precision;
	for (unsigned n = order - 1; n > 0; n >>= 1) {
		sum_bits++;
	}
	jg_flac_linear(out, block, coefficient, order, (unsigned)shift, sum_bits > 32);
	return JG_OK;
}

static int subframe(struct jg_bits *b, int32_t *out, uint32_t block, unsigned bits)
{
	const unsigned head = jg_bits(b, 8);
	const unsigned type = head >> 1 & 63;
	const unsigned wasted = (head & 1) != 0 ? jg_bits_unary(b) + 1 : 0;
	if ((head & 0x80) != 0 || wasted >= bits) {
		return jg_bits_over(b) ? JG_ERR_MORE : JG_ERR_STREAM;
	}
	bits -= wasted;
	unsigned order = 0;
	int r = JG_OK;
	if (type == 0) {
		const int32_t v = jg_bits_signed(b, bits);
		for (uint32_t i = 0; i < block; i++) {
			out[i] = v;
		}
	} else if (type == 1) {
		for (uint32_t i = 0; i < block; i++) {
			out[i] = jg_bits_signed(b, bits);
		}
	} else if ((type >= 8 && type <= 12) || type >= 32) {
		order = type >= 32 ? type - 31 : type - 8;
		if (order > block) {
			return JG_ERR_STREAM;
		}
		for (unsigned i = 0; i < order; i++) {
			out[i] = jg_bits_signed(b, bits);
		}
		if (type >= 32) {
			r = linear(b, out, block, order, bits);
		} else {
			r = residual(b, out, block, order);
			if (r == JG_OK && order > 0) {
				jg_flac_fixed(out, block, order);
			}
		}
	} else {
		return JG_ERR_STREAM;
	}
	for (uint32_t i = 0; i < block && wasted > 0; i++) {
		out[i] = (int32_t)((uint32_t)out[i] << wasted);
	}
	return r < 0 ? r : jg_bits_over(b) ? JG_ERR_MORE : JG_OK;
}

static size_t taken(const struct jg_bits *b, const struct jg_span *in)
{
	const size_t left = (size_t)(b->end - b->p) + (size_t)(b->then_end - b->then);
	return in->size[0] + in->size[1] + b->over / 8 - left - b->left / 8;
}

struct frame {
	uint32_t block;
	unsigned channels, bits, assignment;
};

/* The frame's or sample's number, as UTF-8 codes numbers; it is not needed. */
static bool number(struct jg_bits *b)
{
	const uint32_t first = jg_bits(b, 8);
	unsigned more = 0;
	while (more < 7 && (first & (0x80u >> more)) != 0) {
		more++;
	}
	if (more == 1 || (more == 7 && (first & 1u) != 0)) {
		return false;
	}
	for (; more > 1; more--) {
		if (jg_bits(b, 8) >> 6 != 2) {
			return false;
		}
	}
	return true;
}

/* Section 9.1. The rate was agreed on; only how long its field is matters. */
static int frame_head(const struct jg_flac *f, struct jg_bits *b, const struct jg_span *in, struct frame *to)
{
	static const uint8_t depths[8] = {0, 8, 12, 0xFF, 16, 20, 24, 32};
	if (jg_bits(b, 15) != 0x7FFC) {
		return jg_bits_over(b) ? JG_ERR_MORE : JG_ERR_STREAM;
	}
	(void)jg_bits(b, 1);
	const unsigned size = jg_bits(b, 4), rate = jg_bits(b, 4);
	to->assignment = jg_bits(b, 4);
	const unsigned depth = jg_bits(b, 3);
	const unsigned reserved = jg_bits(b, 1);
	if (!number(b) || size == 0 || rate == 15 || to->assignment > 10 || depth == 3 || reserved != 0) {
		return jg_bits_over(b) ? JG_ERR_MORE : JG_ERR_STREAM;
	}
	if (size == 6 || size == 7) {
		to->block = jg_bits(b, size == 6 ? 8 : 16) + 1;
	} else {
		to->block = size == 1 ? 192 : size < 6 ? 144u << size : 1u << size;
	}
	if (rate >= 12) {
		(void)jg_bits(b, rate == 12 ? 8 : 16);
	}
	const size_t head = taken(b, in);
	const unsigned check = jg_bits(b, 8);
	if (jg_bits_over(b)) {
		return JG_ERR_MORE;
	}
	if (jg_flac_crc8(in, head) != check) {
		return JG_ERR_CHECKSUM;
	}
	to->bits = depth == 0 ? f->bits : depths[depth];
	to->channels = to->assignment >= 8 ? 2 : to->assignment + 1;
	return to->bits == f->bits && to->channels == f->channels ? JG_OK : JG_ERR_FORMAT;
}

/* Left and side, side and right, mid and side become left and right (section
 * 4.2). */
static void decorrelate(int32_t *a, int32_t *b, uint32_t block, unsigned assignment)
{
	uint32_t *x = (uint32_t *)a, *y = (uint32_t *)b;
	for (uint32_t i = 0; i < block; i++) {
		if (assignment == 8) {
			y[i] = x[i] - y[i];
		} else if (assignment == 9) {
			x[i] += y[i];
		} else {
			const uint32_t side = y[i], mid = x[i] << 1 | (side & 1u);
			x[i] = (uint32_t)((int32_t)(mid + side) >> 1);
			y[i] = (uint32_t)((int32_t)(mid - side) >> 1);
		}
	}
}

int jg_flac_start(struct jg_flac *f, const struct jg_format *format, const uint8_t *header, size_t size)
{
	f->rate = format->rate;
	f->channels = format->channels;
	f->bits = format->bits;
	f->largest = 0;
	if (size == 0) {
		return JG_OK;
	}
	if (size < 42 || memcmp(header, "fLaC", 4) != 0 || (header[4] & 0x7F) != 0) {
		return JG_ERR_STREAM;
	}
	const uint8_t *const s = header + 8; /* STREAMINFO, section 8.2 */
	f->largest = (uint32_t)s[2] << 8 | s[3];
	f->channels = (uint8_t)((s[12] >> 1 & 7) + 1);
	f->bits = (uint8_t)((((unsigned)s[12] & 1u) << 4 | s[13] >> 4) + 1);
	return f->channels == format->channels && f->bits <= 24 ? JG_OK : JG_ERR_FORMAT;
}

int jg_flac_decode(const struct jg_flac *f, const struct jg_span *in, size_t *used, int32_t *out, size_t stride)
{
	struct jg_bits b = {in->data[0], in->data[0] + in->size[0], in->data[1], in->data[1] + in->size[1], 0, 0, 0};
	struct frame head;
	*used = 0;
	jg_bits_fill(&b);
	int r = frame_head(f, &b, in, &head);
	if (r < 0) {
		return r;
	}
	if (head.block > stride) {
		return JG_ERR_BLOCK;
	}
	for (unsigned c = 0; c < head.channels && r == JG_OK; c++) {
		const bool side = head.assignment >= 8 && (c == 0) == (head.assignment == 9);
		r = subframe(&b, out + c * stride, head.block, head.bits + (side ? 1 : 0));
	}
	if (r < 0) {
		return r;
	}
	(void)jg_bits(&b, b.left & 7); /* to the next byte */
	const size_t size = taken(&b, in);
	const uint32_t check = jg_bits(&b, 16);
	if (jg_bits_over(&b)) {
		return JG_ERR_MORE;
	}
	if (jg_flac_crc16(in, size) != check) {
		return JG_ERR_CHECKSUM;
	}
	if (head.assignment >= 8) {
		decorrelate(out, out + stride, head.block, head.assignment);
	}
	*used = size + 2;
	return (int)head.block;
}
