#ifndef WEIR_LINK_CH_REQUEST_H
#define WEIR_LINK_CH_REQUEST_H
#include "link/clickhouse.h"
#include <curl/curl.h>
/*
 * How a query of link/clickhouse.h is spelled over HTTP: the URL with
 * database, settings and parameters, or a form for parameters that would make
 * the URL longer than servers take.  Private to the client.
 */
struct weir_ch_request {
	const struct weir_ch_query *query; /* parameters and settings; may be NULL */
	const char *sql;
	const char *database;              /* "" names none */
	const char *token;                 /* insert_deduplication_token; may be NULL */
	int64_t timeout_ms;                /* of a read and of an INSERT */
	bool insert;                       /* the statement travels in the URL, the data in the body */
};

/*
 * Writes the URL behind base.  *form is set when the statement and its
 * parameters travel as a form of h, which the caller frees; else it is left
 * alone and the body is the statement (or the data of an INSERT).
 */
WEIR_MUSTCHECK weir_err weir_ch_build(const struct weir_ch_request *r, const char *base, CURL *h, weir_str *url, curl_mime **form);
#endif
