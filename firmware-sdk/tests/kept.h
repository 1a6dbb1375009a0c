/* SPDX-License-Identifier: Apache-2.0 */
/* What a client has had kept, in memory. */
#ifndef KEPT_H
#define KEPT_H

#include "jumpgate/jumpgate.h"

extern struct kept {
	uint8_t data[JG_KEY_PAIRINGS + 1][400];
	size_t size[JG_KEY_PAIRINGS + 1];
} kept;

/* Callbacks. More than there is room for is the core's mistake and aborts. */
size_t kept_load(void *user, enum jg_key key, void *data, size_t size);
void kept_save(void *user, enum jg_key key, const void *data, size_t size);

#endif
