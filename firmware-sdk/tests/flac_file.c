/* SPDX-License-Identifier: Apache-2.0 */
#include "flac_file.h"

int flac_file(const uint8_t *data, size_t size, size_t seam, int32_t *scratch, size_t stride, flac_sink sink, void *user)
{
	struct jg_flac flac;
	if (size < 42) {
		return JG_ERR_MORE;
	}
	const uint8_t *const info = data + 8;
	const struct jg_format format = {
		(uint32_t)info[10] << 12 | (uint32_t)info[11] << 4 | info[12] >> 4, JG_FLAC,
		(uint8_t)((info[12] >> 1 & 7) + 1), (uint8_t)((((unsigned)info[12] & 1u) << 4 | info[13] >> 4) + 1)};
	int r = jg_flac_start(&flac, &format, data, 42);
	if (r < 0) {
		return r;
	}
	size_t at = 4;
	for (bool last = false; !last;) { /* past the metadata */
		if (at + 4 > size) {
			return JG_ERR_MORE;
		}
		last = (data[at] & 0x80) != 0;
		at += 4 + ((size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 | data[at + 3]);
	}
	int total = 0;
	while (at < size) {
		const size_t rest = size - at, first = seam < rest ? seam : rest;
		const struct jg_span span = {{data + at, data + at + first}, {first, rest - first}};
		size_t used;
		r = jg_flac_decode(&flac, &span, &used, scratch, stride);
		if (r < 0) {
			return r;
		}
		sink(user, &format, scratch, stride, r);
		total += r;
		at += used;
	}
	return total;
}
