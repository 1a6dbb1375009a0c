/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP upgrade, and the SHA-1 and base64 that it takes. */
#include "text.h"
#include "ws.h"

#include <string.h>

/* base64, and with JG_CRYPTO what stands for its last two in URLs. */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#if JG_CRYPTO
                               "-_"
#endif
	;

size_t jg_base64(char *to, const uint8_t *from, size_t size, bool url)
{
	size_t n = 0;
	url = JG_CRYPTO && url;
	for (size_t i = 0; i < size; i += 3) {
		const size_t rest = size - i;
		const uint32_t v = (uint32_t)from[i] << 16 | (rest > 1 ? (uint32_t)from[i + 1] << 8 : 0) | (rest > 2 ? from[i + 2] : 0u);
		for (size_t k = 0; k < 4; k++) {
			size_t c = v >> (18 - 6 * k) & 63;
			if (k > rest) {
				if (!url) {
					to[n++] = '=';
				}
				continue;
			}
			if (url && c >= 62) {
				c += 2;
			}
			to[n++] = alphabet[c];
		}
	}
	return n;
}

int jg_unbase64(uint8_t *to, size_t room, const char *from)
{
	size_t n = 0;
	uint32_t v = 0;
	unsigned bits = 0;
	for (; *from != '\0' && *from != '='; from++) {
		uint32_t c = 0;
		while (alphabet[c] != *from) {
			if (alphabet[++c] == '\0') {
				return JG_ERR_MESSAGE;
			}
		}
		v = v << 6 | (JG_CRYPTO && c >= 64 ? c - 2 : c);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			if (n == room) {
				return JG_ERR_ROOM;
			}
			to[n++] = (uint8_t)(v >> bits);
		}
	}
	while (*from == '=') {
		from++;
	}
	return *from != '\0' ? JG_ERR_MESSAGE : (int)n;
}

static uint32_t roll(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

/* One block of SHA-1 (RFC 3174), whose words are the first of w. Not for anything
 * that has to be secret. */
static JG_SMALL void sha1_block(uint32_t h[5], uint32_t w[80])
{
	static const uint32_t round[4] = {0x5A827999u, 0x6ED9EBA1u, 0x8F1BBCDCu, 0xCA62C1D6u};
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	for (unsigned i = 0; i < 80; i++) {
		const unsigned part = i / 20;
		if (i >= 16) {
			w[i] = roll(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
		}
		const uint32_t f = part == 0 ? d ^ (b & (c ^ d)) : part == 2 ? (b & c) | (d & (b | c)) : b ^ c ^ d;
		const uint32_t next = roll(a, 5) + f + e + round[part] + w[i];
		e = d;
		d = c;
		c = roll(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void jg_ws_accept(char accept[29], const char key[24])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11\x80\0\0";
	uint32_t h[5] = {0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u, 0xC3D2E1F0u};
	uint32_t w[80] = {0};
	for (unsigned i = 0; i < 64; i++) {
		w[i / 4] = w[i / 4] << 8 | (uint8_t)(i < 24 ? key[i] : guid[i - 24]);
	}
	sha1_block(h, w);
	memset(w, 0, 15 * sizeof *w);
	w[15] = 60 * 8; /* key and GUID, in bits; their padding filled the first block */
	sha1_block(h, w);
	uint8_t hash[20];
	for (unsigned i = 0; i < sizeof hash; i++) {
		hash[i] = (uint8_t)(h[i / 4] >> 24);
		h[i / 4] <<= 8;
	}
	accept[jg_base64(accept, hash, sizeof hash, false)] = '\0';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* If line is the field `name`, returns its value without spaces around it. */
static char *field(char *line, const char *name)
{
	for (; *name != '\0'; name++, line++) {
		if (lower(*line) != *name) {
			return NULL;
		}
	}
	if (*line++ != ':') {
		return NULL;
	}
	while (*line == ' ' || *line == '\t') {
		line++;
	}
	char *end = line + jg_length(line);
	while (end > line && (end[-1] == ' ' || end[-1] == '\t')) {
		*--end = '\0';
	}
	return line;
}

/* "GET ", our path with any query, " HTTP/1.1" */
static int request_line(const char *line, const char *path)
{
	if (!jg_begins(line, "GET ") || !jg_begins(line + 4, path)) {
		return JG_ERR_HTTP;
	}
	line += 4 + jg_length(path);
	if (*line == '?') {
		while (*line != ' ' && *line != '\0') {
			line++;
		}
	}
	return jg_equal(line, " HTTP/1.1") ? 0 : JG_ERR_HTTP;
}

int jg_http_line(char *line, bool first, bool accepted, const char *path, char accept[29])
{
	if (first && accepted) {
		return request_line(line, path);
	}
	if (first) {
		return jg_begins(line, "HTTP/1.1 101") ? 0 : JG_ERR_HTTP;
	}
	const char *value = field(line, accepted ? "sec-websocket-key" : "sec-websocket-accept");
	if (value != NULL) {
		if (accepted && jg_length(value) == 24) {
			jg_ws_accept(accept, value);
			return 1;
		}
		return !accepted && jg_equal(value, accept) ? 1 : JG_ERR_HTTP;
	}
	value = accepted ? field(line, "sec-websocket-version") : NULL;
	return value != NULL && !jg_equal(value, "13") ? JG_ERR_HTTP : 0;
}
