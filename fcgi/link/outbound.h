#ifndef WEIR_LINK_OUTBOUND_H
#define WEIR_LINK_OUTBOUND_H
#include "base/conf.h"
#include "link/smtp.h"
/*
 * Requests to addresses that users have entered, and mail, all at the same
 * time and beside the caller's other work: no call waits.
 *
 *   weir_outbound_post, weir_outbound_mail ... weir_outbound_step ... weir_outbound_next
 *
 * Only http and https are spoken, redirects are not followed, no proxy of the
 * environment is used, a request has ten seconds, and 64 KiB of an answer are
 * read.  The address that a connection is made to, after the name has been
 * resolved, must be public (base/address.h) or lie in a network of the setting
 * notify.allow_private; a name that resolves to another address later gains
 * nothing, since each connection is judged by itself.  The server of smtp.url
 * is the operator's and may be anywhere.
 */
typedef struct weir_outbound weir_outbound;

enum { WEIR_OUTBOUND_MAX = 16 /* at the same time */, WEIR_OUTBOUND_MS = 10 * 1000 };

struct weir_post_header {
	weir_text name, value;
};

struct weir_post {
	weir_text url;
	weir_text body;                        /* JSON */
	const struct weir_post_header *header;
	size_t headers;
};

struct weir_outcome {
	void *tag;
	weir_err err;          /* WEIR_OK: accepted (2xx);  WEIR_EUNAVAIL: may go better later;  WEIR_EBADREQ: never will;
	                        * WEIR_EFORBID: its address is not public */
	long status;           /* HTTP status or SMTP reply; 0 when there was none */
	int64_t retry_after_ms; /* what the other side asked for; 0 for nothing */
	char why[256];         /* for people; "" on success */
};

/* NULL with *fault on a bad setting or no memory. conf outlives it. */
weir_outbound *weir_outbound_new(const struct weir_conf *conf, struct weir_fault *fault);
/* What is on its way is broken off. */
void weir_outbound_free(weir_outbound *o);

/* How many more may be started now. */
size_t weir_outbound_room(const weir_outbound *o);
/*
 * Starts a POST; everything is copied.  WEIR_EBADREQ: url or a header is not of
 * the form of one, nothing was started.  Headers Host, Content-Length,
 * Transfer-Encoding and Connection are the transport's and left out.
 */
WEIR_MUSTCHECK weir_err weir_outbound_post(weir_outbound *o, const struct weir_post *post, void *tag);
WEIR_MUSTCHECK weir_err weir_outbound_mail(weir_outbound *o, const struct weir_mail *mail, void *tag);
/* Moves bytes; waits at most wait_ms for something to happen. */
void weir_outbound_step(weir_outbound *o, int wait_ms);
/* The next one that has ended; false when there is none. */
bool weir_outbound_next(weir_outbound *o, struct weir_outcome *out);
#endif
