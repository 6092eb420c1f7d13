/* Rows of profiles and groups, from ClickHouse's RowBinary to what the script adopts. */
#include "config.h"
#include "ingest/peoplebase.h"

#include <stdlib.h>

enum {
	ANSWER_MAX = 64 * 1024 * 1024,
	ROW_MAX = 8 * 1024 * 1024,
};

/* Values of project_id and id are bound apart: what the two lists allow beyond what was asked for is passed over. */
static const char profiles_sql[] =
	"SELECT project_id, id, is_external, first_name, last_name, email, avatar, properties, groups,"
	" toUnixTimestamp64Milli(created_at), toUnixTimestamp64Milli(last_seen_at) FROM profiles"
	" WHERE project_id IN {projects:Array(String)} AND id IN {ids:Array(String)}"
	" ORDER BY last_seen_at DESC LIMIT 1 BY project_id, id";
static const char groups_sql[] =
	"SELECT project_id, id, type, name, properties, toInt64(toUnixTimestamp(created_at)), toInt64(version) FROM groups FINAL"
	" WHERE project_id IN {projects:Array(String)} AND id IN {ids:Array(String)} AND deleted = 0";

/* A place in an answer of format RowBinary; the first wrong byte latches bad. */
struct reader {
	const uint8_t *p, *end;
	weir_arena *mem;
	bool bad;
	weir_err err;
};

static uint64_t read_length(struct reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t b;

		if (r->p == r->end)
			break;
		b = *r->p++;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	r->bad = true;
	return 0;
}

static const uint8_t *read_bytes(struct reader *r, uint64_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

static weir_text read_text(struct reader *r)
{
	uint64_t n = read_length(r);
	const uint8_t *p = read_bytes(r, n);

	return p ? (weir_text){ (const char *)p, (size_t)n } : WEIR_TEXT("");
}

static int64_t read_int64(struct reader *r)
{
	const uint8_t *p = read_bytes(r, 8);
	uint64_t v = 0;

	for (int i = 7; p && i >= 0; i--)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* An array for as many items as the bytes that are left can hold. */
static void *read_count(struct reader *r, size_t size, size_t *count)
{
	uint64_t n = read_length(r);
	void *items;

	*count = 0;
	if (n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	items = n ? weir_alloc_n(r->mem, (size_t)n, size) : NULL;
	if (n && !items) {
		r->bad = true;
		r->err = WEIR_ENOMEM;
		return NULL;
	}
	*count = (size_t)n;
	return items;
}

static weir_texts read_texts(struct reader *r)
{
	weir_texts t;

	t.item = read_count(r, sizeof(*t.item), &t.count);
	for (size_t i = 0; i < t.count; i++)
		t.item[i] = read_text(r);
	return t;
}

static weir_map read_map(struct reader *r)
{
	weir_map m;

	m.item = read_count(r, sizeof(*m.item), &m.count);
	for (size_t i = 0; i < m.count; i++) {
		m.item[i].key = read_text(r);
		m.item[i].value = read_text(r);
	}
	return m;
}

static void read_profile(struct reader *r, weir_str *packed)
{
	struct weir_profile p = { 0 };
	const uint8_t *external = read_bytes(r, 1);

	p.is_external = external && *external;
	p.first_name = read_text(r);
	p.last_name = read_text(r);
	p.email = read_text(r);
	p.avatar = read_text(r);
	p.properties = read_map(r);
	p.groups = read_texts(r);
	p.created_at = read_int64(r);
	p.last_seen_at = read_int64(r);
	weir_profile_row_pack(&p, packed);
}

static void read_group(struct reader *r, weir_str *packed)
{
	struct weir_group g = { 0 };

	g.type = read_text(r);
	g.name = read_text(r);
	g.properties = read_map(r);
	g.created_at = read_int64(r) * 1000;
	g.version = read_int64(r);
	weir_group_row_pack(&g, packed);
}

static int cmp_text(weir_text a, weir_text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int cmp_base(const void *a, const void *b)
{
	const struct weir_base *const *x = a, *const *y = b;
	int c = cmp_text((*x)->id, (*y)->id);

	return c ? c : cmp_text((*x)->project_id, (*y)->project_id);
}

static weir_err read_rows(struct reader *r, struct weir_base **sorted, size_t count, void (*read_row)(struct reader *r, weir_str *packed))
{
	weir_str packed;
	weir_err err = WEIR_OK;

	weir_str_init(&packed, ROW_MAX);
	while (!err && !r->bad && r->p < r->end) {
		struct weir_base key = { .project_id = read_text(r) }, *wanted = &key, **found;

		key.id = read_text(r);
		weir_str_reset(&packed);
		read_row(r, &packed);
		found = bsearch(&wanted, sorted, count, sizeof(wanted), cmp_base);
		if (!found || r->bad)
			continue;
		(*found)->row = weir_text_dup(r->mem, weir_str_view(&packed));
		err = weir_str_err(&packed) ? weir_str_err(&packed) : (*found)->row.p ? WEIR_OK : WEIR_ENOMEM;
	}
	weir_str_free(&packed);
	return err ? err : r->bad ? r->err : WEIR_OK;
}

static size_t distinct_projects(const struct weir_base *bases, size_t count, weir_text *out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		size_t k = 0;

		while (k < n && !weir_text_eq(out[k], bases[i].project_id))
			k++;
		if (k == n)
			out[n++] = bases[i].project_id;
	}
	return n;
}

static const struct {
	const char *sql;
	void (*read_row)(struct reader *r, weir_str *packed);
} kinds[] = {
	[WEIR_BASE_PROFILE] = { profiles_sql, read_profile },
	[WEIR_BASE_GROUP] = { groups_sql, read_group },
};

weir_err weir_bases_ask(weir_arena *mem, enum weir_base_kind kind, struct weir_base *base, size_t count, struct weir_bases *b)
{
	weir_text *projects = weir_alloc_n(mem, count, sizeof(*projects)), *ids = weir_alloc_n(mem, count, sizeof(*ids));

	*b = (struct weir_bases){ .base = base, .count = count, .kind = kind, .mem = mem, .params = { { .name = "projects" }, { .name = "ids" } } };
	b->sorted = weir_alloc_n(mem, count, sizeof(*b->sorted));
	if (!projects || !ids || !b->sorted)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		base[i].row = (weir_text){ NULL, 0 };
		ids[i] = base[i].id;
		b->sorted[i] = &base[i];
	}
	qsort(b->sorted, count, sizeof(*b->sorted), cmp_base);
	b->params[0].value = weir_ch_array(mem, projects, distinct_projects(base, count, projects));
	b->params[1].value = weir_ch_array(mem, ids, count);
	if (!b->params[0].value.p || !b->params[1].value.p)
		return WEIR_ENOMEM;
	weir_str_init(&b->answer, ANSWER_MAX);
	b->job = (struct weir_ch_job){
		.query = { .sql = kinds[kind].sql, .params = b->params, .nparams = 2, .format = "RowBinary", .read_only = true, .answer_max = ANSWER_MAX },
		.out = &b->answer,
	};
	return WEIR_OK;
}

weir_err weir_bases_read(struct weir_bases *b)
{
	weir_err err = b->job.err;

	if (!err) {
		struct reader r = { .mem = b->mem, .err = WEIR_EBADGATEWAY, .p = (const uint8_t *)b->answer.buf };

		r.end = r.p + b->answer.len;
		err = read_rows(&r, b->sorted, b->count, kinds[b->kind].read_row);
	}
	weir_str_free(&b->answer);
	return err;
}

weir_err weir_bases_fetch(weir_ch *ch, weir_arena *mem, enum weir_base_kind kind, struct weir_base *base, size_t count)
{
	struct weir_bases b;
	weir_err err = weir_bases_ask(mem, kind, base, count, &b);

	if (err)
		return err;
	weir_ch_run_all(ch, &b.job, 1);
	return weir_bases_read(&b);
}
