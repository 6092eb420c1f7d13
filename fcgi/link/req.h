#ifndef WEIR_LINK_REQ_H
#define WEIR_LINK_REQ_H
#include "base/arena.h"
#include "base/jsonw.h"
/*
 * One HTTP request and its answer, over FastCGI (a listening socket on
 * descriptor 0) or plain CGI; libfcgi tells which.  A responder's main is
 *
 *   return weir_req_serve(&(struct weir_serve){ ... });
 *
 * which accepts one request at a time, hands it to serve(), sends what serve
 * left in the answer, and resets the arena.  SIGTERM and SIGINT finish the
 * request in hand and end the loop; SIGHUP calls reload between requests.
 *
 * A responder whose requests wait for the same thing may take several that
 * have come already and serve them together (joins, serve_group): what it
 * waits for then costs all of them once.  It never waits for more to come.
 *
 * The path is DOCUMENT_URI as nginx sends it.  Without that (plain CGI under
 * another server) it is PATH_INFO, or SCRIPT_NAME where that is empty; when
 * the parameter WEIR_MOUNT is set, SCRIPT_NAME and PATH_INFO together.
 * WEIR_MOUNT ("/api") is then taken off its front.
 *
 * A peer that has not sent its request, or not taken its answer, within ten to
 * twenty seconds is given up.  Connections are closed after each request (fastcgi_keep_conn off).
 *
 * The views handed out point into the request and die with it.
 */
struct weir_req {
	weir_arena *mem;
	weir_text method;      /* "GET" */
	weir_text path;        /* without the mount prefix, never empty; decoded, as servers hand it on */
	weir_text query;       /* raw query string, may be empty */
	weir_text peer;        /* REMOTE_ADDR; "unix" when the peer has no address */
	bool https;
	int64_t now_ms;        /* server time at arrival */
	void *params;          /* private to link/req.c */

	/* the answer */
	int status;            /* 200 until changed */
	const char *content_type; /* "application/json; charset=utf-8" until changed; NULL sends none */
	weir_str *out;         /* the body */
	weir_str *head;        /* extra header lines, written by weir_req_header */
	struct weir_later *later; /* written by weir_req_later */
};

enum { WEIR_REQ_GROUP_MAX = 16 };

struct weir_serve {
	const char *program;                        /* for the log */
	size_t memory_max;                          /* arena cap in bytes; must exceed the largest body */
	size_t answer_max;                          /* largest answer in bytes */
	void (*serve)(struct weir_req *r, void *self);
	bool (*joins)(const struct weir_req *r, void *self); /* whether r may be served together with others, by: */
	void (*serve_group)(struct weir_req *const *r, size_t n, void *self); /* 2 to WEIR_REQ_GROUP_MAX; NULL: each alone */
	bool keeps;                                 /* connections stay when the peer asks for it (FCGI_KEEP_CONN): only where every
	                                               request is short, or calls weir_req_meanwhile, since each waits for all before it */
	void (*idle)(void *self);                   /* called at most once a second while nothing arrives; may be NULL */
	void (*reload)(void *self);                 /* after SIGHUP; may be NULL */
	void *self;
};

/* Runs until told to stop; returns the exit status of the process. */
int weir_req_serve(const struct weir_serve *how);

/*
 * From within a long request that is served alone: serves what has arrived on
 * connections that this process keeps, and returns at once when nothing has.
 * Does nothing within itself, and where there is no loop.
 */
void weir_req_meanwhile(void);

/* A request header by its lower-case name ("openpanel-client-id"); {NULL, 0} when absent, n == 0 with p when empty. */
weir_text weir_req_header_in(const struct weir_req *r, const char *name);
/* Any CGI parameter ("HTTPS"); {NULL, 0} when absent. */
weir_text weir_req_param(const struct weir_req *r, const char *name);

/*
 * Reads the whole body into the arena.  WEIR_ELIMIT beyond max (nothing is
 * kept), WEIR_EBADREQ when fewer or more bytes arrive than Content-Length
 * promises, WEIR_ENOMEM.  A missing Content-Length is an empty body.
 */
WEIR_MUSTCHECK weir_err weir_req_body(struct weir_req *r, size_t max, weir_text *body);
/*
 * A long body piece by piece: begin tells the announced length (WEIR_ELIMIT
 * beyond max), next fills buf as far as the body goes; size is at most
 * INT32_MAX.  *got below size: that was the end.  WEIR_EBADREQ as above.
 */
WEIR_MUSTCHECK weir_err weir_req_body_begin(struct weir_req *r, uint64_t max, uint64_t *length);
WEIR_MUSTCHECK weir_err weir_req_body_next(struct weir_req *r, char *buf, size_t size, size_t *got);

/* A decoded query-string parameter (first occurrence); {NULL, 0} when absent. */
weir_text weir_req_query(struct weir_req *r, const char *name);
/*
 * The path as the client wrote it, percent-encoded, so that a slash in a name
 * is not one between names: the end of REQUEST_URI whose decoded form is path.
 * {NULL, 0} where a server has changed more of it than its front.
 */
weir_text weir_req_raw_path(const struct weir_req *r);
/* Percent-decodes, "+" becomes a space when plus is set; WEIR_EBADREQ on a bad escape. */
WEIR_MUSTCHECK weir_err weir_req_decode(weir_arena *mem, weir_text in, bool plus, weir_text *out);
/* A cookie's percent-decoded value, first occurrence of the name; {NULL, 0} when absent. */
weir_text weir_req_cookie(struct weir_req *r, const char *name);

/* Whether the peer has closed the request's connection, so that nobody waits for the answer. Never of plain CGI. */
bool weir_req_gone(const struct weir_req *r);

/*
 * Sends what the answer has so far and empties it, for answers that are longer
 * than memory: status and headers go out with the first piece, the rest of the
 * body after serve returns.  WEIR_EUNAVAIL when the peer takes no more: there
 * is no sense in going on.
 */
WEIR_MUSTCHECK weir_err weir_req_flush(struct weir_req *r);
/* Whether a piece has been sent, so that the status cannot change any more. */
bool weir_req_begun(const struct weir_req *r);
/* A begun answer cannot be finished: the connection breaks, so that nobody takes the piece for the whole. */
void weir_req_cut(struct weir_req *r);

/* Adds a header to the answer; CR, LF and NUL in the value latch an error that turns the answer into a 500. */
void weir_req_header(struct weir_req *r, const char *name, weir_text value);
/*
 * Runs f(ctx) when the answer is out and its connection closed, before the
 * arena is reset, in the order of the calls: for work that the asker shall not
 * wait for, nor learn by waiting whether it was done.
 */
WEIR_MUSTCHECK weir_err weir_req_later(struct weir_req *r, void (*f)(void *ctx), void *ctx);
/* Does that; for weir_req_serve. */
void weir_req_run_later(struct weir_req *r);
/* Status and a text/plain body in one. */
void weir_req_plain(struct weir_req *r, int status, const char *text);
#endif
