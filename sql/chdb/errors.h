#ifndef WEIR_CHDB_ERRORS_H
#define WEIR_CHDB_ERRORS_H
#include "base/str.h"
/*
 * ClickHouse's errors as its HTTP interface shows them:
 *   Code: 60. DB::Exception: Unknown table ... (UNKNOWN_TABLE) (version 26.5.1.1)
 * with an HTTP status that depends on the kind of error, named in the last
 * brackets before the version.
 */

/* The text for clients, and the number of the error. marker: what was put behind the statement and must not show. */
int weir_error_text(const char *engine_text, weir_text marker, bool get, const char *version, weir_str *out);
/* The same for an error of our own. */
void weir_error_own(int code, const char *name, const char *text, const char *version, weir_str *out);
/* The status of a text made by one of the two. */
int weir_error_status(weir_text text);
#endif
