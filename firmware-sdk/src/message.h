/* SPDX-License-Identifier: Apache-2.0 */
/* Sendspin's messages: what servers send as one flat struct, and writers for ours. */
#ifndef JG_MESSAGE_H
#define JG_MESSAGE_H

#include "json.h"

enum jg_type {
	JG_T_HELLO,
	JG_T_TIME,
	JG_T_STATE,
	JG_T_COMMAND,
	JG_T_START,
	JG_T_CLEAR,
	JG_T_END,
	JG_T_GROUP,
	JG_T_UNKNOWN
};

enum { JG_FAMILY_PLAYER, JG_FAMILY_CONTROLLER, JG_FAMILY_METADATA, JG_FAMILY_ARTWORK, JG_FAMILY_JUMPGATE };

/* Bits of jg_message.have. */
enum {
	JG_H_TYPE,
	JG_H_PAYLOAD,
	JG_H_SERVER,
	JG_H_ROLES,
	JG_H_TIMES,
	JG_H_RECEIVED,
	JG_H_SENT,
	JG_H_PLAYER,
	JG_H_CODEC,
	JG_H_RATE,
	JG_H_CHANNELS,
	JG_H_BITS,
	JG_H_COMMAND,
	JG_H_VALUE,
	JG_H_METADATA,
	JG_H_PROGRESS,
	JG_H_POSITION,
	JG_H_CONTROLLER,
	JG_H_COMMANDS,
	JG_H_GROUP_VOLUME,
	JG_H_GROUP_MUTED,
	JG_H_PLAYBACK,
	JG_H_HEADER,
	JG_H_BUTTONS,
	JG_H_RATING,
	JG_H_REST
};

enum { JG_C_VOLUME, JG_C_MUTE, JG_C_DELAY, JG_C_UNKNOWN };

struct jg_message {
	uint32_t have;
	uint8_t type;    /* enum jg_type */
	uint8_t reason;  /* 0 discovery, 1 playback */
	uint8_t codec;   /* enum jg_codec, 3 if unknown */
	uint8_t command; /* JG_C_... */
	uint8_t state;   /* 0 playing, 1 stopped */
	uint8_t rating;  /* enum jg_rating */
	bool mute, group_muted;
	uint32_t roles;    /* active_roles: bits of JG_FAMILY_... */
	uint32_t families; /* roles of stream/clear and stream/end */
	uint32_t commands; /* enum jg_command */
	uint32_t buttons;  /* the same, of our own role */
	int64_t transmitted, received, sent;
	int64_t rate, channels, bits, volume, delay;
	int64_t group_volume, timestamp, position, duration, speed;
	char *server_id, *server_name, *header;
	struct {
		char *title, *artist, *album_artist, *album, *artwork_url;
	} text;
};

/* Reads one JSON message over itself. JG_OK, JG_ERR_JSON, or JG_ERR_MESSAGE
 * without a type. */
int jg_message_read(struct jg_message *m, char *text, size_t size);

static inline bool jg_has(const struct jg_message *m, unsigned bit)
{
	return (m->have >> bit & 1u) != 0;
}

/* What the hello says, beside the configuration. */
void jg_write_hello(struct jg_writer *w, const struct jg_config *cfg, uint32_t capacity);
void jg_write_time(struct jg_writer *w, int64_t now);

struct jg_report {
	bool player, in_error, muted;
	uint8_t volume;
	uint16_t delay_ms;
	uint32_t lead_ms, least_ms;
};
void jg_write_state(struct jg_writer *w, const struct jg_report *r);
void jg_write_command(struct jg_writer *w, uint16_t command, uint8_t value);
void jg_write_format(struct jg_writer *w, const struct jg_format *f);
void jg_write_goodbye(struct jg_writer *w, uint8_t why);

#endif
