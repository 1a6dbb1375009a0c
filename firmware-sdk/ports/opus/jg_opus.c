/* SPDX-License-Identifier: Apache-2.0 */
#include "jg_opus.h"

#include <string.h>

static int start(void *state, const struct jg_format *format, const uint8_t *header, size_t size)
{
	struct jg_opus *const o = state;
	(void)header; /* the stream says what a header would */
	(void)size;
	o->channels = format->channels;
	if (format->rate != 48000 || opus_decoder_init(o->decoder, 48000, format->channels) != OPUS_OK) {
		return JG_ERR_FORMAT;
	}
	return JG_OK;
}

static int decode(void *state, const struct jg_span *in, size_t *used, int32_t *out, size_t stride)
{
	struct jg_opus *const o = state;
	const size_t size = in->size[0] + in->size[1];
	const uint8_t *packet = in->data[0];
	if (in->size[1] > 0) {
		if (size > sizeof o->packet) {
			return JG_ERR_ROOM;
		}
		memcpy(o->packet, in->data[0], in->size[0]);
		memcpy(o->packet + in->size[0], in->data[1], in->size[1]);
		packet = o->packet;
	}
	const int most = stride < JG_OPUS_FRAMES ? (int)stride : JG_OPUS_FRAMES;
	const int n = opus_decode(o->decoder, packet, (opus_int32)size, o->samples, most, 0);
	if (n < 0) {
		return JG_ERR_STREAM;
	}
	for (int i = 0; i < n; i++) {
		for (size_t c = 0; c < o->channels; c++) {
			out[c * stride + (size_t)i] = o->samples[(size_t)i * o->channels + c];
		}
	}
	*used = size;
	return n;
}

struct jg_decoder jg_opus_decoder(struct jg_opus *opus)
{
	return (struct jg_decoder){JG_OPUS, start, decode, opus};
}
