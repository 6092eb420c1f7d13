#ifndef WEIR_LINK_REQ_WIRE_H
#define WEIR_LINK_REQ_WIRE_H
#include "link/req.h"
#include <fcgiapp.h>
/* What req.c, req_send.c and req_loop.c share of a request. */
enum { WEIR_WIRE_PATIENCE_S = 20 }; /* longest wait for a peer that sends or takes nothing */

/* A parameter by its name; request headers are among them as HTTP_NAME. */
struct slot {
	uint32_t hash;
	uint32_t name_len;
	const char *entry;        /* NAME=value */
};

/* The request's wire: FastCGI by libfcgi, or descriptors 0 and 1 for plain CGI. */
struct weir_wire {
	FCGX_Request *rq;         /* NULL for CGI */
	char **envp;
	struct slot *slot;        /* open addressing; in the arena */
	size_t mask;
	bool body_done;           /* the body was read to its end */
	bool begun, cut;          /* a piece of the answer was sent; the rest will not be */
	uint64_t body_left;       /* announced and not read */
};

static inline struct weir_wire *weir_wire_of(const struct weir_req *r)
{
	return r->params;
}

/* Around whatever waits for the peer: it is given up when that takes too long. */
void weir_wire_begin_wait(const struct weir_wire *w);
void weir_wire_end_wait(void);
/* The handler of SIGALRM, which weir_wire_begin_wait asks for. */
void weir_wire_alarm(int sig);
/* Fills what weir_req tells of a request, from its parameters. False when the arena is spent. */
bool weir_wire_describe(struct weir_req *r);
/* Reads away what the handler left of the body. False when that is too much to be worth it. */
bool weir_wire_drain(struct weir_wire *w);
/* Sends what the handler left: all of the answer, or its rest. */
void weir_wire_send(struct weir_req *r);
#endif
