/* Rows of access, for a moment. */
#include "config.h"
#include "meta/recent.h"

#include "base/cache.h"
#include "base/hash.h"

#include <stdlib.h>

enum {
	ENTRIES = 128,
	LIFE_MS = 60 * 1000,
	DIGEST = 32,
	PARTS_MAX = 64,                /* of what is digested */
};

struct weir_recent {
	weir_cache *cache;
};

struct rows {
	size_t count;
	PGresult *res[WEIR_PG_ASKS_MAX];
};

static void drop(void *value)
{
	struct rows *rows = value;

	for (size_t i = 0; rows && i < rows->count; i++)
		PQclear(rows->res[i]);
	free(rows);
}

weir_recent *weir_recent_new(void)
{
	weir_recent *r = calloc(1, sizeof(*r));

	if (r && (r->cache = weir_cache_new(ENTRIES, drop)))
		return r;
	free(r);
	return NULL;
}

void weir_recent_free(weir_recent *r)
{
	if (!r)
		return;
	weir_cache_free(r->cache);
	free(r);
}

/* Of the statements and their parameters, which no NUL is in; false when there are too many. */
static bool key_of(const struct weir_pg_ask *asks, size_t count, uint8_t key[DIGEST])
{
	weir_text part[PARTS_MAX], end = { "", 1 };
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (n + 2 + 2 * (size_t)asks[i].nparams > PARTS_MAX)
			return false;
		part[n++] = weir_text_of(asks[i].sql);
		part[n++] = end;
		for (int k = 0; k < asks[i].nparams; k++) {
			part[n++] = asks[i].params[k];
			part[n++] = end;
		}
	}
	return !weir_sha256(part, n, key);
}

PGresult *const *weir_recent_find(weir_recent *r, const struct weir_pg_ask *asks, size_t count, int64_t now_ms)
{
	uint8_t key[DIGEST];
	struct rows *rows = key_of(asks, count, key) ? weir_cache_get(r->cache, (weir_text){ (const char *)key, sizeof(key) }, now_ms, NULL) : NULL;

	return rows && rows->count == count ? rows->res : NULL;
}

void weir_recent_keep(weir_recent *r, const struct weir_pg_ask *asks, size_t count, int64_t now_ms)
{
	struct rows *rows = count <= WEIR_PG_ASKS_MAX ? calloc(1, sizeof(*rows)) : NULL;
	uint8_t key[DIGEST];
	bool good = rows && key_of(asks, count, key);

	for (size_t i = 0; i < count && good; i++) {
		rows->res[rows->count] = PQcopyResult(asks[i].res, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);
		good = rows->res[rows->count++] != NULL;
	}
	if (good)
		weir_cache_put(r->cache, (weir_text){ (const char *)key, sizeof(key) }, rows, now_ms, LIFE_MS);
	else
		drop(rows);
}

static bool equal(const PGresult *a, const PGresult *b)
{
	if (PQntuples(a) != PQntuples(b) || PQnfields(a) != PQnfields(b))
		return false;
	for (int row = 0; row < PQntuples(a); row++)
		for (int column = 0; column < PQnfields(a); column++) {
			int length = PQgetlength(a, row, column);

			if (PQgetisnull(a, row, column) != PQgetisnull(b, row, column) || length != PQgetlength(b, row, column) ||
			    memcmp(PQgetvalue(a, row, column), PQgetvalue(b, row, column), (size_t)length) != 0)
				return false;
		}
	return true;
}

bool weir_recent_equal(PGresult *const *rows, const struct weir_pg_ask *asks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!asks[i].res || !equal(rows[i], asks[i].res))
			return false;
	return true;
}

void weir_recent_forget(weir_recent *r)
{
	weir_cache_clear(r->cache);
}
