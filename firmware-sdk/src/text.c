/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

size_t jg_length(const char *s)
{
	size_t n = 0;
	while (s[n] != '\0') {
		n++;
	}
	return n;
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
