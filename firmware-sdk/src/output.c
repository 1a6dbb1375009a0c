/* SPDX-License-Identifier: Apache-2.0 */
/* The output: where it is, and frames into it. */
#include "playout.h"

#include <string.h>

enum {
	RAMP = 64,           /* 16.16 of gain a frame: 21 ms over the whole range at 48 kHz */
	MOST_QUEUED = 200000 /* frames */
};

void jg_audio_played(struct jg_client *c, uint32_t frames, int64_t at)
{
	struct jg_playout *const p = &c->play;
	p->seq++;
	JG_BARRIER();
	p->played += frames;
	p->played_at = (uint32_t)at;
	JG_BARRIER();
	p->seq++;
}

bool jg_output_heard(struct jg_client *c, struct jg_playout *p, uint32_t *when)
{
	uint32_t seq, played, at;
	do {
		seq = p->seq;
		JG_BARRIER();
		played = p->played;
		at = p->played_at;
		JG_BARRIER();
	} while ((seq & 1u) != 0 || seq != p->seq);
	uint32_t queued = p->written - played;
	if (queued > MOST_QUEUED) {
		queued = 0; /* more was played than written, or nobody would wait that long */
	}
	at += (uint32_t)jg_frames_us(p, queued);
	const int32_t ahead = (int32_t)(at - (uint32_t)c->now);
	if (!p->primed) {
		/* Only what was written behind the mark tells where we are. */
		p->primed = seq != 0 && (int32_t)(played - p->mark) > 0 && ahead >= 0;
	} else if (ahead < -2000) {
		p->primed = false; /* it ran dry: what it plays next comes later than that */
		p->seek = true;
		p->mark = p->written;
	}
	*when = at + c->config->output_latency_us;
	return p->primed;
}

/* floor(sqrt(v)) */
static uint32_t root(uint32_t v)
{
	uint32_t r = 0;
	for (uint32_t bit = 1u << 15; bit > 0; bit >>= 1) {
		const uint32_t t = r | bit;
		if (t * t <= v) {
			r = t;
		}
	}
	return r;
}

uint32_t jg_gain(uint8_t volume)
{
	/* 65536^2 / 100^3 = 4294.967296; in 64ths so that it can be rounded */
	const uint32_t cube = (uint32_t)volume * volume * volume;
	return volume >= 100 ? 0x10000u : root((uint32_t)((uint64_t)cube * 274878u >> 6));
}

uint32_t jg_output_gain(const struct jg_client *c)
{
	return c->cb->volume != NULL ? 0x10000u : c->muted ? 0 : jg_gain(c->volume);
}

/* The gain `frames` later, on its way to what is wanted. */
static JG_SMALL uint32_t ramp(uint32_t gain, uint32_t target, uint32_t frames)
{
	const int32_t far = (int32_t)(target - gain), most = (int32_t)(frames * RAMP);
	return gain + (uint32_t)(far > most ? most : far < -most ? -most : far);
}

bool jg_output_put(struct jg_client *c, uint32_t n)
{
	struct jg_playout *const p = &c->play;
	int32_t block[JG_BLOCK * JG_CHANNELS];
	int32_t *to = block;
	const unsigned channels = p->stream.format.channels, shift = 32u - p->stream.format.bits;
	const uint32_t stride = (uint32_t)c->config->scratch_samples / channels;
	const uint32_t target = jg_output_gain(c);
	uint32_t gain = p->gain;
	for (uint32_t i = 0; i < n; i++) {
		const int32_t *from = c->config->scratch + p->at + i;
		for (unsigned k = 0; k < channels; k++, from += stride) {
			const int32_t v = (int32_t)((uint32_t)*from << shift);
			*to++ = gain == 0x10000u ? v : (int32_t)((int64_t)v * (int32_t)gain >> 16);
		}
		gain = ramp(gain, target, 1);
	}
	const uint32_t took = (uint32_t)c->cb->write(c->user, block, n);
	p->gain = ramp(p->gain, target, took);
	p->written += took;
	p->at += took;
	return took == n;
}

bool jg_output_silence(struct jg_client *c, uint32_t n)
{
	int32_t block[JG_BLOCK * JG_CHANNELS];
	n = n < JG_BLOCK ? n : JG_BLOCK;
	memset(block, 0, sizeof block);
	const uint32_t took = (uint32_t)c->cb->write(c->user, block, n);
	c->play.written += took;
	return took == n;
}

/* Of the next n frames, how many to write so that the frame behind them can be
 * left out or doubled most quietly. */
uint32_t jg_output_quietest(const struct jg_client *c, uint32_t n)
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
