/* SPDX-License-Identifier: Apache-2.0 */
/* The artwork role, in both dialects. */
#include "rig.h"
#include "test.h"

#if JG_ROLE_ARTWORK

#include "ws.h"

static char seen[200]; /* what the callback was told: "0:ab 0." a piece and an end, "0!" one taken back */

static void on_artwork(void *user, uint8_t channel, const uint8_t *data, size_t size)
{
	(void)user;
	const size_t n = strlen(seen);
	if (size == JG_PICTURE_VOID) {
		(void)snprintf(seen + n, sizeof seen - n, "%u! ", (unsigned)channel);
	} else if (size == 0) {
		(void)snprintf(seen + n, sizeof seen - n, "%u. ", (unsigned)channel);
	} else {
		(void)snprintf(seen + n, sizeof seen - n, "%u:%.*s ", (unsigned)channel, (int)size, (const char *)data);
	}
}

/* Whether that is what it was told since the last time. */
static bool saw(const char *what)
{
	const bool so = strcmp(seen, what) == 0;
	if (!so) {
		printf("told: %s\n", seen);
	}
	seen[0] = '\0';
	return so;
}

/* In cleartext a picture comes in pieces, its end, and then what clears it. */
static void in_cleartext(void)
{
	rig_start(false);
	seen[0] = '\0';
	rig.cb.artwork = on_artwork;
	check_int(jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now), JG_OK);
	check(rig_connect(0, true, "one", "playback"));
	check(strstr(rig.sent[0], "artwork") == NULL);
	check_int(rig_frame(0, JG_WS_BINARY, "\x08" "12345678" "a picture", 18), JG_OK);
	check(saw("0:a picture 0. "));
	check_int(rig_frame(0, JG_WS_BINARY, "\x0b" "12345678", 9), JG_OK);
	check(saw("3. "));
	check_int(rig_frame(0, JG_WS_BINARY, "\x08" "1234", 5), JG_OK); /* no whole head */
	check(saw(""));
	check_int(rig_text(0, "{\"type\":\"stream/end\",\"payload\":{\"roles\":[\"player\"]}}"), JG_OK);
	check(saw(""));
	check_int(rig_text(0, "{\"type\":\"stream/end\",\"payload\":{\"roles\":[\"artwork\"]}}"), JG_OK);
	check(saw("0. "));
}

#if JG_CRYPTO

#include "plain_crypto.h"

static uint8_t room[1100], drawn;
static char state[1000];

static void on_random(void *user, uint8_t *to, size_t size)
{
	(void)user;
	memset(to, ++drawn, size);
}

static void on_sent(int link, const char *json)
{
	(void)link;
	if (strstr(json, "client/state") != NULL || strstr(json, "client/hello") != NULL) {
		(void)snprintf(state, sizeof state, "%s", json);
	}
}

/* A server that shows pictures, over an encrypted connection. */
static bool shows(bool with_room)
{
	static const char head[] = "GET /sendspin HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static const uint8_t psk[32];
	char text[400];
	rig_start(false);
	seen[0] = state[0] = '\0';
	rig.config.crypto = &plain_crypto;
	rig.config.unpaired_access = true;
	rig.config.picture = with_room ? room : NULL;
	rig.config.picture_bytes = with_room ? 1024 : 0;
	rig.config.artwork_width = 240;
	rig.config.artwork_height = 135;
	rig.cb.random = on_random;
	rig.cb.artwork = on_artwork;
	rig.on_sent = on_sent;
	memset(room, 0x55, sizeof room);
	bool good = jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now) == JG_OK && jg_opened(&rig.c, 0, true, rig.now) == JG_OK &&
	            jg_received(&rig.c, 0, head, sizeof head - 1, rig.now) == JG_OK;
	rig_pump();
	good = good && rig_text(0, "{\"type\":\"server/init\",\"payload\":{\"server_id\":\"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw\",\"version\":1}}") == JG_OK;
	const size_t n = plain_handshake(text, "sn", psk);
	good = good && rig_frame(0, JG_WS_TEXT, text, n) == JG_OK &&
	       rig_text(0, "{\"type\":\"server/hello\",\"payload\":{\"name\":\"house\"}}") == JG_OK;
	good = good && (strstr(state, "artwork@v1") != NULL) == with_room;
	good = good && rig_text(0, "{\"type\":\"server/activate\",\"payload\":{\"activities\":[\"playback\"],"
	                           "\"active_roles\":[\"player@v1\",\"artwork@v1\"]}}") == JG_OK;
	rig_run(2000000);
	return good;
}

static int announce(uint8_t channel, uint8_t size)
{
	const uint8_t m[14] = {(uint8_t)(8 + channel), 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, size};
	return rig_sealed(0, m, sizeof m);
}

static int message(const char *bytes, size_t size)
{
	return rig_sealed(0, bytes, size);
}

static void encrypted(void)
{
	check(shows(true));
	check(strstr(state, "\"artwork\":{\"channels\":[{\"source\":\"album\",\"format\":\"jpeg\",\"width\":240,\"height\":135}]}") != NULL);
	check_int(announce(0, 8), JG_OK);
	check(saw(""));
	check_int(message("\x08\0" "abc", 5), JG_OK);
	check(saw("0:abc "));
	check_int(message("\x08\0" "defgh", 7), JG_OK);
	check(saw("0:defgh 0. "));
	check_int(announce(0, 0), JG_OK);
	check(saw("0. "));
	/* One that is taken back, by a word or by the next. */
	check_int(announce(0, 8), JG_OK);
	check_int(message("\x08\0" "abc", 5), JG_OK);
	check_int(message("\x08\1", 2), JG_OK);
	check(saw("0:abc 0! "));
	check_int(message("\x08\1", 2), JG_OK); /* once is enough */
	check_int(message("\x08\0" "late", 6), JG_OK);
	check(saw(""));
	check_int(announce(0, 8), JG_OK);
	check_int(message("\x08\0" "abc", 5), JG_OK);
	check_int(announce(0, 2), JG_OK);
	check_int(message("\x08\0" "xy", 4), JG_OK);
	check(saw("0:abc 0! 0:xy 0. "));
	/* Audio goes on beside it. */
	check(rig_stream(48000, 24));
	uint8_t chunk[40] = {4};
	check_int(rig_sealed(0, chunk, sizeof chunk), JG_OK);
	check_int(rig.c.ring.records, 1);
	check_int(rig_text(0, "{\"type\":\"stream/end\",\"payload\":{\"roles\":[\"artwork\"]}}"), JG_OK);
	check(saw("0. "));
	check_int(announce(0, 8), JG_OK);
	jg_closed(&rig.c, 0, rig.now);
	check(saw("0! 0. "));
}

/* Whatever a server sends: nothing is written past the buffer, nothing told that
 * was not announced, and the connection stays. */
static void nonsense(void)
{
	static uint8_t large[1100];
	check(shows(true));
	check_int(announce(0, 4), JG_OK);
	check_int(message("\x08\0" "abcde", 7), JG_OK); /* more than was announced */
	check(saw("0! "));
	check_int(message("\x08", 1), JG_OK);
	check_int(message("\x08\0", 2), JG_OK);
	check_int(message("\x08\7" "abc", 5), JG_OK);
	check_int(message("\x08\2" "abc", 5), JG_OK);
	check_int(announce(3, 4), JG_OK); /* a channel that was not asked for */
	check(saw(""));
	check_int(announce(0, 4), JG_OK);
	large[0] = 8;
	check_int(rig_sealed(0, large, 1025), JG_OK);
	check(saw("0! ")); /* it fits, and is not what was announced */
	check_int(announce(0, 4), JG_OK);
	struct jg_status s;
	jg_get_status(&rig.c, &s);
	check_int(s.oversize, 0);
	check_int(rig_sealed(0, large, 1026), JG_OK);
	check(saw("0! "));
	jg_get_status(&rig.c, &s);
	check_int(s.oversize, 1);
	for (size_t i = 1024; i < sizeof room; i++) {
		check_int(room[i], 0x55);
	}
	check(s.connected);
	/* A wrong tag: nobody hears of it. */
	check_int(announce(0, 2), JG_OK);
	uint8_t bad[20] = {8, 0, 'a', 'b'};
	bad[19] = 1;
	check_int(rig_frame(0, JG_WS_BINARY, bad, sizeof bad), JG_ERR_CRYPTO);
	check(saw(""));
}

static void without_a_buffer(void)
{
	check(shows(false));
	check(strstr(state, "artwork") == NULL);
	check_int(announce(0, 4), JG_OK);
	check_int(message("\x08\0" "abcd", 6), JG_OK);
	check(saw(""));
	rig.config.picture = room;
	rig.config.picture_bytes = 1023;
	check_int(jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now), JG_ERR_ROOM);
}

const struct test tests_picture[] = {TEST(in_cleartext), TEST(encrypted), TEST(nonsense), TEST(without_a_buffer), {NULL, NULL}};
#else
const struct test tests_picture[] = {TEST(in_cleartext), {NULL, NULL}};
#endif
#else
const struct test tests_picture[] = {{NULL, NULL}};
#endif
