/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"
#include "ws.h"

static void accept_key(void)
{
	char accept[29] = {0};
	jg_ws_accept(accept, "dGhlIHNhbXBsZSBub25jZQ=="); /* RFC 6455 section 1.3 */
	check_string(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void base64(void)
{
	/* RFC 4648 section 10, and the alphabet for URLs */
	static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
	static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
	for (unsigned i = 0; i < 7; i++) {
		char text[16];
		uint8_t back[16];
		const size_t n = jg_base64(text, (const uint8_t *)plain[i], strlen(plain[i]), false);
		text[n] = '\0';
		check_string(text, coded[i]);
		check_int(jg_unbase64(back, sizeof back, text), (int)strlen(plain[i]));
		check(memcmp(back, plain[i], strlen(plain[i])) == 0);
	}
	const uint8_t edge[] = {0xFB, 0xFF, 0xFE};
	char text[8];
	uint8_t back[4];
#if JG_CRYPTO
	check_int(jg_base64(text, edge, 3, true), 4);
	check(memcmp(text, "-__-", 4) == 0);
	check_int(jg_base64(text, edge, 2, true), 3);
	check_int(jg_unbase64(back, 3, "+/_-"), 3);
#else
	check_int(jg_base64(text, edge, 3, false), 4);
	check(memcmp(text, "+//+", 4) == 0);
	check_int(jg_unbase64(back, 3, "+//-"), JG_ERR_MESSAGE);
#endif
	check_int(jg_unbase64(back, 3, "a b"), JG_ERR_MESSAGE);
	check_int(jg_unbase64(back, 2, "Zm9v"), JG_ERR_ROOM);
	check_int(jg_unbase64(back, 4, "Zg==x"), JG_ERR_MESSAGE);
}

static int line(const char *text, bool first, bool accepted, char accept[29])
{
	char copy[128];
	(void)strcpy(copy, text);
	return jg_http_line(copy, first, accepted, "/sendspin", accept);
}

static void upgrade_lines(void)
{
	char a[29];
	check_int(line("GET /sendspin HTTP/1.1", true, true, a), 0);
	check_int(line("GET /sendspin?x=1 HTTP/1.1", true, true, a), 0);
	check_int(line("GET /sendspinner HTTP/1.1", true, true, a), JG_ERR_HTTP);
	check_int(line("POST /sendspin HTTP/1.1", true, true, a), JG_ERR_HTTP);
	check_int(line("GET /", true, true, a), JG_ERR_HTTP);
	check_int(line("HTTP/1.1 101 Switching", true, false, a), 0);
	check_int(line("HTTP/1.1 404 Not Found", true, false, a), JG_ERR_HTTP);
	check_int(line("sec-websocket-KEY:  dGhlIHNhbXBsZSBub25jZQ== ", false, true, a), 1);
	check_int(line("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", false, false, a), 1);
	check_int(line("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=", false, false, a), JG_ERR_HTTP);
	check_int(line("Sec-WebSocket-Key: short", false, true, a), JG_ERR_HTTP);
	check_int(line("Sec-WebSocket-Version: 8", false, true, a), JG_ERR_HTTP);
	check_int(line("Sec-WebSocket-Version: 13", false, true, a), 0);
	check_int(line("Host: x", false, true, a), 0);
	check_int(line("", false, true, a), 0);
}

/* Frames of RFC 6455 section 5.7, a byte at a time. */
static int whole(const uint8_t *data, size_t size, bool masked, char *text)
{
	struct jg_ws ws;
	size_t n = 0;
	jg_ws_start(&ws, masked);
	for (size_t i = 0; i < size;) {
		size_t used;
		const int r = jg_ws_head(&ws, data + i, 1, &used);
		i += used;
		if (r < 0) {
			return r;
		}
		if (r == 1) {
			while (ws.left > 0) {
				if (i == size) {
					return JG_ERR_MORE;
				}
				jg_ws_payload(&ws, (uint8_t *)text + n++, data + i++, 1);
			}
			text[n] = '\0';
			jg_ws_done(&ws);
		}
	}
	return (int)n;
}

static void frames(void)
{
	char text[16];
	const uint8_t plain[] = {0x81, 5, 'H', 'e', 'l', 'l', 'o'};
	const uint8_t masked[] = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
	const uint8_t pieces[] = {0x01, 3, 'H', 'e', 'l', 0x89, 0, 0x80, 2, 'l', 'o'};
	check_int(whole(plain, sizeof plain, false, text), 5);
	check_string(text, "Hello");
	check_int(whole(masked, sizeof masked, true, text), 5);
	check_string(text, "Hello");
	check_int(whole(pieces, sizeof pieces, false, text), 5);
	check_string(text, "Hello");
}

static void bad_frames(void)
{
	char text[16];
	static const uint8_t bad[][10] = {
		{0x81, 0x80},                                  /* masked, where it may not be */
		{0xC1, 0},                                     /* a reserved bit */
		{0x83, 0},                                     /* a reserved opcode */
		{0x8B, 0},                                     /* another */
		{0x80, 0},                                     /* nothing to go on with */
		{0x09, 0},                                     /* a ping in pieces */
		{0x89, 126},                                   /* a long ping */
		{0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0},           /* 4 GB */
		{0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 1},        /* more than all */
		{0x82, 127, 0, 0, 0, 0, 1, 0, 0, 1},           /* a byte too many */
	};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		check_int(whole(bad[i], 10, false, text), JG_ERR_FRAME);
	}
	check_int(whole((const uint8_t[]){0x81, 0}, 2, true, text), JG_ERR_FRAME);
	check_int(whole((const uint8_t[]){0x01, 0, 0x01, 0}, 4, false, text), JG_ERR_FRAME);
}

static void made_frames(void)
{
	static uint8_t out[JG_WS_HEAD_ROOM + 300];
	char text[301];
	const uint8_t mask[4] = {1, 2, 3, 4};
	for (unsigned size = 0; size <= 300; size += 25) {
		memset(out + JG_WS_HEAD_ROOM, 'a', size);
		size_t head = jg_ws_frame(out + JG_WS_HEAD_ROOM, size, JG_WS_TEXT, NULL);
		check_int(whole(out + JG_WS_HEAD_ROOM - head, head + size, false, text), (int)size);
		head = jg_ws_frame(out + JG_WS_HEAD_ROOM, size, JG_WS_TEXT, mask);
		check_int(whole(out + JG_WS_HEAD_ROOM - head, head + size, true, text), (int)size);
		check(size == 0 || (text[0] == 'a' && text[size - 1] == 'a'));
	}
}

static void errors(void)
{
	for (int e = JG_ERR_REFUSED; e <= 0; e++) {
		check(strcmp(jg_strerror(e), "an unknown error") != 0);
	}
	check_string(jg_strerror(-1000), "an unknown error");
	check_string(jg_strerror(7), "an unknown error");
	check_string(jg_strerror(JG_ERR_BLOCK), "a FLAC block larger than the scratch memory");
}

const struct test tests_frames[] = {TEST(accept_key), TEST(base64), TEST(upgrade_lines), TEST(frames), TEST(bad_frames),
                                    TEST(made_frames), TEST(errors), {NULL, NULL}};
