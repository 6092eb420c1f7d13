#ifndef WEIR_BASE_ERR_H
#define WEIR_BASE_ERR_H
/*
 * Every fallible function returns weir_err.  WEIR_OK is zero, so "if (err)"
 * reads as "if it failed".  The enum is closed: a new failure is a new row
 * here, and the HTTP status and the public text of each one are decided in
 * this table alone.  Texts are for people outside: they name no table, no
 * statement and no address.
 */
#define WEIR_ERRORS(X)                                        \
	X(OK, 200, "ok")                                      \
	X(EBADREQ, 400, "bad request")                        \
	X(EUNAUTH, 401, "not authenticated")                  \
	X(EFORBID, 403, "forbidden")                          \
	X(ENOTFOUND, 404, "not found")                        \
	X(EMETHOD, 405, "method not allowed")                 \
	X(ECONFLICT, 409, "conflict")                         \
	X(ELIMIT, 413, "too large")                           \
	X(EMEDIA, 415, "unsupported media type")              \
	X(ERATE, 429, "too many requests")                    \
	X(EINTERNAL, 500, "internal error")                   \
	X(ENOTIMPL, 501, "not supported yet")                 \
	X(EBADGATEWAY, 502, "a server behind this one failed") \
	X(EUNAVAIL, 503, "temporarily unavailable")           \
	X(ENOMEM, 503, "out of memory")                       \
	X(ETIMEOUT, 504, "timed out")

typedef enum {
#define X(name, status, text) WEIR_##name,
	WEIR_ERRORS(X)
#undef X
} weir_err;

#define WEIR_MUSTCHECK __attribute__((warn_unused_result))
#define WEIR_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* The HTTP status of an error, and a sentence for people that gives nothing away. */
int weir_err_status(weir_err err);
const char *weir_err_text(weir_err err);
#endif
