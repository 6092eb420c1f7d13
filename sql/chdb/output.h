#ifndef WEIR_CHDB_OUTPUT_H
#define WEIR_CHDB_OUTPUT_H
#include "call.h"
#include "formats.h"
#include <zlib.h>
/*
 * Writes a query's result into its call: compressed when the client asked for
 * it, and with a broken ending as a server writes it when an error comes after
 * the first megabyte.
 */
struct weir_output {
	struct weir_call *call;
	struct weir_counts counts;
	bool gzip;
	z_stream z;
};

/* format may be NULL: nothing is known of it but its name. name may be NULL: there are no rows. */
WEIR_MUSTCHECK weir_err weir_output_open(struct weir_output *o, struct weir_call *c, const struct weir_format *format, const char *name);
void weir_output_close(struct weir_output *o);
/* False: the client is gone. */
bool weir_output_add(struct weir_output *o, weir_text data);
/* Data that r holds; r is freed when it has been sent. */
bool weir_output_take(struct weir_output *o, weir_text data, weir_result *r);
void weir_output_finish(struct weir_output *o);
/* text: of the error, as errors.h makes it. */
void weir_output_fail(struct weir_output *o, int code, weir_text text);
#endif
