/* SPDX-License-Identifier: Apache-2.0 */
/* The artwork role: pictures in pieces. Specification: Sendspin/spec
 * roles/artwork/v1.md. */
#ifndef JG_PICTURE_H
#define JG_PICTURE_H

#include "client.h"

#if JG_ROLE_ARTWORK
/* Whether pictures are asked of a server: in the current dialect each message of
 * one needs the buffer. */
bool jg_picture_wanted(const struct jg_client *c, bool encrypted);
/* Whether the binary message that comes in is a picture's, from what of its head
 * is there. */
bool jg_picture_comes(const struct jg_client *c, const struct jg_link *l);
/* Its bytes, behind the head in cleartext, behind the kind in the current dialect;
 * and its end, which in the current dialect has been vouched for. */
void jg_picture_bytes(struct jg_client *c, struct jg_link *l, const uint8_t *data, size_t n);
void jg_picture_done(struct jg_client *c, struct jg_link *l);
/* No more pictures for now: the one on its way is void, the one shown is cleared. */
void jg_picture_clear(struct jg_client *c);
#else
static inline bool jg_picture_comes(const struct jg_client *c, const struct jg_link *l)
{
	(void)c;
	(void)l;
	return false;
}
#endif

#endif
