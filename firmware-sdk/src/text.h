/* SPDX-License-Identifier: Apache-2.0 */
/* Strings, the small way: what C libraries have for them is made for speed and
 * costs two kilobytes. */
#ifndef JG_TEXT_H
#define JG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

size_t jg_length(const char *s);
bool jg_equal(const char *a, const char *b);
/* Whether s begins with start. */
bool jg_begins(const char *s, const char *start);

#endif
