/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the client share: connections in link.c, Sendspin in client.c. */
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

/* Bits of jg_link.due, in the order in which they go. */
enum {
	JG_DUE_UPGRADE = 1,
	JG_DUE_HELLO = 2,
	JG_DUE_STATE = 4,
	JG_DUE_FORMAT = 8,
	JG_DUE_PRESS = 16,
	JG_DUE_TIME = 32,
	JG_DUE_GOODBYE = 64,
	JG_DUE_CLOSE = 128
};

/* link.c */
void jg_link_fail(struct jg_client *c, int link, int why);
void jg_link_compose(struct jg_client *c);
void jg_link_check(struct jg_client *c);
void jg_link_random(struct jg_client *c, uint8_t *to, size_t size);
char *jg_link_text(struct jg_client *c, int link, size_t *room);

/* client.c */
int jg_client_text(struct jg_client *c, int link, char *text, size_t size);
/* A binary message's first 9 bytes are in link->binary; true: its rest is audio. */
bool jg_client_binary(struct jg_client *c, int link);
void jg_client_gone(struct jg_client *c, int link);
void jg_client_report(struct jg_client *c);
void jg_client_log(const struct jg_client *c, int error);

#endif
