/* SPDX-License-Identifier: Apache-2.0 */
/* Volume, mute, delay and the last server, which outlive a power cycle. */
#include "client.h"

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

enum { SAVE_US = 2000000 /* settings rest as long before they are written to flash */ };

/* As it is stored; a device reads what it wrote itself. */
struct stored {
	char mark[3]; /* "JG", and 1 */
	uint8_t volume, muted, none;
	uint16_t delay_ms;
	uint32_t last_server;
	uint32_t hash; /* of what stands before */
};

static uint32_t check(const struct stored *s)
{
	return jg_hash32(s, offsetof(struct stored, hash));
}

/* What a power cut left half-written does not pass, and counts as not there. */
void jg_settings_load(struct jg_client *c)
{
	struct stored s;
	if (c->cb->load == NULL || c->cb->load(c->user, JG_KEY_SETTINGS, &s, sizeof s) != sizeof s || s.mark[2] != 1 ||
	    s.hash != check(&s) || s.volume > 100) {
		return;
	}
	c->volume = s.volume;
	c->muted = s.muted != 0;
	c->delay_ms = s.delay_ms < 5000 ? s.delay_ms : 5000;
	c->last_server = s.last_server;
}

void jg_settings_changed(struct jg_client *c)
{
	c->unsaved = true;
	c->save_at = (uint32_t)c->now + SAVE_US;
}

void jg_settings_check(struct jg_client *c)
{
	if (c->unsaved && (int32_t)((uint32_t)c->now - c->save_at) >= 0) {
		c->unsaved = false;
		struct stored s = {{'J', 'G', 1}, c->volume, c->muted, 0, c->delay_ms, c->last_server, 0};
		s.hash = check(&s);
		if (c->cb->save != NULL) {
			c->cb->save(c->user, JG_KEY_SETTINGS, &s, sizeof s);
		}
	}
}

void jg_settings_volume(struct jg_client *c, uint8_t level, bool muted)
{
	c->volume = level < 100 ? level : 100;
	c->muted = muted;
	jg_settings_changed(c);
	if (c->cb->volume != NULL) {
		c->cb->volume(c->user, c->volume, c->muted);
	}
	jg_client_report(c);
}

void jg_set_volume(struct jg_client *c, uint8_t level)
{
	jg_settings_volume(c, level, c->muted);
}

void jg_set_muted(struct jg_client *c, bool muted)
{
	jg_settings_volume(c, c->volume, muted);
}
