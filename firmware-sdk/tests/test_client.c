/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"
#include "rig.h"
#include "test.h"
#include "ws.h"

static void start(bool dial)
{
	rig_start(dial);
	(void)jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now);
}

static struct jg_status status(void)
{
	struct jg_status s;
	jg_get_status(&rig.c, &s);
	return s;
}

static void refuses_nonsense(void)
{
	rig_start(false);
	check_int(jg_init(NULL, &rig.config, &rig.cb, &rig, 0), JG_ERR_ARGUMENT);
	struct jg_config k = rig.config;
	check_int(jg_init(&rig.c, &k, &rig.cb, &rig, 0), JG_OK);
	k.client_id = "";
	check_int(jg_init(&rig.c, &k, &rig.cb, &rig, 0), JG_ERR_ARGUMENT);
	k = rig.config;
	k.format_count = 0;
	check_int(jg_init(&rig.c, &k, &rig.cb, &rig, 0), JG_ERR_ARGUMENT);
	const struct jg_format bad[] = {{48000, JG_FLAC, 2, 32}};
	k = rig.config;
	k.formats = bad;
	k.format_count = 1;
	check_int(jg_init(&rig.c, &k, &rig.cb, &rig, 0), JG_ERR_FORMAT);
	k = rig.config;
	k.audio_bytes = 4095 + JG_TEXT_BYTES;
	check_int(jg_init(&rig.c, &k, &rig.cb, &rig, 0), JG_ERR_ROOM);
	k = rig.config;
	k.scratch_samples = 100;
	check_int(jg_init(&rig.c, &k, &rig.cb, &rig, 0), JG_ERR_ROOM);
	struct jg_callbacks cb = rig.cb;
	cb.write = NULL;
	check_int(jg_init(&rig.c, &rig.config, &cb, &rig, 0), JG_ERR_ARGUMENT);
}

static void connects(bool accepted)
{
	start(!accepted);
	check(rig_connect(0, accepted, "one", "playback"));
	check(status().connected && rig.servers == 1);
	check_string(rig.server_name, "one");
	rig_run(10000);
	rig.answers = false;
	check(status().synchronized);
	const unsigned before = rig.sent_count[0];
	rig_run(1000000);
	check(rig.sent_count[0] - before >= 9 && rig.sent_count[0] - before <= 20);
}

static void dials(void)
{
	connects(false);
}

static void is_dialled(void)
{
	connects(true);
}

static void upgrade_fails(void)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\n", "POST /sendspin HTTP/1.1\r\n", "\r\n\r\n",
		"GET /sendspin HTTP/1.1\r\nHost: x\r\n\r\n", "GET /sendspin HTTP/1.1\r\nSec-WebSocket-Version: 7\r\n",
	};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		start(false);
		check_int(jg_opened(&rig.c, 0, true, rig.now), JG_OK);
		check_int(jg_received(&rig.c, 0, bad[i], strlen(bad[i]), rig.now), JG_ERR_HTTP);
		check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE);
		jg_closed(&rig.c, 0, rig.now);
		check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_NOTHING);
	}
	/* a line that is longer than any buffer does not matter, nor do pieces */
	start(false);
	check_int(jg_opened(&rig.c, 0, true, rig.now), JG_OK);
	check_int(jg_received(&rig.c, 0, "GET /sendspin HTTP/1.1\r\nCookie: ", 33, rig.now), JG_OK);
	for (unsigned i = 0; i < 5000; i++) {
		check_int(jg_received(&rig.c, 0, "x", 1, rig.now), JG_OK);
	}
	const char rest[] = "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	check_int(jg_received(&rig.c, 0, rest, strlen(rest), rig.now), JG_OK);
	rig_pump();
	check(strstr(rig.http[0], "101") != NULL);
}

static void metadata(void)
{
	start(true);
	check(rig_connect(0, false, "one", "playback"));
	rig_run(300000);
	char json[300];
	(void)snprintf(json, sizeof json, "{\"type\":\"server/state\",\"payload\":{\"metadata\":{\"timestamp\":%ld,\"title\":\"T\",\"artist\":null,"
	               "\"progress\":{\"track_progress\":5000,\"track_duration\":60000,\"playback_speed\":1000}}}}", (long)(rig_server_now() - 2000000));
	check_int(rig_text(0, json), JG_OK);
	check_string(rig.title, "T");
	check_string(rig.artist, "");
	check(rig.position_ms >= 6990 && rig.position_ms <= 7010);
	check_int(rig_text(0, "{\"type\":\"server/state\",\"payload\":{\"metadata\":{\"artist\":\"A\"}}}"), JG_OK);
	check_string(rig.title, "(unsaid)");
	check_int(rig.position_ms, -1);
	check_int(rig.metadata, 2);
}

static void commands(void)
{
	start(true);
	check_int(jg_press(&rig.c, JG_NEXT, 0), JG_ERR_STATE);
	check(rig_connect(0, false, "one", "playback"));
	check_int(jg_press(&rig.c, JG_NEXT, 0), JG_ERR_STATE); /* not offered */
	check_int(rig_text(0, "{\"type\":\"server/state\",\"payload\":{\"controller\":{\"supported_commands\":[\"next\",\"volume\"],\"volume\":30,\"muted\":false}}}"), JG_OK);
	check_int(rig.group.commands, JG_NEXT | JG_GROUP_VOLUME);
	check_int(jg_press(&rig.c, JG_NEXT, 0), JG_OK);
	rig_pump();
	check(strstr(rig.sent[0], "\"command\":\"next\"") != NULL);
	check_int(jg_press(&rig.c, JG_GROUP_VOLUME, 101), JG_ERR_ARGUMENT);
	check_int(jg_press(&rig.c, (enum jg_command)(JG_NEXT | JG_PLAY), 0), JG_ERR_ARGUMENT);
	check_int(jg_press(&rig.c, JG_JUMP, 0), JG_ERR_STATE);
	check_int(rig_text(0, "{\"type\":\"server/state\",\"payload\":{\"_jumpgate\":{\"supported_commands\":[\"jump\",\"like\"],\"rating\":\"like\"}}}"), JG_OK);
	check_int(rig.group.commands, JG_NEXT | JG_GROUP_VOLUME | JG_JUMP | JG_LIKE);
	check_int(rig.group.rating, JG_LIKED);
	check_int(jg_press(&rig.c, JG_DISLIKE, 0), JG_ERR_STATE);
	check_int(jg_press(&rig.c, JG_JUMP, 0), JG_OK);
	rig_pump();
	check(strstr(rig.sent[0], "\"_jumpgate\":{\"command\":\"jump\"}") != NULL);
	check_int(rig_text(0, "{\"type\":\"server/command\",\"payload\":{\"player\":{\"command\":\"volume\",\"volume\":300}}}"), JG_OK);
	check_int(status().volume, 100);
	check_int(rig_text(0, "{\"type\":\"server/command\",\"payload\":{\"player\":{\"command\":\"mute\",\"mute\":true}}}"), JG_OK);
	check(status().muted);
	check(strstr(rig.sent[0], "\"muted\":true") != NULL);
	check_int(rig_text(0, "{\"type\":\"server/command\",\"payload\":{\"player\":{\"command\":\"set_static_delay\",\"static_delay_ms\":99999}}}"), JG_OK);
	check(strstr(rig.sent[0], "\"static_delay_ms\":5000") != NULL);
	check_int(rig_text(0, "{\"type\":\"server/command\",\"payload\":{\"player\":{\"command\":\"volume\"}}}"), JG_OK);
	check_int(status().volume, 100);
	check_int(jg_prefer(&rig.c, &rig.config.formats[1]), JG_OK);
	rig_pump();
	check(strstr(rig.sent[0], "stream/request-format") != NULL);
	check_int(jg_prefer(&rig.c, &(struct jg_format){1, 1, 1, 1}), JG_ERR_FORMAT);
}

static void settings(void)
{
	start(true);
	check(rig_connect(0, false, "one", "playback"));
	jg_set_volume(&rig.c, 33);
	rig_run(1000000);
	check_int(rig.saves, 0); /* a slider that is dragged is written once */
	jg_set_volume(&rig.c, 34);
	check_int(rig_text(0, "{\"type\":\"group/update\",\"payload\":{\"playback_state\":\"playing\"}}"), JG_OK);
	check(rig.group.playing);
	rig_run(3000000);
	check_int(rig.saves, 1);
	uint8_t kept[16];
	memcpy(kept, rig.stored, 16);
	struct jg_client c2;
	check_int(jg_init(&c2, &rig.config, &rig.cb, &rig, 0), JG_OK);
	check_int(c2.volume, 34);
	check(c2.last_server == rig.c.last_server && c2.last_server != 0);
	/* a power cut: every length and every flipped bit is as if nothing were there */
	for (unsigned n = 0; n < 16; n++) {
		rig.stored_size = n;
		check_int(jg_init(&c2, &rig.config, &rig.cb, &rig, 0), JG_OK);
		check_int(c2.volume, 100);
	}
	rig.stored_size = 16;
	for (unsigned bit = 0; bit < 128; bit++) {
		rig.stored[bit / 8] ^= (uint8_t)(1u << (bit & 7));
		check_int(jg_init(&c2, &rig.config, &rig.cb, &rig, 0), JG_OK);
		check_int(c2.volume, 100);
		memcpy(rig.stored, kept, 16);
	}
}

/* The rule for several servers, and what each is told. */
static void servers(void)
{
	start(false);
	check(rig_connect(0, true, "one", "discovery"));
	check(rig_connect(1, true, "two", "discovery"));
	check_int(rig.servers, 1);
	check(strstr(rig.sent[1], "another_server") != NULL);
	check_int(jg_free_link(&rig.c), JG_ERR_STATE);
	jg_closed(&rig.c, 1, rig.now);
	check_int(jg_free_link(&rig.c), 1);
	check(rig_connect(1, true, "two", "playback"));
	check_string(rig.server_name, "two");
	check(strstr(rig.sent[0], "another_server") != NULL);
	check(rig.gone == 1 && rig.gone_why == JG_ERR_REFUSED);
	rig_run(1100000);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE);
	jg_closed(&rig.c, 0, rig.now);
	check(status().connected);
	check(rig_connect(0, true, "one", "discovery"));
	check_string(rig.server_name, "two"); /* it plays */
	jg_closed(&rig.c, 0, rig.now);
	check(rig_connect(0, true, "two", "discovery")); /* the same one, anew */
	check_int(rig.servers, 3);
	jg_closed(&rig.c, 1, rig.now);
	check(status().connected);
	/* the one that played last is let in while the other one does nothing */
	check_int(rig_text(0, "{\"type\":\"group/update\",\"payload\":{\"playback_state\":\"playing\"}}"), JG_OK);
	jg_closed(&rig.c, 0, rig.now);
	check(rig_connect(0, true, "three", "discovery"));
	check(rig_connect(1, true, "two", "discovery"));
	check_string(rig.server_name, "two");
}

static void comes_back(void)
{
	start(true);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CONNECT);
	check_int(jg_want(&rig.c, 1, rig.now), JG_WANT_NOTHING);
	int64_t wait = 0;
	for (unsigned i = 0; i < 9; i++) {
		const int64_t failed = rig.now;
		jg_closed(&rig.c, 0, rig.now);
		check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_NOTHING);
		while (jg_want(&rig.c, 0, rig.now) != JG_WANT_CONNECT) {
			rig_run(10000);
		}
		const int64_t waited = rig.now - failed;
		check(waited >= 240000 && waited <= 12600000 && (waited > wait || waited >= 10000000));
		wait = waited;
	}
	check(rig_connect(0, false, "one", "playback"));
	rig_run(11000000);
	jg_closed(&rig.c, 0, rig.now);
	check_int(rig.gone, 1);
	rig_run(400000);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CONNECT);
	check(rig_connect(0, false, "one", "playback"));
	jg_leave(&rig.c, JG_USER_REQUEST, rig.now);
	rig_pump();
	check(strstr(rig.sent[0], "user_request") != NULL);
	jg_closed(&rig.c, 0, rig.now);
	rig_run(15000000);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_NOTHING);
}

static void timeouts(void)
{
	start(true);
	check_int(jg_opened(&rig.c, 0, false, rig.now), JG_OK);
	check_int(jg_opened(&rig.c, 0, false, rig.now), JG_ERR_ARGUMENT);
	check_int(jg_opened(&rig.c, 2, false, rig.now), JG_ERR_ARGUMENT);
	rig_run(5100000);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE); /* no upgrade */
	jg_closed(&rig.c, 0, rig.now);
	check(rig_connect(0, false, "one", "playback"));
	rig.answers = false;
	rig_run(30100000);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE); /* no answers */
	jg_closed(&rig.c, 0, rig.now);
	check_int(rig.gone_why, JG_ERR_TIMEOUT);
	check(rig_connect(0, false, "one", "playback"));
	for (unsigned i = 0; i < 2300; i++) { /* nobody takes what we send */
		rig.now += 1000;
		(void)jg_poll(&rig.c, rig.now);
	}
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE);
	check_int(jg_received(&rig.c, 1, "x", 1, rig.now), JG_ERR_ARGUMENT);
}

static void control_frames(void)
{
	start(true);
	check(rig_connect(0, false, "one", "playback"));
	check_int(rig_frame(0, 9, "ping", 4), JG_OK);
	check_int(rig.last_opcode, 10);
	/* within a message in pieces */
	const uint8_t pieces[] = {0x01, 9, '{', '"', 't', 'y', 'p', 'e', '"', ':', '"', 0x89, 1, '!', 0x80, 4, 'x', '/', 'y', '"'};
	check_int(jg_received(&rig.c, 0, pieces, sizeof pieces, rig.now), JG_ERR_JSON); /* it is not whole */
	start(true);
	check(rig_connect(0, false, "one", "playback"));
	const uint8_t more[] = {0x01, 9, '{', '"', 't', 'y', 'p', 'e', '"', ':', '"', 0x89, 1, '!', 0x80, 5, 'x', '/', 'y', '"', '}'};
	check_int(jg_received(&rig.c, 0, more, sizeof more, rig.now), JG_OK);
	check_int(rig_frame(0, 8, "\x03\xe8", 2), JG_OK); /* close */
	check_int(rig.last_opcode, 8);
	rig_run(1100000);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE);
}

static void oversize(void)
{
	static char json[JG_TEXT_BYTES + 100];
	start(true);
	check(rig_connect(0, false, "one", "playback"));
	memset(json, ' ', sizeof json - 1);
	check_int(rig_text(0, json), JG_OK);
	check_int(status().oversize, 1);
	check_int(rig_text(0, "{\"type\":\"server/state\",\"payload\":{\"metadata\":{\"title\":\"still here\"}}}"), JG_OK);
	check_string(rig.title, "still here");
	check_int(rig_text(0, "{\"type\":"), JG_ERR_JSON);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE);
	start(true);
	check_int(jg_opened(&rig.c, 0, false, rig.now), JG_OK);
	rig_pump();
	check(rig_connect(1, true, "two", "playback")); /* another buffer */
}

/* The large buffer changes hands while its link has half a line in it. */
static void buffers_change_hands(void)
{
	static char line[1000];
	start(false);
	check(rig_connect(0, true, "one", "discovery"));
	check_int(jg_opened(&rig.c, 1, true, rig.now), JG_OK);
	jg_closed(&rig.c, 0, rig.now);
	check_int(jg_opened(&rig.c, 0, true, rig.now), JG_OK); /* this one has the large buffer now */
	memset(line, 'x', sizeof line);
	check_int(jg_received(&rig.c, 0, "GET /sendspin HTTP/1.1\r\n", 24, rig.now), JG_OK);
	check_int(jg_received(&rig.c, 0, line, sizeof line, rig.now), JG_OK);
	jg_closed(&rig.c, 1, rig.now);
	check(rig_connect(1, true, "two", "playback"));
	check_int(jg_received(&rig.c, 0, line, sizeof line, rig.now), JG_OK);
	check_int(jg_received(&rig.c, 0, "\r\n\r\n", 4, rig.now), JG_ERR_HTTP);
	check(status().connected);
}

/* Nothing that a server sends in any state may do harm; sanitizers and the
 * fuzzers look at this more closely. */
static void out_of_turn(void)
{
	static const char *const odd[] = {
		"{\"type\":\"server/hello\",\"payload\":{\"name\":\"x\"}}", "{\"type\":\"server/time\"}", "{\"type\":\"server/time\",\"payload\":{\"client_transmitted\":9}}",
		"{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"pcm\",\"sample_rate\":1,\"channels\":9,\"bit_depth\":-3}}}",
		"{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"flac\",\"sample_rate\":44100,\"channels\":2,\"bit_depth\":16,\"codec_header\":\"?\"}}}",
		"{\"type\":\"stream/start\",\"payload\":{\"artwork\":{}}}", "{\"type\":\"stream/end\"}", "{\"type\":\"server/command\",\"payload\":{}}",
	};
	for (unsigned i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		start(true);
		check(rig_connect(0, false, "one", "playback"));
		const int r = rig_text(0, odd[i]);
		check(i == 0 ? r == JG_ERR_MESSAGE : r == JG_OK);
		(void)rig_audio(0, 5, "abc", 3);
		rig_run(100000);
		check(!status().streaming && status().buffered == 0);
	}
}

static void leads(void)
{
	const struct jg_format flac = {44100, JG_FLAC, 2, 16}, pcm = {48000, JG_PCM, 2, 24}, opus = {48000, JG_OPUS, 2, 16};
	printf("lead: FLAC 44.1/16 %u ms of 48 KB, %u ms of 96 KB; PCM 48/24 %u ms of 96 KB\n", (unsigned)jg_lead_ms(&flac, 49152),
	       (unsigned)jg_lead_ms(&flac, 98304), (unsigned)jg_lead_ms(&pcm, 98304));
	check(jg_lead_ms(&flac, 49152) >= 250 && jg_lead_ms(&flac, 98304) >= 550);
	check_int(jg_lead_ms(&opus, 98304), 800);
	check(jg_lead_ms(&pcm, 4096) > 0);
}

const struct test tests_client[] = {TEST(refuses_nonsense), TEST(dials), TEST(is_dialled), TEST(upgrade_fails), TEST(metadata), TEST(commands),
                                    TEST(settings), TEST(servers), TEST(comes_back), TEST(timeouts), TEST(control_frames), TEST(oversize),
                                    TEST(buffers_change_hands), TEST(out_of_turn), TEST(leads), {NULL, NULL}};
