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
#if JG_CRYPTO
	JG_T_INIT,
	JG_T_REFUSED,
	JG_T_HANDSHAKE,
	JG_T_ACTIVATE,
	JG_T_UNPAIR,
	JG_T_PAIR_INIT,
	JG_T_PAIR_AUTH,
	JG_T_PAIR_CONFIRM,
	JG_T_PAIR_FINALIZE,
	JG_T_PAIR_ABORT,
#endif
	JG_T_UNKNOWN
};

/* Roles. Pictures, in the cleartext dialect alone, come without being asked about. */
enum { JG_FAMILY_PLAYER, JG_FAMILY_CONTROLLER, JG_FAMILY_METADATA, JG_FAMILY_JUMPGATE, JG_FAMILY_ARTWORK };

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
	JG_H_PAIRING,
	JG_H_REST
};

enum { JG_C_VOLUME, JG_C_MUTE, JG_C_DELAY, JG_C_DELAY_NOW }; /* the last in the current dialect */

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
	uint32_t families; /* roles of stream/clear and stream/end; all, where none are named */
	uint32_t commands; /* enum jg_command */
	uint32_t buttons;  /* the same, of our own role */
	int64_t transmitted, received, sent, timestamp;
	int32_t rate, channels, bits, volume, delay;
	int32_t group_volume;
#if JG_CRYPTO
	uint8_t method, code_format; /* enum jg_pair_method; 0 digits, 1 QR code */
	uint32_t activities;         /* bits of JG_ACTIVITY_... */
	int32_t version;
	char *data, *nonce_a, *pake_share, *server_kc; /* base64url */
#endif
	char *server_id, *server_name, *header;
	struct jg_metadata metadata;
};

/* Reads one JSON message over itself and the byte behind it. JG_OK, JG_ERR_JSON, or JG_ERR_MESSAGE
 * without a type. */
int jg_message_read(struct jg_message *m, char *text, size_t size);

static inline bool jg_has(const struct jg_message *m, unsigned bit)
{
	return (m->have >> bit & 1u) != 0;
}

enum { JG_ACTIVITY_PLAYBACK = 1, JG_ACTIVITY_PAIRING = 2 };
enum jg_pair_method { JG_BY_KEY, JG_BY_SHOWN_CODE, JG_BY_STATIC_CODE };

/* encrypted: in the current dialect. */
void jg_write_hello(struct jg_writer *w, const struct jg_client *c, bool encrypted);
void jg_write_time(struct jg_writer *w, int64_t now);

/* The state of the client; prefers, which only the current dialect says, may be NULL. */
void jg_write_state(struct jg_writer *w, const struct jg_client *c, bool encrypted, const struct jg_format *prefers);
void jg_write_command(struct jg_writer *w, uint16_t command, uint8_t value);
void jg_write_format(struct jg_writer *w, const struct jg_format *f);
void jg_write_goodbye(struct jg_writer *w, uint8_t why);

/* A message of this type and payload, see jg_put_all(); or its beginning, whose
 * two braces are closed elsewhere. A type that begins with / is one of client's. */
void jg_write(struct jg_writer *w, const char *type, const char *form, const union jg_value *v);
void jg_write_begin(struct jg_writer *w, const char *type);

/* Words of the protocol, by number. */
extern const char jg_codecs[], jg_controls[];

#endif
