/* Keeping the members of cohorts up to date. */
#include "config.h"
#include "cohorts.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/log.h"
#include "meta/cohort.h"
#include "meta/record.h"
#include "query/cohort.h"

static weir_err compute(const struct weir_meta *m, struct worker *w, const PGresult *rows)
{
	weir_text id = weir_pg_text(rows, 0, WEIR_COHORT_ID);
	struct weir_ask ask = {
		.ch = w->ch, .mem = w->mem, .conf = &w->conf, .project_id = weir_pg_text(rows, 0, WEIR_COHORT_PROJECT_ID),
		.timezone = WEIR_TEXT("UTC"), .now_ms = m->now_ms,
	};
	json_object *definition;
	int64_t count;
	weir_err err = weir_jsonr_parse(w->mem, weir_pg_text(rows, 0, WEIR_COHORT_DEFINITION), 0, &definition, NULL);

	if (!err)
		err = weir_cohort_compute(&ask, id, definition, &count);
	return err ? err : weir_cohort_computed(m, id, count);
}

weir_err cohorts_step(struct cohorts *c, struct worker *w, bool *more)
{
	struct weir_meta m = { .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
	PGresult *rows;
	weir_err err = weir_cohort_due(&m, w->conf.worker_cohort_interval, weir_text_of(c->after), &rows);
	weir_text id;

	*more = !err && PQntuples(rows) > 0;
	if (!*more)
		return err;
	id = weir_pg_text(rows, 0, WEIR_COHORT_ID);
	if (id.n > WEIR_UUID_LEN)
		return WEIR_EINTERNAL;
	err = compute(&m, w, rows);
	memcpy(c->after, id.p, id.n);
	c->after[id.n] = '\0';
	if (!err) {
		c->computed++;
		return WEIR_OK;
	}
	c->failed++;
	weir_log(LOG_WARNING, "cohorts", "id=%s error=\"%s\"", c->after, weir_err_text(err));
	return err == WEIR_EUNAVAIL ? err : WEIR_OK; /* of one only: the others may do better */
}
