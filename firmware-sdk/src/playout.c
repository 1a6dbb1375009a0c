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

#include "clock.h"
#include "ring.h"

#include <string.h>

enum {
	SPACING = 4,    /* blocks between two corrections */
	AVERAGED = 64,  /* blocks */
	JUMP_US = 1000, /* averaged error that is not corrected softly */
	FAR_US = 5000,  /* a single measurement that is not */
	BAND_US = 100,  /* corrected from here on */
	CALM_US = 25,   /* to here */
	IDLE_US = 5000000,
	LOW_US = 15000  /* in the output: an underrun is near */
};

/* Jumps to the right place, as far as one step goes. Returns false when the
 * output is full. */
static bool jump(struct jg_client *c, struct jg_playout *p, int32_t error)
{
	const uint32_t frames_per_us = p->stream.format.rate * 4295u; /* in 2^-32 */
	const int32_t frames = (int32_t)(((int64_t)error * (int32_t)frames_per_us + INT32_MAX) >> 32);
	if (frames < 0) {
		const uint32_t wait = 0u - (uint32_t)frames;
		return jg_output_silence(c, wait);
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
	const uint32_t cut = (uint32_t)frames;
	if (cut >= p->have - p->at) {
		p->at = p->have;
		return true;
	}
	p->at += cut;
	if (!p->playing) {
		p->gain = jg_output_gain(c); /* out of silence there is nothing to ramp */
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
static void trim(struct jg_client *c, struct jg_playout *p)
{
	/* Every SPACING * 16 blocks a hundredth of the error for each second, in us
	 * of error times us of a frame: 4096 frames * 65536 / 1e8 = 687 / 256. */
	const int32_t product = (int32_t)((int64_t)p->error * p->us_per_frame >> 20); /* 16ths */
	const int32_t most = 500 * 65536, sum = p->trim + product * 43 / 256;
	p->trim = sum > most ? most : sum < -most ? -most : sum;
	c->cb->set_rate_ppm(c->user, (p->error * 51 + p->trim) / 65536); /* 51: a fifth of 256 */
}

/* Writes one block, corrected where that is due. Returns false when full. */
static bool block(struct jg_client *c, struct jg_playout *p)
{
	uint32_t n = p->have - p->at;
	n = n < JG_BLOCK ? n : JG_BLOCK;
	const int32_t size = p->error < 0 ? -p->error : p->error;
	if (c->cb->set_rate_ppm != NULL) {
		if (++p->spaced == SPACING * 16) {
			p->spaced = 0;
			trim(c, p);
		}
		return jg_output_put(c, n);
	}
	if (size > BAND_US * 256) {
		p->lean = p->error > 0 ? 1 : -1;
	} else if (size < CALM_US * 256) {
		p->lean = 0;
	}
	p->spaced = p->spaced < SPACING ? (uint8_t)(p->spaced + 1) : SPACING;
	if (p->lean == 0 || p->spaced < SPACING || n < 2) {
		return jg_output_put(c, n);
	}
	n = jg_output_quietest(c, n);
	if (!jg_output_put(c, n)) {
		return false;
	}
	if (p->lean > 0) {
		p->at++;
		c->counts.removed++;
		p->error -= (int32_t)(p->us_per_frame >> 8);
	} else {
		p->at--;
		c->counts.added++;
		p->error += (int32_t)(p->us_per_frame >> 8);
	}
	p->spaced = 0;
	return true;
}

/* One step of playing. Returns false when nothing more can be done now. */
static JG_SMALL bool step(struct jg_client *c, struct jg_playout *p)
{
	uint32_t when;
	const bool known = jg_output_heard(c, p, &when);
	if (p->at == p->have && !jg_stream_decode(c, p)) {
		if (!p->streaming) {
			return false;
		}
		if (known && p->playing && (int32_t)(when - c->config->output_latency_us - (uint32_t)c->now) > LOW_US) {
			return false; /* the output has enough for the moment */
		}
		if (p->playing && !p->starving) {
			c->counts.underruns++;
			p->starving = p->seek = true;
			jg_client_report(c);
		}
		return jg_output_silence(c, JG_BLOCK); /* so that the place in the output stays known */
	}
	if (!known) {
		return jg_output_silence(c, JG_BLOCK);
	}
	const int64_t wanted = jg_clock_local(&c->clock, p->block_at + jg_frames_us(p, p->at));
	const int32_t error = (int32_t)(when - (uint32_t)wanted + c->delay_ms * 1000u);
	p->seek = p->seek || error > FAR_US || error < -FAR_US;
	if (!p->seek) {
		p->error += (error * 256 - p->error) / AVERAGED;
		p->seek = p->error > JUMP_US * 256 || p->error < -JUMP_US * 256;
	}
	return p->seek ? jump(c, p, error) : block(c, p);
}

void jg_play_run(struct jg_client *c)
{
	struct jg_playout *const p = &c->play;
	if (!jg_clock_known(&c->clock) || (!p->streaming && p->at == p->have && c->ring.records == 0)) {
		if (p->enabled && (uint32_t)c->now - p->silent_since > IDLE_US) {
			p->enabled = false;
			p->primed = false;
			if (c->cb->output_enable != NULL) {
				c->cb->output_enable(c->user, false);
			}
		}
		return;
	}
	if (!p->enabled) {
		if (c->ring.records == 0) {
			return; /* the output is set up with the first chunk */
		}
		p->enabled = p->seek = true;
		p->primed = false;
		p->mark = p->written;
		if (c->cb->output_enable != NULL) {
			c->cb->output_enable(c->user, true);
		}
	}
	p->silent_since = (uint32_t)c->now;
	while (step(c, p)) {
	}
}
