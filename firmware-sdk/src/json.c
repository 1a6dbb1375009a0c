/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "text.h"

#include <string.h>

/* RFC 8259. Objects within objects are kept on a stack of JG_JSON_DEPTH. */
struct reader {
	char *p, *end;
};

static void space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r')) {
		r->p++;
	}
}

static bool take(struct reader *r, char c)
{
	space(r);
	if (r->p < r->end && *r->p == c) {
		r->p++;
		return true;
	}
	return false;
}

static int hex4(struct reader *r)
{
	int v = 0;
	if (r->end - r->p < 4) {
		return -1;
	}
	for (unsigned i = 0; i < 4; i++) {
		const char c = *r->p++;
		const char low = (char)(c | 0x20);
		if (c >= '0' && c <= '9') {
			v = v << 4 | (c - '0');
		} else if (low >= 'a' && low <= 'f') {
			v = v << 4 | (low - 'a' + 10);
		} else {
			return -1;
		}
	}
	return v;
}

static char *utf8(char *to, uint32_t v)
{
	if (v < 0x80) {
		*to++ = (char)v;
		return to;
	}
	unsigned more = v < 0x800 ? 1 : v < 0x10000 ? 2 : 3;
	*to++ = (char)((0xF00u >> (more + 1) & 0xF0u) | (v >> (6 * more)));
	while (more-- > 0) {
		*to++ = (char)(0x80u | (v >> (6 * more) & 0x3Fu));
	}
	return to;
}

/* \uXXXX, two of them for what lies beyond the first plane; halves that stand
 * alone become U+FFFD, and so does U+0000, which would end our string. */
static char *unicode(struct reader *r, char *to)
{
	int v = hex4(r);
	if (v >= 0xD800 && v < 0xDC00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
		char *const back = r->p;
		r->p += 2;
		const int low = hex4(r);
		if (low >= 0xDC00 && low < 0xE000) {
			return utf8(to, 0x10000u + ((uint32_t)(v - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
		}
		r->p = back;
	}
	if (v < 0) {
		return NULL;
	}
	if (v == 0 || (v >= 0xD800 && v < 0xE000)) {
		v = 0xFFFD;
	}
	return utf8(to, (uint32_t)v);
}

/* Decodes a string over itself and ends it with NUL, which takes the place of
 * its closing quote. Returns NULL where it is none. */
static char *string(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	if (!take(r, '"')) {
		return NULL;
	}
	char *const start = r->p;
	char *to = start;
	while (r->p < r->end) {
		const char c = *r->p++;
		if (c == '"') {
			*to = '\0';
			return start;
		}
		if ((unsigned char)c < 0x20) {
			return NULL;
		}
		if (c != '\\') {
			*to++ = c;
			continue;
		}
		if (r->p == r->end) {
			return NULL;
		}
		const char e = *r->p++;
		if (e == 'u') {
			to = unicode(r, to);
			if (to == NULL) {
				return NULL;
			}
			continue;
		}
		unsigned i = 0;
		while (from[i] != e) {
			if (from[++i] == '\0') {
				return NULL;
			}
		}
		*to++ = into[i];
	}
	return NULL;
}

static bool literal(struct reader *r, const char *word)
{
	const size_t n = jg_length(word);
	space(r);
	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0) {
		return false;
	}
	r->p += n;
	return true;
}

static bool digit(const struct reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

/* A number, cut to an integer; what is beyond 64 bits becomes the outermost. */
static bool number(struct reader *r, int64_t *to)
{
	uint64_t v = 0;
	const bool minus = take(r, '-');
	if (!digit(r)) {
		return false;
	}
	for (; digit(r); r->p++) {
		v = v > (uint64_t)INT64_MAX / 10 - 1 ? (uint64_t)INT64_MAX : v * 10 + (uint64_t)(*r->p - '0');
	}
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (!digit(r)) {
			return false;
		}
		while (digit(r)) {
			r->p++;
		}
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		return false; /* no sender writes times or levels so */
	}
	*to = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

/* Passes over any value. Which brackets are open is a stack of bits. */
static bool skip(struct reader *r)
{
	uint32_t objects = 0;
	unsigned depth = 0;
	int64_t n;
	for (;;) {
		space(r);
		if (r->p == r->end) {
			return false;
		}
		const char c = *r->p;
		bool opened = false;
		if (c == '{' || c == '[') {
			if (depth == JG_JSON_DEPTH) {
				return false;
			}
			r->p++;
			depth++;
			objects = objects << 1 | (c == '{' ? 1u : 0u);
			opened = true;
		} else if (c == '"') {
			if (string(r) == NULL) {
				return false;
			}
		} else if (!literal(r, "null") && !literal(r, "true") && !literal(r, "false") &&
		           !number(r, &n)) {
			return false;
		}
		/* After a value: close what closes, then go to the next one. */
		while (depth > 0 && take(r, (objects & 1u) != 0 ? '}' : ']')) {
			objects >>= 1;
			depth--;
			opened = false;
		}
		if (depth == 0) {
			return true;
		}
		if (!opened && !take(r, ',')) {
			return false;
		}
		if ((objects & 1u) != 0 && (string(r) == NULL || !take(r, ':'))) {
			return false;
		}
		space(r);
		if (r->p < r->end && (*r->p == '}' || *r->p == ']')) {
			return false;
		}
	}
}

static uint8_t find(const struct jg_words *words, const char *word)
{
	uint8_t i = 0;
	while (i < words->count && !jg_equal(words->word[i], word)) {
		i++;
	}
	return i;
}

static bool set(struct reader *r, const struct jg_words *words, uint32_t *to)
{
	*to = 0;
	if (!take(r, '[')) {
		return false;
	}
	if (take(r, ']')) {
		return true;
	}
	do {
		const char *word = string(r);
		if (word == NULL) {
			return false;
		}
		const uint8_t i = find(words, word);
		*to |= i < words->count ? 1u << i : 0u;
	} while (take(r, ','));
	return take(r, ']');
}

static bool value(struct reader *r, const struct jg_field *f, void *to, bool null)
{
	switch (f->kind) {
	case JG_J_STRING: {
		char *s = null ? r->p - 1 : string(r);
		if (null) {
			*s = '\0'; /* the last letter of null, read already */
		}
		*(char **)to = s;
		return s != NULL;
	}
	case JG_J_INT:
		*(int64_t *)to = 0;
		return null || number(r, to);
	case JG_J_BOOL:
		*(bool *)to = !null && literal(r, "true");
		return null || *(bool *)to || literal(r, "false");
	case JG_J_WORD: {
		const struct jg_words *const words = f->more;
		const char *word = null ? "" : string(r);
		*(uint8_t *)to = word == NULL ? 0 : find(words, word);
		return word != NULL;
	}
	default:
		*(uint32_t *)to = 0;
		return null || set(r, f->more, to);
	}
}

static const struct jg_field *lookup(const struct jg_shape *shape, const char *name)
{
	for (uint8_t i = 0; i < shape->count; i++) {
		if (jg_equal(shape->field[i].name, name)) {
			return &shape->field[i];
		}
	}
	return NULL;
}

int jg_json_read(char *text, size_t size, const struct jg_shape *shape, void *to)
{
	enum { DEPTH = 4 };
	const struct jg_shape *stack[DEPTH];
	struct reader r = {text, text + size};
	unsigned depth = 0;
	bool first = true;
	stack[0] = shape;
	if (!take(&r, '{')) {
		return JG_ERR_JSON;
	}
	for (;;) {
		if (take(&r, '}')) {
			if (depth == 0) {
				space(&r);
				return r.p == r.end ? JG_OK : JG_ERR_JSON;
			}
			depth--;
			first = false;
			continue;
		}
		const char *const name = first || take(&r, ',') ? string(&r) : NULL;
		first = false;
		if (name == NULL || !take(&r, ':')) {
			return JG_ERR_JSON;
		}
		const struct jg_field *const f = lookup(stack[depth], name);
		if (f == NULL) {
			if (!skip(&r)) {
				return JG_ERR_JSON;
			}
			continue;
		}
		const bool null = literal(&r, "null");
		*(uint32_t *)to |= 1u << f->bit;
		if (f->kind == JG_J_OBJECT) {
			if (!null && (depth + 1 == DEPTH || !take(&r, '{'))) {
				return JG_ERR_JSON;
			}
			if (!null) {
				stack[++depth] = f->more;
				first = true;
			}
		} else if (!value(&r, f, (char *)to + f->offset, null)) {
			return JG_ERR_JSON;
		}
	}
}

void jg_put(struct jg_writer *w, const char *raw)
{
	const size_t n = jg_length(raw);
	if (w->full || (size_t)(w->end - w->at) < n) {
		w->full = true;
		return;
	}
	memcpy(w->at, raw, n);
	w->at += n;
}

void jg_put_key(struct jg_writer *w, const char *key)
{
	const char before = w->at[-1];
	if (before != '{' && before != '[') {
		jg_put(w, ",");
	}
	if (*key != '\0') {
		jg_put(w, "\"");
		jg_put(w, key);
		jg_put(w, "\":");
	}
}

void jg_put_string(struct jg_writer *w, const char *value)
{
	static const char digits[] = "0123456789abcdef";
	jg_put(w, "\"");
	for (; *value != '\0'; value++) {
		const unsigned char c = (unsigned char)*value;
		char one[7] = {(char)c, '\0'};
		if (c < 0x20) {
			one[0] = '\\';
			one[1] = 'u';
			one[2] = one[3] = '0';
			one[4] = digits[c >> 4];
			one[5] = digits[c & 15];
		} else if (c == '"' || c == '\\') {
			one[0] = '\\';
			one[1] = (char)c;
		}
		jg_put(w, one);
	}
	jg_put(w, "\"");
}

/* Divides by ten and returns the rest: in 16-bit steps, because a division of
 * 64 bits costs small processors a library routine. */
static unsigned tenth(uint64_t *v)
{
	uint64_t whole = 0;
	uint32_t rest = 0;
	for (unsigned shift = 64; shift > 0; shift -= 16) {
		rest = rest << 16 | (uint32_t)(*v >> (shift - 16) & 0xFFFFu);
		whole = whole << 16 | rest / 10;
		rest %= 10;
	}
	*v = whole;
	return rest;
}

void jg_put_int(struct jg_writer *w, int64_t value)
{
	char text[21];
	char *p = text + sizeof text;
	uint64_t v = value < 0 ? 0u - (uint64_t)value : (uint64_t)value;
	*--p = '\0';
	do {
		*--p = (char)('0' + tenth(&v));
	} while (v != 0);
	if (value < 0) {
		*--p = '-';
	}
	jg_put(w, p);
}

void jg_put_bool(struct jg_writer *w, bool value)
{
	jg_put(w, value ? "true" : "false");
}
