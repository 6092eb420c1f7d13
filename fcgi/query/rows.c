#include "config.h"
#include "query/rows.h"

#include "base/cache.h"
#include "base/num.h"

enum { LABELS_MAX = 10, FIELDS_MAX = 4 + LABELS_MAX, SERIES_MAX = 20000, POINTS_MAX = 2000000 };

/* One unescaped field; views into the text where nothing was escaped. */
static weir_err unescape(weir_arena *mem, weir_text in, weir_text *out)
{
	static const char names[] = "bfnrt0'\\", bytes[] = "\b\f\n\r\t\0'\\";
	const char *at, *name;
	char *p;
	size_t n = 0;

	*out = in;
	if (!in.n || !memchr(in.p, '\\', in.n))
		return WEIR_OK;
	p = weir_alloc(mem, in.n);
	if (!p)
		return WEIR_ENOMEM;
	for (at = in.p; at < in.p + in.n; at++) {
		if (*at == '\\' && at + 1 < in.p + in.n) {
			at++;
			name = strchr(names, *at);
			p[n++] = name && *name ? bytes[name - names] : *at;
		} else {
			p[n++] = *at;
		}
	}
	*out = (weir_text){ p, n };
	return WEIR_OK;
}

struct line {
	weir_text date, labels[LABELS_MAX];
	struct weir_point point;
	double total;
	bool found;
};

/* weir_text_next trims and skips, a line must not: cut at tabs by hand. */
static weir_text cut(weir_text *rest, char at)
{
	const char *p = rest->n ? memchr(rest->p, at, rest->n) : NULL;
	weir_text t = { rest->p, p ? (size_t)(p - rest->p) : rest->n };

	*rest = p ? (weir_text){ p + 1, rest->n - t.n - 1 } : (weir_text){ rest->p + rest->n, 0 };
	return t;
}

static weir_err read_line(weir_arena *mem, weir_text text, size_t labels, struct line *line)
{
	weir_text number, total, found;
	weir_err err = WEIR_OK;

	*line = (struct line){ .date = cut(&text, '\t') };
	number = cut(&text, '\t');
	total = cut(&text, '\t');
	found = cut(&text, '\t');
	line->point.null = weir_text_is(number, "\\N") || weir_text_is(number, "nan");
	if (!line->point.null && weir_num_double(number, &line->point.count))
		return WEIR_EBADGATEWAY;
	if (weir_num_double(total, &line->total))
		return WEIR_EBADGATEWAY;
	line->found = weir_text_is(found, "1");
	for (size_t i = 0; i < labels && !err; i++)
		err = unescape(mem, cut(&text, '\t'), &line->labels[i]);
	return err;
}

/* Series in the making: their points come in as dates are met. */
struct builder {
	weir_arena *mem;
	struct weir_series *items;
	size_t count, alloc, dates, dates_alloc, labels;
	weir_text *date_list;
	size_t *done;          /* per series: dates that have their point */
	size_t *points_alloc;
	weir_cache *by_name;   /* joined labels to index + 1 */
};

static void *grown(weir_arena *mem, const void *old, size_t count, size_t *alloc, size_t size)
{
	size_t more = *alloc ? *alloc * 2 : 16;
	void *p = weir_alloc_n(mem, more, size);

	if (p && count)
		memcpy(p, old, count * size);
	if (p)
		*alloc = more;
	return p;
}

static weir_err add_date(struct builder *b, weir_text date)
{
	if (b->dates && weir_text_eq(b->date_list[b->dates - 1], date))
		return WEIR_OK;
	if (b->dates == b->dates_alloc) {
		weir_text *list = grown(b->mem, b->date_list, b->dates, &b->dates_alloc, sizeof(*list));

		if (!list)
			return WEIR_ENOMEM;
		b->date_list = list;
	}
	b->date_list[b->dates] = weir_text_dup(b->mem, date);
	return b->date_list[b->dates++].p ? WEIR_OK : WEIR_ENOMEM;
}

/* Room for as many series as are needed, in the three arrays alike. */
static weir_err room(struct builder *b)
{
	size_t a1 = b->alloc, a2 = b->alloc, a3 = b->alloc;

	if (b->count < b->alloc)
		return WEIR_OK;
	if (b->count == SERIES_MAX)
		return WEIR_ELIMIT;
	b->items = grown(b->mem, b->items, b->count, &a1, sizeof(*b->items));
	b->done = grown(b->mem, b->done, b->count, &a2, sizeof(*b->done));
	b->points_alloc = grown(b->mem, b->points_alloc, b->count, &a3, sizeof(*b->points_alloc));
	b->alloc = a1;
	return b->items && b->done && b->points_alloc ? WEIR_OK : WEIR_ENOMEM;
}

static weir_err new_series(struct builder *b, weir_text event_name, const struct line *line)
{
	struct weir_series *s;
	weir_err err = room(b);

	if (err)
		return err;
	s = &b->items[b->count];
	*s = (struct weir_series){ .label_count = 0 };
	s->labels = weir_alloc_n(b->mem, b->labels + 1, sizeof(*s->labels));
	s->values = weir_alloc_n(b->mem, b->labels + 1, sizeof(*s->values));
	if (!s->labels || !s->values)
		return WEIR_ENOMEM;
	b->done[b->count] = b->points_alloc[b->count] = 0;
	s->labels[s->label_count++] = event_name;
	for (size_t i = 0; i < b->labels; i++) {
		s->values[i] = weir_text_dup(b->mem, line->labels[i]);
		if (!s->values[i].p)
			return WEIR_ENOMEM;
		if (line->labels[i].n)
			s->labels[s->label_count++] = s->values[i];
	}
	b->count++;
	return WEIR_OK;
}

static weir_err add_point(struct builder *b, size_t index, const struct weir_point *point)
{
	struct weir_series *s = &b->items[index];

	if (b->done[index] == b->points_alloc[index]) {
		struct weir_point *more = grown(b->mem, s->points, b->done[index], &b->points_alloc[index], sizeof(*more));

		if (!more)
			return WEIR_ENOMEM;
		s->points = more;
	}
	s->points[b->done[index]++] = *point;
	return WEIR_OK;
}

/* Zeros for the dates before number upto that brought nothing. */
static weir_err pad(struct builder *b, size_t index, size_t upto)
{
	weir_err err = WEIR_OK;

	while (b->done[index] < upto && !err) {
		struct weir_point zero = { .date = b->date_list[b->done[index]] };

		err = add_point(b, index, &zero);
	}
	return err;
}

/* The series of the line's labels; a new one at their first appearance. */
static weir_err series_of(struct builder *b, weir_text event_name, const struct line *line, size_t *index)
{
	weir_str name;
	uintptr_t known;
	weir_err err = WEIR_OK;

	weir_str_init(&name, 4 * 1024 * 1024);
	for (size_t i = 0; i < b->labels; i++)
		if (line->labels[i].n) {
			weir_str_text(&name, line->labels[i]);
			weir_str_putc(&name, '\x1f');
		}
	err = weir_str_err(&name);
	known = err ? 0 : (uintptr_t)weir_cache_get(b->by_name, weir_str_view(&name), 0, NULL);
	*index = known ? known - 1 : b->count;
	if (!err && !known)
		err = new_series(b, event_name, line);
	if (!err && !known && !weir_cache_put(b->by_name, weir_str_view(&name), (void *)(*index + 1), 0, INT64_MAX))
		err = WEIR_ENOMEM;
	weir_str_free(&name);
	return err;
}

static weir_err take(struct builder *b, weir_text event_name, const struct line *line)
{
	size_t index;
	struct weir_point point = line->point;
	weir_err err = add_date(b, line->date);

	if (err || !line->found)
		return err;
	err = series_of(b, event_name, line, &index);
	if (!err)
		err = pad(b, index, b->dates - 1);
	if (err)
		return err;
	if (line->total && !b->items[index].has_total) {
		b->items[index].total = line->total;
		b->items[index].has_total = true;
	}
	point.date = b->date_list[b->dates - 1];
	return b->done[index] == b->dates ? WEIR_OK : add_point(b, index, &point);
}

weir_err weir_rows_to_series(weir_arena *mem, weir_text lines, weir_text event_name, size_t labels, struct weir_series_list *out,
	size_t *count)
{
	struct builder b = { .mem = mem, .labels = labels, .by_name = weir_cache_new(SERIES_MAX, NULL) };
	weir_err err = b.by_name ? WEIR_OK : WEIR_ENOMEM;

	*count = 0;
	while (lines.n && !err) {
		struct line line;

		err = read_line(mem, cut(&lines, '\n'), labels, &line);
		if (!err)
			err = take(&b, event_name, &line);
		if (b.dates * (b.count + 1) > POINTS_MAX)
			err = WEIR_ELIMIT;
		++*count;
	}
	for (size_t i = 0; i < b.count && !err; i++)
		err = pad(&b, i, b.dates);
	weir_cache_free(b.by_name);
	out->items = b.items;
	out->count = b.count;
	out->date_count = b.dates;
	return err;
}
