/* SPDX-License-Identifier: Apache-2.0 */
/* What an encrypted connection is for (messaging.md, "server/activate"). */
#include "secure.h"

#if JG_CRYPTO

#include "pair.h"
#include "playout.h"
#include "text.h"

#include <string.h>

static bool offers(const struct jg_client *c, const struct jg_message *m, uint8_t category)
{
	const bool fixed = c->config->static_code != NULL && !c->config->shows_qr;
	if (!jg_secure_pairs(c)) {
		return false;
	}
	switch (m->method) {
	case JG_BY_KEY:
		return category == JG_PAIRING_KEY;
	case JG_BY_STATIC_CODE:
		return category == JG_SENTINEL && fixed;
	case JG_BY_SHOWN_CODE:
		return category == JG_SENTINEL && !fixed && (m->code_format == 1) == c->config->shows_qr && m->code_format <= 1;
	default:
		return false;
	}
}

/* Whether an activation may be, for the key of the session; else the reason of
 * the goodbye (messaging.md, "server/activate"). */
static JG_SMALL uint8_t judge(const struct jg_client *c, uint32_t activities, uint8_t roles, uint8_t category)
{
	const bool plays = (activities & JG_ACTIVITY_PLAYBACK) != 0 || roles != 0, pairs = (activities & JG_ACTIVITY_PAIRING) != 0;
	if (pairs && category == JG_LONG_TERM) {
		return JG_UNAUTHORIZED;
	}
	return plays && category != JG_LONG_TERM && !c->config->unpaired_access ? JG_PAIRING_REQUIRED : JG_OK;
}

static uint8_t compiled_roles(void)
{
	return 1u << JG_FAMILY_PLAYER | (JG_ROLE_CONTROLLER ? 1u << JG_FAMILY_CONTROLLER : 0) | (JG_ROLE_METADATA ? 1u << JG_FAMILY_METADATA : 0) |
	       (JG_ROLE_JUMPGATE ? 1u << JG_FAMILY_JUMPGATE : 0) | (JG_ROLE_ARTWORK ? 1u << JG_FAMILY_ARTWORK : 0);
}

static int activate(struct jg_client *c, struct jg_link *l, const struct jg_message *m)
{
	struct jg_secure *const s = &l->secure;
	const bool again = l == c->current, pairs = (m->activities & JG_ACTIVITY_PAIRING) != 0;
	if (l->stage != JG_ACTIVE || (pairs && !jg_has(m, JG_H_PAIRING))) {
		return JG_ERR_MESSAGE;
	}
	const uint8_t before = again ? c->roles : 0;
	uint8_t roles = jg_has(m, JG_H_ROLES) ? (uint8_t)m->roles & compiled_roles() : before;
	if (!jg_has(m, JG_H_ROLES) && ((s->category != JG_LONG_TERM && !c->config->unpaired_access) || (pairs && s->category == JG_LONG_TERM))) {
		roles = 0; /* taken away by what the connection is now */
	}
	s->held = false;
	s->pairings += pairs ? 1 : 0;
	const uint8_t bye = judge(c, m->activities, roles, s->category);
	if (bye != JG_OK) {
		jg_client_leave(c, l, bye);
		return JG_OK;
	}
	l->rank = (m->activities & JG_ACTIVITY_PLAYBACK) != 0 ? JG_TO_PLAY : pairs ? JG_TO_PAIR : JG_IDLE;
	if (!again) {
		jg_client_choose(c, l, s->name);
		if (l != c->current) {
			return JG_OK;
		}
	}
	jg_pair_stop(c);
	c->roles = roles;
	if ((before & ~roles & 1u << JG_FAMILY_PLAYER) != 0) {
		jg_play_clear(c, true);
	}
	if (roles != before) {
		jg_client_report(c);
	}
	if (l->rank == JG_TO_PLAY) {
		jg_client_played(c);
	}
	if (pairs && offers(c, m, s->category)) {
		jg_pair_start(c, m->method, m->code_format == 1);
	} else if (pairs) {
		jg_pair_refuse(c);
	}
	return JG_OK;
}

static int hello(struct jg_client *c, struct jg_link *l, const struct jg_message *m)
{
	if (l->stage != JG_KEYED || m->server_name == NULL) {
		return JG_ERR_MESSAGE;
	}
	size_t n = jg_length(m->server_name);
	const size_t most = sizeof l->secure.name - 1;
	if (n > most) { /* not through the middle of a character */
		for (n = most; n > 0 && ((uint8_t)m->server_name[n] & 0xC0) == 0x80; n--) {
		}
	}
	memcpy(l->secure.name, m->server_name, n);
	l->secure.name[n] = '\0';
	l->stage = JG_ACTIVE;
	l->opened = (uint32_t)c->now; /* what the server is here for may take it longer */
	l->due |= JG_DUE_HELLO;
	return JG_OK;
}

int jg_secure_message(struct jg_client *c, struct jg_link *l, struct jg_message *m)
{
	switch (m->type) {
	case JG_T_HELLO:
		return hello(c, l, m);
	case JG_T_ACTIVATE:
		return activate(c, l, m);
	case JG_T_HANDSHAKE: {
		if (l->stage != JG_ACTIVE || l->secure.held || (l->due & JG_DUE_ANSWER) != 0) {
			return JG_ERR_CRYPTO;
		}
		const int r = jg_secure_shake(c, l, m->data, false);
		if (r == JG_OK && l == c->current) {
			jg_pair_stop(c);
		}
		l->secure.held = true;
		return r;
	}
	case JG_T_UNPAIR:
		if (l->secure.category == JG_LONG_TERM) {
			jg_secure_keep(c, l, NULL);
			jg_client_leave(c, l, JG_UNPAIRED);
		}
		return JG_OK;
	default:
		return l == c->current && m->type >= JG_T_PAIR_INIT && m->type <= JG_T_PAIR_ABORT ? jg_pair_message(c, m) : JG_OK;
	}
}

#endif
