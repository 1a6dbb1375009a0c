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
	static struct device d;
	struct sink_config sink = {.buffer_ms = 40};
	const int wrong = device_options(&d, &sink, argc, argv);
	if (wrong != 0) {
		return wrong > 0 ? wrong : 0;
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
#if JG_ROLE_ARTWORK
	static uint8_t picture[65536]; /* whatever a server sends */
	if (d.picture_file != NULL) {
		callbacks.artwork = device_artwork;
		d.config.picture = picture;
		d.config.picture_bytes = sizeof picture;
	}
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
		d.listener = device_listen(d.port);
		if (d.listener < 0) {
			(void)fprintf(stderr, "port %u: %s\n", d.port, strerror(errno));
			return 1;
		}
		if (d.announces && mdns_open(&d.mdns, d.config.client_id, d.config.path, d.config.name, d.port) == 0) {
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
