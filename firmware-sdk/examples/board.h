/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples need of a board. board.c has it for POSIX, with a DAC of
 * 44.1 kHz in stereo that plays into nothing, or into the file that the variable
 * DAC names, with 32 bits a sample. */
#ifndef BOARD_H
#define BOARD_H

#include "jumpgate/jumpgate.h"

int64_t board_now(void); /* us */
/* Waits for the network for at most so many us, and serves it. */
void board_network(struct jg_client *c, uint32_t wait_us);
/* A line typed on the console, without its end, or NULL. */
const char *board_button(void);

size_t dac_write(const int32_t *samples, size_t frames);
/* Yours: called as frames are played. */
void dac_played(uint32_t frames, int64_t at);

#endif
