#include "config.h"
#include "base/jsonr.h"
#include "query/bucket.h"
#include "query/formula.h"
#include "query/retention.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

/* Formulas against tests/vectors/queries.json, and the buckets of ranges over the changes of clocks. */

static void one_formula(weir_arena *mem, weir_text id, json_object *in, json_object *want)
{
	struct weir_formula_scope scope = { .known = { false } };
	const struct weir_formula *formula;
	json_object *values = weir_jsonr_get(in, "scope"), *result;
	bool valid = !weir_formula_parse(mem, weir_jsonr_get_text(in, "formula"), &formula), good;
	double v;
	char name[256];

	if (values) {
		json_object_object_foreach(values, key, value) {
			scope.value[key[0] - 'A'] = json_object_get_double(value);
			scope.known[key[0] - 'A'] = true;
		}
	}
	result = json_object_is_type(want, json_type_object) ? weir_jsonr_get(want, "result") : want;
	v = valid ? weir_formula_eval(formula, &scope) : NAN;
	good = !weir_jsonr_has(want, "valid") || valid == json_object_get_boolean(weir_jsonr_get(want, "valid"));
	/* formula/valid and formula/invalid say nothing of a result. */
	if (values)
		good = good && (result ? fabs(v - json_object_get_double(result)) < 1e-12 : isnan(v));
	snprintf(name, sizeof(name), "%.*s", (int)id.n, id.p);
	ok(good, name);
	if (!good)
		printf("# valid %d, result %.17g\n", valid, v);
}

static void formulas(weir_arena *mem, json_object *vectors)
{
	size_t n = 0;

	for (size_t i = 0; i < json_object_array_length(vectors); i++) {
		json_object *v = json_object_array_get_idx(vectors, i);

		if (!weir_text_is(weir_jsonr_get_text(v, "area"), "formula"))
			continue;
		one_formula(mem, weir_jsonr_get_text(v, "id"), weir_jsonr_get(v, "input"), weir_jsonr_get(v, "expected"));
		n++;
	}
	ok(n > 100, "all formulas were looked at");
}

static const struct {
	const char *zone, *interval, *start, *end;
	size_t count;
	const char *first, *last;
} spans[] = {
	{ "UTC", "day", "2026-03-01 00:00:00", "2026-03-31 23:59:59", 31, "2026-03-01 00:00:00", "2026-03-31 00:00:00" },
	{ "UTC", "day", "2026-03-01 00:00:00", "2026-03-31 00:00:00", 30, "2026-03-01 00:00:00", "2026-03-30 00:00:00" },
	{ "UTC", "hour", "2026-03-01 00:00:00", "2026-03-01 23:59:59", 24, "2026-03-01 00:00:00", "2026-03-01 23:00:00" },
	{ "UTC", "minute", "2026-03-01 10:00:00", "2026-03-01 10:29:59", 30, "2026-03-01 10:00:00", "2026-03-01 10:29:00" },
	{ "UTC", "week", "2026-03-01 00:00:00", "2026-03-31 23:59:59", 6, "2026-02-23", "2026-03-30" },
	{ "UTC", "month", "2025-01-01 00:00:00", "2025-12-31 23:59:59", 12, "2025-01-01", "2025-12-01" },
	{ "Europe/Stockholm", "hour", "2026-03-29 00:00:00", "2026-03-29 23:59:59", 23, "2026-03-29 00:00:00", "2026-03-29 23:00:00" },
	{ "Europe/Stockholm", "hour", "2026-10-25 00:00:00", "2026-10-25 23:59:59", 25, "2026-10-25 00:00:00", "2026-10-25 23:00:00" },
	{ "America/New_York", "hour", "2026-03-08 00:00:00", "2026-03-08 23:59:59", 23, "2026-03-08 00:00:00", "2026-03-08 23:00:00" },
	{ "America/New_York", "minute", "2026-11-01 00:00:00", "2026-11-01 23:59:59", 1500, "2026-11-01 00:00:00", "2026-11-01 23:59:00" },
	{ "America/New_York", "day", "2026-03-01 00:00:00", "2026-03-31 23:59:59", 31, "2026-03-01 00:00:00", "2026-03-31 00:00:00" },
	{ "Asia/Kathmandu", "hour", "2026-03-01 00:00:00", "2026-03-01 23:59:59", 24, "2026-03-01 00:00:00", "2026-03-01 23:00:00" },
	{ "Pacific/Apia", "day", "2011-12-28 00:00:00", "2012-01-02 23:59:59", 5, "2011-12-28 00:00:00", "2012-01-02 00:00:00" },
	{ "Pacific/Apia", "hour", "2011-12-29 00:00:00", "2011-12-31 23:59:59", 48, "2011-12-29 00:00:00", "2011-12-31 23:00:00" },
	{ "Asia/Beirut", "day", "2022-03-26 00:00:00", "2022-03-28 23:59:59", 3, "2022-03-26 00:00:00", "2022-03-28 00:00:00" },
	{ "America/Havana", "hour", "2026-11-01 00:00:00", "2026-11-01 23:59:59", 25, "2026-11-01 00:00:00", "2026-11-01 23:00:00" },
	{ "UTC", "day", "2026-03-02 00:00:00", "2026-03-01 00:00:00", 0, "", "" },
};

static void sunday_weeks(weir_arena *mem)
{
	static char sunday[] = "sunday", monday[] = "monday";
	struct weir_conf conf = { .api_week_start = sunday };
	struct weir_range range = { "2026-03-01 00:00:00", "2026-03-31 23:59:59" };
	struct weir_buckets b;
	bool good = !weir_buckets_of(mem, weir_interval_of(&conf, WEIR_TEXT("week")), &range, WEIR_TEXT("UTC"), &b) && b.count == 5;

	ok(good && weir_text_is(b.texts[0], "2026-03-01") && weir_text_is(b.texts[4], "2026-03-29"), "weeks begin on Sunday when api.week_start says so");
	conf.api_week_start = monday;
	ok(weir_interval_of(&conf, WEIR_TEXT("week")) != NULL && !weir_sunday_weeks(&conf), "else on Monday");
}

static void buckets(weir_arena *mem)
{
	static char monday[] = "monday";
	const struct weir_conf conf = { .api_week_start = monday };

	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
		struct weir_range range;
		struct weir_buckets b;
		char name[160];
		bool good;

		memcpy(range.start, spans[i].start, sizeof(range.start));
		memcpy(range.end, spans[i].end, sizeof(range.end));
		good = !weir_buckets_of(mem, weir_interval_of(&conf, weir_text_of(spans[i].interval)), &range, weir_text_of(spans[i].zone), &b)
			&& b.count == spans[i].count;
		if (good && b.count)
			good = weir_text_is(b.texts[0], spans[i].first) && weir_text_is(b.texts[b.count - 1], spans[i].last)
				&& weir_bucket_find(&b, b.keys[b.count / 2]) == b.count / 2;
		snprintf(name, sizeof(name), "%s by %s from %s", spans[i].zone, spans[i].interval, spans[i].start);
		ok(good, name);
		if (!good)
			printf("# %zu buckets, %.*s\n", b.count, b.count ? (int)b.texts[b.count - 1].n : 0, b.count ? b.texts[b.count - 1].p : "");
	}
}

/* The row over all cohorts of a retention table, retention/weighted-average-*: the weeks count up by one. */
static void average_vector(weir_arena *mem, const char *id, json_object *in, json_object *want)
{
	enum { COLUMNS_MAX = 8, NEVER = 1000 };
	json_object *rows = weir_jsonr_get(in, "rows"), *row0 = weir_jsonr_get(want, "row0");
	struct weir_retention_table t = { .columns = (size_t)json_object_get_int(weir_jsonr_get(in, "columns")) };
	double values[COLUMNS_MAX], shares[COLUMNS_MAX], size;
	bool good = t.columns <= COLUMNS_MAX;

	t.count = json_object_array_length(rows);
	t.items = weir_alloc_n(mem, t.count, sizeof(*t.items));
	/* until is the start of the week after the last row's; without it all columns are old enough. */
	t.now_unit = weir_jsonr_has(in, "until") ? (int64_t)t.count : NEVER;
	for (size_t i = 0; i < t.count; i++) {
		json_object *row = json_object_array_get_idx(rows, i), *counts = weir_jsonr_get(row, "counts");

		t.items[i] = (struct weir_retained){ .unit = (int64_t)i, .size = json_object_get_double(weir_jsonr_get(row, "total_first_event_count")),
			.counts = weir_alloc_n(mem, t.columns, sizeof(double)) };
		for (size_t k = 0; k < t.columns; k++)
			t.items[i].counts[k] = json_object_get_double(json_object_array_get_idx(counts, k));
	}
	size = weir_retention_average(&t, values, shares);
	for (size_t k = 0; row0 && k < t.columns; k++)
		good = good && values[k] == json_object_get_double(json_object_array_get_idx(weir_jsonr_get(row0, "values"), k)) &&
			shares[k] == json_object_get_double(json_object_array_get_idx(weir_jsonr_get(row0, "percentages"), k));
	if (row0)
		good = good && size == json_object_get_double(weir_jsonr_get(row0, "sum"));
	else
		good = good && shares[2] == json_object_get_double(weir_jsonr_get(want, "percentages2")) &&
			shares[3] == json_object_get_double(weir_jsonr_get(want, "percentages3"));
	ok(good, id);
}

static void averages(weir_arena *mem, json_object *vectors)
{
	static const char start[] = "retention/weighted-average-";
	int seen = 0;

	for (size_t i = 0; i < json_object_array_length(vectors); i++) {
		json_object *v = json_object_array_get_idx(vectors, i);

		/* -first is asked of a server (tests/e2e/api-vectors.mjs). */
		if (weir_text_starts(weir_jsonr_get_text(v, "id"), start) && weir_jsonr_has(weir_jsonr_get(v, "input"), "rows") && ++seen)
			average_vector(mem, json_object_get_string(weir_jsonr_get(v, "id")), weir_jsonr_get(v, "input"), weir_jsonr_get(v, "expected"));
	}
	ok(seen >= 2, "the averages were there");
}

int main(void)
{
	const char *srcdir = getenv("srcdir");
	weir_arena *mem = weir_arena_new((size_t)512 * 1024 * 1024);
	json_object *all = NULL;
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/vectors/queries.json", srcdir ? srcdir : ".");
	/* Not weir_jsonr_parse: answers of the reference hold NUL characters. */
	all = json_object_from_file(path);
	ok(all != NULL, "the vectors can be read");
	if (all) {
		formulas(mem, weir_jsonr_get(all, "vectors"));
		averages(mem, weir_jsonr_get(all, "vectors"));
	}
	buckets(mem);
	sunday_weeks(mem);
	json_object_put(all);
	weir_arena_free(mem);
	return tap_done();
}
