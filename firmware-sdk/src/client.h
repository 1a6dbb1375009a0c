/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the client share. */
#ifndef JG_CLIENT_H
#define JG_CLIENT_H

#include "jumpgate/jumpgate.h"

enum jg_link_state {
	JG_FREE,
	JG_UPGRADE,  /* the HTTP head */
	JG_GREETING, /* hello sent, the server's not there yet */
	JG_READY,
	JG_LEAVING, /* what is to be sent goes, then the end */
	JG_DEAD     /* waits for jg_closed() */
};

/* Which dialect a link speaks, and how far it is. */
enum jg_stage {
	JG_CLEAR,  /* the cleartext dialect */
	JG_INIT,   /* client/init goes first; the server's is waited for */
	JG_SHAKE,  /* its handshake message is */
	JG_KEYED,  /* encrypted from here on; its hello is */
	JG_ACTIVE  /* its activation is, or was there */
};

/* For the rules on several servers (connection.md, "Multiple servers"). */
enum jg_rank { JG_IDLE, JG_TO_PAIR, JG_TO_PLAY };

/* What is to be sent, in the order in which it goes, and the bits of jg_link.due. */
enum jg_saying {
	JG_SAY_UPGRADE,
	JG_SAY_ANSWER, /* of a handshake */
	JG_SAY_HELLO,
	JG_SAY_PAIR,
	JG_SAY_STATE,
	JG_SAY_FORMAT,
	JG_SAY_PRESS,
	JG_SAY_TIME,
	JG_SAY_GOODBYE,
	JG_SAY_CLOSE
};
enum {
	JG_DUE_UPGRADE = 1 << JG_SAY_UPGRADE,
	JG_DUE_ANSWER = 1 << JG_SAY_ANSWER,
	JG_DUE_HELLO = 1 << JG_SAY_HELLO,
	JG_DUE_PAIR = 1 << JG_SAY_PAIR,
	JG_DUE_STATE = 1 << JG_SAY_STATE,
	JG_DUE_FORMAT = 1 << JG_SAY_FORMAT,
	JG_DUE_PRESS = 1 << JG_SAY_PRESS,
	JG_DUE_TIME = 1 << JG_SAY_TIME,
	JG_DUE_GOODBYE = 1 << JG_SAY_GOODBYE,
	JG_DUE_CLOSE = 1 << JG_SAY_CLOSE
};

/* More reasons to say goodbye, behind those of enum jg_goodbye. */
enum { JG_UNAUTHORIZED = JG_USER_REQUEST + 1, JG_PAIRING_REQUIRED, JG_CONCURRENT, JG_UNPAIRED };

static inline bool jg_keyed(const struct jg_link *l)
{
	return JG_CRYPTO && l->stage >= JG_KEYED;
}

static inline struct jg_link *jg_other(struct jg_client *c, const struct jg_link *l)
{
	return l == c->link ? c->link + 1 : c->link;
}

/* link.c, send.c, receive.c */
/* NULL where there is none of this index. Out of line, so that what is done with
 * a link counts from where it begins. */
struct jg_link *jg_link_at(struct jg_client *c, int link);
void jg_link_fail(struct jg_client *c, struct jg_link *l, int why);
void jg_link_compose(struct jg_client *c);
void jg_link_check(struct jg_client *c);
/* Puts a frame into the sending buffer, which is free. The payload stands at
 * out + JG_WS_HEAD_ROOM already. */
void jg_link_frame(struct jg_client *c, struct jg_link *l, size_t size, uint8_t opcode);
const char *jg_link_path(const struct jg_client *c);
void jg_link_random(struct jg_client *c, uint8_t *to, size_t size);
/* Lends a link the large or the small buffer for what comes in. */
void jg_link_lend(struct jg_client *c, struct jg_link *l, bool large);
/* A message's bytes, unmasked and opened, and its end. The kind of a binary
 * message is its first byte. */
void jg_link_text_bytes(struct jg_link *l, const uint8_t *data, size_t n);
int jg_link_text_done(struct jg_client *c, struct jg_link *l);
void jg_link_binary_bytes(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n);
void jg_link_binary_done(struct jg_client *c, struct jg_link *l);

/* settings.c */
void jg_settings_load(struct jg_client *c);
/* They are written a little later. */
void jg_settings_changed(struct jg_client *c);
void jg_settings_check(struct jg_client *c);
void jg_settings_volume(struct jg_client *c, uint8_t level, bool muted);
uint32_t jg_hash32(const void *data, size_t size);

/* on_message.c, choose.c, client.c */
int jg_client_text(struct jg_client *c, struct jg_link *l, char *text, size_t size);
/* A binary message's head is in link->binary; true: its rest is audio. */
bool jg_client_binary(struct jg_client *c, struct jg_link *l);
/* The server of a link wants us: we take it, or send it away. */
void jg_client_choose(struct jg_client *c, struct jg_link *l, const char *name);
void jg_client_leave(struct jg_client *c, struct jg_link *l, uint8_t why);
/* The server in use plays: it is preferred next time. */
void jg_client_played(struct jg_client *c);
void jg_client_gone(struct jg_client *c, struct jg_link *l);
void jg_client_report(struct jg_client *c);
void jg_client_log(const struct jg_client *c, int error);
/* The place of a format among those offered, from 1; 0 if it is none. */
uint8_t jg_offered(const struct jg_client *c, const struct jg_format *f);

#endif
