/* Figures of Google Search Console. */
#include "config.h"
#include "gsc.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "meta/gsc.h"
#include "meta/record.h"

#include <stdio.h>

enum {
	BACK_DAYS = 183,               /* six months */
	RECENT_DAYS = 3,               /* figures of the last days still change */
	PIECE_DAYS = 14,
	ROWS_MAX = 25000,              /* of one answer */
	DATE_MAX = 16,
	DATA_MAX = 32 * 1024 * 1024,
};
static const int64_t DAY_MS = 86400000;

static const struct {
	const char *dimension, *statement;
} kinds[] = {
	{ NULL, "INSERT INTO gsc_daily (project_id, date, clicks, impressions, ctr, position, synced_at) FORMAT JSONEachRow" },
	{ "page", "INSERT INTO gsc_pages_daily (project_id, date, page, clicks, impressions, ctr, position, synced_at) FORMAT JSONEachRow" },
	{ "query", "INSERT INTO gsc_queries_daily (project_id, date, query, clicks, impressions, ctr, position, synced_at) FORMAT JSONEachRow" },
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static void date_text(int64_t day, char out[DATE_MAX])
{
	char iso[WEIR_CLOCK_MAX];
	weir_text t = weir_clock_iso(day * DAY_MS, iso);

	snprintf(out, DATE_MAX, "%.*s", t.n < 10 ? (int)t.n : 10, t.p);
}

/* ---------------------------------------------------------------- the rows */

static weir_text key(json_object *row, size_t i)
{
	json_object *keys = weir_jsonr_get(row, "keys");

	return json_object_is_type(keys, json_type_array) && weir_jsonr_count(keys) > i
		? weir_jsonr_text(weir_jsonr_at(keys, i)) : WEIR_TEXT("");
}

static int64_t whole(json_object *row, const char *name)
{
	double v = json_object_get_double(weir_jsonr_get(row, name));

	return v > 0 && v < UINT32_MAX ? (int64_t)v : 0;
}

static void put_row(const struct gsc *g, json_object *row, int64_t now_s, weir_str *out)
{
	weir_json j;

	weir_json_init(&j, out);
	weir_json_obj(&j, NULL);
	weir_json_strz(&j, "project_id", g->project);
	weir_json_str(&j, "date", key(row, 0));
	if (kinds[g->kind].dimension)
		weir_json_str(&j, kinds[g->kind].dimension, key(row, 1));
	weir_json_int(&j, "clicks", whole(row, "clicks"));
	weir_json_int(&j, "impressions", whole(row, "impressions"));
	weir_json_num(&j, "ctr", json_object_get_double(weir_jsonr_get(row, "ctr")));
	weir_json_num(&j, "position", json_object_get_double(weir_jsonr_get(row, "position")));
	weir_json_int(&j, "synced_at", now_s);
	weir_json_end(&j);
	weir_str_putc(out, '\n');
}

static weir_err store(struct gsc *g, struct worker *w, json_object *rows, size_t n)
{
	int64_t now_s = weir_now_ms() / 1000;
	weir_str data;
	weir_err err;

	if (!n)
		return WEIR_OK;
	weir_str_init(&data, DATA_MAX);
	for (size_t i = 0; i < n; i++)
		put_row(g, weir_jsonr_at(rows, i), now_s, &data);
	err = weir_str_err(&data);
	if (!err)
		err = weir_ch_insert(w->ch, kinds[g->kind].statement, weir_str_view(&data), NULL);
	weir_str_free(&data);
	g->rows += (int64_t)n;
	return err;
}

/* ---------------------------------------------------------------- questions */

/* The next page, kind or piece; false when that was the last one. */
static bool advance(struct gsc *g, size_t got)
{
	if (got == ROWS_MAX) {
		g->from += ROWS_MAX;
		return true;
	}
	g->from = 0;
	if (++g->kind < KINDS)
		return true;
	g->kind = 0;
	g->day += PIECE_DAYS;
	return g->day <= g->last_day;
}

static weir_err ask(struct gsc *g, struct worker *w, const struct weir_meta *m, const struct weir_gsc_link *link, size_t *got)
{
	int64_t end = g->day + PIECE_DAYS - 1 < g->last_day ? g->day + PIECE_DAYS - 1 : g->last_day;
	struct weir_gsc_question q = { .dimension = { "date", kinds[g->kind].dimension }, .limit = ROWS_MAX, .from = g->from };
	char first[DATE_MAX], last[DATE_MAX];
	json_object *rows;
	weir_err err;

	date_text(g->day, first);
	date_text(end, last);
	q.first = weir_text_of(first);
	q.last = weir_text_of(last);
	err = weir_gsc_ask(m, link, &q, &rows);
	*got = !err && weir_jsonr_count(rows);
	return err ? err : store(g, w, rows, *got);
}

/* ---------------------------------------------------------------- a step */

static weir_err begin(struct gsc *g, struct worker *w, const struct weir_meta *m, bool *more)
{
	PGresult *row;
	weir_text project, status;
	weir_err err = weir_gsc_due(m, DAY_MS, weir_text_of(g->after), &row);

	(void)w;
	*more = !err && PQntuples(row) > 0;
	if (!*more)
		return err;
	project = weir_pg_text(row, 0, 0);
	status = weir_pg_text(row, 0, 1);
	if (project.n >= GSC_ID_MAX)
		return WEIR_EINTERNAL;
	memcpy(g->project, project.p, project.n);
	g->project[project.n] = '\0';
	memcpy(g->after, g->project, sizeof(g->after));
	g->backfill = weir_text_is(status, "pending") || weir_text_is(status, "running");
	g->last_day = m->now_ms / DAY_MS;
	g->day = g->last_day - (g->backfill ? BACK_DAYS : RECENT_DAYS);
	g->kind = 0;
	g->from = 0;
	return g->backfill ? weir_gsc_note(m, project, &(struct weir_gsc_outcome){ .backfill = "running" }) : WEIR_OK;
}

static weir_err end(struct gsc *g, const struct weir_meta *m, const char *status, const char *why)
{
	struct weir_gsc_outcome out = { .status = status, .why = why, .backfill = g->backfill ? why ? "failed" : "completed" : NULL };
	weir_err err = weir_gsc_note(m, weir_text_of(g->project), &out);

	g->asked++;
	g->failed += why != NULL;
	if (why)
		weir_log(LOG_WARNING, "gsc", "project=%s error=\"%s\"", g->project, why);
	g->project[0] = '\0';
	return err;
}

weir_err gsc_step(struct gsc *g, struct worker *w, bool *more)
{
	struct weir_meta m = { .pg = w->pg, .redis = w->redis, .conf = &w->conf, .mem = w->mem, .now_ms = weir_now_ms() };
	struct weir_gsc_link link;
	size_t got;
	weir_err err;

	if (!weir_gsc_configured(&w->conf)) {
		*more = false;
		return WEIR_OK;
	}
	if (!g->project[0])
		return begin(g, w, &m, more);
	*more = true;
	err = weir_gsc_open(&m, weir_text_of(g->project), &link);
	if (err == WEIR_ENOTFOUND) { /* disconnected meanwhile */
		g->project[0] = '\0';
		return WEIR_OK;
	}
	if (err == WEIR_EFORBID || err == WEIR_EBADGATEWAY)
		return end(g, &m, "token_expired", "Google does not accept this connection any more; connect the project again");
	if (!err)
		err = ask(g, w, &m, &link, &got);
	if (err == WEIR_EUNAVAIL || err == WEIR_ENOMEM)
		return err;
	if (err)
		return end(g, &m, "error", err == WEIR_ETIMEOUT ? "Google did not answer in time" : "Google did not answer the question");
	return advance(g, got) ? WEIR_OK : end(g, &m, "success", NULL);
}
