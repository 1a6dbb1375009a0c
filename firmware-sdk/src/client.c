/* SPDX-License-Identifier: Apache-2.0 */
/* Sendspin's client: what messages do, which server is listened to, settings. */
#include "client.h"

#include "clock.h"
#include "message.h"
#include "pair.h"
#include "playout.h"
#include "ring.h"
#include "secure.h"
#include "text.h"
#include "ws.h"

#include <string.h>

enum {
	QUICK_ASKS = 10,
	QUICK_US = 20000,   /* between the first client/time */
	ASK_US = 100000,    /* and the others: what the clock filter counts on */
	SAVE_US = 2000000,  /* settings rest as long before they are written to flash */
	LEAD_MOST_MS = 800,
	DELAY_MOST_MS = 5000
};

void jg_client_log(const struct jg_client *c, int error)
{
	if (c->cb->log != NULL) {
		c->cb->log(c->user, error);
	}
}

/* ---- Settings ----------------------------------------------------------- */

/* FNV-1a: of a server's id, which is only compared, and of what is stored. */
uint32_t jg_hash32(const void *data, size_t size)
{
	const uint8_t *p = data;
	uint32_t h = 2166136261u;
	while (size-- > 0) {
		h = (h ^ *p++) * 16777619u;
	}
	return h;
}

enum { SETTINGS = 16 };

/* 'J' 'G' 1, volume, mute, 0, delay, last server, hash; numbers little-endian. */
static void pack(const struct jg_client *c, uint8_t to[SETTINGS])
{
	const uint8_t head[8] = {'J', 'G', 1, c->volume, c->muted ? 1 : 0, 0, (uint8_t)c->delay_ms, (uint8_t)(c->delay_ms >> 8)};
	memcpy(to, head, sizeof head);
	for (unsigned i = 0; i < 4; i++) {
		to[8 + i] = (uint8_t)(c->last_server >> (8 * i));
	}
	const uint32_t h = jg_hash32(to, 12);
	for (unsigned i = 0; i < 4; i++) {
		to[12 + i] = (uint8_t)(h >> (8 * i));
	}
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* What a power cut left half-written does not pass, and counts as not there. */
static void load(struct jg_client *c)
{
	uint8_t s[SETTINGS];
	if (c->cb->load == NULL || c->cb->load(c->user, JG_KEY_SETTINGS, s, sizeof s) != sizeof s ||
	    memcmp(s, "JG\1", 3) != 0 || le32(s + 12) != jg_hash32(s, 12) || s[3] > 100) {
		return;
	}
	c->volume = s[3];
	c->muted = s[4] != 0;
	c->delay_ms = (uint16_t)(s[6] | s[7] << 8);
	c->delay_ms = c->delay_ms < DELAY_MOST_MS ? c->delay_ms : DELAY_MOST_MS;
	c->last_server = le32(s + 8);
}

static void changed(struct jg_client *c)
{
	c->unsaved = true;
	c->save_at = c->now + SAVE_US;
}

void jg_client_report(struct jg_client *c)
{
	if (c->current < 0) {
		return;
	}
#if JG_CRYPTO
	/* In the current dialect a player says nothing before it knows the clock. */
	c->unreported = jg_keyed(&c->link[c->current]) && (c->roles == 0 || !jg_clock_known(&c->clock));
	if (c->unreported) {
		return;
	}
#endif
	c->link[c->current].due |= JG_DUE_STATE;
	jg_link_compose(c);
}

static void volume(struct jg_client *c, uint8_t level, bool muted)
{
	c->volume = level < 100 ? level : 100;
	c->muted = muted;
	changed(c);
	if (c->cb->volume != NULL) {
		c->cb->volume(c->user, c->volume, c->muted);
	}
	jg_client_report(c);
}

void jg_set_volume(struct jg_client *c, uint8_t level)
{
	volume(c, level, c->muted);
}

void jg_set_muted(struct jg_client *c, bool muted)
{
	volume(c, c->volume, muted);
}

/* ---- Which server ------------------------------------------------------- */

/* The specification's rules for several servers: one that plays is preferred,
 * then the one that played last; else the one that is there stays. */
static bool preferred(const struct jg_client *c, const struct jg_link *fresh, const struct jg_link *old)
{
	if (fresh->server == old->server) {
		return true;
	}
#if JG_CRYPTO
	if (jg_pair_running(c) && fresh->rank > JG_IDLE) {
		return false; /* a pairing is not disturbed */
	}
#endif
	if (fresh->rank == JG_IDLE && old->rank == JG_IDLE) {
		return fresh->server == c->last_server;
	}
	return fresh->rank >= old->rank;
}

void jg_client_leave(struct jg_client *c, int link, uint8_t why)
{
	struct jg_link *const l = &c->link[link];
	if (l->state == JG_GREETING || l->state == JG_READY) {
		const bool told = !JG_CRYPTO || l->stage == JG_CLEAR || l->stage >= JG_KEYED;
		l->state = JG_LEAVING;
		l->goodbye = why;
		l->due = (uint16_t)((l->due & JG_DUE_PAIR) | (told ? JG_DUE_GOODBYE : 0) | JG_DUE_CLOSE);
		l->opened = c->now;
	} else if (l->state == JG_UPGRADE) {
		jg_link_fail(c, link, JG_ERR_STATE);
	}
}

void jg_client_gone(struct jg_client *c, int link)
{
	const int why = c->link[link].why;
#if JG_CRYPTO
	jg_pair_stop(c);
	c->pair.window = c->now;
	c->unreported = false;
#endif
	c->current = -1;
	c->roles = 0;
	jg_play_clear(c, true);
	if (c->cb->server != NULL) {
		c->cb->server(c->user, NULL, why);
	}
}

void jg_client_played(struct jg_client *c)
{
	const uint32_t server = c->link[c->current].server;
	if (c->last_server != server) {
		c->last_server = server;
		changed(c);
	}
}

void jg_client_choose(struct jg_client *c, int link, const char *name)
{
	struct jg_link *const l = &c->link[link];
	const int old = c->current;
	if (old >= 0) {
		if (!preferred(c, l, &c->link[old])) {
			jg_client_leave(c, link, jg_keyed(l) ? JG_CONCURRENT : JG_ANOTHER_SERVER);
			return;
		}
		c->link[old].why = JG_ERR_REFUSED;
		jg_client_leave(c, old, JG_ANOTHER_SERVER);
		jg_client_gone(c, old);
	}
	c->current = link;
	l->state = JG_READY;
	jg_clock_start(&c->clock);
	c->asked = 0;
	c->ask_at = c->now;
	c->prefer = 0;
	memset(&c->shown, 0, sizeof c->shown);
	if (c->cb->server != NULL) {
		c->cb->server(c->user, name, JG_OK);
	}
	/* The large buffer changes hands; nothing uses the text behind this line. */
	if (c->big != link) {
		struct jg_link *const other = &c->link[1 - link];
		other->longtext = other->text_have > 0;
		other->text_have = 0;
		c->big = link;
	}
}

static int hello(struct jg_client *c, int link, const struct jg_message *m)
{
	struct jg_link *const l = &c->link[link];
	if (l->state != JG_GREETING || m->server_id == NULL) {
		return JG_ERR_MESSAGE;
	}
	const uint8_t roles = (uint8_t)m->roles;
	l->server = jg_hash32(m->server_id, jg_length(m->server_id));
	l->rank = m->reason == 1 ? JG_TO_PLAY : JG_IDLE;
	jg_client_choose(c, link, m->server_name != NULL ? m->server_name : m->server_id);
	if (c->current == link) {
		c->roles = roles;
		l->due |= JG_DUE_STATE;
	}
	return JG_OK;
}

void jg_leave(struct jg_client *c, enum jg_goodbye why, int64_t now)
{
	c->now = now;
	c->left = why != JG_RESTART;
	for (int i = 0; i < JG_LINKS; i++) {
		jg_client_leave(c, i, (uint8_t)why);
	}
	jg_link_compose(c);
}

/* ---- Messages ----------------------------------------------------------- */

static bool same(const struct jg_format *a, const struct jg_format *b)
{
	return a->codec == b->codec && a->rate == b->rate && a->channels == b->channels && (a->bits == b->bits || a->codec == JG_OPUS);
}

static bool offered(const struct jg_client *c, const struct jg_format *f)
{
	for (size_t i = 0; i < c->config->format_count; i++) {
		if (same(&c->config->formats[i], f)) {
			return true;
		}
	}
	return false;
}

static void start(struct jg_client *c, const struct jg_message *m)
{
	if (!jg_has(m, JG_H_CODEC)) {
		return; /* of another role */
	}
	const bool sane = m->rate > 0 && m->rate <= 192000 && m->channels > 0 && m->channels <= JG_CHANNELS && m->bits >= 0 && m->bits <= 32;
	struct jg_format f = {0, 0, 0, 0};
	if (sane) {
		f.rate = (uint32_t)m->rate;
		f.codec = m->codec;
		f.channels = (uint8_t)m->channels;
		f.bits = m->codec == JG_OPUS ? 16 : (uint8_t)m->bits;
	}
	const int r = sane && offered(c, &f) ? jg_play_stream(c, &f, m->header) : JG_ERR_FORMAT;
	if (r < 0) {
		jg_client_log(c, r);
		jg_play_clear(c, true);
	}
	if (jg_lead_ms(&f, c->config->audio_bytes) != c->lead_ms) {
		jg_client_report(c);
	}
}

static void command(struct jg_client *c, const struct jg_message *m)
{
	if (!jg_has(m, JG_H_COMMAND) || !jg_has(m, JG_H_VALUE)) {
		return;
	}
	if (m->command == JG_C_VOLUME) {
		volume(c, (uint8_t)(m->volume < 0 ? 0 : m->volume > 100 ? 100 : m->volume), c->muted);
	} else if (m->command == JG_C_MUTE) {
		volume(c, c->volume, m->mute);
	} else if (m->command == JG_C_DELAY || m->command == JG_C_DELAY_NOW) {
		c->delay_ms = (uint16_t)(m->delay < 0 ? 0 : m->delay > DELAY_MOST_MS ? DELAY_MOST_MS : m->delay);
		changed(c);
		jg_client_report(c);
	}
}

#if JG_ROLE_METADATA
static int32_t held(int64_t v)
{
	return v > INT32_MAX ? INT32_MAX : v < 0 ? 0 : (int32_t)v;
}

static void metadata(struct jg_client *c, const struct jg_message *m)
{
	if (c->cb->metadata == NULL || !jg_has(m, JG_H_METADATA)) {
		return;
	}
	struct jg_metadata d = {m->text.title, m->text.artist, m->text.album_artist, m->text.album, m->text.artwork_url,
	                        jg_has(m, JG_H_PROGRESS), held(m->position), held(m->duration), held(m->speed)};
#if JG_CRYPTO
	if (jg_keyed(&c->link[c->current])) { /* there it is whole: what is not said is not there */
		const char **const text[] = {&d.title, &d.artist, &d.album_artist, &d.album, &d.artwork_url};
		for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
			*text[i] = *text[i] != NULL ? *text[i] : "";
		}
	}
#endif
	if (jg_has(m, JG_H_POSITION) && jg_clock_known(&c->clock)) {
		const int64_t past = jg_clock_server(&c->clock, c->now) - m->timestamp;
		if (past > -INT32_MAX && past < INT32_MAX && d.speed == 1000) {
			d.position_ms = held((int64_t)d.position_ms + (int32_t)past / 1000);
		}
	}
	c->cb->metadata(c->user, &d);
}
#endif

static void shown(struct jg_client *c, const struct jg_message *m)
{
	struct jg_group g = c->shown;
	const uint16_t own = JG_JUMP | JG_LIKE | JG_DISLIKE;
	if (jg_has(m, JG_H_COMMANDS)) {
		g.commands = (uint16_t)((g.commands & own) | (m->commands & ~(uint32_t)own));
	}
	if (jg_has(m, JG_H_BUTTONS)) {
		g.commands = (uint16_t)((g.commands & ~(uint32_t)own) | (m->buttons & own));
	}
	if (jg_has(m, JG_H_RATING)) {
		g.rating = m->rating <= JG_DISLIKED ? m->rating : JG_UNRATED;
	}
	if (jg_has(m, JG_H_GROUP_VOLUME)) {
		g.volume = (uint8_t)(m->group_volume < 0 ? 0 : m->group_volume > 100 ? 100 : m->group_volume);
	}
	if (jg_has(m, JG_H_GROUP_MUTED)) {
		g.muted = m->group_muted;
	}
	if (jg_has(m, JG_H_PLAYBACK)) {
		g.playing = m->state == 0;
	}
	c->shown = g;
	if (c->cb->group != NULL) {
		c->cb->group(c->user, &g);
	}
	if (g.playing) {
		jg_client_played(c);
	}
}

int jg_client_text(struct jg_client *c, int link, char *text, size_t size)
{
	struct jg_message m;
	const int r = jg_message_read(&m, text, size);
	if (r < 0) {
		return r;
	}
#if JG_CRYPTO
	if (jg_keyed(&c->link[link]) && (m.type == JG_T_HELLO || (m.type >= JG_T_INIT && m.type < JG_T_UNKNOWN))) {
		return jg_secure_message(c, link, &m);
	}
#endif
	if (m.type == JG_T_HELLO) {
		return hello(c, link, &m);
	}
	if (link != c->current) {
		return JG_OK;
	}
	switch (m.type) {
	case JG_T_TIME:
		if (jg_has(&m, JG_H_TIMES) && jg_has(&m, JG_H_RECEIVED) && jg_has(&m, JG_H_SENT)) {
			(void)jg_clock_exchange(&c->clock, m.transmitted, m.received, m.sent, c->now);
#if JG_CRYPTO
			if (c->unreported) {
				jg_client_report(c);
			}
#endif
		}
		break;
	case JG_T_START:
		start(c, &m);
		break;
	case JG_T_CLEAR:
	case JG_T_END:
		if ((m.families & 1u << JG_FAMILY_PLAYER) != 0 || m.families == 0) {
			jg_play_clear(c, m.type == JG_T_END);
		}
		break;
	case JG_T_COMMAND:
		command(c, &m);
		break;
	case JG_T_STATE:
#if JG_ROLE_METADATA
		metadata(c, &m);
#endif
		if (jg_has(&m, JG_H_CONTROLLER)) {
			shown(c, &m);
		}
		break;
	case JG_T_GROUP:
		shown(c, &m);
		break;
	default: /* of a role that we have not, or of a later revision */
		break;
	}
	return JG_OK;
}

bool jg_client_binary(struct jg_client *c, int link)
{
	return link == c->current && c->link[link].binary[0] == 4 && c->play.streaming;
}

/* ---- The rest of the interface ------------------------------------------ */

static bool sound(const struct jg_config *k, const struct jg_callbacks *cb)
{
	bool flac = false;
	for (size_t i = 0; i < k->format_count; i++) {
		const struct jg_format *const f = &k->formats[i];
		if (f->channels < 1 || f->channels > JG_CHANNELS || f->rate < 8000 || f->rate > 192000 || f->codec > JG_OPUS ||
		    (f->bits != 16 && f->bits != 24 && f->bits != 32) || (f->codec == JG_FLAC && f->bits == 32)) {
			return false;
		}
		flac = flac || f->codec == JG_FLAC;
	}
	return cb->write != NULL && k->client_id != NULL && k->client_id[0] != '\0' && k->name != NULL && k->format_count > 0 &&
	       k->audio != NULL && k->audio_bytes >= 4096 && k->audio_bytes < 1u << 24 && k->scratch != NULL &&
	       k->scratch_samples >= (flac ? 2u : 1u) * JG_CHANNELS * 128u && (k->path == NULL || jg_length(k->path) < 64) &&
	       (k->host == NULL || jg_length(k->host) < 128);
}

int jg_init(struct jg_client *c, const struct jg_config *config, const struct jg_callbacks *callbacks, void *user, int64_t now)
{
	if (c == NULL || config == NULL || callbacks == NULL || !sound(config, callbacks)) {
		return JG_ERR_ARGUMENT;
	}
	memset(c, 0, sizeof *c);
	c->config = config;
	c->cb = callbacks;
	c->user = user;
	c->now = c->dial_at = now;
	c->current = c->big = c->out_link = -1;
	c->volume = config->volume < 100 ? config->volume : 100;
	c->seed = jg_hash32(config->client_id, jg_length(config->client_id)) ^ (uint32_t)now;
	c->seed |= c->seed == 0 ? 1u : 0u;
	jg_ring_start(&c->ring, config->audio, config->audio_bytes);
	jg_clock_start(&c->clock);
	jg_play_start(c);
	load(c);
	/* Whether the hello fits is better known now than in the field. */
	struct jg_writer w = {(char *)c->out + JG_WS_HEAD_ROOM, (char *)c->out + sizeof c->out, false};
	jg_write_hello(&w, config, jg_ring_capacity(config->audio_bytes), false, false);
#if JG_CRYPTO
	const int r = jg_secure_init(c);
	if (r < 0) {
		return r;
	}
	if (config->crypto != NULL) {
		w = (struct jg_writer){(char *)c->out + JG_WS_HEAD_ROOM + 1, (char *)c->out + sizeof c->out - 16, w.full};
		jg_write_hello(&w, config, jg_ring_capacity(config->audio_bytes), true, true);
	}
#endif
	if (w.full) {
		return JG_ERR_ROOM;
	}
	if (callbacks->volume != NULL) {
		callbacks->volume(user, c->volume, c->muted);
	}
	return JG_OK;
}

uint32_t jg_poll(struct jg_client *c, int64_t now)
{
	c->now = now;
	jg_link_check(c);
#if JG_CRYPTO
	jg_pair_check(c);
#endif
	if (c->current >= 0 && now >= c->ask_at) {
		c->link[c->current].due |= JG_DUE_TIME;
		c->asked = (uint8_t)(c->asked < QUICK_ASKS ? c->asked + 1 : QUICK_ASKS);
		c->ask_at = now + (c->asked < QUICK_ASKS ? QUICK_US : ASK_US);
	}
	if (c->unsaved && now >= c->save_at) {
		uint8_t s[SETTINGS];
		c->unsaved = false;
		pack(c, s);
		if (c->cb->save != NULL) {
			c->cb->save(c->user, JG_KEY_SETTINGS, s, sizeof s);
		}
	}
	jg_link_compose(c);
	jg_play_run(c);
	if (c->play.streaming) {
		return 5000;
	}
	const int64_t wait = c->current >= 0 ? c->ask_at - now : ASK_US;
	return wait < 0 ? 0 : wait < ASK_US ? (uint32_t)wait : ASK_US;
}

int jg_press(struct jg_client *c, enum jg_command pressed, uint8_t value)
{
	const bool own = pressed >= JG_JUMP;
	const unsigned family = own ? JG_FAMILY_JUMPGATE : JG_FAMILY_CONTROLLER;
	if (pressed < JG_PLAY || pressed > JG_DISLIKE || (pressed & (pressed - 1)) != 0 ||
	    (pressed == JG_GROUP_VOLUME && value > 100)) {
		return JG_ERR_ARGUMENT;
	}
	if (c->current < 0 || (c->roles & 1u << family) == 0 || c->press != 0 || (c->shown.commands & pressed) == 0) {
		return JG_ERR_STATE;
	}
	c->press = (uint16_t)pressed;
	c->press_value = value;
	c->link[c->current].due |= JG_DUE_PRESS;
	jg_link_compose(c);
	return JG_OK;
}

int jg_prefer(struct jg_client *c, const struct jg_format *format)
{
	for (size_t i = 0; i < c->config->format_count; i++) {
		if (same(&c->config->formats[i], format)) {
			if (c->current < 0) {
				return JG_ERR_STATE;
			}
			c->prefer = (uint8_t)(i + 1);
			c->link[c->current].due |= JG_DUE_FORMAT;
			jg_link_compose(c);
			return JG_OK;
		}
	}
	return JG_ERR_FORMAT;
}

uint32_t jg_lead_ms(const struct jg_format *f, size_t audio_bytes)
{
	uint32_t rate = f->rate / 1000 * f->channels * f->bits / 8; /* bytes in a ms */
	rate = f->codec == JG_FLAC ? rate * 3 / 4 : f->codec == JG_OPUS ? 40 : rate;
	const uint32_t ms = jg_ring_capacity(audio_bytes) / (rate > 0 ? rate : 1);
	/* The chunk that is played and the one that comes do not count. */
	const uint32_t lead = ms > 100 ? ms - 50 : ms / 2;
	return lead < LEAD_MOST_MS ? lead : LEAD_MOST_MS;
}

void jg_get_status(const struct jg_client *c, struct jg_status *s)
{
	s->underruns = c->counts.underruns;
	s->late = c->counts.late;
	s->dropped = c->counts.dropped;
	s->damaged = c->counts.damaged;
	s->oversize = c->counts.oversize;
	s->added = c->counts.added;
	s->removed = c->counts.removed;
	s->resyncs = c->counts.resyncs;
	s->connected = c->current >= 0;
	s->encrypted = s->connected && jg_keyed(&c->link[c->current]);
#if JG_CRYPTO
	s->paired = s->encrypted && c->link[c->current].secure.category == JG_LONG_TERM;
#else
	s->paired = false;
#endif
	s->synchronized = jg_clock_known(&c->clock);
	s->streaming = c->play.streaming;
	s->playing = c->play.playing;
	s->volume = c->volume;
	s->muted = c->muted;
	s->format = c->play.next.format;
	s->buffered = c->ring.used;
	s->capacity = jg_ring_capacity(c->config->audio_bytes);
	s->error_us = (int32_t)c->play.error;
	s->clock_ppm = (int32_t)(c->clock.drift * 1000.0f);
	uint32_t sigma = 0; /* the root of a variance, without a library */
	for (uint32_t bit = 1u << 15; bit > 0; bit >>= 1) {
		const float t = (float)(sigma | bit);
		sigma |= t * t <= c->clock.p00 ? bit : 0;
	}
	s->clock_sigma_us = sigma;
}

bool jg_to_local(const struct jg_client *c, int64_t server, int64_t *local)
{
	if (!jg_clock_known(&c->clock)) {
		return false;
	}
	*local = jg_clock_local(&c->clock, server);
	return true;
}
