/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole client. The input is a script: a byte for what happens, then what it
 * needs. Bytes of a connection come raw, as HTTP or frames, or as the payload
 * of a frame that is well made, so that the fuzzer gets past the framing.
 */
#include "ws.h"

#include <stdlib.h>
#include <string.h>

static const struct jg_format formats[] = {{44100, JG_FLAC, 2, 16}, {48000, JG_PCM, 2, 24}, {48000, JG_PCM, 1, 16}};
static uint8_t audio[8192];
static int32_t scratch[2 * 4608];
static struct jg_client c;

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	(void)user;
	(void)samples;
	static unsigned turn;
	return ++turn % 5 == 0 ? frames / 2 : turn % 7 == 0 ? 0 : frames;
}

static size_t total;

static void on_metadata(void *user, const struct jg_metadata *m)
{
	(void)user;
	const char *const all[] = {m->title, m->artist, m->album_artist, m->album, m->artwork_url};
	for (unsigned i = 0; i < 5; i++) {
		total += all[i] != NULL ? strlen(all[i]) : 0;
	}
}

static void drain(int64_t now)
{
	const uint8_t *out;
	for (int link = 0; link < JG_LINKS; link++) {
		size_t n;
		while ((n = jg_output(&c, link, &out)) > 0) {
			total += out[n - 1];
			jg_sent(&c, link, n > 3 ? n / 2 : n, now);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "GET /sendspin HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static const char hello[] = "{\"type\":\"server/hello\",\"payload\":{\"server_id\":\"s\",\"active_roles\":[\"player@v1\",\"controller@v1\"],\"connection_reason\":\"playback\"}}";
	static const struct jg_callbacks cb = {.write = on_write, .metadata = on_metadata};
	static const struct jg_config config = {.client_id = "f", .name = "f", .formats = formats, .format_count = 3, .audio = audio,
	                                        .audio_bytes = sizeof audio, .scratch = scratch, .scratch_samples = 2 * 4608};
	static uint8_t frame[JG_WS_HEAD_ROOM + 4096];
	int64_t now = 1000;
	if (jg_init(&c, &config, &cb, NULL, now) < 0) {
		abort();
	}
	while (size >= 3) {
		const int link = data[0] & 1;
		const unsigned what = data[0] >> 1 & 7;
		size_t n = (size_t)(data[1] | data[2] << 8) & 4095u;
		data += 3;
		size -= 3;
		n = n < size ? n : size;
		const uint8_t mask[4] = {1, 2, 3, 4};
		size_t made;
		switch (what) {
		case 0:
			(void)jg_opened(&c, link, true, now);
			break;
		case 1:
			(void)jg_opened(&c, link, true, now);
			(void)jg_received(&c, link, head, sizeof head - 1, now);
			memcpy(frame + JG_WS_HEAD_ROOM, hello, sizeof hello - 1);
			made = jg_ws_frame(frame + JG_WS_HEAD_ROOM, sizeof hello - 1, JG_WS_TEXT, mask);
			(void)jg_received(&c, link, frame + JG_WS_HEAD_ROOM - made, made + sizeof hello - 1, now);
			break;
		case 2:
			(void)jg_received(&c, link, data, n, now);
			data += n;
			size -= n;
			break;
		case 3:
		case 4:
			memcpy(frame + JG_WS_HEAD_ROOM, data, n);
			made = jg_ws_frame(frame + JG_WS_HEAD_ROOM, n, what == 3 ? JG_WS_TEXT : JG_WS_BINARY, mask);
			(void)jg_received(&c, link, frame + JG_WS_HEAD_ROOM - made, made + n, now);
			data += n;
			size -= n;
			break;
		case 5:
			jg_closed(&c, link, now);
			break;
		case 6:
			jg_audio_played(&c, (uint32_t)n, now - (int64_t)n);
			(void)jg_press(&c, JG_NEXT, 0);
			jg_set_volume(&c, (uint8_t)n);
			break;
		default:
			now += (int64_t)n * 100;
			break;
		}
		drain(now);
		(void)jg_poll(&c, now);
		drain(now);
	}
	return 0;
}
