/* SPDX-License-Identifier: Apache-2.0 */
/* The buffer of coded audio: chunks with their time, oldest first. */
#ifndef JG_RING_H
#define JG_RING_H

#include "jumpgate/jumpgate.h"

enum { JG_RECORD_BYTES = 8 };

void jg_ring_start(struct jg_ring *r, uint8_t *base, size_t size);
/* What a server may be told: less than size, for what records cost. Chunks of
 * 128 bytes and more then always fit. */
uint32_t jg_ring_capacity(size_t size);

/* A chunk comes in pieces: begin, as often as needed place and grow, commit.
 * begin is false where the time is absurd or no record fits; place returns
 * where the next bytes go and sets *room, 0 if there is none; a chunk that is
 * not committed before the next begin never was. */
bool jg_ring_begin(struct jg_ring *r, int64_t at);
uint8_t *jg_ring_place(const struct jg_ring *r, size_t *room);
void jg_ring_grow(struct jg_ring *r, size_t bytes);
void jg_ring_commit(struct jg_ring *r, int64_t at, uint8_t generation);

/* The oldest chunk. */
struct jg_chunk {
	int64_t at;
	uint32_t size;
	uint8_t generation;
};
bool jg_ring_peek(const struct jg_ring *r, struct jg_chunk *chunk);
/* The last `left` bytes of the oldest chunk. */
void jg_ring_span(const struct jg_ring *r, uint32_t size, uint32_t left, struct jg_span *span);
void jg_ring_drop(struct jg_ring *r);
/* When the chunk behind the oldest one begins. */
bool jg_ring_next_at(const struct jg_ring *r, int64_t *at);
void jg_ring_clear(struct jg_ring *r);

#endif
