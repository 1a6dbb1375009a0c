/* SPDX-License-Identifier: Apache-2.0 */
/* The interface, as far as it is not about connections. */
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
	LEAD_MOST_MS = 800
};

void jg_client_log(const struct jg_client *c, int error)
{
	if (c->cb->log != NULL) {
		c->cb->log(c->user, error);
	}
}

void jg_client_report(struct jg_client *c)
{
	if (c->current == NULL) {
		return;
	}
#if JG_CRYPTO
	/* In the current dialect a player says nothing before it knows the clock. */
	c->unreported = jg_keyed(c->current) && (c->roles == 0 || !jg_clock_known(&c->clock));
	if (c->unreported) {
		return;
	}
#endif
	c->current->due |= JG_DUE_STATE;
	jg_link_compose(c);
}

uint8_t jg_offered(const struct jg_client *c, const struct jg_format *f)
{
	const struct jg_format *o = c->config->formats;
	for (size_t i = 0; i < c->config->format_count; i++, o++) {
		if (o->codec == f->codec && o->rate == f->rate && o->channels == f->channels && (o->bits == f->bits || o->codec == JG_OPUS)) {
			return (uint8_t)(i + 1);
		}
	}
	return 0;
}

/* Whether the configuration can work, and what is wrong with it. */
static JG_SMALL int sound(const struct jg_config *k, const struct jg_callbacks *cb)
{
	bool flac = false;
	for (size_t i = 0; i < k->format_count; i++) {
		const struct jg_format *const f = &k->formats[i];
		if (f->channels < 1 || f->channels > JG_CHANNELS || f->rate < 8000 || f->rate > 192000 || f->codec > JG_OPUS ||
		    f->bits < 16 || f->bits > 32 || f->bits % 8 != 0 || (f->codec == JG_FLAC && f->bits == 32)) {
			return JG_ERR_FORMAT;
		}
		flac = flac || f->codec == JG_FLAC;
	}
	if (k->audio == NULL || k->audio_bytes < 4096 + JG_TEXT_BYTES || k->audio_bytes >= 1u << 24 || k->scratch == NULL ||
	    k->scratch_samples < (flac ? 2u : 1u) * JG_CHANNELS * 128u) {
		return JG_ERR_ROOM;
	}
#if JG_CRYPTO && JG_ROLE_ARTWORK
	if (k->picture != NULL && (k->picture_bytes < 1024 || k->picture_bytes >= 1u << 24)) {
		return JG_ERR_ROOM;
	}
#endif
	const bool named = cb->write != NULL && k->client_id != NULL && k->client_id[0] != '\0' && k->name != NULL && k->format_count > 0;
	return named && (k->path == NULL || jg_length(k->path) < 64) && (k->host == NULL || jg_length(k->host) < 128) ? JG_OK : JG_ERR_ARGUMENT;
}

int jg_init(struct jg_client *c, const struct jg_config *config, const struct jg_callbacks *callbacks, void *user, int64_t now)
{
	int r = c == NULL || config == NULL || callbacks == NULL ? JG_ERR_ARGUMENT : sound(config, callbacks);
	if (r < 0) {
		return r;
	}
	memset(c, 0, sizeof *c);
	c->config = config;
	c->cb = callbacks;
	c->user = user;
	c->now = now;
	c->dial_from = (uint32_t)now;
	c->volume = config->volume < 100 ? config->volume : 100;
	c->seed = (jg_hash32(config->client_id, jg_length(config->client_id)) ^ (uint32_t)now) | 1u; /* 0 would stay 0 */
	jg_ring_start(&c->ring, config->audio + JG_TEXT_BYTES, config->audio_bytes - JG_TEXT_BYTES);
	jg_settings_load(c);
#if JG_CRYPTO
	r = jg_secure_init(c);
	if (r < 0) {
		return r;
	}
#endif
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
	if (c->current != NULL && (int32_t)((uint32_t)now - c->ask_at) >= 0) {
		c->current->due |= JG_DUE_TIME;
		c->asked = (uint8_t)(c->asked < QUICK_ASKS ? c->asked + 1 : QUICK_ASKS);
		c->ask_at = (uint32_t)now + (c->asked < QUICK_ASKS ? QUICK_US : ASK_US);
	}
	jg_settings_check(c);
	jg_link_compose(c);
	jg_play_run(c);
	if (c->play.streaming) {
		return 5000;
	}
	return c->current != NULL ? c->ask_at - (uint32_t)now : ASK_US;
}

int jg_press(struct jg_client *c, enum jg_command pressed, uint8_t value)
{
	const bool own = JG_ROLE_JUMPGATE && pressed >= JG_JUMP;
	const unsigned family = own ? JG_FAMILY_JUMPGATE : JG_FAMILY_CONTROLLER;
	if (pressed < JG_PLAY || pressed > JG_DISLIKE || (pressed & (pressed - 1)) != 0 ||
	    (pressed == JG_GROUP_VOLUME && value > 100)) {
		return JG_ERR_ARGUMENT;
	}
	if (c->current == NULL || (c->roles & 1u << family) == 0 || c->press != 0 || (c->shown.commands & pressed) == 0) {
		return JG_ERR_STATE;
	}
	c->press = (uint16_t)pressed;
	c->press_value = value;
	c->current->due |= JG_DUE_PRESS;
	jg_link_compose(c);
	return JG_OK;
}

int jg_prefer(struct jg_client *c, const struct jg_format *format)
{
	const uint8_t place = jg_offered(c, format);
	if (place == 0) {
		return JG_ERR_FORMAT;
	}
	if (c->current == NULL) {
		return JG_ERR_STATE;
	}
	c->prefer = place;
	c->current->due |= JG_DUE_FORMAT;
	jg_link_compose(c);
	return JG_OK;
}

uint32_t jg_lead_ms(const struct jg_format *f, size_t audio_bytes)
{
	uint32_t rate = f->rate / 1000 * f->channels * f->bits / 8; /* bytes in a ms */
	rate = f->codec == JG_FLAC ? rate * 3 / 4 : f->codec == JG_OPUS ? 40 : rate;
	const uint32_t ms = jg_ring_capacity(audio_bytes - JG_TEXT_BYTES) / (rate > 0 ? rate : 1);
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
	s->connected = c->current != NULL;
	s->encrypted = s->connected && jg_keyed(c->current);
#if JG_CRYPTO
	s->paired = s->encrypted && c->current->secure.category == JG_LONG_TERM;
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
	s->capacity = jg_ring_capacity(c->ring.size);
	s->error_us = c->play.error / 256;
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
