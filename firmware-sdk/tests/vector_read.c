/* SPDX-License-Identifier: Apache-2.0 */
/* Reads messages, one JSON object a line, and prints what was understood, one
 * line of name=value pairs each. tests/vectors.py compares that. */
#include "message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void number(const char *name, bool there, int64_t value)
{
	if (there) {
		(void)printf(" %s=%" PRId64, name, value);
	}
}

static void string(const char *name, const char *value)
{
	if (value == NULL) {
		return;
	}
	(void)printf(" %s=", name);
	for (; *value != '\0'; value++) {
		(void)printf("%02x", (unsigned)(unsigned char)*value);
	}
}

int main(void)
{
	static char line[65536];
	static struct jg_message m;
	while (fgets(line, sizeof line, stdin) != NULL) {
		const int r = jg_message_read(&m, line, strcspn(line, "\n"));
		if (r < 0) {
			(void)printf("error=%s\n", jg_strerror(r));
			continue;
		}
		(void)printf("type=%u", m.type);
		number("client_transmitted", jg_has(&m, JG_H_TIMES), m.transmitted);
		number("server_received", jg_has(&m, JG_H_RECEIVED), m.received);
		number("server_transmitted", jg_has(&m, JG_H_SENT), m.sent);
		number("active_roles", jg_has(&m, JG_H_ROLES), m.roles);
		number("codec", jg_has(&m, JG_H_CODEC), m.codec);
		number("sample_rate", jg_has(&m, JG_H_RATE), m.rate);
		number("channels", jg_has(&m, JG_H_CHANNELS), m.channels);
		number("bit_depth", jg_has(&m, JG_H_BITS), m.bits);
		number("command", jg_has(&m, JG_H_COMMAND), m.command);
		number("commands", jg_has(&m, JG_H_COMMANDS), m.commands);
		number("buttons", jg_has(&m, JG_H_BUTTONS), m.buttons);
		number("rating", jg_has(&m, JG_H_RATING), m.rating);
		number("group_volume", jg_has(&m, JG_H_GROUP_VOLUME), m.group_volume);
		number("group_muted", jg_has(&m, JG_H_GROUP_MUTED), m.group_muted);
		number("playback_state", jg_has(&m, JG_H_PLAYBACK), m.state);
		number("track_progress", jg_has(&m, JG_H_POSITION), m.metadata.position_ms);
		number("families", m.families != ~0u, m.families);
		string("server_id", m.server_id);
		string("name", m.server_name);
		string("codec_header", m.header);
		string("title", m.metadata.title);
		string("artist", m.metadata.artist);
		string("album_artist", m.metadata.album_artist);
		string("album", m.metadata.album);
		string("artwork_url", m.metadata.artwork_url);
		(void)printf("\n");
	}
	return 0;
}
