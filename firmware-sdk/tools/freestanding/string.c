/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

void *memcpy(void *to, const void *from, size_t n)
{
	char *t = to;
	for (const char *f = from; n > 0; n--) {
		*t++ = *f++;
	}
	return to;
}

void *memset(void *to, int c, size_t n)
{
	for (char *t = to; n > 0; n--) {
		*t++ = (char)c;
	}
	return to;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		if (*a != *b || *a == '\0') {
			return (unsigned char)*a - (unsigned char)*b;
		}
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	for (; n > 0; n--, x++, y++) {
		if (*x != *y) {
			return *x - *y;
		}
	}
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;
	while (s[n] != '\0') {
		n++;
	}
	return n;
}

char *strchr(const char *s, int c)
{
	while (*s != (char)c) {
		if (*s++ == '\0') {
			return NULL;
		}
	}
	return (char *)s;
}

char *strstr(const char *s, const char *what)
{
	for (const size_t n = strlen(what); *s != '\0'; s++) {
		if (strncmp(s, what, n) == 0) {
			return (char *)s;
		}
	}
	return NULL;
}
