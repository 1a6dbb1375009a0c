/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "json.h"
#include "ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig rig;

static const struct jg_format formats[] = {{48000, JG_PCM, 2, 24}, {44100, JG_PCM, 2, 16}, {44100, JG_FLAC, 2, 16}, {48000, JG_PCM, 1, 16}};

uint32_t rig_random(void)
{
	rig.seed = rig.seed * 1664525u + 1013904223u;
	return rig.seed >> 8;
}

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	struct rig *const r = user;
	size_t n = 0;
	for (; n < frames && r->dac_have < RIG_DAC; n++, r->dac_have++) {
		const unsigned k = r->format.channels == 1 ? 1 : 2;
		r->dac[r->dac_have][0] = samples[n * k];
		r->dac[r->dac_have][1] = samples[n * k + k - 1];
	}
	return n;
}

static int on_configure(void *user, const struct jg_format *f)
{
	struct rig *const r = user;
	r->format = *f;
	r->configured++;
	return JG_OK;
}

static void on_enable(void *user, bool on)
{
	struct rig *const r = user;
	*(on ? &r->enabled : &r->disabled) += 1;
}

static void on_metadata(void *user, const struct jg_metadata *m)
{
	struct rig *const r = user;
	r->metadata++;
	(void)snprintf(r->title, sizeof r->title, "%s", m->title != NULL ? m->title : "(unsaid)");
	(void)snprintf(r->artist, sizeof r->artist, "%s", m->artist != NULL ? m->artist : "(unsaid)");
	r->position_ms = m->has_progress ? m->position_ms : -1;
}

static void on_group(void *user, const struct jg_group *g)
{
	struct rig *const r = user;
	r->groups++;
	r->group = *g;
}

static void on_server(void *user, const char *name, int why)
{
	struct rig *const r = user;
	if (name == NULL) {
		r->gone++;
		r->gone_why = why;
	} else {
		r->servers++;
		(void)snprintf(r->server_name, sizeof r->server_name, "%s", name);
	}
}

static size_t on_load(void *user, enum jg_key key, void *data, size_t size)
{
	const struct rig *const r = user;
	const size_t n = key == JG_KEY_SETTINGS && r->stored_size < size ? r->stored_size : size;
	memcpy(data, r->stored, key == JG_KEY_SETTINGS ? n : 0);
	return key == JG_KEY_SETTINGS ? n : 0;
}

static void on_save(void *user, enum jg_key key, const void *data, size_t size)
{
	struct rig *const r = user;
	if (key == JG_KEY_SETTINGS && size <= sizeof r->stored) {
		memcpy(r->stored, data, size);
		r->stored_size = size;
		r->saves++;
	}
}

static void on_log(void *user, int error)
{
	(void)error;
	((struct rig *)user)->logs++;
}

void rig_start(bool dial)
{
	memset(&rig, 0, sizeof rig);
	rig.now = 1000000;
	rig.server_ahead = 7777777;
	rig.seed = 1;
	rig.answers = true;
	rig.config = (struct jg_config){.client_id = "rig", .name = "Rig", .formats = formats, .format_count = 4, .audio = rig.audio,
	                                .audio_bytes = RIG_AUDIO, .scratch = rig.scratch, .scratch_samples = RIG_SCRATCH, .volume = 100,
	                                .dial = dial};
	rig.cb = (struct jg_callbacks){.write = on_write, .configure = on_configure, .output_enable = on_enable, .metadata = on_metadata,
	                               .group = on_group, .server = on_server, .load = on_load, .save = on_save, .log = on_log};
}

int64_t rig_server_now(void)
{
	return rig.now + (int64_t)((double)rig.now * rig.server_ppm * 1e-6) + rig.server_ahead;
}

int rig_frame(int link, uint8_t opcode, const void *data, size_t size)
{
	static uint8_t frame[JG_WS_HEAD_ROOM + 20000];
	const uint8_t mask[4] = {9, 8, 7, 6};
	if (size > 20000) {
		return JG_ERR_ARGUMENT;
	}
	memcpy(frame + JG_WS_HEAD_ROOM, data, size);
	const size_t head = jg_ws_frame(frame + JG_WS_HEAD_ROOM, size, opcode, rig.c.link[link].accepted ? mask : NULL);
	const int r = jg_received(&rig.c, link, frame + JG_WS_HEAD_ROOM - head, head + size, rig.now);
	rig_pump();
	return r;
}

/* Sealed with what changes nothing: plain_crypto.h. */
int rig_sealed(int link, const void *data, size_t size)
{
	static uint8_t message[4096];
	if (size > sizeof message - 16) {
		return JG_ERR_ARGUMENT;
	}
	memcpy(message, data, size);
	memset(message + size, 0, 16);
	return rig_frame(link, JG_WS_BINARY, message, size + 16);
}

int rig_text(int link, const char *json)
{
	if (jg_keyed(&rig.c.link[link])) {
		static char plain[2048];
		const int n = snprintf(plain + 1, sizeof plain - 1, "%s", json);
		return rig_sealed(link, plain, 1 + (size_t)n);
	}
	return rig_frame(link, JG_WS_TEXT, json, strlen(json));
}

int rig_audio(int link, int64_t server_at, const void *data, size_t size)
{
	static uint8_t message[9 + 20000];
	message[0] = 4;
	for (unsigned i = 0; i < 8; i++) {
		message[1 + i] = (uint8_t)((uint64_t)server_at >> (56 - 8 * i));
	}
	memcpy(message + 9, data, size);
	return rig_frame(link, JG_WS_BINARY, message, 9 + size);
}

/* client/time is answered after as long as the network takes. */
static void answer_time(int link)
{
	const char *const at = strstr(rig.sent[link], "client_transmitted\":");
	char json[200];
	const long long sent = at != NULL ? atoll(at + 20) : 0;
	const int64_t there = 500 + (rig.jitter_us > 0 ? (int64_t)(rig_random() % rig.jitter_us) : 0);
	const int64_t back = 500 + (rig.jitter_us > 0 ? (int64_t)(rig_random() % rig.jitter_us) : 0);
	const int64_t was = rig.now;
	rig.now += there;
	const long long server = rig_server_now();
	rig.now += back;
	/* small C libraries print no 64 bits */
	struct jg_writer w = {json, json + sizeof json - 1, false, 0};
	jg_put_all(&w, "{'type':'server/time','payload':{'client_transmitted':%t,'server_received':%t,'server_transmitted':%t}}",
	           (const union jg_value[]){{.p = &sent}, {.p = &server}, {.p = &server}});
	*w.at = '\0';
	(void)rig_text(link, json);
	rig.now = was;
}

static void take(int link, const uint8_t *data, size_t size)
{
	if (!rig.http_seen[link]) {
		const size_t n = size < sizeof rig.http[link] - 1 ? size : sizeof rig.http[link] - 1;
		memcpy(rig.http[link], data, n);
		rig.http[link][n] = '\0';
		rig.http_seen[link] = true;
		return;
	}
	const bool masked = (data[1] & 0x80) != 0;
	size_t at = (data[1] & 0x7F) == 126 ? 4 : 2;
	const uint8_t *const mask = data + at;
	at += masked ? 4 : 0;
	if ((data[0] & 0x0F) != JG_WS_CONTINUE) {
		rig.last_opcode = data[0] & 0x0F;
	}
	const bool sealed = rig.last_opcode == JG_WS_BINARY;
	if (rig.last_opcode != JG_WS_TEXT && !sealed) {
		return;
	}
	size_t n = rig.sent_have[link];
	for (size_t i = 0; at + i < size && n + 1 < sizeof rig.sent[link]; i++) {
		rig.sent[link][n++] = (char)(data[at + i] ^ (masked ? mask[i & 3] : 0));
	}
	rig.sent[link][n] = '\0';
	rig.sent_have[link] = (data[0] & 0x80) == 0 ? n : 0;
	if ((data[0] & 0x80) == 0) {
		return; /* the message goes on */
	}
	if (sealed && n > 17) { /* the kind before it, the tag behind */
		memmove(rig.sent[link], rig.sent[link] + 1, n - 17);
		rig.sent[link][n - 17] = '\0';
	}
	rig.sent_count[link]++;
	if (rig.on_sent != NULL) {
		rig.on_sent(link, rig.sent[link]);
	}
	if (strstr(rig.sent[link], "client/state") != NULL) {
		rig.in_error = strstr(rig.sent[link], "\"error\"") != NULL;
		rig.errors += rig.in_error ? 1 : 0;
	}
	if (rig.answers && strstr(rig.sent[link], "client/time") != NULL) {
		answer_time(link);
	}
}

void rig_pump(void)
{
	static bool inside;
	if (inside) {
		return; /* an answer's answer waits its turn */
	}
	inside = true;
	for (int idle = 0, link = 0; idle < JG_LINKS; link = (link + 1) % JG_LINKS) {
		const uint8_t *data;
		size_t n;
		idle++;
		while ((n = jg_output(&rig.c, link, &data)) > 0) {
			idle = 0;
			static uint8_t copy[JG_OUT_BYTES];
			memcpy(copy, data, n);
			jg_sent(&rig.c, link, n, rig.now);
			take(link, copy, n);
		}
	}
	inside = false;
}

static int feed(int link, const char *text)
{
	const int r = jg_received(&rig.c, link, text, strlen(text), rig.now);
	rig_pump();
	return r;
}

bool rig_connect(int link, bool accepted, const char *id, const char *reason)
{
	char text[400];
	rig.http_seen[link] = false;
	if (jg_opened(&rig.c, link, accepted, rig.now) < 0) {
		return false;
	}
	rig_pump();
	if (accepted) {
		(void)feed(link, "GET /sendspin HTTP/1.1\r\nHost: rig\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
		(void)feed(link, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
		if (strstr(rig.http[link], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == NULL) {
			return false;
		}
	} else {
		const char *const key = strstr(rig.http[link], "Sec-WebSocket-Key: ");
		char accept[29] = {0};
		if (key == NULL) {
			return false;
		}
		jg_ws_accept(accept, key + 19);
		(void)snprintf(text, sizeof text, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
		(void)feed(link, text);
	}
	if (strstr(rig.sent[link], "client/hello") == NULL) {
		return false;
	}
	(void)snprintf(text, sizeof text,
	               "{\"type\":\"server/hello\",\"payload\":{\"server_id\":\"%s\",\"name\":\"%s\",\"version\":1,"
	               "\"active_roles\":[\"player@v1\",\"controller@v1\",\"metadata@v1\",\"_jumpgate@v1\"],\"connection_reason\":\"%s\"}}", id, id, reason);
	return rig_text(link, text) == JG_OK;
}

static void hear(const int32_t frame[2], int64_t at)
{
	const int32_t left = frame[0] >> 8;
	if (left == 0) {
		rig.zeros++;
		return;
	}
	rig.breaks += rig.heard_count > 0 && left != rig.last_heard + 1 ? 1 : 0;
	rig.first_heard = rig.heard_count == 0 ? left : rig.first_heard;
	rig.last_heard = left;
	rig.heard_count++;
	if (rig.on_heard != NULL) {
		rig.on_heard(&rig, left, at);
	}
}

/* A card that starts when it is full, interrupts every 5 ms, and plays on. */
static void play(void)
{
	if (!rig.dac_running) {
		rig.dac_running = rig.dac_have == RIG_DAC;
		return;
	}
	const double rate = rig.format.rate * 1e-6 * (1 + (rig.dac_ppm + rig.trim) * 1e-6);
	rig.dac_phase += 5000 * rate;
	unsigned due = (unsigned)rig.dac_phase;
	rig.dac_phase -= due;
	const unsigned n = due < rig.dac_have ? due : rig.dac_have;
	const int64_t end = rig.now - (int64_t)(rig.dac_phase / rate);
	const double frame_us = 1 / rate;
	for (unsigned i = 0; i < n; i++) {
		hear(rig.dac[i], end - (int64_t)((due - i) * frame_us));
	}
	rig.dac_have -= n;
	memmove(rig.dac, rig.dac[n], rig.dac_have * sizeof rig.dac[0]);
	if (n > 0) {
		jg_audio_played(&rig.c, n, end - (int64_t)((due - n) / rate));
	}
}

void rig_run(int64_t us)
{
	for (const int64_t end = rig.now + us; rig.now < end;) {
		rig.now += 1000;
		if (rig.now % 5000 == 0) {
			play();
		}
		(void)jg_poll(&rig.c, rig.now);
		rig_pump();
	}
}

bool rig_stream(uint32_t rate, unsigned bits)
{
	char json[200];
	(void)snprintf(json, sizeof json, "{\"type\":\"stream/start\",\"payload\":{\"player\":{\"codec\":\"pcm\",\"sample_rate\":%u,\"channels\":2,\"bit_depth\":%u}}}",
	               (unsigned)rate, bits);
	return rig_text(0, json) == JG_OK;
}

bool rig_chunk(int64_t server_at, int32_t first, unsigned frames)
{
	static uint8_t data[6 * 2048];
	uint8_t *p = data;
	for (unsigned i = 0; i < frames && i < 2048; i++) {
		for (unsigned c = 0; c < 2; c++) {
			const uint32_t v = (uint32_t)(first + (int32_t)i);
			*p++ = (uint8_t)v;
			*p++ = (uint8_t)(v >> 8);
			*p++ = (uint8_t)(v >> 16);
		}
	}
	return rig_audio(0, server_at, data, (size_t)(p - data)) == JG_OK;
}
