/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jumpgate-device: a complete player for Linux and other POSIX systems, and the
 * model of a port: one thread, poll(), everything else is the core's.
 *
 * What happens is printed as one JSON object a line; lines on standard input
 * are buttons: "volume 30", "mute 1", "press next", "prefer 1", "leave restart",
 * "pair allow", "pair forget".
 */
#include "mdns.h"
#include "sink.h"

#ifdef HAVE_OPUS
#include "jg_opus.h"
#endif

#if JG_CRYPTO
#include "jg_mbedtls.h"
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct device {
	struct jg_client client;
	struct jg_config config;
	struct sink *sink;
	struct mdns mdns;
	const char *state_file, *server; /* HOST:PORT to dial */
	int sockets[JG_LINKS], listener;
	bool connecting, aes;
	double clock_ppm;
	int64_t clock_offset, next_status, announce_at;
	FILE *events;
	char line[128];
	size_t line_have;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

/* Our clock, off by as much as was asked for. */
static int64_t now_us(const struct device *d)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	const int64_t us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	return us + (int64_t)((double)us * d->clock_ppm * 1e-6) + d->clock_offset;
}

/* ---- Events ------------------------------------------------------------- */

static void quote(FILE *f, const char *s)
{
	(void)fputc('"', f);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || (unsigned char)*s < 0x20) {
			(void)fprintf(f, "\\u%04x", (unsigned)(unsigned char)*s);
		} else {
			(void)fputc(*s, f);
		}
	}
	(void)fputc('"', f);
}

/* Pairs of name and string, NULL at the end; NULL values are left out. */
static void say(struct device *d, const char *event, ...)
{
	va_list a;
	(void)fprintf(d->events, "{\"event\":\"%s\"", event);
	va_start(a, event);
	for (const char *key = va_arg(a, const char *); key != NULL; key = va_arg(a, const char *)) {
		const char *const value = va_arg(a, const char *);
		if (value != NULL) {
			(void)fprintf(d->events, ",\"%s\":", key);
			quote(d->events, value);
		}
	}
	va_end(a);
	(void)fprintf(d->events, "}\n");
	(void)fflush(d->events);
}

static void say_status(struct device *d)
{
	struct jg_status s;
	jg_get_status(&d->client, &s);
	(void)fprintf(d->events,
	              "{\"event\":\"status\",\"connected\":%d,\"encrypted\":%d,\"paired\":%d,\"playing\":%d,\"volume\":%d,\"muted\":%d,\"buffered\":%" PRIu32
	              ",\"error_us\":%" PRId32 ",\"sigma_us\":%" PRIu32 ",\"clock_ppb\":%" PRId32 ",\"underruns\":%" PRIu32 ",\"late\":%" PRIu32
	              ",\"dropped\":%" PRIu32 ",\"damaged\":%" PRIu32 ",\"added\":%" PRIu32 ",\"removed\":%" PRIu32 ",\"resyncs\":%" PRIu32 "}\n",
	              s.connected, s.encrypted, s.paired, s.playing, s.volume, s.muted, s.buffered, s.error_us, s.clock_sigma_us, s.clock_ppm, s.underruns, s.late,
	              s.dropped, s.damaged, s.added, s.removed, s.resyncs);
	(void)fflush(d->events);
}

/* ---- Callbacks ---------------------------------------------------------- */

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
	say(d, "stream", "codec", codecs[f->codec], "rate", rate, "bits", bits, (char *)0);
	return sink_configure(d->sink, f);
}

static void on_enable(void *user, bool on)
{
	say(user, on ? "output_on" : "output_off", (char *)0);
}

static void on_trim(void *user, int32_t ppm)
{
	sink_trim(((struct device *)user)->sink, ppm);
}

static void on_metadata(void *user, const struct jg_metadata *m)
{
	say(user, "metadata", "title", m->title, "artist", m->artist, "album", m->album, (char *)0);
}

static void on_group(void *user, const struct jg_group *g)
{
	char commands[8];
	(void)snprintf(commands, sizeof commands, "%u", g->commands);
	say(user, "group", "commands", commands, "state", g->playing ? "playing" : "stopped", (char *)0);
}

static void on_server(void *user, const char *name, int why)
{
	say(user, name != NULL ? "server" : "gone", "name", name, "why", why < 0 ? jg_strerror(why) : NULL, (char *)0);
}

static void on_log(void *user, int error)
{
	say(user, "log", "text", jg_strerror(error), (char *)0);
}

static void on_random(void *user, uint8_t *data, size_t size)
{
	(void)user;
	FILE *const f = fopen("/dev/urandom", "rb");
	if (f == NULL || fread(data, 1, size, f) != size) {
		perror("/dev/urandom");
		abort(); /* keys must not be guessable */
	}
	(void)fclose(f);
}

#if JG_CRYPTO
static int crypto_random(void *user, unsigned char *data, size_t size)
{
	on_random(user, data, size);
	return 0;
}

static void on_code(void *user, const char *code)
{
	say(user, "code", "text", code, (char *)0);
}
#endif

static void key_file(const struct device *d, enum jg_key key, char *name, size_t size)
{
	(void)snprintf(name, size, "%s.%d", d->state_file, (int)key);
}

static size_t on_load(void *user, enum jg_key key, void *data, size_t size)
{
	const struct device *const d = user;
	char name[512];
	if (d->state_file == NULL) {
		return 0;
	}
	key_file(d, key, name, sizeof name);
	FILE *const f = fopen(name, "rb");
	if (f == NULL) {
		return 0;
	}
	const size_t n = fread(data, 1, size, f);
	(void)fclose(f);
	return n;
}

/* Written beside and renamed, so that a power cut leaves the old or the new. */
static void on_save(void *user, enum jg_key key, const void *data, size_t size)
{
	const struct device *const d = user;
	char name[512], fresh[520];
	if (d->state_file == NULL) {
		return;
	}
	key_file(d, key, name, sizeof name);
	(void)snprintf(fresh, sizeof fresh, "%s.new", name);
	const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0) {
		perror(fresh);
		return;
	}
	const bool whole = write(fd, data, size) == (ssize_t)size && fsync(fd) == 0;
	if (close(fd) == 0 && whole) {
		(void)rename(fresh, name);
	}
}

/* ---- Sockets ------------------------------------------------------------ */

static void prepare(int s)
{
	const int one = 1;
	(void)fcntl(s, F_SETFL, O_NONBLOCK);
	(void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void drop(struct device *d, int link)
{
	if (d->sockets[link] >= 0) {
		(void)shutdown(d->sockets[link], SHUT_RDWR);
		(void)close(d->sockets[link]);
		d->sockets[link] = -1;
	}
	d->connecting = false;
	jg_closed(&d->client, link, now_us(d));
}

static int listen_on(uint16_t port)
{
	const int one = 1;
	const int s = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	if (s < 0) {
		return -1;
	}
	(void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, (struct sockaddr *)&any, sizeof any) < 0 || listen(s, 2) < 0) {
		(void)close(s);
		return -1;
	}
	return s;
}

static void accept_one(struct device *d)
{
	const int s = accept(d->listener, NULL, NULL);
	const int link = jg_free_link(&d->client);
	if (s < 0 || link < 0) {
		return;
	}
	prepare(s);
	d->sockets[link] = s;
	(void)jg_opened(&d->client, link, true, now_us(d));
}

static void dial(struct device *d)
{
	char host[256];
	(void)snprintf(host, sizeof host, "%s", d->server);
	char *const colon = strrchr(host, ':');
	const char *port = "8927";
	if (colon != NULL) {
		*colon = '\0';
		port = colon + 1;
	}
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	if (getaddrinfo(host, port, &hints, &found) != 0) {
		drop(d, 0);
		return;
	}
	const int s = socket(found->ai_family, SOCK_STREAM, 0);
	if (s >= 0) {
		prepare(s);
		d->sockets[0] = s;
		d->connecting = true;
		if (connect(s, found->ai_addr, found->ai_addrlen) < 0 && errno != EINPROGRESS) {
			drop(d, 0);
		}
	}
	freeaddrinfo(found);
}

static void send_all(struct device *d, int link)
{
	const uint8_t *data;
	size_t n;
	while (d->sockets[link] >= 0 && (n = jg_output(&d->client, link, &data)) > 0) {
		const ssize_t sent = send(d->sockets[link], data, n, MSG_NOSIGNAL);
		if (sent <= 0) {
			if (sent < 0 && errno != EAGAIN && errno != EINTR) {
				drop(d, link);
			}
			return;
		}
		jg_sent(&d->client, link, (size_t)sent, now_us(d));
	}
}

static void receive(struct device *d, int link)
{
	uint8_t data[4096];
	const ssize_t n = recv(d->sockets[link], data, sizeof data, 0);
	if (n > 0) {
		(void)jg_received(&d->client, link, data, (size_t)n, now_us(d));
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		drop(d, link);
	}
}

/* ---- Buttons ------------------------------------------------------------ */

static const char *const command_names[] = {"play", "pause", "stop", "next", "previous", "group-volume", "group-mute", "jump", "like", "dislike"};

static void button(struct device *d, char *line)
{
	char *save = NULL;
	const char *const what = strtok_r(line, " ", &save), *const arg = strtok_r(NULL, " ", &save), *const more = strtok_r(NULL, " ", &save);
	const int value = arg != NULL ? atoi(arg) : 0;
	if (what == NULL || arg == NULL) {
		return;
	}
	if (strcmp(what, "volume") == 0) {
		jg_set_volume(&d->client, (uint8_t)value);
	} else if (strcmp(what, "mute") == 0) {
		jg_set_muted(&d->client, value != 0);
	} else if (strcmp(what, "prefer") == 0 && value >= 0 && (size_t)value < d->config.format_count) {
		(void)jg_prefer(&d->client, &d->config.formats[value]);
	} else if (strcmp(what, "leave") == 0) {
		jg_leave(&d->client, strcmp(arg, "restart") == 0 ? JG_RESTART : JG_USER_REQUEST, now_us(d));
#if JG_CRYPTO
	} else if (strcmp(what, "pair") == 0 && strcmp(arg, "forget") == 0) {
		jg_forget_pairings(&d->client);
	} else if (strcmp(what, "pair") == 0) {
		jg_allow_pairing(&d->client, now_us(d));
#endif
	} else if (strcmp(what, "press") == 0) {
		for (unsigned i = 0; i < sizeof command_names / sizeof command_names[0]; i++) {
			if (strcmp(arg, command_names[i]) == 0) {
				const int r = jg_press(&d->client, (enum jg_command)(1u << i), (uint8_t)(more != NULL ? atoi(more) : 0));
				say(d, "pressed", "button", arg, "error", r < 0 ? jg_strerror(r) : NULL, (char *)0);
			}
		}
	}
}

static bool read_buttons(struct device *d)
{
	char data[128];
	const ssize_t n = read(STDIN_FILENO, data, sizeof data);
	for (ssize_t i = 0; i < n; i++) {
		if (data[i] == '\n') {
			d->line[d->line_have] = '\0';
			d->line_have = 0;
			button(d, d->line);
		} else if (d->line_have + 1 < sizeof d->line) {
			d->line[d->line_have++] = data[i];
		}
	}
	return n > 0;
}

/* ---- The loop ----------------------------------------------------------- */

static int wait_ms(struct device *d)
{
	const int64_t now = now_us(d);
	int64_t wait = jg_poll(&d->client, now);
	const int64_t sink = sink_run(d->sink, &d->client, now);
	wait = sink < wait ? sink : wait;
	if (now >= d->next_status) {
		d->next_status = now + 1000000;
		say_status(d);
	}
	if (d->announce_at != 0 && now >= d->announce_at) {
		d->announce_at = 0;
		mdns_announce(&d->mdns);
	}
	for (int i = 0; i < JG_LINKS; i++) {
		const enum jg_want want = jg_want(&d->client, i, now);
		if (want == JG_WANT_CLOSE) {
			drop(d, i);
		} else if (want == JG_WANT_CONNECT && d->sockets[i] < 0) {
			dial(d);
		}
		send_all(d, i);
	}
	return (int)((wait + 999) / 1000);
}

/* Runs until somebody wants an end, or until `until` and no link is left. */
static void loop(struct device *d, bool buttons, int64_t until)
{
	while (until == 0 ? !stop : now_us(d) < until && (d->sockets[0] >= 0 || d->sockets[1] >= 0)) {
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
			int error = 0;
			socklen_t size = sizeof error;
			(void)getsockopt(d->sockets[0], SOL_SOCKET, SO_ERROR, &error, &size);
			d->connecting = false;
			if (error != 0) {
				drop(d, 0);
			} else {
				(void)jg_opened(&d->client, 0, false, now_us(d));
			}
			continue;
		}
		for (int i = 0; i < JG_LINKS; i++) {
			if (d->sockets[i] >= 0 && (p[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
				receive(d, i);
			}
		}
		if ((p[JG_LINKS].revents & POLLIN) != 0) {
			accept_one(d);
		}
		if ((p[JG_LINKS + 1].revents & POLLIN) != 0) {
			mdns_read(&d->mdns);
		}
		if (p[JG_LINKS + 2].revents != 0) {
			buttons = read_buttons(d);
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
	static struct jg_mbedtls mbedtls = {.random = crypto_random};
	static struct jg_crypto crypto;
	crypto = d->aes ? jg_mbedtls_crypto_aes(&mbedtls) : jg_mbedtls_crypto(&mbedtls);
	d->config.crypto = &crypto;
	callbacks->pairing_code = on_code;
}

static void say_token(struct device *d)
{
	char token[JG_TOKEN_BYTES];
	if (d->state_file != NULL && jg_pairing_token(&d->client, token) == JG_OK) {
		say(d, "token", "text", token, (char *)0);
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
	static struct jg_callbacks callbacks = {.write = on_write, .configure = on_configure, .output_enable = on_enable, .load = on_load,
	                                        .save = on_save, .random = on_random, .metadata = on_metadata, .group = on_group,
	                                        .server = on_server, .log = on_log};
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
	const int r = d.config.audio == NULL || d.sink == NULL ? JG_ERR_ROOM : jg_init(&d.client, &d.config, &callbacks, &d, now_us(&d));
	if (r < 0) {
		(void)fprintf(stderr, "jumpgate-device: %s\n", jg_strerror(r));
		return 1;
	}
#if JG_CRYPTO
	say_token(&d);
#endif
	if (d.server == NULL) {
		d.listener = listen_on(port);
		if (d.listener < 0) {
			(void)fprintf(stderr, "port %u: %s\n", port, strerror(errno));
			return 1;
		}
		if (announce && mdns_open(&d.mdns, d.config.client_id, d.config.path, d.config.name, port) == 0) {
			mdns_announce(&d.mdns);
			d.announce_at = now_us(&d) + 1000000;
		}
		say(&d, "listening", (char *)0);
	}
	(void)signal(SIGINT, on_signal);
	(void)signal(SIGTERM, on_signal);
	loop(&d, true, 0);
	jg_leave(&d.client, JG_SHUTDOWN, now_us(&d));
	loop(&d, false, now_us(&d) + 500000);
	mdns_close(&d.mdns);
	sink_close(d.sink);
	free(d.config.audio);
#ifdef HAVE_OPUS
	free(opus.decoder);
#endif
	return 0;
}
