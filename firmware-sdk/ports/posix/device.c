/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jumpgate-device: a complete player for Linux and other POSIX systems, and the
 * model of a port: one thread, poll(), everything else is the core's.
 *
 * What happens is printed as one JSON object a line; lines on standard input
 * are buttons: "volume 30", "mute 1", "press next", "prefer 1", "leave restart",
 * "pair allow", "pair forget".
 */
#include "device.h"

#ifdef HAVE_OPUS
#include "jg_opus.h"
#endif

#if JG_CRYPTO
#include "jg_mbedtls.h"
#endif

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

int64_t device_now(const struct device *d)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	const int64_t us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	return us + (int64_t)((double)us * d->clock_ppm * 1e-6) + d->clock_offset;
}

static size_t on_write(void *user, const int32_t *samples, size_t frames)
{
	return sink_write(((struct device *)user)->sink, samples, frames);
}

static int on_configure(void *user, const struct jg_format *f)
{
	struct device *const d = user;
	static const char *const codecs[] = {"pcm", "flac", "opus"};
	char rate[16], bits[8];
	(void)snprintf(rate, sizeof rate, "%" PRIu32, f->rate);
	(void)snprintf(bits, sizeof bits, "%u", f->bits);
	device_say(d, "stream", "codec", codecs[f->codec], "rate", rate, "bits", bits, (char *)0);
	return sink_configure(d->sink, f);
}

static void on_trim(void *user, int32_t ppm)
{
	sink_trim(((struct device *)user)->sink, ppm);
}

#if JG_CRYPTO
static int device_crypto_random(void *user, unsigned char *data, size_t size)
{
	device_random(user, data, size);
	return 0;
}
#endif

static int wait_ms(struct device *d)
{
	const int64_t now = device_now(d);
	int64_t wait = jg_poll(&d->client, now);
	const int64_t sink = sink_run(d->sink, &d->client, now);
	wait = sink < wait ? sink : wait;
	device_status(d);
	if (d->announce_at != 0 && now >= d->announce_at) {
		d->announce_at = 0;
		mdns_announce(&d->mdns);
	}
	for (int i = 0; i < JG_LINKS; i++) {
		const enum jg_want want = jg_want(&d->client, i, now);
		if (want == JG_WANT_CLOSE) {
			device_drop(d, i);
		} else if (want == JG_WANT_CONNECT && d->sockets[i] < 0) {
			device_dial(d);
		}
		device_send(d, i);
	}
	return (int)((wait + 999) / 1000);
}

/* Runs until somebody wants an end, or until `until` and no link is left. */
static void loop(struct device *d, bool buttons, int64_t until)
{
	while (until == 0 ? !stop : device_now(d) < until && (d->sockets[0] >= 0 || d->sockets[1] >= 0)) {
		struct pollfd p[JG_LINKS + 3];
		const int wait = wait_ms(d);
		for (int i = 0; i < JG_LINKS; i++) {
			const uint8_t *data;
			const bool full = d->sockets[i] >= 0 && jg_output(&d->client, i, &data) > 0;
			p[i] = (struct pollfd){d->sockets[i], (short)(POLLIN | (full || (i == 0 && d->connecting) ? POLLOUT : 0)), 0};
		}
		/* While both links are taken a server waits in the queue of the listener. */
		p[JG_LINKS] = (struct pollfd){jg_free_link(&d->client) >= 0 ? d->listener : -1, POLLIN, 0};
		p[JG_LINKS + 1] = (struct pollfd){d->mdns.socket, POLLIN, 0};
		p[JG_LINKS + 2] = (struct pollfd){buttons ? STDIN_FILENO : -1, POLLIN, 0};
		if (poll(p, JG_LINKS + 3, wait) <= 0) {
			continue;
		}
		if (d->connecting && d->sockets[0] >= 0 && (p[0].revents & (POLLOUT | POLLERR | POLLHUP)) != 0) {
			device_dialled(d);
			continue;
		}
		for (int i = 0; i < JG_LINKS; i++) {
			if (d->sockets[i] >= 0 && (p[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
				device_receive(d, i);
			}
		}
		if ((p[JG_LINKS].revents & POLLIN) != 0) {
			device_accept(d);
		}
		if ((p[JG_LINKS + 1].revents & POLLIN) != 0) {
			mdns_read(&d->mdns);
		}
		if (p[JG_LINKS + 2].revents != 0) {
			buttons = device_buttons(d);
		}
	}
}

static const char usage[] =
	"jumpgate-device: a Sendspin player\n"
	"  --id ID --name NAME     who it is (jumpgate-device)\n"
	"  --listen PORT           wait for servers, announced by mDNS (8928)\n"
	"  --server HOST:PORT      dial a server instead\n"
	"  --path PATH             of the WebSocket (/sendspin)\n"
	"  --wav FILE | --pipe | --alsa DEVICE\n"
	"  --formats LIST          such as flac:44100:16,opus:48000:16 (default: FLAC and PCM, 44.1 to 96 kHz)\n"
	"  --buffer BYTES          of coded audio (98304)\n"
	"  --state FILE            where volume and pairings are kept\n"
	"  --no-mdns               do not announce\n"
	"  --output-ms N           what the output holds (40)\n"
	"  --ppm N --trims         clock of a file or pipe: its error, and that it can be trimmed\n"
	"  --clock-ppm N --clock-offset US   error of our own clock, for tests\n"
#if JG_CRYPTO
	"  --no-cleartext          encrypted, or not at all\n"
	"  --pair-only             play for servers that are paired alone; keep them in --state\n"
	"  --static-code DIGITS    the eight digits on the label, instead of a code that is shown\n"
	"  --qr                    show the text of a QR code\n"
	"  --aes                   AES-256-GCM, not ChaCha20-Poly1305\n"
#endif
	;

static size_t parse_formats(const char *list, struct jg_format *to, size_t room)
{
	size_t n = 0;
	while (n < room && *list != '\0') {
		char codec[8];
		unsigned rate, bits;
		if (sscanf(list, "%7[a-z]:%u:%u", codec, &rate, &bits) != 3) {
			return 0;
		}
		const enum jg_codec kind = strcmp(codec, "flac") == 0 ? JG_FLAC : strcmp(codec, "opus") == 0 ? JG_OPUS : JG_PCM;
		to[n++] = (struct jg_format){rate, (uint8_t)kind, 2, (uint8_t)bits};
		list += strcspn(list, ",");
		list += *list == ',' ? 1 : 0;
	}
	return n;
}

#if JG_CRYPTO
static void use_crypto(struct device *d, struct jg_callbacks *callbacks)
{
	static struct jg_mbedtls mbedtls = {.random = device_crypto_random};
	static struct jg_crypto crypto;
	crypto = d->aes ? jg_mbedtls_crypto_aes(&mbedtls) : jg_mbedtls_crypto(&mbedtls);
	d->config.crypto = &crypto;
	callbacks->pairing_code = device_code;
}

static void say_token(struct device *d)
{
	char token[JG_TOKEN_BYTES];
	if (d->state_file != NULL && jg_pairing_token(&d->client, token) == JG_OK) {
		device_say(d, "token", "text", token, (char *)0);
	}
}
#endif

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"id", 1, 0, 'i'},       {"name", 1, 0, 'n'},  {"listen", 1, 0, 'l'},  {"server", 1, 0, 's'},    {"path", 1, 0, 'p'},
		{"wav", 1, 0, 'w'},      {"pipe", 0, 0, '|'},  {"alsa", 1, 0, 'a'},    {"formats", 1, 0, 'f'},   {"buffer", 1, 0, 'b'},
		{"state", 1, 0, 'S'},    {"no-mdns", 0, 0, 'M'}, {"ppm", 1, 0, 'P'},   {"trims", 0, 0, 't'},     {"clock-ppm", 1, 0, 'c'},
		{"clock-offset", 1, 0, 'o'}, {"output-ms", 1, 0, 'O'}, {"help", 0, 0, 'h'},
		{"no-cleartext", 0, 0, 'C'}, {"pair-only", 0, 0, 'U'}, {"static-code", 1, 0, 'D'}, {"qr", 0, 0, 'Q'}, {"aes", 0, 0, 'A'}, {0, 0, 0, 0}};
	static struct jg_format formats[8] = {{44100, JG_FLAC, 2, 16}, {48000, JG_FLAC, 2, 16}, {96000, JG_FLAC, 2, 24}, {44100, JG_PCM, 2, 16}, {48000, JG_PCM, 2, 16}};
	static int32_t scratch[2 * 16384];
	static struct device d;
	struct sink_config sink = {.buffer_ms = 40};
	uint16_t port = 8928;
	bool announce = true;
	d.config = (struct jg_config){.client_id = "jumpgate-device", .name = "Jumpgate device", .product = "jumpgate-device", .manufacturer = "Jumpgate",
	                              .firmware = JG_VERSION_STRING, .path = "/sendspin", .formats = formats, .format_count = 5,
	                              .audio_bytes = 98304, .scratch = scratch, .scratch_samples = 2 * 16384, .volume = 100,
	                              .unpaired_access = true, .cleartext = true};
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (o) {
		case 'i': d.config.client_id = optarg; break;
		case 'n': d.config.name = optarg; break;
		case 'l': port = (uint16_t)atoi(optarg); break;
		case 's': d.server = optarg; break;
		case 'p': d.config.path = optarg; break;
		case 'w': sink.wav = optarg; break;
		case '|': sink.pipe = true; break;
		case 'a': sink.alsa = optarg; break;
		case 'f': d.config.format_count = parse_formats(optarg, formats, 8); break;
		case 'b': d.config.audio_bytes = (size_t)atol(optarg); break;
		case 'S': d.state_file = optarg; break;
		case 'M': announce = false; break;
		case 'P': sink.ppm = atof(optarg); break;
		case 't': sink.trims = true; break;
		case 'c': d.clock_ppm = atof(optarg); break;
		case 'O': sink.buffer_ms = (unsigned)atoi(optarg); break;
		case 'o': d.clock_offset = atoll(optarg); break;
		case 'C': d.config.cleartext = false; break;
		case 'U': d.config.unpaired_access = false; break;
		case 'D': d.config.static_code = optarg; break;
		case 'Q': d.config.shows_qr = true; break;
		case 'A': d.aes = true; break;
		default: (void)fputs(usage, o == 'h' ? stdout : stderr); return o == 'h' ? 0 : 2;
		}
	}
#ifndef HAVE_ALSA
	if (sink.alsa != NULL) {
		(void)fputs("built without ALSA\n", stderr);
		return 2;
	}
#endif
	static struct jg_callbacks callbacks = {.write = on_write, .configure = on_configure, .output_enable = device_enabled, .load = device_load,
	                                        .save = device_save, .random = device_random, .metadata = device_metadata, .group = device_group,
	                                        .server = device_server, .log = device_log};
	callbacks.set_rate_ppm = sink.trims ? on_trim : NULL;
	d.events = sink.pipe ? stderr : stdout;
#ifdef HAVE_OPUS
	static struct jg_opus opus;
	static struct jg_decoder decoders[1];
	opus.decoder = malloc((size_t)opus_decoder_get_size(2));
	decoders[0] = jg_opus_decoder(&opus);
	d.config.decoders = decoders;
	d.config.decoder_count = opus.decoder != NULL ? 1 : 0;
#endif
#if JG_CRYPTO
	use_crypto(&d, &callbacks);
#endif
	d.config.dial = d.server != NULL;
	d.config.host = d.server;
	d.config.audio = malloc(d.config.audio_bytes);
	d.sink = sink_open(&sink);
	d.sockets[0] = d.sockets[1] = d.listener = d.mdns.socket = -1;
	const int r = d.config.audio == NULL || d.sink == NULL ? JG_ERR_ROOM : jg_init(&d.client, &d.config, &callbacks, &d, device_now(&d));
	if (r < 0) {
		(void)fprintf(stderr, "jumpgate-device: %s\n", jg_strerror(r));
		return 1;
	}
#if JG_CRYPTO
	say_token(&d);
#endif
	if (d.server == NULL) {
		d.listener = device_listen(port);
		if (d.listener < 0) {
			(void)fprintf(stderr, "port %u: %s\n", port, strerror(errno));
			return 1;
		}
		if (announce && mdns_open(&d.mdns, d.config.client_id, d.config.path, d.config.name, port) == 0) {
			mdns_announce(&d.mdns);
			d.announce_at = device_now(&d) + 1000000;
		}
		device_say(&d, "listening", (char *)0);
	}
	(void)signal(SIGINT, on_signal);
	(void)signal(SIGTERM, on_signal);
	loop(&d, true, 0);
	jg_leave(&d.client, JG_SHUTDOWN, device_now(&d));
	loop(&d, false, device_now(&d) + 500000);
	mdns_close(&d.mdns);
	sink_close(d.sink);
	free(d.config.audio);
#ifdef HAVE_OPUS
	free(opus.decoder);
#endif
	return 0;
}
