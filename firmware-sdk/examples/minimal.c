/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest player: a server connects to port 8928, and sound comes out.
 * board.h is what it needs of a board. */
#include "board.h"

static struct jg_client player;
static uint8_t audio[49152];
static int32_t scratch[2 * 4608];

static size_t write_dac(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	return dac_write(samples, frames); /* interrupts call dac_played() */
}

void dac_played(uint32_t frames, int64_t at)
{
	jg_audio_played(&player, frames, at);
}

int main(void)
{
	static const struct jg_format formats[] = {{44100, JG_FLAC, 2, 16}, {44100, JG_PCM, 2, 16}};
	static const struct jg_callbacks callbacks = {.write = write_dac};
	static const struct jg_config config = {.client_id = "kitchen-1", .name = "Kitchen", .formats = formats, .format_count = 2,
	                                        .audio = audio, .audio_bytes = sizeof audio, .scratch = scratch,
	                                        .scratch_samples = sizeof scratch / sizeof scratch[0], .volume = 60};
	if (jg_init(&player, &config, &callbacks, NULL, board_now()) < 0) {
		return 1;
	}
	for (uint32_t wait = 0;; wait = jg_poll(&player, board_now())) {
		board_network(&player, wait); /* sockets: see board.c */
	}
}
