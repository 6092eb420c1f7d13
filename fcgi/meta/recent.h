#ifndef WEIR_META_RECENT_H
#define WEIR_META_RECENT_H
#include "meta/meta.h"
/*
 * Who was let in by this process a moment ago.  The question of somebody who
 * was may begin while PostgreSQL is asked whether he still is; what it brings
 * goes out only when PostgreSQL says the same as before (weir_session_proven).
 * So nobody gets an answer that he would not get otherwise, and nobody who was
 * not let in a moment ago makes anything begin.
 */
typedef struct weir_recent weir_recent;

/* NULL on no memory. */
weir_recent *weir_recent_new(void);
void weir_recent_free(weir_recent *r);

/*
 * The rows that the same statements with the same parameters brought less than
 * a minute ago, a result for each; NULL when that is not known.  They stay the
 * cache's, until the next call of one of these functions.
 */
PGresult *const *weir_recent_find(weir_recent *r, const struct weir_pg_ask *asks, size_t count, int64_t now_ms);
/* Keeps copies of what asks have brought; what cannot be kept is not. */
void weir_recent_keep(weir_recent *r, const struct weir_pg_ask *asks, size_t count, int64_t now_ms);
/* Whether what asks have brought now is equal to what rows were then, cell by cell. */
bool weir_recent_equal(PGresult *const *rows, const struct weir_pg_ask *asks, size_t count);
/* Forgets all. */
void weir_recent_forget(weir_recent *r);
#endif
