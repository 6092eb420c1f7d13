#ifndef WEIR_BASE_JSONSCAN_H
#define WEIR_BASE_JSONSCAN_H
#include "base/err.h"
#include "base/text.h"
/*
 * Tells whether a text is JSON by RFC 8259, and where it stops being so.
 * json-c takes more than that (single quotes, NaN, control characters in
 * strings), so weir_jsonr_parse asks here first.
 */
enum weir_jsonscan_fault {
	WEIR_SCAN_OK,
	WEIR_SCAN_TOKEN,     /* a character that cannot stand here */
	WEIR_SCAN_END,       /* the text ends too early */
	WEIR_SCAN_PROPERTY,  /* a property name or } wanted */
	WEIR_SCAN_COLON,     /* : wanted behind a property name */
	WEIR_SCAN_COMMA,     /* , or the closing bracket wanted */
	WEIR_SCAN_STRING,    /* the text ends inside a string */
	WEIR_SCAN_CONTROL,   /* a control character inside a string */
	WEIR_SCAN_ESCAPE,    /* an escape that there is none of */
	WEIR_SCAN_NUMBER,    /* a number without the digits it needs */
	WEIR_SCAN_TAIL,      /* something stands behind the value */
	WEIR_SCAN_DEPTH,     /* nested more deeply than allowed */
	WEIR_SCAN_NUL,       /* a NUL character, escaped or not */
	WEIR_SCAN_WEIGHT,    /* more values than allowed */
};

/* Offset of the fault in *at; in.n when the text ends too early. */
enum weir_jsonscan_fault weir_jsonscan(weir_text in, int depth_max, size_t *at);
/* The same with a bound on what a tree of it weighs: 1 for a scalar (some 64 bytes of memory), 12 for an object or array.
 * *odd (may be NULL) tells whether there is anything for base/jsonadapt.h to look at. */
enum weir_jsonscan_fault weir_jsonscan_bounded(weir_text in, int depth_max, size_t weight_max, size_t *at, bool *odd);
#endif
