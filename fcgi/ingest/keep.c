#include "config.h"
#include "ingest/keep.h"

/* A slip of the unit must not delete everything. */
static const int64_t LEAST_MS = 86400000;

static bool read_item(weir_text item, weir_text *project, int64_t *ms)
{
	const char *is = item.n ? memchr(item.p, '=', item.n) : NULL;

	if (!is)
		return false;
	*project = weir_text_trim((weir_text){ item.p, (size_t)(is - item.p) });
	return project->n && weir_conf_duration(weir_text_trim((weir_text){ is + 1, item.n - (size_t)(is - item.p) - 1 }), ms) && *ms >= LEAST_MS;
}

bool weir_keep_check(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_text list = weir_text_of(conf->worker_keep_events), item, project;
	int64_t ms;

	while (weir_text_next(&list, ',', &item)) {
		item = weir_text_trim(item);
		if (item.n && !read_item(item, &project, &ms)) {
			weir_fault_set(fault, "worker.keep_events: \"%.*s\" is no PROJECT=DURATION such as shop=90d, of at least 1d", (int)item.n, item.p);
			return false;
		}
	}
	return true;
}

int64_t weir_keep_of(const struct weir_conf *conf, weir_text project_id)
{
	weir_text list = weir_text_of(conf->worker_keep_events), item, project;
	int64_t kept = -1, ms;

	while (weir_text_next(&list, ',', &item)) {
		if (!read_item(weir_text_trim(item), &project, &ms))
			continue;
		if (weir_text_eq(project, project_id))
			return ms;
		if (weir_text_is(project, "*"))
			kept = ms;
	}
	return kept;
}
