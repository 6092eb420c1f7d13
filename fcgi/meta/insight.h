#ifndef WEIR_META_INSIGHT_H
#define WEIR_META_INSIGHT_H
#include "meta/meta.h"
/* What was found out about a project by itself (spec/trpc-metadata.md 4.19, spec/queries.md 22). */

/* Rows of record insight_brief: of each subject the newest window only, the most relevant first. */
WEIR_MUSTCHECK weir_err weir_insight_list(const struct weir_meta *m, weir_text project_id, int64_t limit, PGresult **rows);
/* Rows of record insight: all active ones. */
WEIR_MUSTCHECK weir_err weir_insight_list_all(const struct weir_meta *m, weir_text project_id, int64_t limit, PGresult **rows);
#endif
