#include "config.h"
#include "query/spikes.h"

#include "base/jsonr.h"

#include <stdlib.h>

enum { REFERRERS_MAX = 50, LEAST_SESSIONS = 10, LEAST_BUCKETS = 5, CALM_FROM = 4 };
static const double LEAST_SHARE = 0.15, MEDIANS = 3, UPPER_QUARTERS = 2, CALM_SCORES = 1.5;

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value at that part of a sorted list, between neighbours in proportion. */
static double quantile(const double *sorted, size_t n, double part)
{
	double at = part * (double)(n - 1);
	size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;

	return n ? sorted[low] + (sorted[high] - sorted[low]) * (at - (double)low) : 0;
}

/* Best first; of equal scores the name decides. */
static int by_bucket_and_score(const void *a, const void *b)
{
	const struct weir_spike *x = a, *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return (x->score < y->score) - (x->score > y->score);
}

/* The rows of one referrer, from number first on, as candidates; returns where the next referrer begins. */
static size_t candidates(json_object *rows, size_t first, const struct weir_buckets *buckets, double *values, struct weir_spike *out, size_t *count)
{
	weir_text name = weir_jsonr_get_text(weir_jsonr_at(rows, first), "referrer_name");
	size_t end = first;
	double median, upper;

	for (; end < weir_jsonr_count(rows); end++) {
		json_object *row = weir_jsonr_at(rows, end);

		if (!weir_text_eq(weir_jsonr_get_text(row, "referrer_name"), name))
			break;
		values[end - first] = json_object_get_double(weir_jsonr_get(row, "sessions"));
	}
	qsort(values, end - first, sizeof(*values), by_value);
	median = quantile(values, end - first, 0.5);
	upper = quantile(values, end - first, 0.75);
	for (size_t i = first; i < end; i++) {
		json_object *row = weir_jsonr_at(rows, i);
		struct weir_spike s = { .referrer = name, .is_new = end - first == 1 };
		double most = MEDIANS * median > UPPER_QUARTERS * upper ? MEDIANS * median : UPPER_QUARTERS * upper;

		s.bucket = weir_bucket_find(buckets, json_object_get_int64(weir_jsonr_get(row, "key")));
		s.sessions = json_object_get_double(weir_jsonr_get(row, "sessions"));
		s.share = s.sessions / json_object_get_double(weir_jsonr_get(row, "bucket_all"));
		s.baseline = s.is_new ? 0 : median;
		s.ratio = s.is_new ? s.sessions : s.sessions / (median > 1 ? median : 1);
		s.score = s.ratio * s.share;
		if (s.bucket < buckets->count && s.sessions >= LEAST_SESSIONS && s.share >= LEAST_SHARE && (s.is_new || s.sessions >= most))
			out[(*count)++] = s;
	}
	return end;
}

static size_t distinct_keys(json_object *rows, const struct weir_buckets *buckets, bool *seen)
{
	size_t n = 0;

	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		size_t at = weir_bucket_find(buckets, json_object_get_int64(weir_jsonr_get(weir_jsonr_at(rows, i), "key")));

		if (at < buckets->count && !seen[at]) {
			seen[at] = true;
			n++;
		}
	}
	return n;
}

/* The best of each bucket into its first places; list is sorted. Returns how many buckets there are. */
static size_t leaders(struct weir_spike *list, size_t n, size_t *starts)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (!i || list[i].bucket != list[i - 1].bucket)
			starts[count++] = i;
	return count;
}

/* What the scores of the leaders must be above when there are many: the rest is usual noise. */
static double threshold(const struct weir_spike *list, const size_t *starts, size_t count, double *values, double *best)
{
	*best = 0;
	for (size_t i = 0; i < count; i++) {
		values[i] = list[starts[i]].score;
		if (values[i] > *best)
			*best = values[i];
	}
	qsort(values, count, sizeof(*values), by_value);
	return count >= CALM_FROM ? CALM_SCORES * quantile(values, count, 0.5) : -1;
}

static void choose(struct weir_spikes *out, const struct weir_spike *list, size_t n, const size_t *starts, size_t count, double *values)
{
	double best, above = threshold(list, starts, count, values, &best);

	for (size_t i = 0; i < count && out->count < WEIR_SPIKES_MAX; i++) {
		size_t end = i + 1 < count ? starts[i + 1] : n, at = starts[i];

		if (list[at].score <= above && list[at].score < best)
			continue;
		out->items[out->count].best = list[at];
		out->items[out->count].other_count = 0;
		for (size_t k = at + 1; k < end && k <= at + WEIR_SPIKE_OTHERS; k++)
			out->items[out->count].others[out->items[out->count].other_count++] = list[k];
		out->count++;
	}
}

weir_err weir_referrer_spikes(const struct weir_overview_ask *o, struct weir_spikes *out)
{
	weir_arena *mem = o->base.mem;
	json_object *rows;
	struct weir_spike *list;
	size_t n, count = 0, referrers = 0, *starts;
	double *values;
	bool *seen;
	weir_err err = weir_buckets_of(mem, weir_interval_of(o->base.conf, o->interval), &o->range, o->base.timezone, &out->buckets);

	out->count = 0;
	if (!err)
		err = weir_referrer_buckets(o, &rows);
	if (err)
		return err;
	n = weir_jsonr_count(rows);
	list = weir_alloc_n(mem, n + 1, sizeof(*list));
	values = weir_alloc_n(mem, n + 1, sizeof(*values));
	starts = weir_alloc_n(mem, n + 1, sizeof(*starts));
	seen = weir_alloc_n(mem, out->buckets.count + 1, sizeof(*seen));
	if (!list || !values || !starts || !seen)
		return WEIR_ENOMEM;
	if (distinct_keys(rows, &out->buckets, seen) < LEAST_BUCKETS)
		return WEIR_OK;
	for (size_t i = 0; i < n && referrers < REFERRERS_MAX;) {
		json_object *row = weir_jsonr_at(rows, i);
		size_t before = count;

		referrers += weir_jsonr_get_text(row, "referrer_name").n > 0;
		i = candidates(rows, i, &out->buckets, values, list, &count);
		/* Direct visits have no referrer, and small ones none worth naming. */
		if (!weir_jsonr_get_text(row, "referrer_name").n || json_object_get_double(weir_jsonr_get(row, "referrer_all")) < LEAST_SESSIONS)
			count = before;
	}
	qsort(list, count, sizeof(*list), by_bucket_and_score);
	choose(out, list, count, starts, leaders(list, count, starts), values);
	return WEIR_OK;
}
