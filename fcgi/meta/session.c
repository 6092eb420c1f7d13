#include "config.h"
#include "meta/session.h"

#include "base/hash.h"
#include "meta/access.h"
#include "meta/record.h"

static const int64_t DAY_MS = 86400000;
enum { LIFE_DAYS = 30, RENEW_DAYS = 15 };

static weir_err id_of(const struct weir_meta *m, weir_text token, weir_text *id)
{
	uint8_t digest[32];
	char *hex = weir_alloc(m->mem, 2 * sizeof(digest) + 1);
	weir_err err = hex ? weir_sha256(&token, 1, digest) : WEIR_ENOMEM;

	if (err)
		return err;
	weir_hex(digest, sizeof(digest), hex);
	*id = (weir_text){ hex, 2 * sizeof(digest) };
	return WEIR_OK;
}

weir_err weir_session_delete(const struct weir_meta *m, weir_text session_id)
{
	PGresult *res;

	return weir_pg_exec(m->pg, m->mem, &res, "DELETE FROM \"sessions\" WHERE \"id\" = $1", 1, &session_id);
}

static weir_err resolve_demo(const struct weir_meta *m, struct weir_viewer *viewer)
{
	weir_text id = weir_text_of(m->conf->api_demo_user);
	weir_err err = weir_pg_exec(m->pg, m->mem, &viewer->user, "SELECT " WEIR_COLUMNS_USER " FROM \"users\" t WHERE t.\"id\" = $1", 1, &id);

	if (err || !PQntuples(viewer->user))
		return err;
	viewer->user_id = weir_pg_text(viewer->user, 0, WEIR_USER_ID);
	viewer->session_id = WEIR_TEXT("1");
	viewer->expires_at = m->now_ms + 365 * LIFE_DAYS * DAY_MS;
	viewer->demo = true;
	return WEIR_OK;
}

static weir_err extend(const struct weir_meta *m, struct weir_viewer *viewer)
{
	static const char sql[] = "UPDATE \"sessions\" t SET \"expiresAt\" = $2, \"updatedAt\" = $3 WHERE t.\"id\" = $1"
		" RETURNING " WEIR_COLUMNS_SESSION;
	weir_text params[3] = { viewer->session_id, weir_pg_time_param(m->mem, m->now_ms + LIFE_DAYS * DAY_MS),
		weir_pg_time_param(m->mem, m->now_ms) };
	PGresult *res;
	weir_err err = weir_pg_exec(m->pg, m->mem, &res, sql, 3, params);

	if (!err && PQntuples(res)) {
		viewer->session = res;
		viewer->expires_at = m->now_ms + LIFE_DAYS * DAY_MS;
	}
	return err;
}

/* The session, and in the same round trip the questions of access that will follow. */
static weir_err ask(const struct weir_meta *m, weir_text id, PGresult **res)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_SESSION ", " WEIR_JOINED_USER
		" FROM \"sessions\" t JOIN \"users\" u ON u.\"id\" = t.\"userId\" WHERE t.\"id\" = $1";
	struct weir_pg_ask asks[1 + WEIR_AHEAD_MAX] = { { sql, 1, &id, NULL } };
	weir_text params[WEIR_AHEAD_MAX][2];
	int n = m->ahead ? m->ahead->count : 0;
	weir_err err;

	if (!n)
		return weir_pg_exec(m->pg, m->mem, res, sql, 1, &id);
	for (int i = 0; i < n; i++) {
		params[i][0] = id;
		params[i][1] = m->ahead->item[i].id;
		asks[1 + i] = (struct weir_pg_ask){ weir_entities[m->ahead->item[i].kind].by_session, 2, params[i], NULL };
	}
	err = weir_pg_pipe(m->pg, m->mem, asks, 1 + (size_t)n);
	for (int i = 0; i < n && !err; i++)
		m->ahead->item[i].res = asks[1 + i].res;
	*res = asks[0].res;
	return err;
}

weir_err weir_session_resolve(const struct weir_meta *m, weir_text token, struct weir_viewer *viewer)
{
	PGresult *res;
	weir_text id;
	weir_err err;

	*viewer = (struct weir_viewer){ .demo = false };
	if (*m->conf->api_demo_user)
		return resolve_demo(m, viewer);
	if (token.n != WEIR_SESSION_TOKEN_LEN) /* nothing of another length was ever handed out */
		return WEIR_OK;
	err = id_of(m, token, &id);
	if (!err)
		err = ask(m, id, &res);
	if (err || !PQntuples(res))
		return err;
	viewer->expires_at = weir_pg_time(res, 0, WEIR_SESSION_EXPIRES_AT);
	if (m->now_ms >= viewer->expires_at)
		return weir_session_delete(m, id);
	viewer->session = viewer->user = res;
	viewer->user_column = WEIR_SESSION_COUNT;
	viewer->session_id = weir_pg_text(res, 0, WEIR_SESSION_ID);
	viewer->user_id = weir_pg_text(res, 0, WEIR_SESSION_USER_ID);
	if (m->ahead)
		m->ahead->user_id = viewer->user_id;
	return m->now_ms >= viewer->expires_at - RENEW_DAYS * DAY_MS ? extend(m, viewer) : WEIR_OK;
}

weir_err weir_session_create(const struct weir_meta *m, weir_text user_id, char token[WEIR_SESSION_TOKEN_LEN + 1], PGresult **row)
{
	static const char sql[] = "INSERT INTO \"sessions\" AS t (\"id\", \"userId\", \"expiresAt\", \"createdAt\", \"updatedAt\")"
		" VALUES ($1, $2, $3, $4, $4) RETURNING " WEIR_COLUMNS_SESSION;
	weir_text params[4] = { { NULL, 0 }, user_id, weir_pg_time_param(m->mem, m->now_ms + LIFE_DAYS * DAY_MS),
		weir_pg_time_param(m->mem, m->now_ms) };
	uint8_t random[20];
	weir_err err;

	weir_random(random, sizeof(random));
	weir_base32(random, sizeof(random), token);
	err = id_of(m, (weir_text){ token, WEIR_SESSION_TOKEN_LEN }, &params[0]);
	return err ? err : weir_pg_exec(m->pg, m->mem, row, sql, 4, params);
}
