#ifndef WEIR_CHDB_BODY_H
#define WEIR_CHDB_BODY_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
/*
 * Bytes in a memory file (memfd), which the engine can read by a path.  The
 * body of a request is collected in one; what an INSERT reads is one.
 */
struct weir_body {
	int fd;        /* -1: empty so far */
	uint64_t n;
	char *map;     /* weir_body_map's mapping */
	size_t mapped;
};

enum weir_coding { WEIR_CODING_NONE, WEIR_CODING_GZIP, WEIR_CODING_DEFLATE, WEIR_CODING_UNKNOWN };
/* Of a Content-Encoding header; NULL is none. */
enum weir_coding weir_coding_of(const char *header);

void weir_body_init(struct weir_body *b);
void weir_body_free(struct weir_body *b);
WEIR_MUSTCHECK weir_err weir_body_add(struct weir_body *b, weir_text data);
/* All of it, valid until free or the next add. */
WEIR_MUSTCHECK weir_err weir_body_map(struct weir_body *b, weir_text *out);
/* Fills empty out with what in holds in compressed form. WEIR_EBADREQ when broken, WEIR_ELIMIT above max bytes. */
WEIR_MUSTCHECK weir_err weir_body_unpack(struct weir_body *in, enum weir_coding coding, uint64_t max, struct weir_body *out);
/* The path under which this process, engine included, can open it. */
enum { WEIR_BODY_PATH = 40 };
WEIR_MUSTCHECK weir_err weir_body_path(struct weir_body *b, char out[WEIR_BODY_PATH]);
#endif
