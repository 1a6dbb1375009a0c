/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each block that goes to the output is measured: the feedback says when its
 * first frame will be heard, the clock filter when it should be. Up to 1 ms is
 * corrected softly, by trimming the audio clock where the device can, else by
 * leaving out or doubling single frames where the signal moves least, at most
 * one in 256 (0.39 %). Beyond that, and at the start, silence or a cut put the
 * playout right in one step.
 */
#include "playout.h"

#include "client.h"
#include "clock.h"
#include "decode.h"
#include "ring.h"
#include "ws.h"

#include <string.h>

enum {
	BLOCK = 64,       /* frames that go to write() at once */
	SPACING = 4,      /* blocks between two corrections */
	AVERAGED = 64,    /* blocks */
	RAMP = 64,        /* 16.16 of gain a frame: 21 ms over the whole range at 48 kHz */
	JUMP_US = 1000,   /* averaged error that is not corrected softly */
	FAR_US = 5000,    /* a single measurement that is not */
	BAND_US = 100,    /* corrected from here on */
	CALM_US = 25,     /* to here */
	IDLE_US = 5000000,
	MOST_QUEUED = 200000, /* frames */
	LOW_US = 15000        /* in the output: an underrun is near */
};

void jg_play_start(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	memset(p, 0, sizeof *p);
	p->us_per_frame = 1;
}

void jg_audio_played(struct jg_client *c, uint32_t frames, int64_t at)
{
	struct jg_playout *const p = &c->play;
	const uint64_t t = (uint64_t)at;
	p->seq++;
	JG_BARRIER();
	p->played += frames;
	p->at_low = (uint32_t)t;
	p->at_high = (uint32_t)(t >> 32);
	JG_BARRIER();
	p->seq++;
}

/* When the next frame that is written will be heard; false while that is not
 * known, because the output has not played anything since it ran dry. */
static bool heard_at(struct jg_client *c, int64_t *when)
{
	struct jg_playout *const p = &c->play;
	uint32_t seq, played, low, high;
	do {
		seq = p->seq;
		JG_BARRIER();
		played = p->played;
		low = p->at_low;
		high = p->at_high;
		JG_BARRIER();
	} while ((seq & 1u) != 0 || seq != p->seq);
	uint32_t queued = p->written - played;
	if (queued > MOST_QUEUED) {
		queued = 0; /* more was played than written, or nobody would wait that long */
	}
	*when = (int64_t)((uint64_t)high << 32 | low) + (int32_t)((float)queued * p->us_per_frame);
	if (!p->primed) {
		/* Only what was written behind the mark tells where we are. */
		p->primed = seq != 0 && (int32_t)(played - p->mark) > 0 && *when >= c->now;
	} else if (*when < c->now - 2000) {
		p->primed = false; /* it ran dry: what it plays next comes later than that */
		p->seek = true;
		p->mark = p->written;
	}
	*when += c->config->output_latency_us;
	return p->primed;
}

static const struct jg_decoder *decoder(const struct jg_client *c, uint8_t codec)
{
	for (size_t i = 0; i < c->config->decoder_count; i++) {
		if (c->config->decoders[i].codec == codec) {
			return &c->config->decoders[i];
		}
	}
	return NULL;
}

static int begin(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	const struct jg_stream *const s = &p->stream;
	p->decoder = decoder(c, s->format.codec);
	p->us_per_frame = 1e6f / (float)s->format.rate;
	p->chunk = p->have = p->at = 0;
	int r = JG_OK;
	if (p->decoder != NULL) {
		r = p->decoder->start(p->decoder->state, &s->format, s->header, s->header_size);
#if JG_CODEC_FLAC
	} else if (s->format.codec == JG_FLAC) {
		r = jg_flac_start(&p->flac, &s->format, s->header, s->header_size);
#endif
	} else if (s->format.codec != JG_PCM) {
		r = JG_ERR_FORMAT;
	}
	if (r == JG_OK && c->cb->configure != NULL) {
		r = c->cb->configure(c->user, &s->format);
	}
	return r;
}

int jg_play_stream(struct jg_client *c, const struct jg_format *format, const char *header)
{
	struct jg_playout *const p = &c->play;
	struct jg_stream fresh = {*format, (uint8_t)(p->next.generation + 1), 0, {0}};
	if (header != NULL) {
		const int n = jg_unbase64(fresh.header, sizeof fresh.header, header);
		/* Of FLAC only the first block, STREAMINFO, matters; it is 42 bytes. */
		if (n < 0 && !(n == JG_ERR_ROOM && format->codec == JG_FLAC)) {
			return n;
		}
		fresh.header_size = n < 0 ? sizeof fresh.header : (uint8_t)n;
	}
	struct jg_chunk chunk;
	while (p->stream.generation != p->next.generation && jg_ring_peek(&c->ring, &chunk) &&
	       chunk.generation != p->next.generation) {
		jg_ring_drop(&c->ring); /* two changes of format within one buffer: the eldest goes */
		p->chunk = 0;
	}
	p->next = fresh;
	p->streaming = true;
	return JG_OK;
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
		p->silent_since = c->now;
	}
	p->again = true;
}

/* Decodes the next piece into scratch; false where there is none. */
static bool decode(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	struct jg_chunk chunk;
	while (jg_ring_peek(&c->ring, &chunk)) {
		if (chunk.generation != p->stream.generation) {
			p->stream = p->next;
			const int r = begin(c);
			if (r < 0) {
				jg_client_log(c, r);
				jg_play_clear(c, true);
				return false;
			}
		}
		if (p->again && p->decoder != NULL) {
			(void)p->decoder->start(p->decoder->state, &p->stream.format, p->stream.header, p->stream.header_size);
		}
		p->again = false;
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
			p->block_at = chunk.at + (int32_t)p->chunk_past;
			p->chunk_past += (float)r * p->us_per_frame;
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

/* floor(sqrt(v)) */
static uint32_t root(uint64_t v)
{
	uint32_t r = 0;
	for (uint32_t bit = 1u << 16; bit > 0; bit >>= 1) {
		const uint64_t t = r | bit;
		if (t * t <= v) {
			r |= bit;
		}
	}
	return r;
}

uint32_t jg_gain(uint8_t volume)
{
	/* 65536^2 / 100^3 = 4294.967296; in 64ths so that it can be rounded */
	const uint64_t cube = (uint64_t)volume * volume * volume;
	return volume >= 100 ? 0x10000u : root(cube * 274878u >> 6);
}

static uint32_t wanted_gain(const struct jg_client *c)
{
	return c->cb->volume != NULL ? 0x10000u : c->muted ? 0 : jg_gain(c->volume);
}

/* Writes n frames from scratch; returns those that were taken. */
static uint32_t put(struct jg_client *c, uint32_t n)
{
	struct jg_playout *const p = &c->play;
	int32_t block[BLOCK * JG_CHANNELS];
	const unsigned channels = p->stream.format.channels, shift = 32u - p->stream.format.bits;
	const uint32_t stride = (uint32_t)c->config->scratch_samples / channels;
	const uint32_t target = wanted_gain(c);
	uint32_t gain = p->gain;
	for (uint32_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < channels; k++) {
			const int32_t v = (int32_t)((uint32_t)c->config->scratch[k * stride + p->at + i] << shift);
			block[i * channels + k] = gain == 0x10000u ? v : (int32_t)((int64_t)v * (int32_t)gain >> 16);
		}
		const uint32_t far = gain < target ? target - gain : gain - target;
		const uint32_t step = far < RAMP ? far : RAMP;
		gain = gain < target ? gain + step : gain - step;
	}
	const uint32_t took = (uint32_t)c->cb->write(c->user, block, n);
	if (took == n) {
		p->gain = gain;
	} else {
		const uint32_t far = p->gain < target ? target - p->gain : p->gain - target;
		const uint32_t step = took * RAMP < far ? took * RAMP : far;
		p->gain = p->gain < target ? p->gain + step : p->gain - step;
	}
	p->written += took;
	p->at += took;
	return took;
}

static bool silence(struct jg_client *c, uint32_t n)
{
	int32_t block[BLOCK * JG_CHANNELS];
	n = n < BLOCK ? n : BLOCK;
	memset(block, 0, sizeof block);
	const uint32_t took = (uint32_t)c->cb->write(c->user, block, n);
	c->play.written += took;
	return took == n;
}

/* Of the next n frames, how many to write so that the frame behind them can be
 * left out or doubled most quietly. */
static uint32_t quietest(const struct jg_client *c, uint32_t n)
{
	const struct jg_playout *const p = &c->play;
	const unsigned channels = p->stream.format.channels;
	const uint32_t stride = (uint32_t)c->config->scratch_samples / channels;
	uint32_t best = UINT32_MAX, at = 1;
	for (uint32_t i = 1; i < n; i++) {
		uint32_t moved = 0;
		for (unsigned k = 0; k < channels; k++) {
			const int32_t *const s = c->config->scratch + k * stride + p->at + i;
			const int32_t d = s[0] / 2 - s[-1] / 2;
			moved += (uint32_t)(d < 0 ? -d : d) / 2;
		}
		if (moved < best) {
			best = moved;
			at = i;
		}
	}
	return at;
}

/* Jumps to the right place, as far as one step goes. Returns false when the
 * output is full. */
static bool jump(struct jg_client *c, int32_t error)
{
	struct jg_playout *const p = &c->play;
	const float frames = (float)error / p->us_per_frame;
	if (frames <= -0.5f) {
		const float wait = -frames + 0.5f;
		return silence(c, wait < BLOCK ? (uint32_t)wait : BLOCK);
	}
	int64_t next;
	if (p->chunk == 0 && jg_ring_next_at(&c->ring, &next) && error > FAR_US) {
		/* Whole chunks need not be decoded to be left out. */
		const int64_t behind = next - p->block_at;
		if (behind > 0 && behind < error) {
			p->at = p->have;
			jg_ring_drop(&c->ring);
			c->counts.late++;
			return true;
		}
	}
	const uint32_t cut = frames < 0.5f ? 0 : frames < 1e6f ? (uint32_t)(frames + 0.5f) : 1000000u;
	if (cut >= p->have - p->at) {
		p->at = p->have;
		return true;
	}
	p->at += cut;
	if (!p->playing) {
		p->gain = wanted_gain(c); /* out of silence there is nothing to ramp */
	}
	p->seek = false;
	p->error = 0;
	p->lean = 0;
	if (p->playing) {
		c->counts.resyncs++;
	}
	p->playing = true;
	if (p->starving) {
		p->starving = false;
		jg_client_report(c);
	}
	return true;
}

/* Follows the clock with the audio clock: a controller with a time of 5 s. */
static void trim(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	const float seconds = (float)(SPACING * BLOCK * 16) * p->us_per_frame * 1e-6f;
	p->trim_sum += p->error * 0.01f * seconds;
	p->trim_sum = p->trim_sum > 500 ? 500 : p->trim_sum < -500 ? -500 : p->trim_sum;
	c->cb->set_rate_ppm(c->user, (int32_t)(p->error * 0.2f + p->trim_sum));
}

/* Writes one block, corrected where that is due. Returns false when full. */
static bool block(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	uint32_t n = p->have - p->at;
	n = n < BLOCK ? n : BLOCK;
	const float size = p->error < 0 ? -p->error : p->error;
	if (c->cb->set_rate_ppm != NULL) {
		if (++p->spaced == SPACING * 16) {
			p->spaced = 0;
			trim(c);
		}
		return put(c, n) == n;
	}
	if (size > BAND_US) {
		p->lean = p->error > 0 ? 1 : -1;
	} else if (size < CALM_US) {
		p->lean = 0;
	}
	p->spaced = p->spaced < SPACING ? (uint8_t)(p->spaced + 1) : SPACING;
	if (p->lean == 0 || p->spaced < SPACING || n < 2) {
		return put(c, n) == n;
	}
	n = quietest(c, n);
	if (put(c, n) != n) {
		return false;
	}
	if (p->lean > 0) {
		p->at++;
		c->counts.removed++;
		p->error -= p->us_per_frame;
	} else {
		p->at--;
		c->counts.added++;
		p->error += p->us_per_frame;
	}
	p->spaced = 0;
	return true;
}

/* One step of playing. Returns false when nothing more can be done now. */
static bool step(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	int64_t when, wanted;
	const bool known = heard_at(c, &when);
	if (p->at == p->have && !decode(c)) {
		if (!p->streaming) {
			return false;
		}
		if (known && p->playing && when - c->config->output_latency_us - c->now > LOW_US) {
			return false; /* the output has enough for the moment */
		}
		if (p->playing && !p->starving) {
			c->counts.underruns++;
			p->starving = p->seek = true;
			jg_client_report(c);
		}
		return silence(c, BLOCK); /* so that the place in the output stays known */
	}
	if (!known) {
		return silence(c, BLOCK);
	}
	wanted = jg_clock_local(&c->clock, p->block_at + (int32_t)((float)p->at * p->us_per_frame)) - c->delay_ms * 1000;
	const int64_t off = when - wanted;
	const int32_t error = off > INT32_MAX ? INT32_MAX : off < -INT32_MAX ? -INT32_MAX : (int32_t)off;
	if (!p->seek) {
		p->error += ((float)error - p->error) * (1.0f / AVERAGED);
		p->seek = error > FAR_US || error < -FAR_US || p->error > JUMP_US || p->error < -JUMP_US;
	}
	return p->seek ? jump(c, error) : block(c);
}

void jg_play_run(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	struct jg_chunk chunk;
	if (!jg_clock_known(&c->clock) || (!p->streaming && p->at == p->have && !jg_ring_peek(&c->ring, &chunk))) {
		if (p->enabled && c->now - p->silent_since > IDLE_US) {
			p->enabled = false;
			p->primed = false;
			if (c->cb->output_enable != NULL) {
				c->cb->output_enable(c->user, false);
			}
		}
		return;
	}
	if (!p->enabled) {
		if (!jg_ring_peek(&c->ring, &chunk)) {
			return; /* the output is set up with the first chunk */
		}
		p->enabled = p->seek = true;
		p->primed = false;
		p->mark = p->written;
		if (c->cb->output_enable != NULL) {
			c->cb->output_enable(c->user, true);
		}
	}
	p->silent_since = c->now;
	while (step(c)) {
	}
}
