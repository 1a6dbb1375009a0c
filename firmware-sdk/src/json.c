/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "text.h"
#include "ws.h"

/* RFC 8259. What was read last stands in text or number. NUL stands behind the
 * text: nothing takes it for a part of a value, so no end has to be looked for. */
struct reader {
	char *p;
	char *text;
	int64_t number;
};

/* What a value begins with, or all of it. */
enum token { BAD, NOTHING, FALSE, TRUE, NUMBER, STRING, BRACE, BRACKET };

static void space(struct reader *r)
{
	while (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r') {
		r->p++;
	}
}

static bool take(struct reader *r, char c)
{
	space(r);
	if (*r->p == c) {
		r->p++;
		return true;
	}
	return false;
}

static int hex4(struct reader *r)
{
	int v = 0;
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
	if (v >= 0xD800 && v < 0xDC00 && r->p[0] == '\\' && r->p[1] == 'u') {
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
	for (;;) {
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
}

static bool literal(struct reader *r, const char *word)
{
	space(r);
	char *p = r->p;
	for (; *word != '\0'; word++, p++) {
		if (*p != *word) {
			return false;
		}
	}
	r->p = p;
	return true;
}

static JG_SMALL bool digit(const struct reader *r)
{
	return *r->p >= '0' && *r->p <= '9';
}

/* A number, cut to an integer; what is beyond 64 bits becomes the outermost. */
static enum token number(struct reader *r)
{
	uint64_t v = 0;
	const bool minus = take(r, '-');
	bool good = digit(r);
	for (; digit(r); r->p++) {
		v = v > (uint64_t)INT64_MAX / 10 - 1 ? (uint64_t)INT64_MAX : v * 10 + (uint64_t)(*r->p - '0');
	}
	if (*r->p == '.') {
		r->p++;
		good = good && digit(r);
		while (digit(r)) {
			r->p++;
		}
	}
	r->number = minus ? -(int64_t)v : (int64_t)v;
	/* No sender writes times or levels with exponents. */
	return good && (*r->p | 0x20) != 'e' ? NUMBER : BAD;
}

const char *jg_word_at(const char *words, unsigned i)
{
	while (i-- > 0) {
		words += jg_length(words) + 1;
	}
	return words;
}

static enum token token(struct reader *r)
{
	r->number = 0;
	if (take(r, '{')) {
		return BRACE;
	}
	if (take(r, '[')) {
		return BRACKET;
	}
	static const char words[] = "null\0false\0true\0"; /* NOTHING, FALSE, TRUE */
	for (unsigned i = 0; i < 3; i++) {
		if (literal(r, jg_word_at(words, i))) {
			r->text = r->p - 1;
			*r->text = '\0'; /* its last letter, read already: the text of null */
			return (enum token)(NOTHING + i);
		}
	}
	if (*r->p == '"') {
		r->text = string(r);
		return r->text != NULL ? STRING : BAD;
	}
	return number(r);
}

uint8_t jg_word(const char *words, const char *word)
{
	uint8_t i = 0;
	while (*words != '\0' && !jg_equal(words, word)) {
		words = jg_word_at(words, 1);
		i++;
	}
	return i;
}

/* Words in brackets, the first of which is read. */
static bool set(struct reader *r, const char *words, uint32_t *to)
{
	*to = 0;
	if (take(r, ']')) {
		return true;
	}
	do {
		if (token(r) != STRING) {
			return false;
		}
		const uint8_t i = jg_word(words, r->text);
		*to |= *jg_word_at(words, i) != '\0' ? 1u << i : 0u;
	} while (take(r, ','));
	return take(r, ']');
}

static bool value(struct reader *r, const char *words, const struct jg_field *f, enum token t, void *to)
{
	static const uint8_t wanted[] = {BAD, STRING, NUMBER, NUMBER, TRUE, STRING, BRACKET};
	if (t != NOTHING && t != wanted[f->kind] && !(t == FALSE && f->kind == JG_J_BOOL)) {
		return false;
	}
	switch (f->kind) {
	case JG_J_STRING:
		*(char **)to = r->text;
		break;
	case JG_J_TIME:
		*(int64_t *)to = r->number;
		break;
	case JG_J_INT: {
		const int32_t most = f->more > 0 ? f->more * 100 : INT32_MAX;
		*(int32_t *)to = r->number < 0 ? 0 : r->number < most ? (int32_t)r->number : most;
		break;
	}
	case JG_J_BOOL:
		*(bool *)to = t == TRUE;
		break;
	case JG_J_WORD:
		*(uint8_t *)to = jg_word(words, r->text);
		break;
	default:
		return t == NOTHING || set(r, words, to);
	}
	return true;
}

/* The name of a member, and the field that a shape has for it, if any. */
static bool member(struct reader *r, const struct jg_names *shape, const struct jg_field **f, void *to)
{
	const char *const name = string(r);
	if (name == NULL || !take(r, ':')) {
		return false;
	}
	if (shape != NULL) {
		*f = &shape->field[jg_word(shape->names, name)];
		*f = (*f)->kind == JG_J_NONE ? NULL : *f;
		*(uint32_t *)to |= *f != NULL ? 1u << (*f)->bit : 0u;
	}
	return true;
}

/* The brackets that are open. Those that tables name are the outermost. */
struct place {
	const struct jg_names *shape[5];
	uint32_t objects; /* which are braces, the innermost lowest */
	unsigned depth, known;
};

static JG_SMALL bool descend(struct place *p, bool object, const struct jg_names *shape)
{
	if (p->depth > JG_JSON_DEPTH || p->known == sizeof p->shape / sizeof p->shape[0]) {
		return false;
	}
	if (shape != NULL) {
		p->shape[p->known++] = shape;
	}
	p->objects = p->objects << 1 | (object ? 1u : 0u);
	p->depth++;
	return true;
}

static JG_SMALL void ascend(struct place *p)
{
	p->objects >>= 1;
	p->depth--;
	p->known = p->known < p->depth ? p->known : p->depth;
}

int jg_json_read(char *text, size_t size, const struct jg_names *schema, void *to)
{
	struct reader r = {text, NULL, 0};
	struct place at = {{schema}, 1, 1, 1};
	bool first = true; /* in its brackets */
	text[size] = '\0';
	if (!take(&r, '{')) {
		return JG_ERR_JSON;
	}
	while (at.depth > 0) {
		const bool object = (at.objects & 1u) != 0;
		if (take(&r, object ? '}' : ']')) {
			ascend(&at);
			first = false;
			continue;
		}
		const struct jg_field *f = NULL;
		if ((!first && !take(&r, ',')) || (object && !member(&r, at.known == at.depth ? at.shape[at.known - 1] : NULL, &f, to))) {
			return JG_ERR_JSON;
		}
		const enum token t = token(&r);
		const bool inner = f != NULL && f->kind == JG_J_OBJECT;
		if (f != NULL && !inner) {
			first = false;
			if (!value(&r, schema[f->more].names, f, t, (char *)to + f->offset)) {
				return JG_ERR_JSON;
			}
			continue;
		}
		first = t >= BRACE;
		if (t == BAD || (inner && t != NOTHING && t != BRACE) || (first && !descend(&at, t == BRACE, inner ? schema + f->more : NULL))) {
			return JG_ERR_JSON;
		}
	}
	space(&r);
	return r.p == text + size ? JG_OK : JG_ERR_JSON;
}

void jg_put_char(struct jg_writer *w, char c)
{
	if (w->skip > 0) {
		w->skip--;
	} else if (w->at == w->end) {
		w->full = true;
	} else {
		*w->at++ = c;
	}
}

void jg_put(struct jg_writer *w, const char *raw)
{
	while (*raw != '\0') {
		jg_put_char(w, *raw++);
	}
}

static void put_string(struct jg_writer *w, const char *value)
{
	jg_put_char(w, '"');
	for (; *value != '\0'; value++) {
		const unsigned char c = (unsigned char)*value;
		if (c < 0x20) {
			jg_put(w, c < 0x10 ? "\\u000" : "\\u001");
			jg_put_char(w, (char)((c & 15) + ((c & 15) < 10 ? '0' : 'a' - 10)));
			continue;
		}
		if (c == '"' || c == '\\') {
			jg_put_char(w, '\\');
		}
		jg_put_char(w, (char)c);
	}
	jg_put_char(w, '"');
}

/* In 16-bit digits, because a division of 64 bits costs small processors a
 * library routine. */
static void put_number(struct jg_writer *w, int64_t value)
{
	char text[21];
	char *p = text + sizeof text;
	uint16_t part[4];
	uint64_t v = value < 0 ? 0u - (uint64_t)value : (uint64_t)value;
	uint32_t left;
	for (unsigned i = 0; i < 4; i++, v >>= 16) {
		part[i] = (uint16_t)v;
	}
	*--p = '\0';
	do {
		uint32_t rest = 0;
		left = 0;
		for (unsigned i = 4; i-- > 0;) {
			rest = rest << 16 | part[i];
			part[i] = (uint16_t)(rest / 10);
			left |= part[i];
			rest %= 10;
		}
		*--p = (char)('0' + rest);
	} while (left != 0);
	if (value < 0) {
		*--p = '-';
	}
	jg_put(w, p);
}

void jg_put_all(struct jg_writer *w, const char *form, const union jg_value *v)
{
	for (; *form != '\0'; form++) {
		if (*form != '%') {
			jg_put_char(w, *form == '\'' ? '"' : *form);
			continue;
		}
		switch (*++form) {
		case 'r':
			jg_put(w, v->p);
			break;
		case 's':
			put_string(w, v->p);
			break;
		case 'b':
			jg_put(w, v->d != 0 ? "true" : "false");
			break;
		case 'd':
			put_number(w, v->d);
			break;
#if JG_CRYPTO
		case 'x':
			if ((size_t)(w->end - w->at) < 2 * (size_t)v[1].d) {
				w->at = w->end;
				w->full = true;
			} else {
				w->at += jg_base64(w->at, v->p, (size_t)v[1].d, true);
			}
			v++;
			break;
#endif
		default: /* t */
			put_number(w, *(const int64_t *)v->p);
			break;
		}
		v++;
	}
}
