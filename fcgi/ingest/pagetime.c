/* Page times from Redis to ClickHouse. */
#include "config.h"
#include "ingest/pagetime.h"

#include "base/id.h"
#include "base/log.h"
#include "ingest/eventsupdate.h"
#include "ingest/rowpack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	CALL_MAX = 10000,              /* times of one call */
	STATEMENT_MAX = 2000,          /* of one statement */
	SCAN = 1000,
	MEMORY_MAX = 64 * 1024 * 1024,
	PACKED_MAX = 16 * 1024 * 1024,
};
/* Views of one statement lie so close, so that it looks into few parts; those of live visits are hours old at most. */
#define SPAN_MS INT64_C(21600000)

struct time {
	weir_text id, value;           /* as noted */
	weir_text project_id;
	int64_t at, spent;
};

struct times {
	weir_arena *mem;
	struct time *item;
	size_t count;
	weir_str damaged;              /* id and value of what cannot be read: forgotten */
};

static weir_err note(void *ctx, const struct weir_noted_page *page)
{
	struct times *t = ctx;
	struct time one = { .id = weir_text_dup(t->mem, page->id), .value = weir_text_dup(t->mem, page->value) };
	struct weir_unpack u;
	msgpack_packer pk;

	if (t->count == CALL_MAX)
		return WEIR_OK; /* seen by the next call */
	if (!one.id.p || !one.value.p)
		return WEIR_ENOMEM;
	weir_unpack_init(&u, t->mem, one.value);
	one.project_id = weir_unpack_text(&u);
	one.at = weir_unpack_int(&u);
	one.spent = weir_unpack_int(&u);
	if (one.id.n == 16 && one.spent > 0 && !weir_unpack_done(&u)) {
		t->item[t->count++] = one;
		return WEIR_OK;
	}
	weir_log(LOG_ERR, "pagetime", "error=\"a page time in Redis is damaged, and is forgotten\"");
	weir_rowpack_init(&pk, &t->damaged);
	weir_pack_text(&pk, one.id);
	weir_pack_text(&pk, one.value);
	return weir_str_err(&t->damaged);
}

static int by_time(const void *a, const void *b)
{
	const struct time *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* How many from the first on go into one statement. */
static size_t group(const struct time *t, size_t count)
{
	size_t n = 1;

	while (n < count && n < STATEMENT_MAX && t[n].at - t[0].at <= SPAN_MS)
		n++;
	return n;
}

static const char statement[] =
	"SET duration = transform(id, {ids:Array(UUID)}, {durations:Array(UInt64)}, duration)"
	" WHERE project_id IN {projects:Array(String)} AND created_at >= fromUnixTimestamp64Milli({first:Int64})"
	" AND created_at <= fromUnixTimestamp64Milli({last:Int64}) AND id IN {ids:Array(UUID)}";

static weir_text int_text(weir_arena *mem, int64_t v)
{
	char buf[24];
	int n = snprintf(buf, sizeof(buf), "%" PRId64, v);

	return weir_text_dup(mem, (weir_text){ buf, (size_t)n });
}

/* "[1,2]"; {NULL, 0} on no memory. */
static weir_text durations(weir_arena *mem, const struct time *t, size_t count)
{
	weir_text value = { NULL, 0 };
	weir_str s;

	weir_str_init(&s, PACKED_MAX);
	for (size_t i = 0; i < count; i++)
		weir_str_addf(&s, "%c%" PRId64, i ? ',' : '[', t[i].spent);
	weir_str_putc(&s, ']');
	if (!weir_str_err(&s))
		value = weir_text_dup(mem, weir_str_view(&s));
	weir_str_free(&s);
	return value;
}

static weir_err update(const struct weir_conf *conf, weir_ch *ch, weir_arena *mem, const struct time *t, size_t count)
{
	weir_text *ids = weir_alloc_n(mem, count, sizeof(*ids)), *projects = weir_alloc_n(mem, count, sizeof(*projects));
	struct weir_ch_arg params[5];
	size_t nprojects = 0;

	if (!ids || !projects)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		char text[WEIR_UUID_LEN + 1];
		size_t p = 0;

		weir_uuid_text((const uint8_t *)t[i].id.p, text);
		ids[i] = weir_text_dup(mem, weir_text_of(text));
		while (p < nprojects && !weir_text_eq(projects[p], t[i].project_id))
			p++;
		projects[p] = t[i].project_id;
		nprojects += p == nprojects;
	}
	params[0] = (struct weir_ch_arg){ "ids", weir_ch_array(mem, ids, count) };
	params[1] = (struct weir_ch_arg){ "durations", durations(mem, t, count) };
	params[2] = (struct weir_ch_arg){ "projects", weir_ch_array(mem, projects, nprojects) };
	params[3] = (struct weir_ch_arg){ "first", int_text(mem, t[0].at) };
	params[4] = (struct weir_ch_arg){ "last", int_text(mem, t[count - 1].at) };
	if (weir_arena_failed(mem) || !params[0].value.p || !params[1].value.p || !params[2].value.p)
		return WEIR_ENOMEM;
	return weir_events_update(conf, ch, statement, params, 5);
}

static weir_err changed(weir_stream *stream, const struct time *t, size_t count)
{
	weir_changed days = { .count = 0 };
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < count && !err; i++)
		err = weir_changed_add(&days, t[i].project_id, t[i].at);
	if (!err)
		err = weir_stream_changed(stream, &days);
	weir_changed_free(&days);
	return err;
}

static weir_err forget(weir_stream *stream, const struct time *t, size_t count)
{
	msgpack_packer pk;
	weir_str packed;
	weir_err err;

	weir_str_init(&packed, PACKED_MAX);
	weir_rowpack_init(&pk, &packed);
	for (size_t i = 0; i < count; i++) {
		weir_pack_text(&pk, t[i].id);
		weir_pack_text(&pk, t[i].value);
	}
	err = weir_str_err(&packed);
	if (!err)
		err = weir_stream_pages_done(stream, weir_str_view(&packed));
	weir_str_free(&packed);
	return err;
}

static weir_err write_all(const struct weir_conf *conf, weir_stream *stream, weir_ch *ch, struct times *t, int64_t *written)
{
	weir_err err = t->damaged.len ? weir_stream_pages_done(stream, weir_str_view(&t->damaged)) : WEIR_OK;

	if (t->count)
		qsort(t->item, t->count, sizeof(*t->item), by_time);
	for (size_t at = 0, n; at < t->count && !err; at += n) {
		n = group(t->item + at, t->count - at);
		err = weir_stream_hold(stream, WEIR_TEXT(""), NULL);
		if (!err)
			err = update(conf, ch, t->mem, t->item + at, n);
		if (!err)
			err = changed(stream, t->item + at, n);
		if (!err)
			err = forget(stream, t->item + at, n);
		if (!err)
			*written += (int64_t)n;
	}
	return err;
}

weir_err weir_pagetime_write(const struct weir_conf *conf, weir_stream *stream, weir_ch *ch, int64_t *written, bool *more)
{
	struct times t = { .mem = weir_arena_new(MEMORY_MAX) };
	uint64_t cursor = 0;
	weir_err err = WEIR_OK;

	*more = false;
	weir_str_init(&t.damaged, PACKED_MAX);
	t.item = t.mem ? weir_alloc_n(t.mem, CALL_MAX, sizeof(*t.item)) : NULL;
	if (!t.item)
		err = WEIR_ENOMEM;
	do {
		if (!err)
			err = weir_stream_pages(stream, &cursor, SCAN, note, &t);
	} while (!err && cursor && t.count < CALL_MAX);
	if (!err)
		err = write_all(conf, stream, ch, &t, written);
	*more = !err && t.count == CALL_MAX;
	weir_str_free(&t.damaged);
	weir_arena_free(t.mem);
	return err;
}
