/* Making and forgetting salts. */
#include "config.h"
#include "ingest/salts.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

enum { SALT_BYTES = 16, DAY_MS = 24 * 60 * 60 * 1000 };

/* Any number, the same for all workers of a database. */
#define LOCK_SQL "SELECT pg_advisory_xact_lock(847265018)"

static weir_err insert(weir_pg *pg, weir_arena *mem, int64_t at_ms)
{
	uint8_t bytes[SALT_BYTES];
	char salt[2 * SALT_BYTES + 1];
	PGresult *res;

	weir_random(bytes, sizeof(bytes));
	weir_hex(bytes, sizeof(bytes), salt);
	return weir_pg_exec(pg, mem, &res,
		"INSERT INTO salts (salt, \"createdAt\", \"updatedAt\") VALUES ($1, $2::timestamp, $2::timestamp)", 2,
		(weir_text[]){ weir_text_of(salt), weir_pg_time_param(mem, at_ms) });
}

static weir_err refresh(weir_pg *pg, weir_arena *mem, int64_t now_ms, bool rotate, bool *changed)
{
	PGresult *res;
	int64_t count, newest;
	weir_err err = weir_pg_exec(pg, mem, &res, LOCK_SQL, 0, NULL);

	if (!err)
		err = weir_pg_exec(pg, mem, &res, "SELECT count(*), max(\"createdAt\") FROM salts", 0, NULL);
	if (err)
		return err;
	count = weir_pg_int(res, 0, 0);
	newest = weir_pg_time(res, 0, 1);
	if (!count) {
		*changed = true;
		err = insert(pg, mem, now_ms - DAY_MS);
		return err ? err : insert(pg, mem, now_ms);
	}
	if (!rotate || newest >= now_ms - (now_ms % DAY_MS))
		return WEIR_OK;
	*changed = true;
	err = insert(pg, mem, now_ms);
	if (err)
		return err;
	return weir_pg_exec(pg, mem, &res,
		"DELETE FROM salts WHERE salt NOT IN (SELECT salt FROM salts ORDER BY \"createdAt\" DESC LIMIT 2)", 0, NULL);
}

weir_err weir_salts_refresh(weir_pg *pg, weir_arena *mem, int64_t now_ms, bool rotate, bool *changed)
{
	weir_err err = weir_pg_begin(pg);

	*changed = false;
	if (err)
		return err;
	err = refresh(pg, mem, now_ms, rotate, changed);
	if (!err)
		err = weir_pg_commit(pg);
	if (err) {
		weir_pg_rollback(pg);
		*changed = false;
	} else if (*changed) {
		weir_log(LOG_NOTICE, "salts", "a new salt is in use");
	}
	return err;
}
