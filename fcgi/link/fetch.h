#ifndef WEIR_LINK_FETCH_H
#define WEIR_LINK_FETCH_H
#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
/*
 * Reads something long from an address that a user has entered, beside the
 * caller's other work: no call waits longer than it is told to.
 *
 *   weir_fetch_new   weir_fetch_step, weir_fetch_seen, weir_fetch_take ...   weir_fetch_free
 *
 * http and https, at most five redirects; where connections may go is for
 * link/guard.h to say.  What is compressed by gzip is unpacked.  Memory stays
 * the same however long it is: while the caller has not taken what there is,
 * the other side waits.  A minute without a byte ends it.
 */
typedef struct weir_fetch weir_fetch;

/* NULL with *fault on no memory, a setting that makes no sense, or what is no URL. conf outlives it. */
weir_fetch *weir_fetch_new(const struct weir_conf *conf, weir_text url, struct weir_fault *fault);
void weir_fetch_free(weir_fetch *f);

/* Moves bytes; waits at most wait_ms for some. */
void weir_fetch_step(weir_fetch *f, int wait_ms);
/* What has come and was not taken yet; valid until the next step or take. */
weir_text weir_fetch_seen(const weir_fetch *f);
void weir_fetch_take(weir_fetch *f, size_t n);
/*
 * True when nothing will follow what is seen.  *err: WEIR_OK when it is whole
 * (status 200); else WEIR_EBADGATEWAY, or WEIR_EFORBID for an address that is
 * not public; *why then tells people, and lives as long as f.
 */
bool weir_fetch_ended(const weir_fetch *f, weir_err *err, const char **why);
#endif
