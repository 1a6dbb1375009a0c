/* SPDX-License-Identifier: Apache-2.0 */
/* What clients send. */
#include "message.h"
#include "picture.h"
#include "ring.h"
#include "secure.h"

/* The values of a form: {number} or {.p = text}. */
#define VALUES (const union jg_value[])

static void put_format(struct jg_writer *w, const struct jg_format *f)
{
	jg_put_all(w, "{'codec':%s,'channels':%d,'sample_rate':%d,'bit_depth':%d}",
	           VALUES{{.p = jg_word_at(jg_codecs, f->codec)}, {f->channels}, {(int32_t)f->rate}, {f->bits}});
}

static void put_device(struct jg_writer *w, const struct jg_config *cfg)
{
	const char *const value[] = {cfg->product, cfg->manufacturer, cfg->firmware};
	const char *key = "'product_name':%s\0'manufacturer':%s\0'software_version':%s";
	bool first = true;
	for (unsigned i = 0; i < 3; i++, key = jg_word_at(key, 1)) {
		if (value[i] != NULL) {
			jg_put(w, first ? "" : ",");
			jg_put_all(w, key, VALUES{{.p = value[i]}});
			first = false;
		}
	}
}

#if JG_CRYPTO
static void put_pair_methods(struct jg_writer *w, const struct jg_config *cfg, bool pairs)
{
	jg_put_all(w, "},'supported_pair_methods':{", NULL);
	if (pairs) {
		jg_put_all(w, "'pairing_psk':{},", NULL);
		if (cfg->shows_qr || cfg->static_code == NULL) {
			jg_put_all(w, "'dynamic_pairing_code':{'out_channels':[%s],'formats':[%s]}",
			           VALUES{{.p = cfg->speaks ? "speaker" : "display"}, {.p = cfg->shows_qr ? "qr_code" : "digits"}});
		} else {
			jg_put_all(w, "'static_pairing_code':{'locations':['device']}", NULL);
		}
	}
	jg_put_all(w, "},'unpaired_access':{'enabled':%b}", VALUES{{cfg->unpaired_access}});
}
#endif

static void put_roles(struct jg_writer *w, const struct jg_client *c, bool encrypted)
{
	(void)c;
	(void)encrypted;
	jg_put_all(w,
	           "'supported_roles':['player@v1'"
#if JG_ROLE_CONTROLLER
	           ",'controller@v1'"
#endif
#if JG_ROLE_METADATA
	           ",'metadata@v1'"
#endif
#if JG_ROLE_JUMPGATE
	           ",'_jumpgate@v1'"
#endif
	           ,
	           NULL);
#if JG_ROLE_ARTWORK
	if (encrypted && jg_picture_wanted(c, true)) {
		jg_put_all(w, ",'artwork@v1']", NULL); /* what is wanted is said in the state */
		return;
	}
	if (!encrypted && jg_picture_wanted(c, false)) {
		jg_put_all(w, ",'artwork@v1'],'artwork@v1_support':{'channels':[{'source':'album','format':'jpeg','media_width':%d,'media_height':%d}]}",
		           VALUES{{c->config->artwork_width}, {c->config->artwork_height}});
		return;
	}
#endif
	jg_put(w, "]");
}

void jg_write_hello(struct jg_writer *w, const struct jg_client *c, bool encrypted)
{
	const struct jg_config *const cfg = c->config;
	encrypted = JG_CRYPTO && encrypted; /* which makes compilers leave out the other half */
	jg_write_begin(w, "/hello");
	if (!encrypted) {
		jg_put_all(w, "'client_id':%s,'version':1,", VALUES{{.p = cfg->client_id}});
	}
	jg_put_all(w, "'name':%s,'device_info':{", VALUES{{.p = cfg->name}});
	put_device(w, cfg);
	jg_put(w, "},");
	put_roles(w, c, encrypted);
	const char *open = ",'player@v1_support':{'supported_formats':[";
	for (size_t i = 0; i < cfg->format_count; i++, open = ",") {
		jg_put_all(w, open, NULL);
		put_format(w, &cfg->formats[i]);
	}
	jg_put_all(w, "],'buffer_capacity':%d", VALUES{{(int32_t)jg_ring_capacity(c->ring.size)}});
#if JG_CRYPTO
	if (encrypted) {
		put_pair_methods(w, cfg, jg_secure_pairs(c));
		jg_put(w, "}}");
		return;
	}
#endif
	jg_put_all(w, ",'supported_commands':['volume','mute']}}}", NULL);
}

void jg_write_time(struct jg_writer *w, int64_t now)
{
	jg_write(w, "/time", "'client_transmitted':%t", VALUES{{.p = &now}});
}

void jg_write_state(struct jg_writer *w, const struct jg_client *c, bool encrypted, const struct jg_format *prefers)
{
	encrypted = JG_CRYPTO && encrypted;
	jg_write_begin(w, "/state");
	jg_put_all(w, encrypted ? "'available':true" : c->play.starving ? "'state':'error'" : "'state':'synchronized'", NULL);
	if ((c->roles & 1u << JG_FAMILY_PLAYER) != 0) {
		jg_put_all(w, ",'player':{'volume':%d,'muted':%b,'%r_delay_ms':%d,'required_lead_time_ms':%d,'min_buffer_ms':%d,'supported_commands':[",
		           VALUES{{c->volume}, {c->muted}, {.p = encrypted ? "output" : "static"}, {c->delay_ms}, {c->lead_ms}, {c->lead_ms / 2}});
		jg_put_all(w, encrypted ? "'volume','mute','set_output_delay']" : "'set_static_delay']", NULL);
		if (encrypted && prefers != NULL) {
			jg_put_all(w, ",'format':", NULL);
			put_format(w, prefers);
		}
		jg_put(w, "}");
	}
#if JG_ROLE_ARTWORK
	if (encrypted && (c->roles & 1u << JG_FAMILY_ARTWORK) != 0 && jg_picture_wanted(c, true)) {
		jg_put_all(w, ",'artwork':{'channels':[{'source':'album','format':'jpeg','width':%d,'height':%d}]}",
		           VALUES{{c->config->artwork_width}, {c->config->artwork_height}});
	}
#endif
	jg_put(w, "}}");
}

void jg_write_command(struct jg_writer *w, uint16_t command, uint8_t value)
{
	unsigned i = 0;
	while (command >> i > 1) {
		i++;
	}
	jg_write_begin(w, "/command");
	jg_put_all(w, "'%r':{'command':%s", VALUES{{.p = JG_ROLE_JUMPGATE && command >= JG_JUMP ? "_jumpgate" : "controller"}, {.p = jg_word_at(jg_controls, i)}});
	if (command == JG_GROUP_VOLUME) {
		jg_put_all(w, ",'volume':%d", VALUES{{value}});
	} else if (command == JG_GROUP_MUTE) {
		jg_put_all(w, ",'mute':%b", VALUES{{value}});
	}
	jg_put(w, "}}}");
}

void jg_write_format(struct jg_writer *w, const struct jg_format *f)
{
	jg_write_begin(w, "stream/request-format");
	jg_put_all(w, "'player':", NULL);
	put_format(w, f);
	jg_put(w, "}}");
}

void jg_write_goodbye(struct jg_writer *w, uint8_t why)
{
	static const char reasons[] = "another_server\0shutdown\0restart\0user_request\0"
#if JG_CRYPTO
	                              "unauthorized\0pairing_required\0concurrent_attempt\0unpaired\0"
#endif
		;
	jg_write(w, "/goodbye", "'reason':%s", VALUES{{.p = jg_word_at(reasons, why & 7u)}});
}

void jg_write_begin(struct jg_writer *w, const char *type)
{
	jg_put_all(w, "{'type':'%r%r','payload':{", VALUES{{.p = *type == '/' ? "client" : ""}, {.p = type}});
}

void jg_write(struct jg_writer *w, const char *type, const char *form, const union jg_value *v)
{
	jg_write_begin(w, type);
	jg_put_all(w, form, v);
	jg_put(w, "}}");
}
