/* SPDX-License-Identifier: Apache-2.0 */
/* What the server's messages do. */
#include "client.h"
#include "clock.h"
#include "message.h"
#include "picture.h"
#include "playout.h"
#include "secure.h"
#include "text.h"

static int hello(struct jg_client *c, struct jg_link *l, const struct jg_message *m)
{
	if (l->state != JG_GREETING || m->server_id == NULL) {
		return JG_ERR_MESSAGE;
	}
	const uint8_t roles = (uint8_t)m->roles;
	l->server = jg_hash32(m->server_id, jg_length(m->server_id));
	l->rank = m->reason == 1 ? JG_TO_PLAY : JG_IDLE;
	jg_client_choose(c, l, m->server_name != NULL ? m->server_name : m->server_id);
	if (c->current == l) {
		c->roles = roles;
		l->due |= JG_DUE_STATE;
	}
	return JG_OK;
}

static void start(struct jg_client *c, const struct jg_message *m)
{
	if (!jg_has(m, JG_H_CODEC)) {
		return; /* of another role */
	}
	const struct jg_format f = {(uint32_t)m->rate, m->codec, (uint8_t)m->channels, m->codec == JG_OPUS ? 16 : (uint8_t)m->bits};
	const int r = jg_offered(c, &f) > 0 ? jg_play_stream(c, &f, m->header) : JG_ERR_FORMAT;
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
		jg_settings_volume(c, (uint8_t)m->volume, c->muted);
	} else if (m->command == JG_C_MUTE) {
		jg_settings_volume(c, c->volume, m->mute);
	} else if (m->command == JG_C_DELAY || m->command == JG_C_DELAY_NOW) {
		c->delay_ms = (uint16_t)m->delay;
		jg_settings_changed(c);
		jg_client_report(c);
	}
}

#if JG_ROLE_METADATA
static void metadata(struct jg_client *c, struct jg_message *m)
{
	struct jg_metadata *const d = &m->metadata;
	if (c->cb->metadata == NULL || !jg_has(m, JG_H_METADATA)) {
		return;
	}
	d->has_progress = jg_has(m, JG_H_PROGRESS);
#if JG_CRYPTO
	if (jg_keyed(c->current)) { /* there it is whole: what is not said is not there */
		const char **const text[] = {&d->title, &d->artist, &d->album_artist, &d->album, &d->artwork_url};
		for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
			*text[i] = *text[i] != NULL ? *text[i] : "";
		}
	}
#endif
	if (jg_has(m, JG_H_POSITION) && jg_clock_known(&c->clock) && d->speed == 1000) {
		const int64_t past = jg_clock_server(&c->clock, c->now) - m->timestamp;
		if (past == (int32_t)past) {
			const int32_t ms = (int32_t)past / 1000, moved = (int32_t)((uint32_t)d->position_ms + (uint32_t)ms);
			d->position_ms = moved >= 0 ? moved : ms < 0 ? 0 : INT32_MAX;
		}
	}
	c->cb->metadata(c->user, d);
}
#endif

static void shown(struct jg_client *c, const struct jg_message *m)
{
	struct jg_group *const g = &c->shown;
	const uint16_t own = JG_ROLE_JUMPGATE ? JG_JUMP | JG_LIKE | JG_DISLIKE : 0;
	if (jg_has(m, JG_H_COMMANDS)) {
		g->commands = (uint16_t)((g->commands & own) | (m->commands & ~(uint32_t)own));
	}
	if (JG_ROLE_JUMPGATE && jg_has(m, JG_H_BUTTONS)) {
		g->commands = (uint16_t)((g->commands & ~(uint32_t)own) | (m->buttons & own));
	}
	if (JG_ROLE_JUMPGATE && jg_has(m, JG_H_RATING)) {
		g->rating = m->rating <= JG_DISLIKED ? m->rating : JG_UNRATED;
	}
	if (jg_has(m, JG_H_GROUP_VOLUME)) {
		g->volume = (uint8_t)m->group_volume;
	}
	if (jg_has(m, JG_H_GROUP_MUTED)) {
		g->muted = m->group_muted;
	}
	if (jg_has(m, JG_H_PLAYBACK)) {
		g->playing = m->state == 0;
	}
	if (g->playing) {
		jg_client_played(c);
	}
	if (c->cb->group != NULL) {
		c->cb->group(c->user, g);
	}
}

int jg_client_text(struct jg_client *c, struct jg_link *l, char *text, size_t size)
{
	struct jg_message m;
	const int r = jg_message_read(&m, text, size);
	if (r < 0) {
		return r;
	}
#if JG_CRYPTO
	if (jg_keyed(l) && (m.type == JG_T_HELLO || (m.type >= JG_T_INIT && m.type < JG_T_UNKNOWN))) {
		return jg_secure_message(c, l, &m);
	}
#endif
	if (m.type == JG_T_HELLO) {
		return hello(c, l, &m);
	}
	if (l != c->current) {
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
		if ((m.families & 1u << JG_FAMILY_PLAYER) != 0) {
			jg_play_clear(c, m.type == JG_T_END);
		}
#if JG_ROLE_ARTWORK
		if (m.type == JG_T_END && (m.families & 1u << JG_FAMILY_ARTWORK) != 0) {
			jg_picture_clear(c);
		}
#endif
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

bool jg_client_binary(struct jg_client *c, struct jg_link *l)
{
	return l == c->current && l->binary[0] == 4 && c->play.streaming;
}
