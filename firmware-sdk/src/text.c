/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

/* volatile keeps compilers from putting strlen() here after all. */
size_t jg_length(const char *s)
{
	const volatile char *p = s;
	while (*p != '\0') {
		p++;
	}
	return (size_t)(p - s);
}

bool jg_begins(const char *s, const char *start)
{
	while (*start != '\0' && *s == *start) {
		s++;
		start++;
	}
	return *start == '\0';
}

bool jg_equal(const char *a, const char *b)
{
	return jg_begins(a, b) && a[jg_length(b)] == '\0';
}
