#ifndef WEIR_BASE_CSV_H
#define WEIR_BASE_CSV_H
#include "base/arena.h"
#include "base/err.h"
/*
 * Records of comma-separated values (RFC 4180), out of a text that arrives in
 * pieces.  Lines may end with CR LF or LF; a quote inside a field that does not
 * begin with one is an ordinary character; an empty line is no record.
 */
enum { WEIR_CSV_FIELDS = 256 };

struct weir_csv_record {
	weir_text field[WEIR_CSV_FIELDS];
	size_t count;
	size_t length;         /* bytes of the record with its line end: what to take from the text */
};

/*
 * The record at the beginning of the text; fields are views into it, or lie in
 * the arena where quotes had to be undone.  last: nothing follows the text, so
 * its end ends a record.  WEIR_ENOTFOUND: the record is not complete yet (or
 * there is none left); WEIR_ELIMIT: more fields than WEIR_CSV_FIELDS;
 * WEIR_EBADREQ: something stands behind a closing quote; WEIR_ENOMEM.
 */
WEIR_MUSTCHECK weir_err weir_csv_read(weir_arena *mem, weir_text in, bool last, struct weir_csv_record *out);
#endif
