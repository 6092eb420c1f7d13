#ifndef WEIR_CHDB_HTTP_H
#define WEIR_CHDB_HTTP_H
#include "base/conf.h"
#include "pool.h"
/*
 * The HTTP face, by libmicrohttpd: one thread that reads requests and sends
 * answers, and never waits for a query.  A second thread notices clients that
 * go away while their query runs.
 */
struct weir_http;

/* Listens on chdb.listen: HOST:PORT, [ADDRESS]:PORT (port 0 takes a free one) or unix:PATH. */
WEIR_MUSTCHECK weir_err weir_http_start(const struct weir_conf *conf, struct weir_pool *pool, struct weir_http **out, struct weir_fault *fault);
/* "127.0.0.1:8123": where it listens in fact. */
const char *weir_http_address(const struct weir_http *h);
/* Takes no further connections; those that are open get 503 for new queries. */
void weir_http_quiesce(struct weir_http *h);
/* Answers still being sent. */
size_t weir_http_open_calls(struct weir_http *h);
void weir_http_stop(struct weir_http *h);
#endif
