#include "config.h"
#include "rest/export_format.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "base/num.h"
#include "meta/event_meta.h"
#include "query/events.h"

/*
 * GET /export/events (spec/ingest.md 9.1).  JSON comes in pages; NDJSON and CSV
 * are everything that matches in one answer, fetched and sent in pieces, so
 * that neither side needs memory for the whole.  Pieces begin behind the last
 * row of the one before, not at a count: what arrives meanwhile moves nothing.
 */
enum { LIMIT_USUAL = 50, LIMIT_MAX = 1000, PIECE = 2000 };
enum { PIECE_MEMORY = 256 * 1024 * 1024 };

static const struct {
	const char *word, *type;
} formats[] = {
	[WEIR_EXPORT_JSON] = { "json", "application/json; charset=utf-8" },
	[WEIR_EXPORT_NDJSON] = { "ndjson", "application/x-ndjson; charset=utf-8" },
	[WEIR_EXPORT_CSV] = { "csv", "text/csv; charset=utf-8; header=present" },
};

static enum weir_export_format format_of(weir_text word)
{
	size_t i = sizeof(formats) / sizeof(*formats) - 1;

	while (i > 0 && !weir_text_is(word, formats[i].word))
		i--;
	return (enum weir_export_format)i;
}

static weir_err refuse(struct weir_rest_call *c, const char *message)
{
	c->error = "Error";
	return weir_rest_fail(c, WEIR_EBADREQ, message);
}

/* Days of UTC, both whole; one that is not given is as early or late as there is. */
static weir_err read_dates(struct weir_rest_call *c, struct weir_stretch *s)
{
	weir_text start = weir_jsonr_get_text(c->in, "start"), end = weir_jsonr_get_text(c->in, "end");

	s->has_dates = start.n || end.n;
	s->end_ms = c->meta.now_ms;
	if (start.n && weir_clock_parse_js(start, &s->start_ms))
		return refuse(c, "querystring/start Invalid date");
	if (end.n && weir_clock_parse_js(end, &s->end_ms))
		return refuse(c, "querystring/end Invalid date");
	return WEIR_OK;
}

/* "MS,ID" of the last row seen, as member next tells it. */
static weir_err read_cursor(struct weir_rest_call *c, struct weir_stretch *s)
{
	weir_text t = weir_jsonr_get_text(c->in, "cursor");
	const char *comma = t.n ? memchr(t.p, ',', t.n) : NULL;

	if (!t.n)
		return WEIR_OK;
	if (!comma || weir_num_int((weir_text){ t.p, (size_t)(comma - t.p) }, &s->cursor.ms))
		return refuse(c, "querystring/cursor Invalid cursor");
	s->cursor.id = (weir_text){ comma + 1, t.n - (size_t)(comma + 1 - t.p) };
	s->has_cursor = true;
	return WEIR_OK;
}

static weir_err read_names(struct weir_rest_call *c, struct weir_events_ask *ask)
{
	json_object *given = weir_jsonr_get(c->in, "event");
	bool several = json_object_is_type(given, json_type_array);
	size_t n = several ? weir_jsonr_count(given) : given ? 1 : 0;
	weir_text *names = weir_alloc_n(c->meta.mem, n + 1, sizeof(*names));

	for (size_t i = 0; names && i < n; i++)
		names[i] = weir_jsonr_text(several ? weir_jsonr_at(given, i) : given);
	ask->names = names;
	ask->name_count = n;
	return names ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err read_ask(struct weir_rest_call *c, struct weir_events_ask *ask)
{
	weir_err err;

	*ask = (struct weir_events_ask){
		.base = weir_rest_ask(c), .profile_id = weir_jsonr_get_text(c->in, "profileId"), .filters = weir_jsonr_get(c->in, "filters"),
	};
	err = read_names(c, ask);
	if (!err)
		err = read_dates(c, &ask->stretch);
	return err ? err : read_cursor(c, &ask->stretch);
}

/* What else is to be known of a piece's rows. */
static weir_err prepare(const struct weir_ask *ask, json_object *rows, size_t n, struct weir_export_look *look)
{
	weir_text *ids = weir_alloc_n(ask->mem, n + 1, sizeof(*ids));

	look->profiles = NULL;
	if (!ids)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++)
		ids[i] = weir_jsonr_get_text(weir_jsonr_at(rows, i), "profile_id");
	return look->profile && n ? weir_profiles_by_id(ask, ids, n, &look->profiles) : WEIR_OK;
}

static weir_err cursor_behind(json_object *row, struct weir_place *place)
{
	place->id = weir_jsonr_get_text(row, "id");
	return weir_num_int(weir_jsonr_get_text(row, "created_ms"), &place->ms) ? WEIR_EINTERNAL : WEIR_OK;
}

static void put_page_meta(struct weir_rest_call *c, int64_t shown, int64_t total, int64_t limit, int64_t page, const struct weir_place *next)
{
	weir_str cursor;

	weir_json_obj(&c->json, "meta");
	weir_json_int(&c->json, "count", shown);
	weir_json_int(&c->json, "totalCount", total);
	weir_json_int(&c->json, "pages", (total + limit - 1) / limit);
	weir_json_int(&c->json, "current", page);
	weir_str_init(&cursor, 4096);
	if (next) {
		weir_str_addf(&cursor, "%lld,", (long long)next->ms);
		weir_str_text(&cursor, next->id);
		weir_json_str(&c->json, "next", weir_str_view(&cursor));
	} else {
		weir_json_null(&c->json, "next");
	}
	weir_str_free(&cursor);
	weir_json_end(&c->json);
}

static weir_err paged(struct weir_rest_call *c, struct weir_events_ask *ask, struct weir_export_look *look)
{
	int64_t page = json_object_get_int64(weir_jsonr_get(c->in, "page")), limit = json_object_get_int64(weir_jsonr_get(c->in, "limit")), total;
	json_object *rows;
	struct weir_place next;
	size_t n;
	weir_err err;

	page = page < 1 ? 1 : page;
	limit = !weir_jsonr_get(c->in, "limit") ? LIMIT_USUAL : limit < 1 ? 1 : limit > LIMIT_MAX ? LIMIT_MAX : limit;
	ask->limit = limit;
	ask->offset = ask->stretch.has_cursor ? 0 : (page - 1) * limit;
	err = weir_events_since(ask, INT64_MIN, &rows);
	ask->stretch.has_cursor = false; /* of all pages */
	if (!err)
		err = weir_events_count(ask, &total);
	if (err)
		return err;
	n = weir_jsonr_count(rows) > (size_t)limit ? (size_t)limit : weir_jsonr_count(rows);
	err = prepare(&ask->base, rows, n, look);
	if (!err && n)
		err = cursor_behind(weir_jsonr_at(rows, n - 1), &next);
	if (err)
		return err;
	weir_json_obj(&c->json, NULL);
	put_page_meta(c, (int64_t)n, total, limit, page, weir_jsonr_count(rows) > n ? &next : NULL);
	weir_json_arr(&c->json, "data");
	for (size_t i = 0; i < n && !err; i++)
		err = weir_export_json(&c->json, c->meta.mem, weir_jsonr_at(rows, i), look);
	weir_json_end(&c->json);
	weir_json_end(&c->json);
	return err;
}

static weir_err put_rows(struct weir_rest_call *c, weir_arena *mem, json_object *rows, size_t n, enum weir_export_format format,
	const struct weir_export_look *look)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < n && !err; i++) {
		json_object *row = weir_jsonr_at(rows, i);
		weir_json line;

		if (format == WEIR_EXPORT_CSV) {
			err = weir_export_csv(c->req->out, row, look);
			continue;
		}
		weir_json_init(&line, c->req->out);
		err = weir_export_json(&line, mem, row, look);
		weir_str_putc(c->req->out, '\n');
	}
	return err;
}

/* One piece of at most ask->limit rows, sent; *left tells how many rows were there, one more than the limit when there are more. */
static weir_err piece(struct weir_rest_call *c, struct weir_events_ask *ask, weir_arena *mem, enum weir_export_format format,
	struct weir_export_look *look, size_t *got, struct weir_place *last)
{
	json_object *rows;
	size_t n;
	weir_err err;

	ask->base.mem = mem;
	err = weir_events_since(ask, INT64_MIN, &rows);
	if (err)
		return err;
	*got = weir_jsonr_count(rows);
	n = *got > (size_t)ask->limit ? (size_t)ask->limit : *got;
	err = prepare(&ask->base, rows, n, look);
	if (!err)
		err = put_rows(c, mem, rows, n, format, look);
	if (!err && n)
		err = cursor_behind(weir_jsonr_at(rows, n - 1), last);
	return err ? err : weir_req_flush(c->req);
}

static weir_err streamed(struct weir_rest_call *c, struct weir_events_ask *ask, enum weir_export_format format, struct weir_export_look *look)
{
	weir_arena *mem = weir_arena_new(PIECE_MEMORY);
	int64_t left = weir_jsonr_get(c->in, "limit") ? json_object_get_int64(weir_jsonr_get(c->in, "limit")) : INT64_MAX;
	char id[64];
	struct weir_place last;
	size_t got = 1;
	weir_err err = mem ? WEIR_OK : WEIR_ENOMEM;

	c->req->content_type = formats[format].type;
	if (format == WEIR_EXPORT_CSV)
		weir_export_csv_head(c->req->out, look);
	while (!err && left > 0) {
		ask->limit = left < PIECE ? left : PIECE;
		err = piece(c, ask, mem, format, look, &got, &last);
		if (err || got <= (size_t)ask->limit)
			break;
		left -= ask->limit;
		if (last.id.n > sizeof(id)) {
			err = WEIR_EINTERNAL;
			break;
		}
		memcpy(id, last.id.p, last.id.n);
		ask->stretch.cursor = (struct weir_place){ last.ms, { id, last.id.n } };
		ask->stretch.has_cursor = true;
		weir_arena_reset(mem);
	}
	weir_arena_free(mem);
	return err;
}

weir_err weir_rest_export_events(struct weir_rest_call *c)
{
	enum weir_export_format format = format_of(weir_jsonr_get_text(c->in, "format"));
	struct weir_events_ask ask;
	struct weir_export_look look;
	PGresult *metas = NULL;
	weir_err err = read_ask(c, &ask);

	weir_export_look(weir_jsonr_get(c->in, "includes"), &look);
	if (!err && look.meta)
		err = weir_event_meta_list(&c->meta, c->project.id, &metas);
	look.metas = metas;
	if (err)
		return err;
	return format == WEIR_EXPORT_JSON ? paged(c, &ask, &look) : streamed(c, &ask, format, &look);
}
