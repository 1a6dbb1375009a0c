/* SPDX-License-Identifier: Apache-2.0 */
/* Pairing, the client's side (Sendspin/spec pairing.md). One attempt at a time,
 * with the server in use. */
#ifndef JG_PAIR_H
#define JG_PAIR_H

#include "client.h"
#include "message.h"

#if JG_CRYPTO

/* An activation has admitted an attempt. */
void jg_pair_start(struct jg_client *c, uint8_t method, bool qr);
/* One that names a method we have not offered. */
void jg_pair_refuse(struct jg_client *c);
/* A message of pairing. An error ends the connection. */
int jg_pair_message(struct jg_client *c, struct jg_message *m);
/* Writes what is due next; true when there is more. */
bool jg_pair_write(struct jg_client *c, struct jg_writer *w);
/* The server wants something else, or is gone. */
void jg_pair_stop(struct jg_client *c);
/* Ends an attempt that takes too long. */
void jg_pair_check(struct jg_client *c);
/* Whether an attempt is in progress, which other servers may not disturb. */
bool jg_pair_running(const struct jg_client *c);

/* "SP:", a version and base32 with 9 for 2: 4 + (size * 8 + 4) / 5 characters
 * and a NUL. */
void jg_pair_token(char *to, char version, const uint8_t *data, size_t size);

#endif
#endif
