/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Kalman filter over offset and drift, as the specification asks for. It is
 * not fed with single exchanges but with the smallest delay of each direction
 * in a group of them: queues only ever add delay, so the minima stand far
 * nearer to the truth than any one exchange, and the two need not come from the
 * same one. A group grows while the drift is known well enough to compare its
 * ends.
 *
 * server = local + offset + fine + drift * (local - at). Single precision is
 * enough because whole microseconds are kept apart, and it is what a Cortex-M4
 * computes in hardware.
 */
#include "clock.h"

#include <string.h>

enum { GROUP_LEAST = 10, GROUP_MOST = 200, FIRST_ONES = 3 };

static const float drift_noise = 1e-4f; /* ppm^2 a second: 0.01 ppm in one */
static const float phase_noise = 1e-2f; /* us^2 a second */
static const float stamp_noise = 25.0f; /* us^2: reading a clock around a message */
static const float most_drift = 500.0f; /* ppm */

void jg_clock_start(struct jg_clock *c)
{
	memset(c, 0, sizeof *c);
}

/* a - b as a float, held to what 32 bits can say: 35 minutes. */
static JG_SMALL float between(int64_t a, int64_t b)
{
	const int64_t d = a - b;
	return d > INT32_MAX ? (float)INT32_MAX : d < INT32_MIN ? (float)INT32_MIN : (float)(int32_t)d;
}

/* The same in seconds. */
static JG_SMALL float seconds(int64_t a, int64_t b)
{
	return between(a, b) * 1e-6f;
}

/* The variance of the offset by the minima. Delays that are spread evenly over
 * a width have the smallest of n at width/(n+1), give or take as much; and the
 * width is twice what their mean lies above the smallest. */
static float variance(const struct jg_clock *c)
{
	const float n = (float)c->count;
	if (c->count < FIRST_ONES) {
		const float bound = (c->there + c->back) * 0.25f;
		return bound * bound > stamp_noise ? bound * bound : stamp_noise;
	}
	const float there = 2 * (c->there_sum / n - c->there) / (n + 1);
	const float back = 2 * (c->back_sum / n - c->back) / (n + 1);
	return (there * there + back * back) * 0.25f + stamp_noise;
}

static void update(struct jg_clock *c, int64_t base, float measured, float spread, int64_t at)
{
	if (c->updates == 0) {
		c->updates = 1;
		c->at = at;
		c->offset = base;
		c->fine = measured;
		c->p00 = spread;
		c->p11 = 1e4f; /* crystals are within 100 ppm */
		return;
	}
	const float dt = seconds(at, c->at);
	if (dt <= 0) {
		return;
	}
	const float off = c->fine + c->drift * dt;
	const float p00 = c->p00 + dt * (2 * c->p01 + dt * c->p11) + phase_noise * dt;
	const float p01 = c->p01 + dt * c->p11;
	const float p11 = c->p11 + drift_noise * dt;
	const float s = p00 + spread;
	const float residual = between(base, c->offset) + (measured - off);
	const float drift = c->drift + p01 / s * residual;
	c->drift = drift > most_drift ? most_drift : drift < -most_drift ? -most_drift : drift;
	c->p00 = p00 * (spread / s);
	c->p01 = p01 * (spread / s);
	c->p11 = p11 - p01 * (p01 / s);
	if (c->p11 < drift_noise) {
		c->p11 = drift_noise;
	}
	const float fine = off + p00 / s * residual;
	const int32_t whole = (int32_t)fine;
	c->offset += whole;
	c->fine = fine - (float)whole;
	c->at = at;
	if (c->updates < UINT16_MAX) {
		c->updates++;
	}
}

/* Whether a lies before b, but for 2 ms and the root of the slack. */
static JG_SMALL bool in_order(int64_t a, int64_t b, float slack)
{
	const float spare = between(b, a) + 2000.0f;
	return spare >= 0 || spare * spare <= slack;
}

/* No message arrives before it was sent, so the true offset lies between the
 * two differences, whatever the delays. Three exchanges in a row that say
 * otherwise: a clock was set, or somebody slept. Start anew. */
static void doubt(struct jg_clock *c, int64_t sent, int64_t server_received, int64_t server_sent, int64_t received)
{
	if (c->updates == 0) {
		return;
	}
	/* Six standard errors, without a square root: compare squares. */
	const float slack = 36.0f * c->p00;
	if (in_order(jg_clock_server(c, sent), server_received, slack) && in_order(server_sent, jg_clock_server(c, received), slack)) {
		c->wrong = 0;
	} else if (++c->wrong >= 3) {
		jg_clock_start(c);
	}
}

bool jg_clock_exchange(struct jg_clock *c, int64_t sent, int64_t server_received, int64_t server_sent, int64_t received)
{
	const int64_t most = INT64_MAX / 4; /* so that no sum below overflows */
	if (received < sent || server_sent < server_received || server_received < -most || server_sent > most) {
		return false; /* no answer to us: no clock runs backwards */
	}
	doubt(c, sent, server_received, server_sent, received);
	if (c->count == 0) {
		c->start = sent;
		c->base = server_received - sent;
		c->start_drift = c->drift;
		c->there_sum = c->back_sum = 0;
	}
	const float since = seconds(received, c->start);
	const float there = between(server_received - sent, c->base) - c->start_drift * seconds(sent, c->start);
	const float back = between(received - server_sent, -c->base) + c->start_drift * since;
	c->there = c->count == 0 || there < c->there ? there : c->there;
	c->back = c->count == 0 || back < c->back ? back : c->back;
	c->there_sum += there;
	c->back_sum += back;
	c->count++;
	const float spread = variance(c);
	if (c->updates >= FIRST_ONES) { /* the first count one by one: sound need not wait */
		const float blur = c->p11 * since * since;
		if (c->count < GROUP_LEAST || (c->count < GROUP_MOST && blur < spread * 0.25f)) {
			return false;
		}
	}
	update(c, c->base, (c->there - c->back) * 0.5f + c->start_drift * since, spread, received);
	c->count = 0;
	return true;
}

/* What is beside the whole offset at a time of ours, us. */
static JG_SMALL int32_t rest(const struct jg_clock *c, int64_t local, float drift)
{
	const float past = seconds(local, c->at) * drift + c->fine;
	return (int32_t)(past < 0 ? past - 0.5f : past + 0.5f);
}

int64_t jg_clock_server(const struct jg_clock *c, int64_t local)
{
	return local + c->offset + rest(c, local, c->drift);
}

int64_t jg_clock_local(const struct jg_clock *c, int64_t server)
{
	const int64_t flat = server - c->offset; /* as if there were no drift since at */
	return flat - rest(c, flat, c->drift - c->drift * c->drift * 1e-6f);
}
