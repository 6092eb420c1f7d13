#include "config.h"
#include "trpc/call.h"

#include "link/cookie.h"
#include "meta/gsc.h"
#include "meta/secret.h"
#include "meta/sign_in.h"
#include "query/range.h"
#include "trpc/api.h"
#include "trpc/reply.h"

#include <stdlib.h>

/* gsc.*: connecting with Google Search Console, and what is asked of Google each time (spec/trpc-metadata.md 4.21, spec/queries.md 24). */

enum {
	DATE_LEN = 10,
	DETAILS = 100,                    /* queries of a page, pages of a query */
	ROWS_MAX = 25000,
	PAIRS_MAX = 50,
	PAIR_IMPRESSIONS = 100,
};

#define NOT_SET_UP "Google Search Console is not set up on this server (oauth.google_client_id, oauth.google_client_secret and api.encryption_key)"

static weir_err keep_signed(struct weir_call *c, const char *name, weir_text value)
{
	weir_text signed_value;
	weir_err err = weir_sign(&c->meta, value, &signed_value);

	if (!err)
		weir_cookie_set(c->req, &c->api->cookies, name, signed_value, WEIR_OAUTH_SECONDS);
	return err;
}

weir_err weir_do_gsc_initiate(struct weir_call *c)
{
	struct weir_oauth_start start;
	weir_err err;

	if (!weir_gsc_configured(c->meta.conf))
		return weir_call_fail(c, WEIR_EINTERNAL, NOT_SET_UP);
	err = weir_gsc_begin(&c->meta, &start);
	if (!err)
		err = keep_signed(c, WEIR_COOKIE_GSC_STATE, weir_text_of(start.state));
	if (!err)
		err = keep_signed(c, WEIR_COOKIE_GSC_VERIFIER, weir_text_of(start.verifier));
	if (!err)
		err = keep_signed(c, WEIR_COOKIE_GSC_PROJECT, c->project.id);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "url", start.url);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* The connection, ready to be asked. */
static weir_err open_link(struct weir_call *c, struct weir_gsc_link *link)
{
	PGresult *rows;
	weir_err err = weir_gsc_get(&c->meta, c->project.id, &rows);

	if (!err && !PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, "GSC connection not found");
	if (!err && !weir_gsc_configured(c->meta.conf))
		return weir_call_fail(c, WEIR_EINTERNAL, NOT_SET_UP);
	if (!err)
		err = weir_gsc_open(&c->meta, c->project.id, link);
	if (err == WEIR_EFORBID || err == WEIR_EBADGATEWAY)
		return weir_call_fail(c, err, "Google does not accept this connection any more; connect the project again");
	return err;
}

static weir_err no_answer(struct weir_call *c, weir_err err)
{
	return err == WEIR_EBADGATEWAY ? weir_call_fail(c, err, "Google Search Console did not answer the question") : err;
}

static size_t length(json_object *array)
{
	return weir_jsonr_count(array);
}

weir_err weir_do_gsc_sites(struct weir_call *c)
{
	struct weir_gsc_link link;
	json_object *entries;
	weir_err err = open_link(c, &link);

	if (!err)
		err = no_answer(c, weir_gsc_sites(&c->meta, &link, &entries));
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < length(entries); i++) {
		json_object *e = weir_jsonr_at(entries, i);

		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "siteUrl", weir_jsonr_get_text(e, "siteUrl"));
		weir_sj_str(c->out, "permissionLevel", weir_jsonr_get_text(e, "permissionLevel"));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* ------------------------------------------------------------ questions */

static weir_err read_days(struct weir_call *c, struct weir_range *range)
{
	weir_err err = weir_range_of(c->meta.mem, weir_in_text(c, "range"), weir_in_text(c, "startDate"), weir_in_text(c, "endDate"),
		weir_known_timezone(c->meta.mem, c->project.timezone), c->meta.now_ms, range);

	return err == WEIR_EBADREQ ? weir_call_refuse(c, "range", "Invalid date") : err;
}

static double figure(json_object *row, const char *name)
{
	return json_object_get_double(weir_jsonr_get(row, name));
}

static weir_text key(json_object *row, size_t i)
{
	json_object *keys = weir_jsonr_get(row, "keys");

	return length(keys) > i ? weir_jsonr_text(weir_jsonr_at(keys, i)) : WEIR_TEXT("");
}

static void put_figures(struct weir_call *c, const char *name, weir_text label, json_object *row)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, name, label);
	weir_sj_num(c->out, "clicks", figure(row, "clicks"));
	weir_sj_num(c->out, "impressions", figure(row, "impressions"));
	weir_sj_num(c->out, "ctr", figure(row, "ctr"));
	weir_sj_num(c->out, "position", figure(row, "position"));
	weir_sj_end(c->out);
}

static void put_rows(struct weir_call *c, const char *list, const char *name, json_object *rows)
{
	weir_sj_arr(c->out, list);
	for (size_t i = 0; i < length(rows); i++)
		put_figures(c, name, key(weir_jsonr_at(rows, i), 0), weir_jsonr_at(rows, i));
	weir_sj_end(c->out);
}

/* The days of what by says has the value, and what else it goes with. */
static weir_err details(struct weir_call *c, const char *by, const char *other, const char *list)
{
	struct weir_gsc_question q = { .by = by, .value = weir_in_text(c, by), .dimension = { "date", NULL }, .limit = ROWS_MAX };
	struct weir_gsc_link link;
	struct weir_range range;
	json_object *days, *rows;
	weir_err err = read_days(c, &range);

	if (!err)
		err = open_link(c, &link);
	if (err)
		return err;
	q.first = (weir_text){ range.start, DATE_LEN };
	q.last = (weir_text){ range.end, DATE_LEN };
	err = weir_gsc_ask(&c->meta, &link, &q, &days);
	q.dimension[0] = other;
	q.limit = DETAILS;
	if (!err)
		err = weir_gsc_ask(&c->meta, &link, &q, &rows);
	if (err)
		return no_answer(c, err);
	weir_sj_obj(c->out, NULL);
	put_rows(c, "timeseries", "date", days);
	put_rows(c, list, other, rows);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_gsc_page_details(struct weir_call *c)
{
	return details(c, "page", "query", "queries");
}

weir_err weir_do_gsc_query_details(struct weir_call *c)
{
	return details(c, "query", "page", "pages");
}

/* ------------------------------------------------------------ queries that lead to several pages */

struct pair {
	weir_text query, page;            /* without what stands behind a # */
	json_object *row;
};

static int text_order(weir_text a, weir_text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_query(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = text_order(x->query, y->query);
	double more;

	if (order)
		return order;
	more = figure(y->row, "impressions") - figure(x->row, "impressions");
	return more ? (more > 0) - (more < 0) : text_order(x->page, y->page);
}

/* A query, and its pairs, which lie side by side. */
struct rivals {
	const struct pair *pair;
	size_t count;
	double impressions, clicks;
};

static int by_impressions(const void *a, const void *b)
{
	const struct rivals *x = a, *y = b;

	return x->impressions != y->impressions ? (x->impressions < y->impressions) - (x->impressions > y->impressions)
		: text_order(x->pair->query, y->pair->query);
}

static bool several_pages(const struct rivals *r)
{
	for (size_t i = 1; i < r->count; i++)
		if (!weir_text_eq(r->pair[i].page, r->pair[0].page))
			return true;
	return false;
}

static size_t gather(const struct pair *pairs, size_t n, struct rivals *out)
{
	size_t found = 0;

	for (size_t from = 0, to; from < n; from = to) {
		struct rivals r = { .pair = pairs + from };

		for (to = from; to < n && weir_text_eq(pairs[to].query, pairs[from].query); to++) {
			r.impressions += figure(pairs[to].row, "impressions");
			r.clicks += figure(pairs[to].row, "clicks");
		}
		r.count = to - from;
		if (r.impressions >= PAIR_IMPRESSIONS && several_pages(&r))
			out[found++] = r;
	}
	qsort(out, found, sizeof(*out), by_impressions);
	return found < PAIRS_MAX ? found : PAIRS_MAX;
}

static void put_rivals(struct weir_call *c, const struct rivals *r)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_str(c->out, "query", r->pair->query);
	weir_sj_num(c->out, "totalImpressions", r->impressions);
	weir_sj_num(c->out, "totalClicks", r->clicks);
	weir_sj_arr(c->out, "pages");
	for (size_t i = 0; i < r->count; i++)
		put_figures(c, "page", r->pair[i].page, r->pair[i].row);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
}

static weir_text without_hash(weir_text page)
{
	const char *hash = page.n ? memchr(page.p, '#', page.n) : NULL;

	return hash ? (weir_text){ page.p, (size_t)(hash - page.p) } : page;
}

weir_err weir_do_gsc_cannibalization(struct weir_call *c)
{
	struct weir_gsc_question q = { .dimension = { "query", "page" }, .limit = ROWS_MAX };
	struct weir_gsc_link link;
	struct weir_range range;
	struct rivals *rivals;
	struct pair *pairs;
	json_object *rows;
	size_t n, found;
	weir_err err = read_days(c, &range);

	if (!err)
		err = open_link(c, &link);
	if (err)
		return err;
	q.first = (weir_text){ range.start, DATE_LEN };
	q.last = (weir_text){ range.end, DATE_LEN };
	err = weir_gsc_ask(&c->meta, &link, &q, &rows);
	if (err)
		return no_answer(c, err);
	n = length(rows);
	pairs = weir_alloc_n(c->meta.mem, n + 1, sizeof(*pairs));
	rivals = weir_alloc_n(c->meta.mem, n + 1, sizeof(*rivals));
	if (!pairs || !rivals)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		json_object *row = weir_jsonr_at(rows, i);

		pairs[i] = (struct pair){ key(row, 0), without_hash(key(row, 1)), row };
	}
	qsort(pairs, n, sizeof(*pairs), by_query);
	found = gather(pairs, n, rivals);
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < found; i++)
		put_rivals(c, &rivals[i]);
	weir_sj_end(c->out);
	return WEIR_OK;
}
