/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FLAC (RFC 9639): subset and beyond, 16 to 24 bits, to 192 kHz, one frame at a
 * time from coded bytes that lie in up to two pieces. Samples are decoded in
 * place in the caller's memory; there is no other buffer.
 */
#include "decode.h"

#include <string.h>

/* Up to 32 bits ready at the top of cache. Behind the end come zeros, and
 * `over` counts how many of their bits were made. */
struct bits {
	const uint8_t *p, *end;
	const uint8_t *then, *then_end;
	uint32_t cache;
	uint32_t left; /* valid bits of cache; at least 25 after fill() */
	uint32_t over;
};

static void fill(struct bits *b)
{
	while (b->left <= 24) {
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

static bool over(const struct bits *b)
{
	return b->over > b->left;
}

/* n up to 25 */
static uint32_t take(struct bits *b, unsigned n)
{
	const uint32_t v = b->cache >> 1 >> (31 - n);
	b->cache <<= n;
	b->left -= n;
	fill(b);
	return v;
}

static int32_t take_signed(struct bits *b, unsigned n)
{
	uint32_t v = 0;
	if (n > 16) {
		v = take(b, n - 16) << 16;
		v |= take(b, 16);
	} else {
		v = take(b, n);
	}
	return n == 0 ? 0 : (int32_t)(v << (32 - n)) >> (32 - n);
}

static unsigned leading(uint32_t v)
{
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

/* Zeros before a one; the one is taken too. */
static uint32_t unary(struct bits *b)
{
	uint32_t n = 0;
	while (b->cache == 0) {
		n += b->left;
		b->left = 0;
		fill(b);
		if (over(b)) {
			return n;
		}
	}
	const unsigned zeros = leading(b->cache);
	b->cache = b->cache << zeros << 1;
	b->left -= zeros + 1;
	fill(b);
	return n + zeros;
}

/* Rice codes (section 9.2.7): the loop that decides how fast all this is. */
static void rice(struct bits *from, int32_t *out, int32_t *end, unsigned k)
{
	struct bits b = *from;
	while (out < end) {
		const unsigned zeros = b.cache == 0 ? 31 : leading(b.cache);
		uint32_t v;
		if (b.cache != 0 && zeros + 1 + k <= b.left) {
			const uint32_t rest = b.cache << zeros << 1;
			v = (uint32_t)zeros << k | (rest >> 1 >> (31 - k));
			b.cache = rest << k;
			b.left -= zeros + 1 + k;
		} else {
			v = unary(&b) << k;
			if (k > 16) {
				v |= take(&b, k - 16) << 16;
				v |= take(&b, 16);
			} else {
				v |= take(&b, k);
			}
			if (over(&b)) {
				break;
			}
		}
		while (b.left <= 24) {
			if (b.p == b.end) {
				fill(&b);
				break;
			}
			b.cache |= (uint32_t)*b.p++ << (24 - b.left);
			b.left += 8;
		}
		*out++ = (int32_t)(v >> 1 ^ (0u - (v & 1u)));
	}
	*from = b;
}

static int residual(struct bits *b, int32_t *out, uint32_t block, unsigned order)
{
	const unsigned wide = take(b, 2);
	const unsigned partitions = take(b, 4);
	const unsigned width = 4 + wide;
	const uint32_t each = block >> partitions;
	if (wide > 1 || each << partitions != block || each < order) {
		return JG_ERR_STREAM;
	}
	int32_t *p = out + order;
	for (uint32_t i = 1; i <= 1u << partitions; i++) {
		int32_t *const end = out + i * each;
		const unsigned k = take(b, width);
		if (k + 1 != 1u << width) {
			rice(b, p, end, k);
		} else {
			const unsigned n = take(b, 5);
			for (int32_t *q = p; q < end; q++) {
				*q = take_signed(b, n);
			}
		}
		if (over(b)) {
			return JG_ERR_MORE;
		}
		p = end;
	}
	return JG_OK;
}

/* Sums wrap as unsigned numbers do: damaged input must not be undefined. */
static void fixed(int32_t *x, uint32_t block, unsigned order)
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

/* Coefficients stand oldest sample first. */
static void predict32(int32_t *x, int32_t *end, const int32_t *coefficient, unsigned order, unsigned shift)
{
	for (; x + order < end; x++) {
		const int32_t *s = x, *c = coefficient;
		uint32_t sum = 0;
		unsigned j = order;
		for (; j >= 4; j -= 4, s += 4, c += 4) {
			sum += (uint32_t)s[0] * (uint32_t)c[0] + (uint32_t)s[1] * (uint32_t)c[1] + (uint32_t)s[2] * (uint32_t)c[2] +
			       (uint32_t)s[3] * (uint32_t)c[3];
		}
		for (; j > 0; j--) {
			sum += (uint32_t)*s++ * (uint32_t)*c++;
		}
		x[order] = (int32_t)((uint32_t)x[order] + (uint32_t)((int32_t)sum >> shift));
	}
}

static void predict64(int32_t *x, int32_t *end, const int32_t *coefficient, unsigned order, unsigned shift)
{
	for (; x + order < end; x++) {
		int64_t sum = 0;
		for (unsigned j = 0; j < order; j++) {
			sum += (int64_t)x[j] * coefficient[j];
		}
		x[order] = (int32_t)((uint32_t)x[order] + (uint32_t)(sum >> shift));
	}
}

static int linear(struct bits *b, int32_t *out, uint32_t block, unsigned order, unsigned bits)
{
	int32_t coefficient[32];
	const unsigned precision = take(b, 4) + 1;
	const int32_t shift = take_signed(b, 5);
	if (precision == 16 || shift < 0) {
		return JG_ERR_STREAM;
	}
	for (unsigned i = order; i > 0; i--) {
		coefficient[i - 1] = take_signed(b, precision);
	}
	const int r = residual(b, out, block, order);
	if (r < 0) {
		return r;
	}
	unsigned sum_bits = bits + precision;
	for (unsigned n = order - 1; n > 0; n >>= 1) {
		sum_bits++;
	}
	(sum_bits <= 32 ? predict32 : predict64)(out, out + block, coefficient, order, (unsigned)shift);
	return JG_OK;
}

static int subframe(struct bits *b, int32_t *out, uint32_t block, unsigned bits)
{
	const unsigned head = take(b, 8);
	const unsigned type = head >> 1 & 63;
	const unsigned wasted = (head & 1) != 0 ? unary(b) + 1 : 0;
	if ((head & 0x80) != 0 || wasted >= bits) {
		return over(b) ? JG_ERR_MORE : JG_ERR_STREAM;
	}
	bits -= wasted;
	unsigned order = 0;
	int r = JG_OK;
	if (type == 0) {
		const int32_t v = take_signed(b, bits);
		for (uint32_t i = 0; i < block; i++) {
			out[i] = v;
		}
	} else if (type == 1) {
		for (uint32_t i = 0; i < block; i++) {
			out[i] = take_signed(b, bits);
		}
	} else if ((type >= 8 && type <= 12) || type >= 32) {
		order = type >= 32 ? type - 31 : type - 8;
		if (order > block) {
			return JG_ERR_STREAM;
		}
		for (unsigned i = 0; i < order; i++) {
			out[i] = take_signed(b, bits);
		}
		if (type >= 32) {
			r = linear(b, out, block, order, bits);
		} else {
			r = residual(b, out, block, order);
			if (r == JG_OK && order > 0) {
				fixed(out, block, order);
			}
		}
	} else {
		return JG_ERR_STREAM;
	}
	for (uint32_t i = 0; i < block && wasted > 0; i++) {
		out[i] = (int32_t)((uint32_t)out[i] << wasted);
	}
	return r < 0 ? r : over(b) ? JG_ERR_MORE : JG_OK;
}

/* Polynomial 0x8005 (section 9.3), a byte at a time. */
static const uint16_t crc16_table[256] = {
	0x0000, 0x8005, 0x800F, 0x000A, 0x801B, 0x001E, 0x0014, 0x8011, 0x8033, 0x0036, 0x003C, 0x8039,
	0x0028, 0x802D, 0x8027, 0x0022, 0x8063, 0x0066, 0x006C, 0x8069, 0x0078, 0x807D, 0x8077, 0x0072,
	0x0050, 0x8055, 0x805F, 0x005A, 0x804B, 0x004E, 0x0044, 0x8041, 0x80C3, 0x00C6, 0x00CC, 0x80C9,
	0x00D8, 0x80DD, 0x80D7, 0x00D2, 0x00F0, 0x80F5, 0x80FF, 0x00FA, 0x80EB, 0x00EE, 0x00E4, 0x80E1,
	0x00A0, 0x80A5, 0x80AF, 0x00AA, 0x80BB, 0x00BE, 0x00B4, 0x80B1, 0x8093, 0x0096, 0x009C, 0x8099,
	0x0088, 0x808D, 0x8087, 0x0082, 0x8183, 0x0186, 0x018C, 0x8189, 0x0198, 0x819D, 0x8197, 0x0192,
	0x01B0, 0x81B5, 0x81BF, 0x01BA, 0x81AB, 0x01AE, 0x01A4, 0x81A1, 0x01E0, 0x81E5, 0x81EF, 0x01EA,
	0x81FB, 0x01FE, 0x01F4, 0x81F1, 0x81D3, 0x01D6, 0x01DC, 0x81D9, 0x01C8, 0x81CD, 0x81C7, 0x01C2,
	0x0140, 0x8145, 0x814F, 0x014A, 0x815B, 0x015E, 0x0154, 0x8151, 0x8173, 0x0176, 0x017C, 0x8179,
	0x0168, 0x816D, 0x8167, 0x0162, 0x8123, 0x0126, 0x012C, 0x8129, 0x0138, 0x813D, 0x8137, 0x0132,
	0x0110, 0x8115, 0x811F, 0x011A, 0x810B, 0x010E, 0x0104, 0x8101, 0x8303, 0x0306, 0x030C, 0x8309,
	0x0318, 0x831D, 0x8317, 0x0312, 0x0330, 0x8335, 0x833F, 0x033A, 0x832B, 0x032E, 0x0324, 0x8321,
	0x0360, 0x8365, 0x836F, 0x036A, 0x837B, 0x037E, 0x0374, 0x8371, 0x8353, 0x0356, 0x035C, 0x8359,
	0x0348, 0x834D, 0x8347, 0x0342, 0x03C0, 0x83C5, 0x83CF, 0x03CA, 0x83DB, 0x03DE, 0x03D4, 0x83D1,
	0x83F3, 0x03F6, 0x03FC, 0x83F9, 0x03E8, 0x83ED, 0x83E7, 0x03E2, 0x83A3, 0x03A6, 0x03AC, 0x83A9,
	0x03B8, 0x83BD, 0x83B7, 0x03B2, 0x0390, 0x8395, 0x839F, 0x039A, 0x838B, 0x038E, 0x0384, 0x8381,
	0x0280, 0x8285, 0x828F, 0x028A, 0x829B, 0x029E, 0x0294, 0x8291, 0x82B3, 0x02B6, 0x02BC, 0x82B9,
	0x02A8, 0x82AD, 0x82A7, 0x02A2, 0x82E3, 0x02E6, 0x02EC, 0x82E9, 0x02F8, 0x82FD, 0x82F7, 0x02F2,
	0x02D0, 0x82D5, 0x82DF, 0x02DA, 0x82CB, 0x02CE, 0x02C4, 0x82C1, 0x8243, 0x0246, 0x024C, 0x8249,
	0x0258, 0x825D, 0x8257, 0x0252, 0x0270, 0x8275, 0x827F, 0x027A, 0x826B, 0x026E, 0x0264, 0x8261,
	0x0220, 0x8225, 0x822F, 0x022A, 0x823B, 0x023E, 0x0234, 0x8231, 0x8213, 0x0216, 0x021C, 0x8219,
	0x0208, 0x820D, 0x8207, 0x0202,
};

static uint8_t byte_at(const struct jg_span *in, size_t at)
{
	return at < in->size[0] ? in->data[0][at] : in->data[1][at - in->size[0]];
}

static uint16_t crc16(const struct jg_span *in, size_t size)
{
	uint32_t crc = 0;
	for (unsigned piece = 0; piece < 2 && size > 0; piece++) {
		const uint8_t *p = in->data[piece];
		const uint8_t *const end = p + (size < in->size[piece] ? size : in->size[piece]);
		size -= (size_t)(end - p);
		while (p < end) {
			crc = (crc << 8 & 0xFFFFu) ^ crc16_table[crc >> 8 ^ *p++];
		}
	}
	return (uint16_t)crc;
}

static uint8_t crc8(const struct jg_span *in, size_t size)
{
	uint32_t crc = 0;
	for (size_t i = 0; i < size; i++) {
		crc ^= byte_at(in, i);
		for (unsigned k = 0; k < 8; k++) {
			crc = crc << 1 ^ ((crc & 0x80u) != 0 ? 0x107u : 0u);
		}
	}
	return (uint8_t)crc;
}

static size_t taken(const struct bits *b, const struct jg_span *in)
{
	const size_t left = (size_t)(b->end - b->p) + (size_t)(b->then_end - b->then);
	return in->size[0] + in->size[1] + b->over / 8 - left - b->left / 8;
}

struct frame {
	uint32_t block;
	unsigned channels, bits, assignment;
};

/* The frame's or sample's number, as UTF-8 codes numbers; it is not needed. */
static bool number(struct bits *b)
{
	const uint32_t first = take(b, 8);
	unsigned more = 0;
	while (more < 7 && (first & (0x80u >> more)) != 0) {
		more++;
	}
	if (more == 1 || (more == 7 && (first & 1u) != 0)) {
		return false;
	}
	for (; more > 1; more--) {
		if (take(b, 8) >> 6 != 2) {
			return false;
		}
	}
	return true;
}

/* Section 9.1. The rate was agreed on; only how long its field is matters. */
static int frame_head(const struct jg_flac *f, struct bits *b, const struct jg_span *in, struct frame *to)
{
	static const uint8_t depths[8] = {0, 8, 12, 0xFF, 16, 20, 24, 32};
	if (take(b, 15) != 0x7FFC) {
		return over(b) ? JG_ERR_MORE : JG_ERR_STREAM;
	}
	(void)take(b, 1);
	const unsigned size = take(b, 4), rate = take(b, 4);
	to->assignment = take(b, 4);
	const unsigned depth = take(b, 3);
	const unsigned reserved = take(b, 1);
	if (!number(b) || size == 0 || rate == 15 || to->assignment > 10 || depth == 3 || reserved != 0) {
		return over(b) ? JG_ERR_MORE : JG_ERR_STREAM;
	}
	if (size == 6 || size == 7) {
		to->block = take(b, size == 6 ? 8 : 16) + 1;
	} else {
		to->block = size == 1 ? 192 : size < 6 ? 144u << size : 1u << size;
	}
	if (rate >= 12) {
		(void)take(b, rate == 12 ? 8 : 16);
	}
	const size_t head = taken(b, in);
	const unsigned check = take(b, 8);
	if (over(b)) {
		return JG_ERR_MORE;
	}
	if (crc8(in, head) != check) {
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
	struct bits b = {in->data[0], in->data[0] + in->size[0], in->data[1], in->data[1] + in->size[1], 0, 0, 0};
	struct frame head;
	*used = 0;
	fill(&b);
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
	(void)take(&b, b.left & 7); /* to the next byte */
	const size_t size = taken(&b, in);
	const uint32_t check = take(&b, 16);
	if (over(&b)) {
		return JG_ERR_MORE;
	}
	if (crc16(in, size) != check) {
		return JG_ERR_CHECKSUM;
	}
	if (head.assignment >= 8) {
		decorrelate(out, out + stride, head.block, head.assignment);
	}
	*used = size + 2;
	return (int)head.block;
}
