/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A player whose time is set by the program that runs it, so that an hour need
 * not take one. Standard input has steps: the time in microseconds and a number
 * of bytes (8 and 8 bytes, of this machine's order), and these bytes, which the
 * server sent. File 3 answers each: the microseconds to the next deadline and a
 * number of bytes (4 and 4), and these, for the server. Standard output is what
 * a sound card plays. The end of the input ends it; its counters go to standard
 * error. usage: lockstep CODEC RATE BITS CLOCK-PPM CARD-PPM
 */
#include "jumpgate/jumpgate.h"
#include "sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct jg_client client;
static uint8_t audio[262144];
static int32_t scratch[2 * 4608];
static struct sink *sink;

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	return sink_write(sink, samples, frames);
}

static int on_configure(void *user, const struct jg_format *format)
{
	(void)user;
	return sink_configure(sink, format);
}

static void on_trim(void *user, int32_t ppm)
{
	(void)user;
	sink_trim(sink, ppm);
}

/* Our clock, which began elsewhere and runs at its own pace. */
static int64_t ours(int64_t now, double ppm)
{
	return now + (int64_t)((double)now * ppm * 1e-6) + 123456789;
}

static int step(int64_t now, const void *data, size_t size, FILE *answers)
{
	static uint8_t out[8 * JG_OUT_BYTES];
	uint32_t head[2] = {0, 0};
	const uint8_t *piece;
	size_t n;
	(void)sink_run(sink, &client, now);
	if (jg_want(&client, 0, now) == JG_WANT_CONNECT && jg_opened(&client, 0, false, now) < 0) {
		return 1;
	}
	const int r = size > 0 ? jg_received(&client, 0, data, size, now) : JG_OK;
	if (r < 0) {
		(void)fprintf(stderr, "%s\n", jg_strerror(r));
		return 1;
	}
	head[0] = jg_poll(&client, now);
	while ((n = jg_output(&client, 0, &piece)) > 0 && head[1] + n <= sizeof out) {
		memcpy(out + head[1], piece, n);
		head[1] += (uint32_t)n;
		jg_sent(&client, 0, n, now);
	}
	return fwrite(head, sizeof head, 1, answers) != 1 || fwrite(out, 1, head[1], answers) != head[1] || fflush(answers) != 0;
}

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	if (argc != 6) {
		(void)fprintf(stderr, "usage: lockstep CODEC RATE BITS CLOCK-PPM CARD-PPM\n");
		return 2;
	}
	const struct jg_format format = {(uint32_t)atoi(argv[2]), strcmp(argv[1], "flac") == 0 ? JG_FLAC : JG_PCM, 2, (uint8_t)atoi(argv[3])};
	const struct jg_callbacks callbacks = {.write = on_write, .configure = on_configure, .set_rate_ppm = on_trim};
	const struct jg_config config = {.client_id = "lockstep", .name = "Lockstep", .formats = &format, .format_count = 1, .audio = audio,
	                                 .audio_bytes = sizeof audio, .scratch = scratch, .scratch_samples = sizeof scratch / sizeof *scratch,
	                                 .volume = 100, .dial = true};
	const struct sink_config card = {.pipe = true, .buffer_ms = 50, .ppm = atof(argv[5])};
	const double ppm = atof(argv[4]);
	FILE *const answers = fdopen(3, "wb");
	sink = sink_open(&card);
	struct {
		int64_t now;
		uint64_t size;
	} head;
	bool begun = false;
	while (answers != NULL && sink != NULL && fread(&head, sizeof head, 1, stdin) == 1) {
		if (head.size > sizeof data || fread(data, 1, head.size, stdin) != head.size) {
			return 1;
		}
		const int64_t now = ours(head.now, ppm);
		const int r = begun ? JG_OK : jg_init(&client, &config, &callbacks, NULL, now);
		begun = true;
		if (r < 0 || step(now, data, (size_t)head.size, answers) != 0) {
			return 1;
		}
	}
	struct jg_status s;
	jg_get_status(&client, &s);
	sink_close(sink);
	(void)fprintf(stderr, "{\"underruns\":%u,\"late\":%u,\"dropped\":%u,\"damaged\":%u,\"added\":%u,\"removed\":%u,\"resyncs\":%u,\"clock_ppb\":%d}\n",
	              (unsigned)s.underruns, (unsigned)s.late, (unsigned)s.dropped, (unsigned)s.damaged, (unsigned)s.added, (unsigned)s.removed,
	              (unsigned)s.resyncs, (int)s.clock_ppm);
	return 0;
}
