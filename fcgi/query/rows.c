#include "config.h"
#include "query/rows.h"

#include "base/cache.h"

#include <math.h>

enum { SERIES_MAX = 20000, POINTS_MAX = 2000000, NAME_MAX_LEN = 4 * 1024 * 1024 };

/* Series in the making. */
struct builder {
	const struct weir_ask *ask;
	const struct weir_buckets *buckets;
	struct weir_series *items;
	size_t count, alloc, labels;
	weir_cache *by_name;           /* joined labels to index + 1 */
};

struct row {
	int64_t bucket;
	double count, total;
	weir_text labels[WEIR_BREAKDOWNS_MAX];
};

static weir_err read_row(weir_arena *mem, weir_text line, size_t labels, struct row *row)
{
	weir_err err = weir_rows_int(&line, &row->bucket);

	if (!err)
		err = weir_rows_number(&line, &row->count);
	if (!err)
		err = weir_rows_number(&line, &row->total);
	for (size_t i = 0; i < labels && !err; i++)
		err = weir_rows_text(mem, &line, &row->labels[i]);
	return err;
}

static weir_err too_many(const struct weir_ask *ask)
{
	weir_ask_advise(ask, "The chart would have too many series or points: use fewer breakdowns, a filter, a shorter range or a longer interval");
	return WEIR_ELIMIT;
}

static weir_err room(struct builder *b)
{
	size_t more = b->alloc ? b->alloc * 2 : 16;
	struct weir_series *items;

	if (b->count == SERIES_MAX || (b->count + 1) * b->buckets->count > POINTS_MAX)
		return too_many(b->ask);
	if (b->count < b->alloc)
		return WEIR_OK;
	items = weir_alloc_n(b->ask->mem, more, sizeof(*items));
	if (!items)
		return WEIR_ENOMEM;
	if (b->count)
		memcpy(items, b->items, b->count * sizeof(*items));
	b->items = items;
	b->alloc = more;
	return WEIR_OK;
}

static weir_err new_series(struct builder *b, weir_text name, const struct row *row)
{
	weir_arena *mem = b->ask->mem;
	struct weir_series *s;
	weir_err err = room(b);

	if (err)
		return err;
	s = &b->items[b->count];
	*s = (struct weir_series){ .label_count = 0 };
	s->labels = weir_alloc_n(mem, b->labels + 1, sizeof(*s->labels));
	s->values = weir_alloc_n(mem, WEIR_BREAKDOWNS_MAX, sizeof(*s->values)); /* a place for each, asked or not */
	s->points = weir_alloc_n(mem, b->buckets->count + 1, sizeof(*s->points));
	if (!s->labels || !s->values || !s->points)
		return WEIR_ENOMEM;
	s->labels[s->label_count++] = name;
	for (size_t i = 0; i < b->labels; i++) {
		s->values[i] = row->labels[i];
		if (row->labels[i].n)
			s->labels[s->label_count++] = row->labels[i];
	}
	b->count++;
	return WEIR_OK;
}

/* The series of the row's labels; a new one at their first appearance. */
static weir_err series_of(struct builder *b, weir_text name, const struct row *row, size_t *index)
{
	weir_str key;
	uintptr_t known;
	weir_err err;

	weir_str_init(&key, NAME_MAX_LEN);
	for (size_t i = 0; i < b->labels; i++) {
		weir_str_addf(&key, "%zu:", row->labels[i].n);
		weir_str_text(&key, row->labels[i]);
	}
	err = weir_str_err(&key);
	known = err ? 0 : (uintptr_t)weir_cache_get(b->by_name, weir_str_view(&key), 0, NULL);
	*index = known ? known - 1 : b->count;
	if (!err && !known)
		err = new_series(b, name, row);
	if (!err && !known && !weir_cache_put(b->by_name, weir_str_view(&key), (void *)(*index + 1), 0, INT64_MAX))
		err = WEIR_ENOMEM;
	weir_str_free(&key);
	return err;
}

static weir_err take(struct builder *b, weir_text name, const struct row *row)
{
	size_t index, at = weir_bucket_find(b->buckets, row->bucket);
	struct weir_series *s;
	weir_err err = series_of(b, name, row, &index);

	if (err)
		return err;
	s = &b->items[index];
	if (row->total > 0) {
		s->total = row->total;
		s->has_total = true;
	}
	/* Only a time zone that the two sides know differently could miss. */
	if (at == b->buckets->count)
		return WEIR_EBADGATEWAY;
	s->points[at] = (struct weir_point){ isnan(row->count) ? 0 : row->count, isnan(row->count) };
	return WEIR_OK;
}

weir_err weir_rows_to_series(const struct weir_ask *ask, weir_text rows, weir_text name, size_t labels,
	const struct weir_buckets *buckets, struct weir_series_list *out)
{
	struct builder b = { .ask = ask, .buckets = buckets, .labels = labels, .by_name = weir_cache_new(SERIES_MAX, NULL) };
	weir_err err = b.by_name ? WEIR_OK : WEIR_ENOMEM;
	weir_text line;

	while (!err && weir_rows_next(&rows, &line)) {
		struct row row;

		err = read_row(ask->mem, line, labels, &row);
		if (!err)
			err = take(&b, name, &row);
	}
	weir_cache_free(b.by_name);
	*out = (struct weir_series_list){ b.items, b.count };
	return err;
}
