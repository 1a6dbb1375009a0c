/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A player whose time is set by the program that runs it, so that an hour need
 * not take one. Standard input has steps: the time, and until when to live on
 * alone; a number of bytes, which the server sent, and what else happens; and
 * these bytes. File 3 answers each: when to come back, a number of bytes, how
 * many connections were opened so far, and these bytes, which go to the server
 * at that time. Times are microseconds, numbers are of this machine's order.
 * Standard output is what a sound card plays. The end of the input ends it; on
 * standard error it says what it was told, and at last its counters, as JSON.
 * usage: lockstep CLOCK-PPM CARD-PPM CODEC RATE BITS [CODEC RATE BITS]
 */
#include "jumpgate/jumpgate.h"
#include "kept.h"
#include "sink.h"
#if JG_CRYPTO
#include "jg_mbedtls.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	int64_t now, until;
	uint32_t size;
	uint32_t order; /* what else happens: enum order, and its value from bit 8 on */
};

enum order { NOTHING, CUT, PRESS_NEXT, GROUP_VOLUME, OWN_VOLUME, PREFER };

struct answer {
	int64_t at;
	uint32_t size, opened;
};

/* How far the server's clock, as the client knows it, is from the true one. */
enum { ERROR_BIN = 5 /* us */, ERROR_BINS = 20000 };
struct errors {
	uint32_t count[ERROR_BINS], all;
};

static struct jg_client client;
static struct jg_format formats[2];
static uint8_t audio[262144];
static int32_t scratch[2 * 4608];
static struct sink *sink;
static struct errors early, later; /* minutes 1 to 6, and from minute 10 on */
static int64_t started, sampled, server_now;
static double clock_ppm;
static uint32_t opened;

/* Our clock, which began elsewhere and runs at its own pace. */
static int64_t ours(int64_t now)
{
	return now + (int64_t)((double)now * clock_ppm * 1e-6) + 123456789;
}

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	return sink_write(sink, samples, frames);
}

static int on_configure(void *user, const struct jg_format *format)
{
	(void)user;
	(void)fprintf(stderr, "{\"event\":\"format\",\"at\":%lld,\"codec\":\"%s\"}\n", (long long)server_now, format->codec == JG_FLAC ? "flac" : "pcm");
	return sink_configure(sink, format);
}

static void on_trim(void *user, int32_t ppm)
{
	(void)user;
	sink_trim(sink, ppm);
}

/* An amplifier's: the samples stay as they are. */
static void on_volume(void *user, uint8_t volume, bool muted)
{
	(void)user;
	(void)muted;
	(void)fprintf(stderr, "{\"event\":\"volume\",\"at\":%lld,\"volume\":%u}\n", (long long)server_now, (unsigned)volume);
}

static void on_metadata(void *user, const struct jg_metadata *m)
{
	(void)user;
	if (m->title != NULL) {
		(void)fprintf(stderr, "{\"event\":\"metadata\",\"at\":%lld,\"title\":\"%s\"}\n", (long long)server_now, m->title);
	}
}

/* The same in each run, and so good for nothing but this. */
static void on_random(void *user, uint8_t *data, size_t size)
{
	static uint64_t state = 88172645463325252u;
	(void)user;
	for (size_t i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		data[i] = (uint8_t)(state >> 32);
	}
}

/* With what is kept: without it no pairing is offered, which strict servers want. */
static const struct jg_callbacks callbacks = {.write = on_write, .configure = on_configure, .set_rate_ppm = on_trim, .volume = on_volume,
                                              .metadata = on_metadata, .random = on_random, .load = kept_load, .save = kept_save};

#if JG_CRYPTO
static int crypto_random(void *user, unsigned char *data, size_t size)
{
	on_random(user, data, size);
	return 0;
}

static const struct jg_crypto *use_crypto(void)
{
	static struct jg_mbedtls mbedtls = {.random = crypto_random};
	static struct jg_crypto crypto;
	crypto = jg_mbedtls_crypto(&mbedtls);
	return &crypto;
}
#else
static const struct jg_crypto *use_crypto(void)
{
	return NULL;
}
#endif

/* Ten times a second. */
static void sample_error(int64_t now)
{
	const int64_t minute = 60000000, age = now - started;
	int64_t local;
	struct errors *const e = age < 6 * minute ? &early : &later;
	const bool counts = age >= minute && (age < 6 * minute || age >= 10 * minute);
	if (!counts || now < sampled + 100000 || !jg_to_local(&client, now, &local)) {
		return;
	}
	sampled = now;
	const int64_t off = llabs(local - ours(now)) / ERROR_BIN, last = ERROR_BINS - 1;
	e->count[off < last ? off : last]++;
	e->all++;
}

/* In us: 95 % of what was sampled is not above; 0 where nothing was. */
static unsigned p95(const struct errors *e)
{
	uint32_t seen = 0;
	unsigned bin = 0;
	while (e->all > 0 && (seen += e->count[bin]) * 20.0 < e->all * 19.0) {
		bin++;
	}
	return e->all > 0 ? ERROR_BIN * (bin + 1) : 0;
}

static int happen(uint32_t order, int64_t now)
{
	const uint8_t value = (uint8_t)(order >> 8);
	switch ((enum order)(order & 0xff)) {
	case NOTHING:
		return JG_OK;
	case CUT:
		jg_closed(&client, 0, now);
		return JG_OK;
	case PRESS_NEXT:
		return jg_press(&client, JG_NEXT, 0);
	case GROUP_VOLUME:
		return jg_press(&client, JG_GROUP_VOLUME, value);
	case OWN_VOLUME:
		jg_set_volume(&client, value);
		return JG_OK;
	case PREFER:
		return jg_prefer(&client, &formats[value & 1]);
	}
	return JG_ERR_ARGUMENT;
}

/* Does what is due, and puts what is to be sent into out. Returns the us to the
 * next deadline. */
static uint32_t live(int64_t now, uint8_t *out, size_t room, uint32_t *size)
{
	const uint8_t *piece;
	size_t n;
	const uint32_t wait = jg_poll(&client, now);
	while ((n = jg_output(&client, 0, &piece)) > 0 && *size + n <= room) {
		memcpy(out + *size, piece, n);
		*size += (uint32_t)n;
		jg_sent(&client, 0, n, now);
	}
	return wait;
}

static int step(const struct request *q, const void *data, FILE *answers)
{
	static uint8_t out[8 * JG_OUT_BYTES];
	struct answer a = {.at = q->now};
	server_now = q->now;
	(void)sink_run(sink, &client, ours(q->now));
	int r = happen(q->order, ours(q->now));
	if (r == JG_OK && q->size > 0) {
		r = jg_received(&client, 0, data, q->size, ours(q->now));
	}
	for (uint32_t wait = 0; r >= 0;) {
		server_now = a.at;
		if (jg_want(&client, 0, ours(a.at)) == JG_WANT_CONNECT) {
			r = jg_opened(&client, 0, false, ours(a.at));
			opened++;
		}
		wait = live(ours(a.at), out, sizeof out, &a.size);
		sample_error(a.at);
		if (a.size > 0) {
			break; /* what comes of it may be sooner than the deadline */
		}
		a.at += wait > 0 ? wait : 1;
		if (a.at > q->until) {
			break;
		}
		(void)sink_run(sink, &client, ours(a.at));
	}
	if (r < 0) {
		(void)fprintf(stderr, "%s\n", jg_strerror(r));
		return 1;
	}
	a.opened = opened;
	return fwrite(&a, sizeof a, 1, answers) != 1 || fwrite(out, 1, a.size, answers) != a.size || fflush(answers) != 0;
}

static void count(void)
{
	struct jg_status s;
	jg_get_status(&client, &s);
	(void)fprintf(stderr,
	              "{\"underruns\":%u,\"late\":%u,\"dropped\":%u,\"damaged\":%u,\"added\":%u,\"removed\":%u,\"resyncs\":%u,\"clock_ppb\":%d,"
	              "\"volume\":%u,\"early_us\":%u,\"later_us\":%u}\n",
	              (unsigned)s.underruns, (unsigned)s.late, (unsigned)s.dropped, (unsigned)s.damaged, (unsigned)s.added, (unsigned)s.removed,
	              (unsigned)s.resyncs, (int)s.clock_ppm, (unsigned)s.volume, p95(&early), p95(&later));
}

static int run(FILE *answers)
{
	static uint8_t data[1 << 20];
	struct request q;
	while (answers != NULL && fread(&q, sizeof q, 1, stdin) == 1) {
		if (q.size > sizeof data || fread(data, 1, q.size, stdin) != q.size || step(&q, data, answers) != 0) {
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 6 && argc != 9) {
		(void)fprintf(stderr, "usage: lockstep CLOCK-PPM CARD-PPM CODEC RATE BITS [CODEC RATE BITS]\n");
		return 2;
	}
	for (int i = 3; i < argc; i += 3) {
		formats[i / 3 - 1] = (struct jg_format){(uint32_t)atoi(argv[i + 1]), strcmp(argv[i], "flac") == 0 ? JG_FLAC : JG_PCM, 2, (uint8_t)atoi(argv[i + 2])};
	}
	const struct jg_config config = {.client_id = "lockstep", .name = "Lockstep", .formats = formats, .format_count = (size_t)argc / 3 - 1,
	                                 .audio = audio, .audio_bytes = sizeof audio, .scratch = scratch,
	                                 .scratch_samples = sizeof scratch / sizeof *scratch, .volume = 100, .dial = true, .crypto = use_crypto(),
	                                 .unpaired_access = true};
	const struct sink_config card = {.pipe = true, .buffer_ms = 50, .ppm = atof(argv[2])};
	clock_ppm = atof(argv[1]);
	sink = sink_open(&card);
	/* The first step brings the time. */
	if (sink == NULL || fread(&started, sizeof started, 1, stdin) != 1 || jg_init(&client, &config, &callbacks, NULL, ours(started)) < 0) {
		return 1;
	}
	const int failed = run(fdopen(3, "wb"));
	sink_close(sink);
	count();
	return failed;
}
