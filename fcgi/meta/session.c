#include "config.h"
#include "meta/session.h"

#include "base/hash.h"
#include "meta/access.h"
#include "meta/recent.h"
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

/* Neither to be extended nor to be deleted: such a thing is done only because of what is so now. */
static bool is_settled(const struct weir_meta *m, const PGresult *session)
{
	return PQntuples(session) && m->now_ms < weir_pg_time(session, 0, WEIR_SESSION_EXPIRES_AT) - RENEW_DAYS * DAY_MS;
}

/* The session, and in the same round trip the questions of access that will follow. */
static weir_err ask(const struct weir_meta *m, weir_text id, PGresult **res)
{
	static const char sql[] = "SELECT " WEIR_COLUMNS_SESSION ", " WEIR_JOINED_USER
		" FROM \"sessions\" t JOIN \"users\" u ON u.\"id\" = t.\"userId\" WHERE t.\"id\" = $1";
	struct weir_ahead *a = m->ahead;
	size_t count = a ? 1 + (size_t)a->count : 0;
	weir_err err;

	if (count < 2)
		return weir_pg_exec(m->pg, m->mem, res, sql, 1, &id);
	for (size_t i = 0; i < count; i++) {
		a->param[i][0] = id;
		a->ask[i] = (struct weir_pg_ask){ sql, 1, a->param[i], NULL };
		if (!i)
			continue;
		a->param[i][1] = a->item[i - 1].id;
		a->ask[i].sql = weir_entities[a->item[i - 1].kind].by_session;
		a->ask[i].nparams = 2;
	}
	a->unproven = a->recent ? weir_recent_find(a->recent, a->ask, count, m->now_ms) : NULL;
	if (a->unproven && !is_settled(m, a->unproven[0]))
		a->unproven = NULL;
	err = a->unproven ? WEIR_OK : weir_pg_pipe(m->pg, m->mem, a->ask, count);
	if (err)
		return err;
	if (!a->unproven && a->recent && is_settled(m, a->ask[0].res))
		weir_recent_keep(a->recent, a->ask, count, m->now_ms);
	for (int i = 0; i < a->count; i++)
		a->item[i].res = a->unproven ? a->unproven[1 + i] : a->ask[1 + i].res;
	*res = a->unproven ? a->unproven[0] : a->ask[0].res;
	return WEIR_OK;
}

void weir_session_prove(const struct weir_meta *m)
{
	struct weir_ahead *a = m->ahead;

	if (a->unproven && !a->proving)
		a->proof_err = weir_pg_pipe_send(m->pg, m->mem, a->ask, 1 + (size_t)a->count);
	a->proving = true;
}

weir_err weir_session_proven(const struct weir_meta *m, bool *same)
{
	struct weir_ahead *a = m->ahead;
	weir_err err;

	weir_session_prove(m);
	err = a->proof_err ? a->proof_err : weir_pg_pipe_read(m->pg);
	*same = !err && weir_recent_equal(a->unproven, a->ask, 1 + (size_t)a->count);
	a->unproven = NULL;
	if (!*same)
		weir_recent_forget(a->recent);
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
