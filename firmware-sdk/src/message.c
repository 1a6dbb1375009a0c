/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include "ws.h"

#include <string.h>

/* One table for the payloads of all messages: a name means the same thing
 * wherever the protocol uses it at the same depth. Specification: Sendspin/spec,
 * README.md as of January 2026 and, with JG_CRYPTO, messaging.md and pairing.md. */
#define COUNT(a) ((uint8_t)(sizeof(a) / sizeof((a)[0])))
#define WORDS(name, ...)                               \
	static const char *const name##_list[] = {__VA_ARGS__}; \
	static const struct jg_words name = {COUNT(name##_list), name##_list}
#define AT(member) (uint16_t) offsetof(struct jg_message, member)
#define SHAPE(name) static const struct jg_shape name = {COUNT(name##_fields), name##_fields}

#if JG_CRYPTO
WORDS(types, "server/hello", "server/time", "server/state", "server/command", "stream/start", "stream/clear",
      "stream/end", "group/update", "server/init", "server/error", "noise/handshake", "server/activate", "server/unpair",
      "server/pair-init", "server/pair-auth", "server/pair-confirm", "server/pair-finalize", "pair/abort");
WORDS(activities, "playback", "pairing");
WORDS(methods, "pairing_psk", "dynamic_pairing_code", "static_pairing_code");
WORDS(code_formats, "digits", "qr_code");
WORDS(player_commands, "volume", "mute", "set_static_delay", "set_output_delay");
static const struct jg_field pairing_fields[] = {
	{"method", JG_J_WORD, JG_H_REST, AT(method), &methods},
	{"format", JG_J_WORD, JG_H_REST, AT(code_format), &code_formats},
};
SHAPE(pairing);
#else
WORDS(types, "server/hello", "server/time", "server/state", "server/command", "stream/start", "stream/clear",
      "stream/end", "group/update");
WORDS(player_commands, "volume", "mute", "set_static_delay");
#endif
WORDS(reasons, "discovery", "playback");
WORDS(codecs, "pcm", "flac", "opus");
WORDS(roles, "player@v1", "controller@v1", "metadata@v1", "artwork@v1", "_jumpgate@v1");
WORDS(families, "player", "controller", "metadata", "artwork", "_jumpgate");
WORDS(controls, "play", "pause", "stop", "next", "previous", "volume", "mute", "jump", "like", "dislike");
WORDS(states, "playing", "stopped");

static const struct jg_field progress_fields[] = {
	{"track_progress", JG_J_INT, JG_H_POSITION, AT(position), NULL},
	{"track_duration", JG_J_INT, JG_H_REST, AT(duration), NULL},
	{"playback_speed", JG_J_INT, JG_H_REST, AT(speed), NULL},
};
SHAPE(progress);

static const struct jg_field metadata_fields[] = {
	{"timestamp", JG_J_INT, JG_H_REST, AT(timestamp), NULL},
	{"title", JG_J_STRING, JG_H_REST, AT(text.title), NULL},
	{"artist", JG_J_STRING, JG_H_REST, AT(text.artist), NULL},
	{"album_artist", JG_J_STRING, JG_H_REST, AT(text.album_artist), NULL},
	{"album", JG_J_STRING, JG_H_REST, AT(text.album), NULL},
	{"artwork_url", JG_J_STRING, JG_H_REST, AT(text.artwork_url), NULL},
	{"progress", JG_J_OBJECT, JG_H_PROGRESS, 0, &progress},
};
SHAPE(metadata);

static const struct jg_field controller_fields[] = {
	{"supported_commands", JG_J_WORDS, JG_H_COMMANDS, AT(commands), &controls},
	{"volume", JG_J_INT, JG_H_GROUP_VOLUME, AT(group_volume), NULL},
	{"muted", JG_J_BOOL, JG_H_GROUP_MUTED, AT(group_muted), NULL},
};
SHAPE(controller);

/* Our own role: what its buttons do now, and how the track is rated. */
WORDS(ratings, "none", "like", "dislike");
static const struct jg_field jumpgate_fields[] = {
	{"supported_commands", JG_J_WORDS, JG_H_BUTTONS, AT(buttons), &controls},
	{"rating", JG_J_WORD, JG_H_RATING, AT(rating), &ratings},
};
SHAPE(jumpgate);

static const struct jg_field player_fields[] = {
	{"codec", JG_J_WORD, JG_H_CODEC, AT(codec), &codecs},
	{"sample_rate", JG_J_INT, JG_H_RATE, AT(rate), NULL},
	{"channels", JG_J_INT, JG_H_CHANNELS, AT(channels), NULL},
	{"bit_depth", JG_J_INT, JG_H_BITS, AT(bits), NULL},
	{"codec_header", JG_J_STRING, JG_H_HEADER, AT(header), NULL},
	{"command", JG_J_WORD, JG_H_COMMAND, AT(command), &player_commands},
	{"volume", JG_J_INT, JG_H_VALUE, AT(volume), NULL},
	{"mute", JG_J_BOOL, JG_H_VALUE, AT(mute), NULL},
	{"static_delay_ms", JG_J_INT, JG_H_VALUE, AT(delay), NULL},
#if JG_CRYPTO
	{"output_delay_ms", JG_J_INT, JG_H_VALUE, AT(delay), NULL},
#endif
};
SHAPE(player);

static const struct jg_field payload_fields[] = {
	{"client_transmitted", JG_J_INT, JG_H_TIMES, AT(transmitted), NULL},
	{"server_received", JG_J_INT, JG_H_RECEIVED, AT(received), NULL},
	{"server_transmitted", JG_J_INT, JG_H_SENT, AT(sent), NULL},
	{"player", JG_J_OBJECT, JG_H_PLAYER, 0, &player},
	{"metadata", JG_J_OBJECT, JG_H_METADATA, 0, &metadata},
	{"controller", JG_J_OBJECT, JG_H_CONTROLLER, 0, &controller},
	{"_jumpgate", JG_J_OBJECT, JG_H_CONTROLLER, 0, &jumpgate},
	{"server_id", JG_J_STRING, JG_H_SERVER, AT(server_id), NULL},
	{"name", JG_J_STRING, JG_H_REST, AT(server_name), NULL},
	{"active_roles", JG_J_WORDS, JG_H_ROLES, AT(roles), &roles},
	{"connection_reason", JG_J_WORD, JG_H_REST, AT(reason), &reasons},
	{"roles", JG_J_WORDS, JG_H_REST, AT(families), &families},
	{"playback_state", JG_J_WORD, JG_H_PLAYBACK, AT(state), &states},
#if JG_CRYPTO
	{"version", JG_J_INT, JG_H_REST, AT(version), NULL},
	{"data", JG_J_STRING, JG_H_REST, AT(data), NULL},
	{"activities", JG_J_WORDS, JG_H_REST, AT(activities), &activities},
	{"pairing", JG_J_OBJECT, JG_H_PAIRING, 0, &pairing},
	{"nonce_A", JG_J_STRING, JG_H_REST, AT(nonce_a), NULL},
	{"pake_msg_1", JG_J_STRING, JG_H_REST, AT(pake_share), NULL},
	{"server_kc", JG_J_STRING, JG_H_REST, AT(server_kc), NULL},
#endif
};
SHAPE(payload);

static const struct jg_field message_fields[] = {
	{"type", JG_J_WORD, JG_H_TYPE, AT(type), &types},
	{"payload", JG_J_OBJECT, JG_H_PAYLOAD, 0, &payload},
};
SHAPE(message);

int jg_message_read(struct jg_message *m, char *text, size_t size)
{
	memset(m, 0, sizeof *m);
	m->families = ~0u; /* all, where none are named */
	const int r = jg_json_read(text, size, &message, m);
	return r < 0 ? r : jg_has(m, JG_H_TYPE) ? JG_OK : JG_ERR_MESSAGE;
}

void jg_write_text(struct jg_writer *w, const char *key, const char *value)
{
	if (value != NULL) {
		jg_put_key(w, key);
		jg_put_string(w, value);
	}
}

void jg_write_number(struct jg_writer *w, const char *key, int64_t value)
{
	jg_put_key(w, key);
	jg_put_int(w, value);
}

void jg_write_begin(struct jg_writer *w, const char *type)
{
	jg_put(w, "{\"type\":\"");
	jg_put(w, type);
	jg_put(w, "\",\"payload\":{");
}

#if JG_CRYPTO
void jg_write_bytes(struct jg_writer *w, const char *key, const uint8_t *data, size_t size)
{
	jg_put_key(w, key);
	jg_put(w, "\"");
	if (w->full || (size_t)(w->end - w->at) < 4 * (size / 3 + 1)) {
		w->full = true;
		return;
	}
	w->at += jg_base64(w->at, data, size, true);
	jg_put(w, "\"");
}
#endif

static void format_members(struct jg_writer *w, const struct jg_format *f)
{
	jg_write_text(w, "codec", codecs_list[f->codec]);
	jg_write_number(w, "channels", f->channels);
	jg_write_number(w, "sample_rate", (int64_t)f->rate);
	jg_write_number(w, "bit_depth", f->bits);
}

#if JG_CRYPTO
static void pair_methods(struct jg_writer *w, const struct jg_config *cfg, bool pairs)
{
	jg_put(w, ",\"supported_pair_methods\":{");
	if (pairs) {
		jg_put(w, "\"pairing_psk\":{}");
		if (cfg->shows_qr || cfg->static_code == NULL) {
			jg_put(w, ",\"dynamic_pairing_code\":{\"out_channels\":[\"");
			jg_put(w, cfg->speaks ? "speaker" : "display");
			jg_put(w, cfg->shows_qr ? "\"],\"formats\":[\"qr_code\"]}" : "\"],\"formats\":[\"digits\"]}");
		} else {
			jg_put(w, ",\"static_pairing_code\":{\"locations\":[\"device\"]}");
		}
	}
	jg_put(w, cfg->unpaired_access ? "},\"unpaired_access\":{\"enabled\":true}" : "},\"unpaired_access\":{\"enabled\":false}");
}
#endif

static void supported_roles(struct jg_writer *w, const struct jg_config *cfg, bool encrypted)
{
	(void)cfg;
	(void)encrypted;
	jg_put(w, ",\"supported_roles\":[\"player@v1\"");
#if JG_ROLE_CONTROLLER
	jg_put(w, ",\"controller@v1\"");
#endif
#if JG_ROLE_METADATA
	jg_put(w, ",\"metadata@v1\"");
#endif
#if JG_ROLE_JUMPGATE
	jg_put(w, ",\"_jumpgate@v1\"");
#endif
#if JG_ROLE_ARTWORK
	/* An encrypted picture is one message that has to be held whole: not here. */
	if (!encrypted) {
		jg_put(w, ",\"artwork@v1\"],\"artwork@v1_support\":{\"channels\":[{\"source\":\"album\",\"format\":\"jpeg\"");
		jg_write_number(w, "media_width", cfg->artwork_width);
		jg_write_number(w, "media_height", cfg->artwork_height);
		jg_put(w, "}]}");
		return;
	}
#endif
	jg_put(w, "]");
}

void jg_write_hello(struct jg_writer *w, const struct jg_config *cfg, uint32_t capacity, bool encrypted, bool pairs)
{
	(void)pairs;
	jg_write_begin(w, "client/hello");
	if (!encrypted) {
		jg_write_text(w, "client_id", cfg->client_id);
		jg_write_number(w, "version", 1);
	}
	jg_write_text(w, "name", cfg->name);
	jg_put(w, ",\"device_info\":{");
	jg_write_text(w, "product_name", cfg->product);
	jg_write_text(w, "manufacturer", cfg->manufacturer);
	jg_write_text(w, "software_version", cfg->firmware);
	jg_put(w, "}");
	supported_roles(w, cfg, encrypted);
	jg_put(w, ",\"player@v1_support\":{\"supported_formats\":[");
	for (size_t i = 0; i < cfg->format_count; i++) {
		jg_put(w, i > 0 ? ",{" : "{");
		format_members(w, &cfg->formats[i]);
		jg_put(w, "}");
	}
	jg_put(w, "]");
	jg_write_number(w, "buffer_capacity", (int64_t)capacity);
#if JG_CRYPTO
	if (encrypted) {
		jg_put(w, "}");
		pair_methods(w, cfg, pairs);
		jg_put(w, "}}");
		return;
	}
#endif
	jg_put(w, ",\"supported_commands\":[\"volume\",\"mute\"]}}}");
}

void jg_write_time(struct jg_writer *w, int64_t now)
{
	jg_write_begin(w, "client/time");
	jg_write_number(w, "client_transmitted", now);
	jg_put(w, "}}");
}

void jg_write_state(struct jg_writer *w, const struct jg_report *r)
{
	jg_write_begin(w, "client/state");
	if (r->encrypted) {
		jg_put(w, "\"available\":true");
	} else {
		jg_write_text(w, "state", r->in_error ? "error" : "synchronized");
	}
	if (r->player) {
		jg_put(w, ",\"player\":{");
		jg_write_number(w, "volume", r->volume);
		jg_put_key(w, "muted");
		jg_put_bool(w, r->muted);
		jg_write_number(w, r->encrypted ? "output_delay_ms" : "static_delay_ms", r->delay_ms);
		jg_write_number(w, "required_lead_time_ms", (int64_t)r->lead_ms);
		jg_write_number(w, "min_buffer_ms", (int64_t)r->least_ms);
		if (!r->encrypted) {
			jg_put(w, ",\"supported_commands\":[\"set_static_delay\"]}");
		} else {
			jg_put(w, ",\"supported_commands\":[\"volume\",\"mute\",\"set_output_delay\"]");
			if (r->prefers != NULL) {
				jg_put(w, ",\"format\":{");
				format_members(w, r->prefers);
				jg_put(w, "}");
			}
			jg_put(w, "}");
		}
	}
	jg_put(w, "}}");
}

void jg_write_command(struct jg_writer *w, uint16_t command, uint8_t value)
{
	uint8_t i = 0;
	while (i + 1 < controls.count && command >> i != 1) {
		i++;
	}
	jg_write_begin(w, "client/command");
	jg_put(w, command >= JG_JUMP ? "\"_jumpgate\":{" : "\"controller\":{");
	jg_write_text(w, "command", controls_list[i]);
	if (command == JG_GROUP_VOLUME) {
		jg_write_number(w, "volume", value);
	} else if (command == JG_GROUP_MUTE) {
		jg_put_key(w, "mute");
		jg_put_bool(w, value != 0);
	}
	jg_put(w, "}}}");
}

void jg_write_format(struct jg_writer *w, const struct jg_format *f)
{
	jg_write_begin(w, "stream/request-format");
	jg_put(w, "\"player\":{");
	format_members(w, f);
	jg_put(w, "}}}");
}

void jg_write_goodbye(struct jg_writer *w, uint8_t why)
{
#if JG_CRYPTO
	static const char *const reasons_out[] = {"another_server", "shutdown",         "restart",            "user_request",
	                                          "unauthorized",   "pairing_required", "concurrent_attempt", "unpaired"};
#else
	static const char *const reasons_out[] = {"another_server", "shutdown", "restart", "user_request"};
#endif
	jg_write_begin(w, "client/goodbye");
	jg_write_text(w, "reason", reasons_out[why % COUNT(reasons_out)]);
	jg_put(w, "}}");
}
