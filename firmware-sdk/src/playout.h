/* SPDX-License-Identifier: Apache-2.0 */
/* From coded chunks to the output, each sample at its time. */
#ifndef JG_PLAYOUT_H
#define JG_PLAYOUT_H

#include "jumpgate/jumpgate.h"

void jg_play_start(struct jg_client *c);
/* stream/start; header is base64 or NULL. */
int jg_play_stream(struct jg_client *c, const struct jg_format *format, const char *header);
/* Drops what is not in the output yet; with end, the stream is over. */
void jg_play_clear(struct jg_client *c, bool end);
/* Feeds the output with what is due, until it takes no more. */
void jg_play_run(struct jg_client *c);
/* Amplitude for a volume, 16.16: (volume / 100)^1.5. */
uint32_t jg_gain(uint8_t volume);

#endif
