#ifndef WEIR_META_NAME_H
#define WEIR_META_NAME_H
#include "meta/meta.h"
/*
 * Ids of organizations, projects and dashboards: the slug of the name; when
 * that is taken, with four digits behind it (spec/trpc-metadata.md 4.0).  Where
 * a name gives no slug at all, eight random characters stand for it.
 */
enum weir_named {
	WEIR_NAMED_ORGANIZATION,
	WEIR_NAMED_PROJECT,
	WEIR_NAMED_DASHBOARD,
	WEIR_NAMED_COUNT
};

/* An id that is free now; an INSERT may still find it taken (WEIR_ECONFLICT): ask again then. */
WEIR_MUSTCHECK weir_err weir_name_id(const struct weir_meta *m, enum weir_named table, weir_text name, weir_text *id);
/*
 * The same with the INSERT: insert is called with an id that was free, and
 * again with another one as long as it returns WEIR_ECONFLICT, since somebody
 * else may have taken it meanwhile.  What it began it has undone by then.
 */
typedef weir_err (*weir_name_insert)(const struct weir_meta *m, weir_text id, void *ctx);
WEIR_MUSTCHECK weir_err weir_name_claim(const struct weir_meta *m, enum weir_named table, weir_text name, weir_name_insert insert, void *ctx,
	weir_text *id);
/* prefix and 18 random characters, as "user_Vt2..."; in the arena. {NULL, 0} on no memory. */
weir_text weir_prefixed_id(weir_arena *mem, const char *prefix);
/* A new UUID; in the arena. {NULL, 0} on no memory. */
weir_text weir_uuid_arena(weir_arena *mem);
#endif
