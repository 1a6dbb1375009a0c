/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"
#include "test.h"

static uint8_t memory[200];
static struct jg_ring r;

static bool put(int64_t at, size_t size, uint8_t fill)
{
	if (!jg_ring_begin(&r, at)) {
		return false;
	}
	for (size_t done = 0; done < size;) {
		size_t room;
		uint8_t *const to = jg_ring_place(&r, &room);
		const size_t n = room < size - done ? room : size - done;
		if (n == 0) {
			return false;
		}
		memset(to, fill, n);
		jg_ring_grow(&r, n);
		done += n;
	}
	jg_ring_commit(&r, at, fill);
	return true;
}

static bool is(int64_t at, uint32_t size, uint8_t fill)
{
	struct jg_chunk c;
	struct jg_span s;
	if (!jg_ring_peek(&r, &c) || c.at != at || c.size != size || c.generation != fill) {
		return false;
	}
	jg_ring_span(&r, size, size, &s);
	for (unsigned k = 0; k < 2; k++) {
		for (size_t i = 0; i < s.size[k]; i++) {
			if (s.data[k][i] != fill) {
				return false;
			}
		}
	}
	return s.size[0] + s.size[1] == size;
}

/* Round and round, with chunks that wrap at every place. */
static void wraps(void)
{
	jg_ring_start(&r, memory, sizeof memory);
	int64_t in = 1LL << 40, out = in;
	for (unsigned i = 0; i < 5000; i++) {
		while (put(in, 10 + (size_t)(in % 23), (uint8_t)(in % 251))) {
			in++;
		}
		int64_t next;
		check(jg_ring_next_at(&r, &next) && next == out + 1);
		for (unsigned k = 0; k <= i % 3; k++, out++) {
			check(is(out, 10 + (uint32_t)(out % 23), (uint8_t)(out % 251)));
			jg_ring_drop(&r);
		}
	}
	jg_ring_clear(&r);
	check(!jg_ring_peek(&r, &(struct jg_chunk){0, 0, 0}));
	jg_ring_drop(&r);
	check_int(r.used, 0);
}

static void times(void)
{
	jg_ring_start(&r, memory, sizeof memory);
	check(put(-5, 10, 1));
	check(put(2000000000, 10, 2));
	check(put(-5, 10, 3)); /* back in time is not for the ring to judge */
	check(!put(3000000000000LL, 10, 4));
	check(!put(INT64_MIN, 10, 4));
	check(is(-5, 10, 1));
	jg_ring_drop(&r);
	check(is(2000000000, 10, 2));
	jg_ring_drop(&r);
	check(is(-5, 10, 3));
	jg_ring_drop(&r);
	check(put(3000000000000LL, 10, 4)); /* of an empty one all times are good */
	check(is(3000000000000LL, 10, 4));
}

static void fills(void)
{
	jg_ring_start(&r, memory, sizeof memory);
	check(put(1, sizeof memory - JG_RECORD_BYTES, 1));
	check_int(r.used, sizeof memory);
	check(!jg_ring_begin(&r, 2));
	jg_ring_drop(&r);
	check(!put(2, sizeof memory - JG_RECORD_BYTES + 1, 2));
	check(put(3, 5, 3)); /* what was not committed is not there */
	check(is(3, 5, 3));
	check_int(r.used, 5 + JG_RECORD_BYTES);
	struct jg_span s;
	jg_ring_span(&r, 5, 2, &s);
	check_int(s.size[0] + s.size[1], 2);
	check(jg_ring_capacity(49152) == 46080);
	jg_ring_start(&r, memory, sizeof memory); /* times that no clock shows, and that sums would overflow */
	check(!jg_ring_begin(&r, INT64_MAX) && !jg_ring_begin(&r, INT64_MIN) && !jg_ring_begin(&r, INT64_MAX / 4 + 1));
	check(jg_ring_begin(&r, INT64_MAX / 4) && jg_ring_begin(&r, -INT64_MAX / 4));
}

const struct test tests_ring[] = {TEST(wraps), TEST(times), TEST(fills), {NULL, NULL}};
