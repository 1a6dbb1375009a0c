/* SPDX-License-Identifier: Apache-2.0 */
/* From coded chunks to the output, each sample at its time. */
#ifndef JG_PLAYOUT_H
#define JG_PLAYOUT_H

#include "client.h"

/* stream/start; header is base64 or NULL. */
int jg_play_stream(struct jg_client *c, const struct jg_format *format, const char *header);
/* Drops what is not in the output yet; with end, the stream is over. */
void jg_play_clear(struct jg_client *c, bool end);
/* Feeds the output with what is due, until it takes no more. */
void jg_play_run(struct jg_client *c);

/* What the parts share; stream.c, output.c. */

enum { JG_BLOCK = 64 }; /* frames that go to write() at once */

/* How long n frames take, us; n for less than half an hour. */
static inline int32_t jg_frames_us(const struct jg_playout *p, uint32_t n)
{
	return (int32_t)((uint64_t)n * p->us_per_frame >> 16);
}

/* Decodes the next piece into scratch; false where there is none. */
bool jg_stream_decode(struct jg_client *c, struct jg_playout *p);
/* When the next frame that is written will be heard; false while that is not
 * known, because the output has not played anything since it ran dry. It is the
 * lower half of a time, as all that stands here is at most minutes apart. */
bool jg_output_heard(struct jg_client *c, struct jg_playout *p, uint32_t *when);
/* Writes n frames from scratch, up to JG_BLOCK; false where not all were taken. */
bool jg_output_put(struct jg_client *c, uint32_t n);
/* The same for silence, of any n. */
bool jg_output_silence(struct jg_client *c, uint32_t n);
/* Of the next n frames, how many to write so that the frame behind them can be
 * left out or doubled most quietly. */
uint32_t jg_output_quietest(const struct jg_client *c, uint32_t n);
uint32_t jg_output_gain(const struct jg_client *c);
/* Amplitude for a volume, 16.16: (volume / 100)^1.5. */
uint32_t jg_gain(uint8_t volume);

#endif
