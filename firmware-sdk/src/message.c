/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What servers send, as tables. One for the payloads of all messages: a name
 * means the same thing wherever the protocol uses it at the same depth.
 * Specification: Sendspin/spec, README.md as of January 2026 and, with
 * JG_CRYPTO, messaging.md and pairing.md.
 */
#include "message.h"

#include <string.h>

/* Every table stands once, as F(name, kind, bit of have, member, more), and is
 * read twice: for the names and for the fields. */
#define NAME(name, kind, bit, member, more) name "\0"
#define FIELD(name, kind, bit, member, more) {JG_J_##kind, JG_H_##bit, (uint8_t)offsetof(struct jg_message, member), more},
#define OBJECT(table)                            \
	{                                            \
		table(NAME), (const struct jg_field[]) { \
			table(FIELD)                         \
			{                                    \
				JG_J_NONE, 0, 0, 0               \
			}                                    \
		}                                        \
	}

/* Places in the schema. */
enum {
	S_MESSAGE,
	S_PAYLOAD,
	S_PLAYER,
	S_METADATA,
	S_PROGRESS,
	S_CONTROLLER,
	S_JUMPGATE,
	S_PAIRING,
	S_TYPES,
	S_REASONS,
	S_CODECS,
	S_ROLES,
	S_FAMILIES,
	S_COMMANDS,
	S_CONTROLS,
	S_STATES,
	S_RATINGS,
	S_ACTIVITIES,
	S_METHODS,
	S_CODE_FORMATS
};

#define MESSAGE(F)                                \
	F("type", WORD, TYPE, type, S_TYPES)          \
	F("payload", OBJECT, PAYLOAD, have, S_PAYLOAD)

#define PLAYER(F)                                    \
	F("codec", WORD, CODEC, codec, S_CODECS)         \
	F("sample_rate", INT, RATE, rate, 0)             \
	F("channels", INT, CHANNELS, channels, 1)        \
	F("bit_depth", INT, BITS, bits, 1)               \
	F("codec_header", STRING, HEADER, header, 0)     \
	F("command", WORD, COMMAND, command, S_COMMANDS) \
	F("volume", INT, VALUE, volume, 1)               \
	F("mute", BOOL, VALUE, mute, 0)                  \
	F("static_delay_ms", INT, VALUE, delay, 50)      \
	PLAYER_NOW(F)

#define PROGRESS(F)                              \
	F("track_progress", INT, POSITION, metadata.position_ms, 0) \
	F("track_duration", INT, REST, metadata.duration_ms, 0)  \
	F("playback_speed", INT, REST, metadata.speed, 0)

#define METADATA(F)                                  \
	F("timestamp", TIME, REST, timestamp, 0)         \
	F("title", STRING, REST, metadata.title, 0)          \
	F("artist", STRING, REST, metadata.artist, 0)        \
	F("album_artist", STRING, REST, metadata.album_artist, 0) \
	F("album", STRING, REST, metadata.album, 0)          \
	F("artwork_url", STRING, REST, metadata.artwork_url, 0) \
	F("progress", OBJECT, PROGRESS, have, S_PROGRESS)

#define CONTROLLER(F)                                       \
	F("supported_commands", WORDS, COMMANDS, commands, S_CONTROLS) \
	F("volume", INT, GROUP_VOLUME, group_volume, 1)         \
	F("muted", BOOL, GROUP_MUTED, group_muted, 0)

/* Our own role: what its buttons do now, and how the track is rated. */
#define JUMPGATE(F)                                         \
	F("supported_commands", WORDS, BUTTONS, buttons, S_CONTROLS) \
	F("rating", WORD, RATING, rating, S_RATINGS)

#define PAYLOAD(F)                                           \
	F("client_transmitted", TIME, TIMES, transmitted, 0)     \
	F("server_received", TIME, RECEIVED, received, 0)        \
	F("server_transmitted", TIME, SENT, sent, 0)             \
	F("player", OBJECT, PLAYER, have, S_PLAYER)              \
	F("server_id", STRING, SERVER, server_id, 0)             \
	F("name", STRING, REST, server_name, 0)                  \
	F("active_roles", WORDS, ROLES, roles, S_ROLES)          \
	F("connection_reason", WORD, REST, reason, S_REASONS)    \
	F("roles", WORDS, REST, families, S_FAMILIES)            \
	F("playback_state", WORD, PLAYBACK, state, S_STATES)     \
	PAYLOAD_METADATA(F) PAYLOAD_CONTROLLER(F) PAYLOAD_JUMPGATE(F) PAYLOAD_NOW(F)

#if JG_ROLE_METADATA
#define PAYLOAD_METADATA(F) F("metadata", OBJECT, METADATA, have, S_METADATA)
#else
#define PAYLOAD_METADATA(F)
#endif
#if JG_ROLE_CONTROLLER
#define PAYLOAD_CONTROLLER(F) F("controller", OBJECT, CONTROLLER, have, S_CONTROLLER)
#else
#define PAYLOAD_CONTROLLER(F)
#endif
#if JG_ROLE_JUMPGATE
#define PAYLOAD_JUMPGATE(F) F("_jumpgate", OBJECT, CONTROLLER, have, S_JUMPGATE)
#else
#define PAYLOAD_JUMPGATE(F)
#endif
#if JG_CRYPTO
#define PLAYER_NOW(F) F("output_delay_ms", INT, VALUE, delay, 50)
#define PAIRING(F)                          \
	F("method", WORD, REST, method, S_METHODS) \
	F("format", WORD, REST, code_format, S_CODE_FORMATS)
#define PAYLOAD_NOW(F)                                   \
	F("version", INT, REST, version, 0)                  \
	F("data", STRING, REST, data, 0)                     \
	F("activities", WORDS, REST, activities, S_ACTIVITIES) \
	F("pairing", OBJECT, PAIRING, have, S_PAIRING)       \
	F("nonce_A", STRING, REST, nonce_a, 0)               \
	F("pake_msg_1", STRING, REST, pake_share, 0)         \
	F("server_kc", STRING, REST, server_kc, 0)
#else
#define PLAYER_NOW(F)
#define PAYLOAD_NOW(F)
#endif

#define TYPES "server/hello\0server/time\0server/state\0server/command\0stream/start\0stream/clear\0stream/end\0group/update\0"
#define TYPES_NOW                                                                                                        \
	"server/init\0server/error\0noise/handshake\0server/activate\0server/unpair\0server/pair-init\0server/pair-auth\0"    \
	"server/pair-confirm\0server/pair-finalize\0pair/abort\0"
#if JG_ROLE_JUMPGATE
#define JUMPGATE_ROLE "_jumpgate@v1\0"
#elif JG_ROLE_ARTWORK
#define JUMPGATE_ROLE "\n\0" /* holds its place: no role is called so */
#else
#define JUMPGATE_ROLE
#endif
#if JG_ROLE_ARTWORK
#define ARTWORK_ROLE "artwork@v1\0"
#define FAMILIES "player\0controller\0metadata\0_jumpgate\0artwork\0"
#else
#define ARTWORK_ROLE
#define FAMILIES "player\0"
#endif
#define COMMANDS "volume\0mute\0set_static_delay\0"

const char jg_codecs[] = "pcm\0flac\0opus\0";
const char jg_controls[] = "play\0pause\0stop\0next\0previous\0volume\0mute\0"
#if JG_ROLE_JUMPGATE
                           "jump\0like\0dislike\0"
#endif
	;

static const struct jg_names schema[] = {
	[S_MESSAGE] = OBJECT(MESSAGE),
	[S_PAYLOAD] = OBJECT(PAYLOAD),
	[S_PLAYER] = OBJECT(PLAYER),
#if JG_ROLE_METADATA
	[S_METADATA] = OBJECT(METADATA),
	[S_PROGRESS] = OBJECT(PROGRESS),
#endif
#if JG_ROLE_CONTROLLER
	[S_CONTROLLER] = OBJECT(CONTROLLER),
#endif
#if JG_ROLE_JUMPGATE
	[S_JUMPGATE] = OBJECT(JUMPGATE),
	[S_RATINGS] = {"none\0like\0dislike\0", NULL},
#endif
#if JG_CRYPTO
	[S_TYPES] = {TYPES TYPES_NOW, NULL},
	[S_COMMANDS] = {COMMANDS "set_output_delay\0", NULL},
	[S_PAIRING] = OBJECT(PAIRING),
	[S_ACTIVITIES] = {"playback\0pairing\0", NULL},
	[S_METHODS] = {"pairing_psk\0dynamic_pairing_code\0static_pairing_code\0", NULL},
	[S_CODE_FORMATS] = {"digits\0qr_code\0", NULL},
#else
	[S_TYPES] = {TYPES, NULL},
	[S_COMMANDS] = {COMMANDS, NULL},
#endif
	[S_REASONS] = {"discovery\0playback\0", NULL},
	[S_CODECS] = {jg_codecs, NULL},
	[S_ROLES] = {"player@v1\0controller@v1\0metadata@v1\0" JUMPGATE_ROLE ARTWORK_ROLE, NULL},
	[S_FAMILIES] = {FAMILIES, NULL},
	[S_CONTROLS] = {jg_controls, NULL},
	[S_STATES] = {"playing\0stopped\0", NULL},
};

/* Fields keep their places in a byte. */
typedef char jg_message_is_small[sizeof(struct jg_message) <= 256 ? 1 : -1];

int jg_message_read(struct jg_message *m, char *text, size_t size)
{
	memset(m, 0, sizeof *m);
	m->families = ~0u;
	const int r = jg_json_read(text, size, schema, m);
	return r < 0 ? r : jg_has(m, JG_H_TYPE) ? JG_OK : JG_ERR_MESSAGE;
}
