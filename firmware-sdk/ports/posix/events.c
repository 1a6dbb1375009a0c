/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <inttypes.h>
#include <stdarg.h>

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

void device_say(struct device *d, const char *event, ...)
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

/* What a status is printed for at once; else it waits for its second. */
static uint32_t notable(const struct jg_status *s)
{
	const uint8_t all[] = {s->connected, s->encrypted, s->paired, s->playing, s->volume, s->muted, (uint8_t)s->underruns};
	uint32_t h = 0;
	for (size_t i = 0; i < sizeof all; i++) {
		h = h * 31 + all[i];
	}
	return h;
}

void device_status(struct device *d)
{
	struct jg_status s;
	jg_get_status(&d->client, &s);
	const int64_t now = device_now(d);
	if (now < d->next_status && notable(&s) == d->last_status) {
		return;
	}
	d->next_status = now + 1000000;
	d->last_status = notable(&s);
	(void)fprintf(d->events,
	              "{\"event\":\"status\",\"connected\":%d,\"encrypted\":%d,\"paired\":%d,\"playing\":%d,\"volume\":%d,\"muted\":%d,\"buffered\":%" PRIu32
	              ",\"error_us\":%" PRId32 ",\"sigma_us\":%" PRIu32 ",\"clock_ppb\":%" PRId32 ",\"underruns\":%" PRIu32 ",\"late\":%" PRIu32
	              ",\"dropped\":%" PRIu32 ",\"damaged\":%" PRIu32 ",\"added\":%" PRIu32 ",\"removed\":%" PRIu32 ",\"resyncs\":%" PRIu32 "}\n",
	              s.connected, s.encrypted, s.paired, s.playing, s.volume, s.muted, s.buffered, s.error_us, s.clock_sigma_us, s.clock_ppm, s.underruns, s.late,
	              s.dropped, s.damaged, s.added, s.removed, s.resyncs);
	(void)fflush(d->events);
}

void device_enabled(void *user, bool on)
{
	device_say(user, on ? "output_on" : "output_off", (char *)0);
}

void device_metadata(void *user, const struct jg_metadata *m)
{
	device_say(user, "metadata", "title", m->title, "artist", m->artist, "album", m->album, (char *)0);
}

void device_group(void *user, const struct jg_group *g)
{
	char commands[8];
	(void)snprintf(commands, sizeof commands, "%u", g->commands);
	device_say(user, "group", "commands", commands, "state", g->playing ? "playing" : "stopped", (char *)0);
}

void device_server(void *user, const char *name, int why)
{
	device_say(user, name != NULL ? "server" : "gone", "name", name, "why", why < 0 ? jg_strerror(why) : NULL, (char *)0);
}

void device_log(void *user, int error)
{
	device_say(user, "log", "text", jg_strerror(error), (char *)0);
}

void device_code(void *user, const char *code)
{
	device_say(user, "code", "text", code, (char *)0);
}
