#ifndef WEIR_CHDB_FORMATS_H
#define WEIR_CHDB_FORMATS_H
#include "base/text.h"
/*
 * What is known of output formats: the Content-Type a server sends, and
 * whether parts of a result that were formatted one by one make up the whole
 * when they are put together.  The engine streams by such parts.
 */
enum weir_format_parts {
	WEIR_FORMAT_WHOLE, /* one document: only right when made in one piece */
	WEIR_FORMAT_ROWS,  /* rows only: parts just follow one another */
	WEIR_FORMAT_LINES, /* each part begins with header lines that only the first may keep */
	WEIR_FORMAT_CSV,   /* likewise one line, in which a quoted name may hold line ends */
};

struct weir_format {
	const char *name, *content_type;
	enum weir_format_parts parts;
	int header_lines;
};

/* By name, letters compared without case; NULL when it is not in the table. */
const struct weir_format *weir_format_find(weir_text name);
/* A part that is not the first, without its header. */
weir_text weir_format_strip(const struct weir_format *f, weir_text part);
#endif
