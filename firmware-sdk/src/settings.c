/* SPDX-License-Identifier: Apache-2.0 */
/* Volume, mute, delay and the last server, which outlive a power cycle. */
#include "client.h"

#include <string.h>

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

enum {
	SETTINGS = 16,
	SAVE_US = 2000000 /* they rest as long before they are written to flash */
};

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
void jg_settings_load(struct jg_client *c)
{
	uint8_t s[SETTINGS];
	if (c->cb->load == NULL || c->cb->load(c->user, JG_KEY_SETTINGS, s, sizeof s) != sizeof s ||
	    (le32(s) & 0xFFFFFFu) != ('J' | 'G' << 8 | 1 << 16) || le32(s + 12) != jg_hash32(s, 12) || s[3] > 100) {
		return;
	}
	c->volume = s[3];
	c->muted = s[4] != 0;
	c->delay_ms = (uint16_t)(s[6] | s[7] << 8);
	c->delay_ms = c->delay_ms < 5000 ? c->delay_ms : 5000;
	c->last_server = le32(s + 8);
}

void jg_settings_changed(struct jg_client *c)
{
	c->unsaved = true;
	c->save_at = (uint32_t)c->now + SAVE_US;
}

void jg_settings_check(struct jg_client *c)
{
	uint8_t s[SETTINGS];
	if (c->unsaved && (int32_t)((uint32_t)c->now - c->save_at) >= 0) {
		c->unsaved = false;
		pack(c, s);
		if (c->cb->save != NULL) {
			c->cb->save(c->user, JG_KEY_SETTINGS, s, sizeof s);
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
