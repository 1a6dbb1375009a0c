/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: which decoder, and coded chunks into decoded blocks. */
#include "clock.h"
#include "decode.h"
#include "playout.h"
#include "ring.h"
#include "ws.h"

#include <string.h>

static const struct jg_decoder *decoder(const struct jg_client *c, uint8_t codec)
{
	for (size_t i = 0; i < c->config->decoder_count; i++) {
		if (c->config->decoders[i].codec == codec) {
			return &c->config->decoders[i];
		}
	}
	return NULL;
}

/* 65536000000 / rate, rounded, in two steps of 32 bits. */
static JG_SMALL uint32_t per_frame(uint32_t rate)
{
	const uint32_t whole = 4096000000u / rate, rest = 4096000000u % rate;
	return whole * 16 + (rest * 16 + rate / 2) / rate;
}

static int start_decoder(struct jg_playout *p)
{
	const struct jg_stream *const s = &p->stream;
	if (p->decoder != NULL) {
		return p->decoder->start(p->decoder->state, &s->format, s->header, s->header_size);
	}
#if JG_CODEC_FLAC
	if (s->format.codec == JG_FLAC) {
		return jg_flac_start(&p->flac, &s->format, s->header, s->header_size);
	}
#endif
	return s->format.codec == JG_PCM ? JG_OK : JG_ERR_FORMAT;
}

/* Gets ready for the next chunk, which is of another stream, or comes after a cut. */
static int begin(struct jg_client *c, struct jg_playout *p, bool fresh)
{
	if (fresh) {
		p->stream = p->next;
		p->decoder = decoder(c, p->stream.format.codec);
		p->us_per_frame = per_frame(p->stream.format.rate);
		p->chunk = p->have = p->at = 0;
	}
	p->again = false;
	const int r = start_decoder(p);
	return r == JG_OK && fresh && c->cb->configure != NULL ? c->cb->configure(c->user, &p->stream.format) : r;
}

int jg_play_stream(struct jg_client *c, const struct jg_format *format, const char *header)
{
	struct jg_playout *const p = &c->play;
	struct jg_chunk chunk;
	while (p->stream.generation != p->next.generation && jg_ring_peek(&c->ring, &chunk) &&
	       chunk.generation != p->next.generation) {
		jg_ring_drop(&c->ring); /* two changes of format within one buffer: the eldest goes */
		p->chunk = 0;
	}
	p->streaming = true;
	p->next.format = *format;
	p->next.generation++;
	int n = header != NULL ? jg_unbase64(p->next.header, sizeof p->next.header, header) : 0;
	if (n == JG_ERR_ROOM && format->codec == JG_FLAC) {
		n = sizeof p->next.header; /* only its first block, STREAMINFO, matters; it is 42 bytes */
	}
	p->next.header_size = n < 0 ? 0 : (uint8_t)n;
	return n < 0 ? n : JG_OK;
}

void jg_play_clear(struct jg_client *c, bool end)
{
	struct jg_playout *const p = &c->play;
	const bool starved = p->starving;
	jg_ring_clear(&c->ring);
	p->chunk = p->have = p->at = 0;
	p->seek = true;
	p->playing = p->starving = false;
	if (starved) {
		jg_client_report(c);
	}
	if (end) {
		p->streaming = false;
		p->silent_since = (uint32_t)c->now;
	}
	p->again = true;
}

/* Decodes the next piece into scratch; false where there is none. */
bool jg_stream_decode(struct jg_client *c, struct jg_playout *p)
{
	struct jg_chunk chunk;
	while (jg_ring_peek(&c->ring, &chunk)) {
		const bool fresh = chunk.generation != p->stream.generation;
		const int begun = fresh || p->again ? begin(c, p, fresh) : JG_OK;
		if (begun < 0) {
			jg_client_log(c, begun);
			jg_play_clear(c, true);
			return false;
		}
		if (p->chunk == 0) {
			p->chunk = chunk.size;
			p->chunk_past = 0;
		}
		struct jg_span in;
		size_t used = 0;
		const size_t stride = c->config->scratch_samples / p->stream.format.channels;
		int32_t *const out = c->config->scratch;
		jg_ring_span(&c->ring, chunk.size, p->chunk, &in);
		int r;
		if (p->decoder != NULL) {
			r = p->decoder->decode(p->decoder->state, &in, &used, out, stride);
#if JG_CODEC_FLAC
		} else if (p->stream.format.codec == JG_FLAC) {
			r = jg_flac_decode(&p->flac, &in, &used, out, stride);
#endif
		} else {
			r = jg_pcm_decode(&p->stream.format, &in, &used, out, stride);
		}
		const bool good = r > 0 && used > 0 && used <= p->chunk;
		if (good) {
			p->block_at = chunk.at + jg_frames_us(p, p->chunk_past);
			p->chunk_past += (uint32_t)r;
			p->have = (uint32_t)r;
			p->at = 0;
			p->chunk -= (uint32_t)used;
		} else {
			p->chunk = 0; /* lost; the next chunk says where it belongs */
			c->counts.damaged++;
			jg_client_log(c, r < 0 ? r : JG_ERR_STREAM);
		}
		if (p->chunk == 0) {
			jg_ring_drop(&c->ring);
		}
		if (good) {
			return true;
		}
	}
	return false;
}
