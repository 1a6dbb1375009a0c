/* SPDX-License-Identifier: Apache-2.0 */
/* Buttons: JUMP, like and next. Here the console has them: type jump, like or
 * next. A button that the server does not offer is refused at once. */
#include "board.h"

#include <stdio.h>
#include <string.h>

static struct jg_client player;
static uint8_t audio[49152];
static int32_t scratch[2 * 4608];

static size_t write_dac(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	return dac_write(samples, frames);
}

void dac_played(uint32_t frames, int64_t at)
{
	jg_audio_played(&player, frames, at);
}

static void pressed(const char *name)
{
	static const struct {
		const char *name;
		enum jg_command command;
	} buttons[] = {{"jump", JG_JUMP}, {"like", JG_LIKE}, {"next", JG_NEXT}};
	for (unsigned i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
		if (strcmp(name, buttons[i].name) == 0) {
			(void)printf("%s: %s\n", name, jg_strerror(jg_press(&player, buttons[i].command, 0)));
		}
	}
}

int main(void)
{
	static const struct jg_format formats[] = {{44100, JG_FLAC, 2, 16}, {44100, JG_PCM, 2, 16}};
	static const struct jg_callbacks callbacks = {.write = write_dac};
	static const struct jg_config config = {.client_id = "jump-1", .name = "JUMP", .formats = formats, .format_count = 2, .audio = audio,
	                                        .audio_bytes = sizeof audio, .scratch = scratch,
	                                        .scratch_samples = sizeof scratch / sizeof scratch[0], .volume = 60};
	if (jg_init(&player, &config, &callbacks, NULL, board_now()) < 0) {
		return 1;
	}
	for (uint32_t wait = 0;; wait = jg_poll(&player, board_now())) {
		board_network(&player, wait);
		const char *const name = board_button();
		if (name != NULL) {
			pressed(name);
		}
	}
}
