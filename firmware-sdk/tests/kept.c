/* SPDX-License-Identifier: Apache-2.0 */
#include "kept.h"

#include <stdlib.h>
#include <string.h>

struct kept kept;

size_t kept_load(void *user, enum jg_key key, void *data, size_t size)
{
	(void)user;
	const size_t n = kept.size[key] < size ? kept.size[key] : size;
	memcpy(data, kept.data[key], n);
	return n;
}

void kept_save(void *user, enum jg_key key, const void *data, size_t size)
{
	(void)user;
	if (size > sizeof kept.data[key]) {
		abort();
	}
	memcpy(kept.data[key], data, size);
	kept.size[key] = size;
}
