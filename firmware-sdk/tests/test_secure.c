/* SPDX-License-Identifier: Apache-2.0 */
/* The current dialect above its crypto, which is none here: plain_crypto.h. */
#include "rig.h"
#include "test.h"

#if JG_CRYPTO

#include "kept.h"
#include "plain_crypto.h"
#include "ws.h"

static uint8_t drawn;
static char code[64], said[4096]; /* what went out, a message after the other */

static void on_random(void *user, uint8_t *to, size_t size)
{
	(void)user;
	memset(to, ++drawn, size);
}

static void on_code(void *user, const char *text)
{
	(void)user;
	(void)snprintf(code, sizeof code, "%s", text);
}

static void on_sent(int link, const char *json)
{
	(void)link;
	const size_t n = strlen(said);
	if (strstr(json, "client/time") == NULL && n + strlen(json) + 1 < sizeof said) {
		memcpy(said + n, json, strlen(json) + 1);
	}
}

/* Whether it went out since the last time. */
static bool went(const char *what)
{
	const bool found = strstr(said, what) != NULL;
	said[0] = '\0';
	return found;
}

static bool start(bool fresh)
{
	rig_start(false);
	if (fresh) {
		memset(&kept, 0, sizeof kept);
	}
	said[0] = code[0] = '\0';
	rig.config.crypto = &plain_crypto;
	rig.config.unpaired_access = true;
	rig.cb.load = kept_load;
	rig.cb.save = kept_save;
	rig.cb.random = on_random;
	rig.cb.pairing_code = on_code;
	rig.on_sent = on_sent;
	return true;
}

static bool upgrade(int link)
{
	static const char head[] = "GET /sendspin HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	rig.http_seen[link] = false;
	const bool ok = jg_opened(&rig.c, link, true, rig.now) == JG_OK && jg_received(&rig.c, link, head, sizeof head - 1, rig.now) == JG_OK;
	rig_pump();
	return ok;
}

static const char *const servers[] = {"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw", "ZLEBsdC-WocEvQePmJUAH8A-jp-VIvGI3RKNmEbUhGY"};

/* To the hellos, as server 0 or 1, under a key of a category. */
static bool greet(int link, int server, const char *category, const uint8_t psk[32])
{
	char text[400];
	if (!upgrade(link) || !went("client/init")) {
		return false;
	}
	(void)snprintf(text, sizeof text, "{\"type\":\"server/init\",\"payload\":{\"server_id\":\"%s\",\"version\":1}}", servers[server]);
	if (rig_text(link, text) < 0) {
		return false;
	}
	const size_t n = plain_handshake(text, category, psk);
	if (rig_frame(link, JG_WS_TEXT, text, n) < 0 || !went("noise/handshake")) {
		return false;
	}
	return rig_text(link, "{\"type\":\"server/hello\",\"payload\":{\"name\":\"house\"}}") == JG_OK && went("supported_pair_methods");
}

static const uint8_t nobody[32];
#define PLAYS "{\"type\":\"server/activate\",\"payload\":{\"activities\":[\"playback\"],\"active_roles\":[\"player@v1\",\"metadata@v1\"]}}"
#define IDLES "{\"type\":\"server/activate\",\"payload\":{\"activities\":[],\"active_roles\":[\"player@v1\"]}}"
#define PAIRS(method) "{\"type\":\"server/activate\",\"payload\":{\"activities\":[\"pairing\"],\"active_roles\":[],\"pairing\":{\"method\":\"" method "\",\"format\":\"digits\"}}}"
#define ZEROS43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static bool init(void)
{
	return jg_init(&rig.c, &rig.config, &rig.cb, &rig, rig.now) == JG_OK;
}

static void plays(void)
{
	check(start(true) && init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig.servers, 0); /* not before it says what it is here for */
	check_int(rig_text(0, PLAYS), JG_OK);
	check_int(rig.servers, 1);
	check_string(rig.server_name, "house");
	check(!went("client/state")); /* nor we before the clock is known */
	rig_run(2000000);
	check(went("\"available\":true"));
	check(rig_stream(48000, 24));
	/* A chunk in three fragments, its head split. */
	uint8_t a[40] = {1, 2, 4, 0, 0, 0, 0, 1}, b[40] = {1, 0}, z[40] = {1, 1};
	check_int(rig_sealed(0, a, 9), JG_OK);
	check_int(rig_sealed(0, b, 40), JG_OK);
	check_int(rig.c.ring.records, 0);
	check_int(rig_sealed(0, z, 40), JG_OK);
	check_int(rig.c.ring.records, 1);
	struct jg_status s;
	jg_get_status(&rig.c, &s);
	check(s.encrypted && !s.paired);
	/* Metadata is whole here: what is not said is cleared. */
	check_int(rig_text(0, "{\"type\":\"server/state\",\"payload\":{\"metadata\":{\"timestamp\":1,\"title\":\"t\"}}}"), JG_OK);
	check_string(rig.artist, "");
}

static void refuses(void)
{
	static const struct {
		uint8_t bytes[8];
		size_t size;
	} bad[] = {
		{{1}, 1},             /* a fragment without flags */
		{{1, 4, 4}, 3},       /* flags that nobody knows */
		{{1, 1, 4}, 3},       /* the last one without a first */
		{{1, 2}, 2},          /* of no kind */
		{{1, 2, 1, 0}, 4},    /* a fragment of a fragment */
		{{0}, 0},             /* nothing at all */
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		check(start(true) && init());
		check(greet(0, 0, "sn", nobody));
		check_int(rig_text(0, PLAYS), JG_OK);
		check_int(rig_sealed(0, bad[i].bytes, bad[i].size), JG_ERR_CRYPTO);
		check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE);
	}
	/* A message between fragments; a wrong tag, whose audio does not count; text. */
	check(start(true) && init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig_text(0, PLAYS), JG_OK);
	check(rig_stream(48000, 24));
	uint8_t chunk[60] = {4};
	chunk[59] = 1; /* a tag of zeros it would be */
	check_int(rig_frame(0, JG_WS_BINARY, chunk, sizeof chunk), JG_ERR_CRYPTO);
	check_int(rig.c.ring.records, 0);
	check(start(true) && init());
	check(greet(0, 0, "sn", nobody));
	const uint8_t first[4] = {1, 2, 0, '{'};
	check_int(rig_sealed(0, first, 4), JG_OK);
	check_int(rig_text(0, PLAYS), JG_ERR_CRYPTO);
	check(start(true) && init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig_frame(0, JG_WS_TEXT, PLAYS, strlen(PLAYS)), JG_ERR_CRYPTO);
}

static void admits(void)
{
	check(start(true));
	rig.config.unpaired_access = false;
	check(init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig_text(0, PLAYS), JG_OK);
	check(went("pairing_required"));
	check_int(rig.servers, 0);
	/* One plays: another that is idle has to go, one that plays takes over. */
	check(start(true) && init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig_text(0, PLAYS), JG_OK);
	check(greet(1, 1, "sn", nobody));
	check_int(rig_text(1, IDLES), JG_OK);
	check(went("concurrent_attempt"));
	jg_closed(&rig.c, 1, rig.now);
	check(greet(1, 1, "sn", nobody));
	check_int(rig_text(1, PLAYS), JG_OK);
	check(went("another_server"));
	check(rig.c.current == &rig.c.link[1]);
	check_int(rig.gone, 1);
}

/* Pairs by the pairing key, comes back under the long-term one, is dropped. */
static void pairs_by_key(void)
{
	check(start(true) && init());
	check_int(kept.size[JG_KEY_IDENTITY], 68);
	check(greet(0, 0, "pr", rig.c.identity + 32));
	check_int(rig_text(0, PAIRS("pairing_psk")), JG_OK);
	check(strstr(said, "client/pair-init") != NULL && went("long_term_psk"));
	check_int(rig_text(0, "{\"type\":\"server/pair-finalize\",\"payload\":{}}"), JG_OK);
	check_int(kept.size[JG_KEY_PAIRINGS], 324);
	uint8_t psk[32];
	memcpy(psk, kept.data[JG_KEY_PAIRINGS] + 32, 32);
	/* The connection changes to the new key; nothing goes out before that is done. */
	char text[400];
	(void)plain_handshake(text, "lt", psk);
	said[0] = '\0';
	check_int(rig_text(0, text), JG_OK);
	check(went("noise/handshake"));
	rig_run(500000);
	check_string(said, "");
	check_int(rig_text(0, PLAYS), JG_OK);
	struct jg_status s;
	jg_get_status(&rig.c, &s);
	check(s.paired);
	check_int(rig_text(0, PAIRS("pairing_psk")), JG_OK); /* once is enough */
	check(went("unauthorized"));
	/* After a restart, and again after what a power cut spoiled. */
	check(start(false) && init());
	check(greet(0, 0, "lt", psk));
	jg_get_status(&rig.c, &s);
	check_int(rig_text(0, PLAYS), JG_OK);
	jg_get_status(&rig.c, &s);
	check(s.paired);
	check_int(rig_text(0, "{\"type\":\"server/unpair\",\"payload\":{}}"), JG_OK);
	check(went("\"unpaired\""));
	check(start(false) && init());
	check(greet(0, 0, "lt", psk)); /* under the Sentinel now */
	check_int(rig_text(0, PLAYS), JG_OK);
	jg_get_status(&rig.c, &s);
	check(s.encrypted && !s.paired);
}

static void pairs_by_code(void)
{
	check(start(true) && init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig_text(0, PAIRS("static_pairing_code")), JG_OK);
	check(went("method_not_supported"));
	check_int(rig_text(0, PAIRS("dynamic_pairing_code")), JG_OK);
	check(went("commit_B"));
	check_int(rig_text(0, "{\"type\":\"server/pair-init\",\"payload\":{\"nonce_A\":\"" ZEROS43 "\"}}"), JG_OK);
	check_int(strlen(code), 6);
	check_int(rig_text(0, "{\"type\":\"server/pair-auth\",\"payload\":{\"pake_msg_1\":\"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw\"}}"), JG_OK);
	check(went("pake_msg_2"));
	jg_set_volume(&rig.c, 20);
	rig_run(121000000); /* somebody has gone to find the code */
	check(went("attempt_timeout"));
	check_string(code, "");
	/* Out of order: without a word. */
	check_int(rig_text(0, PAIRS("dynamic_pairing_code")), JG_OK);
	check_int(rig_text(0, "{\"type\":\"server/pair-confirm\",\"payload\":{\"server_kc\":\"" ZEROS43 ZEROS43 "\"}}"), JG_ERR_MESSAGE);
}

static void waits_for_a_button(void)
{
	check(start(true));
	rig.config.static_code = "12345678";
	check(init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig_text(0, PAIRS("static_pairing_code")), JG_OK);
	check(went("pair-pending"));
	jg_allow_pairing(&rig.c, rig.now);
	rig_pump();
	check(went("client/pair-init"));
	char token[JG_TOKEN_BYTES];
	check_int(jg_pairing_token(&rig.c, token), JG_OK);
	check_int(strlen(token), JG_TOKEN_BYTES - 1);
}

/* What is longer than the sending buffer is sealed in pieces. */
static void long_hello(void)
{
	static char name[1200];
	check(start(true));
	memset(name, 'x', sizeof name - 1);
	rig.config.name = name;
	check(init());
	check(greet(0, 0, "sn", nobody));
	check_int(rig_text(0, PLAYS), JG_OK);
	rig_run(2000000);
	check(went("\"available\":true"));
}

/* A server that does not answer is tried in cleartext, until we are paired. */
static void falls_back(void)
{
	check(start(true));
	rig.config.cleartext = true;
	check(init());
	check(upgrade(0) && went("client/init"));
	rig_run(6000000);
	check_int(jg_want(&rig.c, 0, rig.now), JG_WANT_CLOSE);
	jg_closed(&rig.c, 0, rig.now);
	check(upgrade(0) && went("client/hello"));
	jg_closed(&rig.c, 0, rig.now);
	check(upgrade(0) && went("client/init"));
	jg_closed(&rig.c, 0, rig.now);
	check(upgrade(0) && went("client/hello"));
	jg_closed(&rig.c, 0, rig.now);
	check(greet(1, 0, "pr", rig.c.identity + 32));
	check_int(rig_text(1, PAIRS("pairing_psk")), JG_OK);
	check_int(rig_text(1, "{\"type\":\"server/pair-finalize\",\"payload\":{}}"), JG_OK);
	check(upgrade(0));
	jg_closed(&rig.c, 0, rig.now);
	said[0] = '\0';
	check(upgrade(0) && went("client/init"));
	jg_forget_pairings(&rig.c);
	jg_closed(&rig.c, 0, rig.now);
	check(upgrade(0) && went("client/hello"));
}

const struct test tests_secure[] = {TEST(plays), TEST(refuses), TEST(admits), TEST(pairs_by_key), TEST(pairs_by_code),
                                    TEST(waits_for_a_button), TEST(long_hello), TEST(falls_back), {NULL, NULL}};
#else
const struct test tests_secure[] = {{NULL, NULL}};
#endif
