/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

static uint8_t byte_at(const struct jg_span *in, size_t at)
{
	return at < in->size[0] ? in->data[0][at] : in->data[1][at - in->size[0]];
}

/* Little-endian, signed, interleaved; 24 bits in three bytes. */
int jg_pcm_decode(const struct jg_format *format, const struct jg_span *in, size_t *used, int32_t *out, size_t stride)
{
	const size_t bytes = format->bits / 8u;
	size_t frames = (in->size[0] + in->size[1]) / (bytes * format->channels);
	size_t at = 0;
	frames = frames < stride ? frames : stride;
	for (size_t i = 0; i < frames; i++) {
		for (size_t c = 0; c < format->channels; c++) {
			uint32_t v = 0;
			for (size_t k = 0; k < bytes; k++) {
				v = v >> 8 | (uint32_t)byte_at(in, at++) << 24;
			}
			out[c * stride + i] = (int32_t)v >> (32 - format->bits);
		}
	}
	*used = at;
	return frames > 0 ? (int)frames : JG_ERR_STREAM;
}
