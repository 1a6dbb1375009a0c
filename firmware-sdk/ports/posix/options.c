/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, and the numbers on it and on standard input. */
#include "device.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

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
#if JG_ROLE_ARTWORK
	"  --picture FILE          where the cover of what plays is put, a JPEG of 320 x 320\n"
#endif
#if JG_CRYPTO
	"  --no-cleartext          encrypted, or not at all\n"
	"  --pair-only             play for servers that are paired alone; keep them in --state\n"
	"  --static-code DIGITS    the eight digits on the label, instead of a code that is shown\n"
	"  --qr                    show the text of a QR code\n"
	"  --aes                   AES-256-GCM, not ChaCha20-Poly1305\n"
#endif
	;

bool device_number(const char *text, double least, double most, double *to)
{
	char *end = NULL;
	errno = 0;
	const double v = strtod(text, &end);
	if (errno != 0 || end == text || *end != '\0' || !(v >= least && v <= most)) {
		return false;
	}
	*to = v;
	return true;
}

/* Codec, rate and bits of formats with commas between them; 0: not so. */
static size_t parse_formats(const char *list, struct jg_format *to, size_t room)
{
	static const char *const codecs[] = {"pcm", "flac", "opus"};
	size_t n = 0;
	for (; n < room && *list != '\0'; n++) {
		uint8_t codec = 0;
		size_t length = strcspn(list, ":");
		while (codec < 3 && (strlen(codecs[codec]) != length || strncmp(list, codecs[codec], length) != 0)) {
			codec++;
		}
		char *end = NULL;
		const unsigned long rate = list[length] == ':' ? strtoul(list + length + 1, &end, 10) : 0;
		const unsigned long bits = end != NULL && *end == ':' ? strtoul(end + 1, &end, 10) : 0;
		if (codec == 3 || rate == 0 || rate > 192000 || bits == 0 || bits > 32 || end == NULL || (*end != ',' && *end != '\0')) {
			return 0;
		}
		to[n] = (struct jg_format){(uint32_t)rate, codec, 2, (uint8_t)bits};
		list = end + (*end == ',' ? 1 : 0);
	}
	return *list == '\0' ? n : 0;
}

enum { FORMATS = 8 };
static struct jg_format formats[FORMATS] = {
	{44100, JG_FLAC, 2, 16}, {48000, JG_FLAC, 2, 16}, {96000, JG_FLAC, 2, 24}, {44100, JG_PCM, 2, 16}, {48000, JG_PCM, 2, 16}};

/* Options with a number, and what it may be. */
static const struct {
	int option;
	double least, most;
} limits[] = {{'l', 1, 65535}, {'b', 1, 1e9}, {'O', 1, 10000}, {'P', -10000, 10000}, {'c', -10000, 10000}, {'o', -9e15, 9e15}};

static bool take_number(struct device *d, struct sink_config *sink, int option, const char *text)
{
	size_t i = 0;
	while (limits[i].option != option) {
		i++;
	}
	double v;
	if (!device_number(text, limits[i].least, limits[i].most, &v)) {
		return false;
	}
	switch (option) {
	case 'l': d->port = (uint16_t)v; break;
	case 'b': d->config.audio_bytes = (size_t)v; break;
	case 'O': sink->buffer_ms = (unsigned)v; break;
	case 'P': sink->ppm = v; break;
	case 'c': d->clock_ppm = v; break;
	default: d->clock_offset = (int64_t)v; break;
	}
	return true;
}

static bool take(struct device *d, struct sink_config *sink, int option, const char *text)
{
	switch (option) {
	case 'i': d->config.client_id = text; break;
	case 'n': d->config.name = text; break;
	case 's': d->server = text; break;
	case 'p': d->config.path = text; break;
	case 'w': sink->wav = text; break;
	case '|': sink->pipe = true; break;
	case 'a': sink->alsa = text; break;
	case 'f': d->config.format_count = parse_formats(text, formats, FORMATS); return d->config.format_count > 0;
	case 'S': d->state_file = text; break;
	case 'M': d->announces = false; break;
	case 't': sink->trims = true; break;
	case 'C': d->config.cleartext = false; break;
	case 'U': d->config.unpaired_access = false; break;
	case 'D': d->config.static_code = text; break;
	case 'Q': d->config.shows_qr = true; break;
	case 'A': d->aes = true; break;
	case 'I': d->picture_file = text; break;
	default: return take_number(d, sink, option, text);
	}
	return true;
}

int device_options(struct device *d, struct sink_config *sink, int argc, char **argv)
{
	static const struct option options[] = {
		{"id", 1, 0, 'i'},       {"name", 1, 0, 'n'},  {"listen", 1, 0, 'l'},  {"server", 1, 0, 's'},    {"path", 1, 0, 'p'},
		{"wav", 1, 0, 'w'},      {"pipe", 0, 0, '|'},  {"alsa", 1, 0, 'a'},    {"formats", 1, 0, 'f'},   {"buffer", 1, 0, 'b'},
		{"state", 1, 0, 'S'},    {"no-mdns", 0, 0, 'M'}, {"ppm", 1, 0, 'P'},   {"trims", 0, 0, 't'},     {"clock-ppm", 1, 0, 'c'},
		{"clock-offset", 1, 0, 'o'}, {"output-ms", 1, 0, 'O'}, {"help", 0, 0, 'h'},
#if JG_ROLE_ARTWORK
		{"picture", 1, 0, 'I'},
#endif
		{"no-cleartext", 0, 0, 'C'}, {"pair-only", 0, 0, 'U'}, {"static-code", 1, 0, 'D'}, {"qr", 0, 0, 'Q'}, {"aes", 0, 0, 'A'}, {0, 0, 0, 0}};
	static int32_t scratch[2 * 16384];
	d->port = 8928;
	d->announces = true;
	d->config = (struct jg_config){.client_id = "jumpgate-device", .name = "Jumpgate device", .product = "jumpgate-device", .manufacturer = "Jumpgate",
	                               .firmware = JG_VERSION_STRING, .path = "/sendspin", .formats = formats, .format_count = 5,
	                               .audio_bytes = 98304, .scratch = scratch, .scratch_samples = 2 * 16384, .volume = 100,
	                               .unpaired_access = true, .cleartext = true, .artwork_width = 320, .artwork_height = 320};
	int index = 0;
	for (int o; (o = getopt_long(argc, argv, "", options, &index)) != -1;) {
		if (o == 'h') {
			(void)fputs(usage, stdout);
			return -1;
		}
		if (o == '?') {
			(void)fputs(usage, stderr);
			return 2;
		}
		if (!take(d, sink, o, optarg)) {
			(void)fprintf(stderr, "jumpgate-device: --%s: \"%s\" cannot be; see --help\n", options[index].name, optarg);
			return 2;
		}
	}
	return 0;
}
