/* SPDX-License-Identifier: Apache-2.0 */
/* A player with a text display of two lines: title, and artist with the time. */
#include "board.h"

#include <inttypes.h>
#include <stdio.h>

static struct jg_client player;
static uint8_t audio[49152];
static int32_t scratch[2 * 4608];
static char title[64], artist[64];

static size_t write_dac(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	return dac_write(samples, frames);
}

void dac_played(uint32_t frames, int64_t at)
{
	jg_audio_played(&player, frames, at);
}

/* Texts live until the callback returns, so what is shown is copied. */
static void show(void *user, const struct jg_metadata *m)
{
	(void)user;
	if (m->title != NULL) {
		(void)snprintf(title, sizeof title, "%s", m->title);
	}
	if (m->artist != NULL) {
		(void)snprintf(artist, sizeof artist, "%s", m->artist);
	}
	(void)printf("\n%s\n%s", title, artist);
	if (m->has_progress) {
		(void)printf("  %" PRId32 ":%02" PRId32, m->position_ms / 60000, m->position_ms / 1000 % 60);
	}
	(void)printf("\n");
}

static void server(void *user, const char *name, int why)
{
	(void)user;
	if (name != NULL) {
		(void)printf("\n%s\n", name);
	} else {
		(void)printf("\nNo server (%s)\n", jg_strerror(why));
	}
}

int main(void)
{
	static const struct jg_format formats[] = {{44100, JG_FLAC, 2, 16}, {44100, JG_PCM, 2, 16}};
	static const struct jg_callbacks callbacks = {.write = write_dac, .metadata = show, .server = server};
	static const struct jg_config config = {.client_id = "display-1", .name = "Display", .formats = formats, .format_count = 2,
	                                        .audio = audio, .audio_bytes = sizeof audio, .scratch = scratch,
	                                        .scratch_samples = sizeof scratch / sizeof scratch[0], .volume = 60};
	if (jg_init(&player, &config, &callbacks, NULL, board_now()) < 0) {
		return 1;
	}
	for (uint32_t wait = 0;; wait = jg_poll(&player, board_now())) {
		board_network(&player, wait);
	}
}
