/* SPDX-License-Identifier: Apache-2.0 */
#include "playout.h"
#include "rig.h"
#include "test.h"

static int64_t stream_at; /* server time of frame 1 */
static int32_t made;      /* frames sent */
static int64_t settled;   /* our time from which errors count */

/* An emulated processor without doubles takes its time. */
#ifdef TEST_ON_TARGET
enum { LONG_US = 30000000, STALLS = 2, EACH = 64 };
#else
enum { LONG_US = 60000000, STALLS = 6, EACH = 1 };
#endif

static void heard(struct rig *r, int32_t left, int64_t at)
{
	if (left % EACH != 0 || r->now <= settled) {
		return;
	}
	const int64_t wanted = stream_at + (int64_t)(left - 1) * 1000000 / 48000;
	const int64_t off = at + (int64_t)((double)at * r->server_ppm * 1e-6) + r->server_ahead - wanted;
	const int32_t size = (int32_t)(off < 0 ? -off : off);
	r->worst_us = size > r->worst_us ? size : r->worst_us;
}

static struct jg_status status(void)
{
	struct jg_status s;
	jg_get_status(&rig.c, &s);
	return s;
}

static bool begin(void)
{
	made = 0;
	settled = 0;
	rig.on_heard = heard;
	if (jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now) < 0 || !rig_connect(0, false, "one", "playback")) {
		return false;
	}
	rig_run(300000);
	stream_at = rig_server_now() + 400000;
	return rig_stream(48000, 24);
}

/* Sends 20 ms chunks up to `lead` us ahead while time passes. */
static void feed(int64_t us, int64_t lead)
{
	for (const int64_t end = rig.now + us; rig.now < end;) {
		while (stream_at + (int64_t)made * 1000000 / 48000 < rig_server_now() + lead) {
			(void)rig_chunk(stream_at + (int64_t)made * 1000000 / 48000, made + 1, 960);
			made += 960;
		}
		rig_run(10000);
	}
}

static void plays(void)
{
	rig_start(true);
	check(begin());
	feed(3000000, 150000);
	check_int(rig.first_heard, 1);
	check_int(rig.breaks, 0);
	check(rig.worst_us < 200);
	check_int(rig.configured, 1);
	check_int(rig.enabled, 1);
	const struct jg_status s = status();
	check(s.playing && s.underruns == 0 && s.added == 0 && s.removed == 0 && s.resyncs == 0 && s.dropped == 0);
	check_int(rig_text(0, "{\"type\":\"stream/end\",\"payload\":{}}"), JG_OK);
	check(!status().streaming && status().buffered == 0);
	rig_run(6000000);
	check_int(rig.disabled, 1);
}

static void follows(double dac_ppm, double server_ppm)
{
	rig_start(true);
	rig.dac_ppm = dac_ppm;
	rig.server_ppm = server_ppm;
	check(begin());

	settled = rig.now + LONG_US / 3;
	feed(LONG_US, 150000);
	const struct jg_status s = status();
	printf("playout: card %d ppm, server %d ppm: worst %d us, %u added, %u removed, %u resyncs\n", (int)dac_ppm, (int)server_ppm,
	       (int)rig.worst_us, (unsigned)s.added, (unsigned)s.removed, (unsigned)s.resyncs);
	check(rig.worst_us < 500);
	check(s.underruns == 0 && s.damaged == 0 && s.dropped == 0);
}

static void follows_slow_card(void)
{
	follows(-100, 0);
	check(status().removed > 100 && status().added < 20 && status().resyncs == 0);
}

static void follows_fast_card(void)
{
	follows(100, 0);
	check(status().added > 100 && status().removed < 20 && status().resyncs == 0);
}

static void follows_server(void)
{
	follows(0, 100);
	follows(-100, 100);
}

static void on_trim(void *user, int32_t ppm)
{
	((struct rig *)user)->trim = ppm;
}

/* With a clock that can be trimmed no frame is touched. */
static void trims(void)
{
	for (int ppm = -100; ppm <= 100; ppm += 200) {
		rig_start(true);
		rig.cb.set_rate_ppm = on_trim;
		rig.dac_ppm = ppm;
		check(begin());
		settled = rig.now + LONG_US / 2;
		feed(LONG_US, 150000);
		check_int(rig.breaks, 0);
		check(status().added == 0 && status().removed == 0 && status().resyncs == 0);
		check(rig.worst_us < 500);
		check(rig.trim > -ppm - 20 && rig.trim < -ppm + 20);
	}
}

/* A codec of 1,050 kbit/s: 20 ms are 2,625 bytes. */
static int filler_start(void *state, const struct jg_format *f, const uint8_t *header, size_t size)
{
	(void)state;
	(void)header;
	(void)size;
	return f->codec == JG_FLAC ? JG_OK : JG_ERR_FORMAT;
}

static int filler_decode(void *state, const struct jg_span *in, size_t *used, int32_t *out, size_t stride)
{
	(void)state;
	*used = in->size[0] + in->size[1];
	for (size_t i = 0; i < 882; i++) {
		out[i] = out[stride + i] = 1;
	}
	return 882;
}

/* No network for as long as the buffer is to last, every 20 s; nothing is to be
 * heard of it. Behind the stall what was held back comes at once. */
static void stalls(size_t audio_bytes, int64_t stall)
{
	static const struct jg_decoder filler = {JG_FLAC, filler_start, filler_decode, NULL};
	static uint8_t memory[98304], chunk[2625];
	rig_start(true);
	rig.config.audio = memory;
	rig.config.audio_bytes = audio_bytes;
	rig.config.decoders = &filler;
	rig.config.decoder_count = 1;
	check(begin());
	rig.on_heard = NULL;
	check_int(rig_text(0, "{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"flac\",\"sample_rate\":44100,\"channels\":2,\"bit_depth\":16}}}"), JG_OK);
	const int64_t lead = (int64_t)jg_lead_ms(&rig.config.formats[2], audio_bytes) * 1000;
	const int64_t start = rig.now, first = rig_server_now() + lead;
	int64_t sent = 0;
	while (rig.now - start < STALLS * 20000000 + 5000000) {
		const bool still = (rig.now - start) % 20000000 >= 20000000 - stall;
		for (; !still && first + sent * 20000 < rig_server_now() + lead; sent++) {
			check_int(rig_audio(0, first + sent * 20000, chunk, sizeof chunk), JG_OK);
		}
		rig_run(5000);
	}
	const struct jg_status s = status();
	printf("stall: %u ms every 20 s, %u KB at 1,050 kbit/s, lead %u ms: %u underruns, %u dropped\n", (unsigned)(stall / 1000),
	       (unsigned)(audio_bytes / 1024), (unsigned)(lead / 1000), (unsigned)s.underruns, (unsigned)s.dropped);
	check(s.underruns == 0 && s.dropped == 0 && s.late == 0 && s.resyncs == 0 && s.playing);
}

static void stall_of_48k(void)
{
	stalls(RIG_AUDIO, 200000);
}

static void stall_of_96k(void)
{
	stalls(2 * RIG_AUDIO, 500000);
}

static void underrun(void)
{
	rig_start(true);
	check(begin());
	feed(1000000, 100000);
	rig_run(500000);
	check_int(status().underruns, 1);
	check(rig.errors == 1 && rig.in_error); /* and the server was told */
	made = (int32_t)((rig_server_now() - stream_at) * 48 / 1000 / 960 * 960); /* the server goes on */
	feed(1000000, 100000);
	check_int(status().underruns, 1);
	check(status().playing && rig.errors == 1 && !rig.in_error);
	check_int(rig.breaks, 1);
	settled = rig.now;
	rig.worst_us = 0;
	feed(1000000, 100000);
	check(rig.worst_us < 200);
}

/* Chunks whose time has gone are left out, and the rest is in step. */
static void late_chunks(void)
{
	rig_start(true);
	check(begin());
	stream_at = rig_server_now() - 1000000;
	settled = rig.now + 500000;
	feed(2000000, 100000);
	check(status().late >= 3);
	check(rig.worst_us < 200);
	check(rig.first_heard > 40000);
}

static void clear(void)
{
	rig_start(true);
	check(begin());
	feed(1000000, 100000);
	const unsigned before = rig.heard_count;
	check_int(rig_text(0, "{\"type\":\"stream/clear\",\"payload\":{\"roles\":[\"metadata\"]}}"), JG_OK);
	check(status().buffered > 0);
	check_int(rig_text(0, "{\"type\":\"stream/clear\",\"payload\":{\"roles\":[\"player\"]}}"), JG_OK);
	check(status().buffered == 0 && status().streaming);
	stream_at = rig_server_now() + 100000;
	made = 0;
	rig.worst_us = 0;
	feed(1000000, 90000);
	check(rig.heard_count > before + 40000 && rig.breaks == 1);
	check_int(status().underruns, 0);
	check_int(rig.configured, 1);
}

static void changes_format(void)
{
	rig_start(true);
	check(begin());
	feed(500000, 100000);
	const int64_t at = stream_at + (int64_t)made * 1000000 / 48000;
	static uint8_t data[4 * 882];
	for (unsigned i = 0; i < 882 * 2; i++) {
		data[2 * i + 1] = 1; /* 256 of 32768 */
	}
	check(rig_stream(44100, 16));
	for (int i = 0; i < 40; i++) {
		check_int(rig_audio(0, at + i * 20000, data, sizeof data), JG_OK);
	}
	check_int(rig.configured, 1); /* what is there is played out first */
	rig_run(1000000);
	check_int(rig.configured, 2);
	check_int(rig.format.rate, 44100);
	check_int(rig.last_heard, 256 << 8);
	check_int(rig_text(0, "{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"pcm\",\"sample_rate\":96000,\"channels\":2,\"bit_depth\":24}}}"), JG_OK);
	check(!status().streaming); /* that was not offered */
}

static void overflow(void)
{
	rig_start(true);
	check(begin());
	for (int i = 0; i < 12; i++) {
		(void)rig_chunk(stream_at + i * 20000, made + 1, 960);
		made += 960;
	}
	check(status().dropped > 0 && status().buffered <= RIG_AUDIO);
	rig_run(1500000);
	check(rig.heard_count >= 7 * 960);
}

static void volume_law(void)
{
	check_int(jg_gain(100), 65536);
	check_int(jg_gain(0), 0);
	check_int(jg_gain(50), 23170); /* 0.5^1.5 of 65536 */
	check_int(jg_gain(25), 8192);
	check_int(jg_gain(1), 65);
	for (uint8_t v = 1; v <= 100; v++) {
		check(jg_gain(v) > jg_gain((uint8_t)(v - 1)));
	}
}

static void volume_ramps(void)
{
	rig_start(true);
	check(begin());
	feed(1500000, 100000);
	const int32_t loud = rig.last_heard;
	jg_set_muted(&rig.c, true);
	feed(1000000, 100000);
	check(rig.zeros > 40000);
	check(loud > 0);
	jg_set_muted(&rig.c, false);
	jg_set_volume(&rig.c, 25);
	feed(1000000, 100000);
	check(rig.last_heard > 0 && rig.last_heard < made / 7 && rig.last_heard > made / 10);
}

static void damaged(void)
{
	rig_start(true);
	check(begin());
	feed(500000, 100000);
	(void)rig_audio(0, stream_at + (int64_t)made * 1000000 / 48000, "x", 1); /* no whole frame */
	feed(500000, 100000);
	check_int(status().damaged, 1);
	check(status().playing);
}

/* A card that ran dry is found again. */
static void card_runs_dry(void)
{
	rig_start(true);
	check(begin());
	feed(1000000, 150000);
	for (unsigned i = 0; i < 100; i++) { /* nobody calls jg_poll() for 100 ms */
		rig.now += 1000;
	}
	rig.dac_have = 0;
	jg_audio_played(&rig.c, rig.c.play.written - rig.c.play.played, rig.now - 60000);
	feed(1000000, 150000);
	settled = rig.now;
	rig.worst_us = 0;
	feed(1000000, 150000);
	check(status().playing && rig.worst_us < 300);
}

static size_t frames_of_own;

static int own_start(void *state, const struct jg_format *f, const uint8_t *header, size_t size)
{
	(void)state;
	(void)header;
	return f->codec == JG_OPUS && size == 0 ? JG_OK : JG_ERR_FORMAT;
}

static int own_decode(void *state, const struct jg_span *in, size_t *used, int32_t *out, size_t stride)
{
	(void)state;
	*used = in->size[0] + in->size[1];
	for (size_t i = 0; i < 960; i++) {
		out[i] = out[stride + i] = 1000;
	}
	frames_of_own += 960;
	return 960;
}

static void decoder_of_ones_own(void)
{
	static const struct jg_format formats[] = {{48000, JG_OPUS, 2, 16}, {48000, JG_PCM, 2, 24}};
	static const struct jg_decoder own = {JG_OPUS, own_start, own_decode, NULL};
	rig_start(true);
	rig.config.formats = formats;
	rig.config.format_count = 2;
	rig.config.decoders = &own;
	rig.config.decoder_count = 1;
	frames_of_own = 0;
	check(begin());
	check_int(rig_text(0, "{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"opus\",\"sample_rate\":48000,\"channels\":2,\"bit_depth\":0}}}"), JG_OK);
	for (int i = 0; i < 25; i++) {
		check_int(rig_audio(0, stream_at + i * 20000, "packet", 6), JG_OK);
	}
	rig.on_heard = NULL;
	rig_run(1500000);
	check_int(frames_of_own, 25 * 960);
	check_int(rig.heard_count, 25 * 960);
}

const struct test tests_playout[] = {
	TEST(plays), TEST(follows_slow_card), TEST(follows_fast_card), TEST(follows_server), TEST(trims), TEST(stall_of_48k), TEST(stall_of_96k), TEST(underrun),
	TEST(late_chunks), TEST(clear), TEST(changes_format), TEST(overflow), TEST(volume_law), TEST(volume_ramps), TEST(damaged),
	TEST(card_runs_dry), TEST(decoder_of_ones_own), {NULL, NULL}};
