/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"
#include "test.h"

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

enum { BINS = 20000 };
static uint32_t bins[BINS]; /* of a microsecond */
static uint32_t counted;

static uint32_t percentile(unsigned of_100)
{
	uint32_t n = 0, i = 0;
	for (; i < BINS - 1 && (uint64_t)n * 100 < (uint64_t)counted * of_100; i++) {
		n += bins[i];
	}
	return i;
}

static void forget(void)
{
	memset(bins, 0, sizeof bins);
	counted = 0;
}

static struct jg_clock clock_;
static int64_t local;
static double ppm;

static int64_t truth(int64_t at)
{
	return at + (int64_t)((double)at * ppm * 1e-6) + 123456789;
}

/* Ten exchanges a second for so many minutes, with a uniform jitter each way. */
static void run(unsigned minutes, uint32_t jitter)
{
	for (unsigned i = 0; i < minutes * 600; i++, local += 100000) {
		const int64_t there = 300 + draw(jitter), back = 300 + draw(jitter);
		const int64_t server = truth(local + there);
		(void)jg_clock_exchange(&clock_, local, server, server + 20, local + there + 20 + back);
		const int64_t error = jg_clock_server(&clock_, local + 90000) - truth(local + 90000);
		const int64_t size = error < 0 ? -error : error;
		bins[size < BINS ? size : BINS - 1]++;
		counted++;
	}
}

/* The figures of the README: 40 ms of jitter each way, 100 ppm of drift. */
static void holds(double drift, uint32_t start)
{
	ppm = drift;
	seed = start;
	local = 5000000;
	jg_clock_start(&clock_);
	run(1, 40000);
	forget();
	run(5, 40000);
	const uint32_t early = percentile(95);
	run(4, 40000);
	forget();
	run(20, 40000);
	const uint32_t late = percentile(95);
	printf("clock: drift %d ppm, seed %u: p95 of minutes 1-6 %u us, from minute 10 %u us\n", (int)drift, (unsigned)start, (unsigned)early, (unsigned)late);
	check(early < 700);
	check(late < 100);
}

static void drift_fast(void)
{
	holds(100, 1);
	holds(100, 2);
}

static void drift_slow(void)
{
	holds(-100, 3);
	holds(-100, 4);
}

static void drift_none(void)
{
	holds(0, 5);
}

static void quiet_network(void)
{
	ppm = 37;
	seed = 9;
	local = 0;
	jg_clock_start(&clock_);
	run(2, 1000);
	forget();
	run(3, 1000);
	check(percentile(95) < 20);
	int64_t error = jg_clock_local(&clock_, truth(local)) - local;
	check(error > -20 && error < 20);
	/* there and back */
	for (int64_t at = local - 3000000; at < local + 3000000; at += 99991) {
		error = jg_clock_local(&clock_, jg_clock_server(&clock_, at)) - at;
		check(error >= -1 && error <= 1);
	}
}

static void first_exchange_counts(void)
{
	ppm = 0;
	jg_clock_start(&clock_);
	check(!jg_clock_known(&clock_));
	check(jg_clock_exchange(&clock_, 1000, truth(2000), truth(2000), 3000));
	check(jg_clock_known(&clock_));
	check_int(jg_clock_server(&clock_, 5000), truth(5000));
}

static void nonsense(void)
{
	jg_clock_start(&clock_);
	check(!jg_clock_exchange(&clock_, 1000, 5, 4, 2000));
	check(!jg_clock_exchange(&clock_, 1000, 5, 6, 999));
	check(!jg_clock_exchange(&clock_, 0, INT64_MIN, INT64_MAX, 10));
	check(!jg_clock_known(&clock_));
}

/* The server's clock jumps: the estimate starts anew after three exchanges. */
static void clock_was_set(void)
{
	ppm = 10;
	seed = 4;
	local = 0;
	jg_clock_start(&clock_);
	run(2, 5000);
	const int64_t jump = 90000000;
	for (unsigned i = 0; i < 60; i++, local += 100000) {
		const int64_t server = truth(local + 1000) + jump;
		(void)jg_clock_exchange(&clock_, local, server, server, local + 2000);
	}
	const int64_t error = jg_clock_server(&clock_, local) - truth(local) - jump;
	check(error > -500 && error < 500);
}

const struct test tests_clock[] = {TEST(drift_fast), TEST(drift_slow), TEST(drift_none), TEST(quiet_network), TEST(first_exchange_counts),
                                   TEST(nonsense), TEST(clock_was_set), {NULL, NULL}};
