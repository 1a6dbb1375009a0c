/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current dialect of a client, past its crypto: tests/plain_crypto.h. The input is a script as in fuzz_link.c.
 */
#include "kept.h"
#include "plain_crypto.h"
#include "ws.h"

#include <stdlib.h>
#include <string.h>

static const struct jg_format formats[] = {{44100, JG_FLAC, 2, 16}, {48000, JG_PCM, 2, 16}};
static uint8_t audio[8192];
static int32_t scratch[2 * 4608];
static struct jg_client c;
static uint8_t turn;
static bool slow; /* one piece at a time is taken */

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	(void)samples;
	return frames;
}

static void on_random(void *user, uint8_t *to, size_t size)
{
	(void)user;
	memset(to, ++turn, size);
}

#if JG_ROLE_ARTWORK
static uint8_t picture[1024], *shown;

/* What is shown is copied out to its end, so that a sanitizer sees all of it. */
static void on_artwork(void *user, uint8_t channel, const uint8_t *data, size_t size)
{
	(void)user;
	if (channel > 3) {
		abort();
	}
	if (size > 0 && size != JG_PICTURE_VOID) {
		shown = realloc(shown, size);
		if (shown != NULL) {
			memcpy(shown, data, size);
		}
	}
}
#endif

static void drain(int64_t now)
{
	const uint8_t *out;
	for (int link = 0; link < JG_LINKS; link++) {
		size_t n;
		while ((n = jg_output(&c, link, &out)) > 0) {
			jg_sent(&c, link, n, now);
			if (slow) {
				break;
			}
		}
	}
}

static void frame(int link, uint8_t opcode, const void *data, size_t size, int64_t now)
{
	static uint8_t all[JG_WS_HEAD_ROOM + 5000];
	const uint8_t mask[4] = {1, 2, 3, 4};
	memcpy(all + JG_WS_HEAD_ROOM, data, size);
	const size_t head = jg_ws_frame(all + JG_WS_HEAD_ROOM, size, opcode, mask);
	(void)jg_received(&c, link, all + JG_WS_HEAD_ROOM - head, head + size, now);
	drain(now);
}

/* Up to the first activation. */
static void greet(int link, bool whole, int64_t now)
{
	static const char head[] = "GET /sendspin HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static const char init[] = "{\"type\":\"server/init\",\"payload\":{\"server_id\":\"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw\",\"version\":1}}";
	static const char hello[] = "\0{\"type\":\"server/hello\",\"payload\":{\"name\":\"s\"}}";
	static const uint8_t psk[32];
	char text[400];
	(void)jg_opened(&c, link, true, now);
	(void)jg_received(&c, link, head, sizeof head - 1, now);
	drain(now);
	if (!whole) {
		return;
	}
	frame(link, JG_WS_TEXT, init, sizeof init - 1, now);
	frame(link, JG_WS_TEXT, text, plain_handshake(text, "sn", psk), now);
	uint8_t sealed_hello[100] = {0};
	memcpy(sealed_hello, hello, sizeof hello - 1);
	frame(link, JG_WS_BINARY, sealed_hello, sizeof hello - 1 + 16, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct jg_callbacks cb = {.write = on_write, .random = on_random, .load = kept_load, .save = kept_save,
#if JG_ROLE_ARTWORK
	                                        .artwork = on_artwork,
#endif
	};
	static struct jg_config config = {.client_id = "f", .name = "f", .formats = formats, .format_count = 2, .audio = audio,
	                                  .audio_bytes = sizeof audio, .scratch = scratch, .scratch_samples = 2 * 4608, .crypto = &plain_crypto,
#if JG_ROLE_ARTWORK
	                                  .picture = picture, .picture_bytes = sizeof picture,
#endif
	                                  .unpaired_access = true, .cleartext = true};
	int64_t now = 1000;
	memset(&kept, 0, sizeof kept);
	turn = 0;
	config.static_code = size > 0 && (data[0] & 1) != 0 ? "12345678" : NULL;
	config.shows_qr = size > 0 && (data[0] & 2) != 0;
	slow = size > 0 && (data[0] & 4) != 0;
	if (jg_init(&c, &config, &cb, NULL, now) < 0) {
		abort();
	}
	while (size >= 3) {
		static uint8_t sealed[4200];
		const int link = data[0] >> 3 & 1;
		const unsigned what = data[0] >> 4 & 7;
		size_t n = (size_t)(data[1] | data[2] << 8) & 4095u;
		data += 3;
		size -= 3;
		n = n < size ? n : size;
		switch (what) {
		case 0: /* JSON, sealed */
		case 1: /* anything, sealed */
			sealed[0] = 0; /* the kind of JSON */
			memcpy(sealed + 1 - what, data, n);
			memset(sealed + 1 - what + n, 0, 16);
			frame(link, JG_WS_BINARY, sealed, 1 - what + n + 16, now);
			data += n;
			size -= n;
			break;
		case 2: /* a text, or what is not sealed */
			frame(link, n & 1 ? JG_WS_TEXT : JG_WS_BINARY, data, n, now);
			data += n;
			size -= n;
			break;
		case 3:
			greet(link, true, now);
			break;
		case 4:
			greet(link, false, now);
			break;
		case 5:
			jg_closed(&c, link, now);
			break;
		case 6:
			jg_allow_pairing(&c, now);
			break;
		default:
			now += (int64_t)n * 10000;
			break;
		}
		drain(now);
		(void)jg_poll(&c, now);
		drain(now);
	}
	return 0;
}
