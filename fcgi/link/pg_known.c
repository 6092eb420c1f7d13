#include "config.h"
#include "link/pg_known.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bit. */
static uint64_t hash_of(const char *sql, size_t *n)
{
	uint64_t h = 14695981039346656037u;
	const char *p = sql;

	for (; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	*n = (size_t)(p - sql);
	return h;
}

struct weir_pg_statement *weir_pg_known_get(struct weir_pg_known *known, const char *sql)
{
	size_t n, at = hash_of(sql, &n) % WEIR_PG_KNOWN;
	struct weir_pg_statement *s;

	if (n > WEIR_PG_KNOWN_SQL_MAX)
		return NULL;
	for (; (s = &known->place[at])->sql; at = (at + 1) % WEIR_PG_KNOWN)
		if (!strcmp(s->sql, sql))
			return s;
	if (known->used >= WEIR_PG_KNOWN / 4 * 3 || !(s->sql = strdup(sql)))
		return NULL;
	known->used++;
	snprintf(s->name, sizeof(s->name), "weir%zu", at);
	return NULL;
}

void weir_pg_known_forget(struct weir_pg_known *known)
{
	for (size_t i = 0; i < WEIR_PG_KNOWN; i++)
		known->place[i].ready = false;
}

void weir_pg_known_free(struct weir_pg_known *known)
{
	for (size_t i = 0; i < WEIR_PG_KNOWN; i++)
		free(known->place[i].sql);
}
