#ifndef WEIR_QUERY_INSIGHT_MODULE_H
#define WEIR_QUERY_INSIGHT_MODULE_H
#include "query/insight.h"
/* What a module is; private to insight.c and insight_text.c. All texts are constants. */
struct weir_insight_source {
	const char *table, *count, *project, *moment, *condition; /* SQL */
	const char *metric, *noun;     /* "sessions"; "page views" */
};

struct weir_insight_part {
	const char *expression;        /* SQL, with a word for what is empty; NULL: there is no such part */
	const char *key;               /* in payload.dimensions */
};

struct weir_insight_module {
	const char *key, *prefix;      /* moduleKey, and what dimensionKeys begin with */
	const struct weir_insight_source *source;
	struct weir_insight_part part[2]; /* names are made of these; three pipes stand between them */
	bool by_share;                 /* judged by the share of all instead of the count */
	double min_total, min_delta, min_change;
	int64_t dimensions_max;
	const char *subject;           /* of its titles, before the name */
	weir_text (*name)(weir_arena *mem, const weir_text part[2]); /* displayName */
};

/* Fills name, title, summary and payload in; part: the values of the dimension. */
WEIR_MUSTCHECK weir_err weir_insight_describe(weir_arena *mem, const weir_text part[2], struct weir_finding *f);
/* "up", "down", or "flat" within the threshold. */
const char *weir_insight_direction(double change, double threshold);
#endif
