#ifndef WEIR_INGEST_BODY_H
#define WEIR_INGEST_BODY_H
#include "base/jsonr.h"
#include "link/req.h"
/*
 * The body of a request as a JSON tree, by the rules of spec/ingest.md 0.1:
 * application/json is parsed, text/plain is a string, anything else is refused.
 */
struct weir_body {
	bool absent;           /* no body at all */
	json_object *json;     /* NULL for JSON's null and when absent */
};

/* The text of a JSON body, or with lines set of one JSON value a line (application/x-ndjson). False: the answer has been made. */
bool weir_body_text(struct weir_req *r, size_t max, weir_text *text, bool *lines);
/* False: the answer (400, 413, 415, 503) has been made. */
bool weir_body_read(struct weir_req *r, size_t max, struct weir_body *body);
#endif
