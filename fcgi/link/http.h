#ifndef WEIR_LINK_HTTP_H
#define WEIR_LINK_HTTP_H
#include "base/arena.h"
#include "base/err.h"
#include "base/conf.h"
/*
 * Requests to servers that the operator has named (sign-in providers), one at
 * a time, waited for.  http and https only; redirects are not followed; no
 * proxy of the environment is used; ten seconds.
 * For addresses that users have entered there is link/outbound.h.
 */
struct weir_http {
	weir_text url;
	weir_text form;        /* application/x-www-form-urlencoded, sent by POST; {NULL, 0}: a GET */
	weir_text json;        /* the same as application/json; not both */
	weir_text user, password; /* HTTP Basic; empty: none */
	weir_text bearer;      /* Authorization: Bearer; empty: none */
	size_t answer_max;     /* bytes; 0: 1 MiB */
};

struct weir_http_answer {
	long status;
	weir_text body;        /* in the arena */
};

/*
 * WEIR_OK whenever there was an answer, whatever its status.  WEIR_EBADGATEWAY
 * when there was none, WEIR_ETIMEOUT, WEIR_ELIMIT when it was too long,
 * WEIR_EBADREQ when the URL is not of the form of one; *fault tells.
 */
WEIR_MUSTCHECK weir_err weir_http_ask(weir_arena *mem, const struct weir_http *in, struct weir_http_answer *answer, struct weir_fault *fault);
#endif
