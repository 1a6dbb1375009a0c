/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON by schema: a table says which members of which objects go where, and one
 * pass over the text fills a struct. What no table names is checked and passed
 * over. Strings are decoded in place.
 */
#ifndef JG_JSON_H
#define JG_JSON_H

#include "jumpgate/jumpgate.h"

enum jg_kind {
	JG_J_NONE,   /* ends the fields of an object */
	JG_J_STRING, /* char *: into the text; "" for null */
	JG_J_TIME,   /* int64_t: a fraction is cut off; 0 for null */
	JG_J_INT,    /* int32_t: the same, and held to what is between 0 and more hundreds; without more, to what fits */
	JG_J_BOOL,   /* bool; false for null */
	JG_J_WORD,   /* uint8_t: place in a list of words, or their number; the number for null */
	JG_J_WORDS,  /* uint32_t: an array of strings as bits; unknown ones are left out; nothing for null */
	JG_J_OBJECT  /* members of the same struct */
};

struct jg_field {
	uint8_t kind;
	uint8_t bit;    /* set in the struct's uint32_t `have` where the member stood */
	uint8_t offset; /* in the struct */
	uint8_t more;   /* place in the schema: of the object's members, or of the words */
};

/* Words one after the other, an empty one at the end; of an object the names of
 * its members, with their fields in the same order. A schema is an array of
 * these and begins with the outermost object. */
struct jg_names {
	const char *names;
	const struct jg_field *field;
};

/* The place of a word, or their number. */
uint8_t jg_word(const char *words, const char *word);
const char *jg_word_at(const char *words, unsigned i);

/* Reads text[0..size) into to, whose first member is uint32_t have. The byte
 * behind the text is written. Members that do not stand there are left as
 * they were. Returns JG_OK or JG_ERR_JSON. */
int jg_json_read(char *text, size_t size, const struct jg_names *schema, void *to);

/* Writing: appends, behind the first `skip` characters, and remembers if it was
 * too much. What is longer than its room is so written again for each piece. */
struct jg_writer {
	char *at, *end;
	bool full;
	uint32_t skip;
};

void jg_put_char(struct jg_writer *w, char c);
void jg_put(struct jg_writer *w, const char *raw);
union jg_value {
	int32_t d;
	const void *p;
};
/* Writes a form, where ' stands for ", and for %s follows a text, quoted and
 * escaped, for %r one as it is, for %d a number, for %b a truth value, for %t an
 * int64_t by its address, for %x (with JG_CRYPTO) bytes and their number, as
 * base64url. */
void jg_put_all(struct jg_writer *w, const char *form, const union jg_value *v);

#endif
