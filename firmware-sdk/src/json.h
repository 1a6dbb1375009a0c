/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON by shape: a table says which members of which objects go where, and one
 * pass over the text fills a struct. What no table names is checked and passed
 * over. Strings are decoded in place.
 */
#ifndef JG_JSON_H
#define JG_JSON_H

#include "jumpgate/jumpgate.h"

enum jg_kind {
	JG_J_STRING, /* char *: into the text; "" for null */
	JG_J_INT,    /* int64_t: a fraction is cut off; 0 for null */
	JG_J_BOOL,   /* bool; false for null */
	JG_J_WORD,   /* uint8_t: place in a list of words, or their number; the number for null */
	JG_J_WORDS,  /* uint32_t: an array of strings as bits; unknown ones are left out */
	JG_J_OBJECT  /* a shape within the same struct */
};

struct jg_words {
	uint8_t count;
	const char *const *word;
};

struct jg_shape;
struct jg_field {
	const char *name;
	uint8_t kind;
	uint8_t bit; /* set in the struct's uint32_t `have` where the member stood */
	uint16_t offset;
	const void *more; /* struct jg_words or struct jg_shape */
};

struct jg_shape {
	uint8_t count;
	const struct jg_field *field;
};

/* Reads text[0..size) into to, whose first member is uint32_t have. The byte
 * behind the text may be written. Members that do not stand there are left as
 * they were. Returns JG_OK or JG_ERR_JSON. */
int jg_json_read(char *text, size_t size, const struct jg_shape *shape, void *to);

/* Writing: appends, puts commas where they belong, remembers if it was too much. */
struct jg_writer {
	char *at, *end;
	bool full;
};

void jg_put(struct jg_writer *w, const char *raw);
void jg_put_key(struct jg_writer *w, const char *key);      /* ,"key": */
void jg_put_string(struct jg_writer *w, const char *value); /* quoted and escaped */
void jg_put_int(struct jg_writer *w, int64_t value);
void jg_put_bool(struct jg_writer *w, bool value);

#endif
