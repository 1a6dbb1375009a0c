/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

void jg_ring_start(struct jg_ring *r, uint8_t *base, size_t size)
{
	r->base = base;
	r->size = (uint32_t)size;
	jg_ring_clear(r);
	r->in_at = r->out_at = 0;
}

void jg_ring_clear(struct jg_ring *r)
{
	r->head = r->used = r->fresh = r->records = 0;
}

uint32_t jg_ring_capacity(size_t size)
{
	return (uint32_t)(size - size / 16);
}

static uint32_t wrap(const struct jg_ring *r, uint32_t at)
{
	return at >= r->size ? at - r->size : at;
}

/* Four bytes at a place that may lie up to four behind the end. */
static JG_SMALL void put32(const struct jg_ring *r, uint32_t at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++) {
		r->base[wrap(r, at + i)] = (uint8_t)(v >> (8 * i));
	}
}

static uint32_t get32(const struct jg_ring *r, uint32_t at)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < 4; i++) {
		v |= (uint32_t)r->base[wrap(r, at + i)] << (8 * i);
	}
	return v;
}

/* The place of a byte of the eldest chunk, or of what comes behind it. */
static JG_SMALL uint32_t within(const struct jg_ring *r, uint32_t at)
{
	return wrap(r, wrap(r, r->head + JG_RECORD_BYTES) + at);
}

/* A record keeps the low half of its time; the whole is the one nearest to the
 * record before. */
static int64_t whole(int64_t before, uint32_t low)
{
	return before + (int32_t)(low - (uint32_t)before);
}

bool jg_ring_begin(struct jg_ring *r, int64_t at)
{
	r->fresh = 0;
	if (r->size - r->used <= JG_RECORD_BYTES) {
		return false;
	}
	if ((uint32_t)((uint64_t)at >> 32) + 0x20000000u >= 0x40000000u) {
		return false; /* beyond 2^61 sums of two might overflow */
	}
	if (r->records == 0) {
		r->in_at = r->out_at = at;
	}
	if (whole(r->in_at, (uint32_t)at) != at) {
		return false; /* more than 35 minutes from the record before */
	}
	r->fresh = JG_RECORD_BYTES;
	return true;
}

uint8_t *jg_ring_place(const struct jg_ring *r, size_t *room)
{
	const uint32_t place = wrap(r, wrap(r, r->head + r->used) + r->fresh);
	const uint32_t left = r->size - r->used - r->fresh;
	*room = left < r->size - place ? left : r->size - place;
	return r->base + place;
}

void jg_ring_grow(struct jg_ring *r, size_t bytes)
{
	r->fresh += (uint32_t)bytes;
}

void jg_ring_commit(struct jg_ring *r, int64_t at, uint8_t generation)
{
	const uint32_t tail = wrap(r, r->head + r->used);
	put32(r, tail, (uint32_t)at);
	put32(r, tail + 4, (r->fresh - JG_RECORD_BYTES) | (uint32_t)generation << 24);
	r->used += r->fresh;
	r->fresh = 0;
	r->records++;
	r->in_at = at;
}

bool jg_ring_peek(const struct jg_ring *r, struct jg_chunk *chunk)
{
	if (r->records == 0) {
		return false;
	}
	const uint32_t size = get32(r, r->head + 4);
	chunk->at = whole(r->out_at, get32(r, r->head));
	chunk->size = size & 0xFFFFFFu;
	chunk->generation = (uint8_t)(size >> 24);
	return true;
}

void jg_ring_span(const struct jg_ring *r, uint32_t size, uint32_t left, struct jg_span *span)
{
	const uint32_t at = within(r, size - left);
	const uint32_t first = left < r->size - at ? left : r->size - at;
	span->data[0] = r->base + at;
	span->size[0] = first;
	span->data[1] = r->base;
	span->size[1] = left - first;
}

void jg_ring_drop(struct jg_ring *r)
{
	struct jg_chunk c;
	if (!jg_ring_peek(r, &c)) {
		return;
	}
	r->out_at = c.at;
	r->head = within(r, c.size);
	r->used -= JG_RECORD_BYTES + c.size;
	r->records--;
}

bool jg_ring_next_at(const struct jg_ring *r, int64_t *at)
{
	struct jg_chunk c;
	if (r->records < 2 || !jg_ring_peek(r, &c)) {
		return false;
	}
	*at = whole(c.at, get32(r, within(r, c.size)));
	return true;
}
