/* SPDX-License-Identifier: Apache-2.0 */
/* The current dialect of a link: handshake, activation, messages sealed and
 * opened. Specification: Sendspin/spec connection.md and messaging.md. */
#ifndef JG_SECURE_H
#define JG_SECURE_H

#include "client.h"
#include "message.h"

#if JG_CRYPTO

/* What a key is used as. */
enum jg_category { JG_LONG_TERM, JG_PAIRING_KEY, JG_SENTINEL, JG_NO_CATEGORY };

enum { JG_IDENTITY = 64 }; /* bytes of it before the public key */

/* Loads or draws the identity. */
int jg_secure_init(struct jg_client *c);
/* Whether we are paired with anybody. */
bool jg_secure_paired(struct jg_client *c);
/* Finds the key that a server refers to: 1, or 0 if it is not here. */
int jg_secure_find(struct jg_client *c, const uint8_t remote[32], uint8_t category, const uint8_t id[32], uint8_t psk[32]);
/* The published key that stands where there is no other. */
bool jg_secure_sentinel(struct jg_client *c, uint8_t psk[32]);
/* Whether pairings can be kept, and so may be offered. */
bool jg_secure_pairs(const struct jg_client *c);

/* The upgrade is done: which dialect the link begins with. */
void jg_secure_start(struct jg_client *c, struct jg_link *l);
/* A text message before there are keys. */
int jg_secure_text(struct jg_client *c, struct jg_link *l, char *text, size_t size);
/* Takes the server's handshake message, in base64url over itself, and makes the
 * answer. first: of a connection, where a key that is not here gives way to the
 * Sentinel. */
int jg_secure_shake(struct jg_client *c, struct jg_link *l, char *data, bool first);
/* Bytes of an encrypted message; done: its end. */
int jg_secure_piece(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n);
int jg_secure_done(struct jg_client *c, struct jg_link *l);
/* A message that the current dialect alone has. */
int jg_secure_message(struct jg_client *c, struct jg_link *l, struct jg_message *m);

/* client/init, or the answer to a handshake. */
void jg_secure_write_init(struct jg_client *c, struct jg_writer *w);
void jg_secure_write_answer(const struct jg_link *l, struct jg_writer *w);
/* Seals a piece of a message in place, whole blocks but for the last; behind that
 * JG_TAG more bytes are written. */
bool jg_secure_seal(struct jg_client *c, struct jg_link *l, uint8_t *data, size_t size, bool first, bool last);
/* The answer has been written: what comes next is under the new keys. */
void jg_secure_answered(struct jg_link *l);

/* Keeps a pairing with a link's server, or drops it where psk is NULL. */
void jg_secure_keep(struct jg_client *c, struct jg_link *l, const uint8_t *psk);

#endif
#endif
