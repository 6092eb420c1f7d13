#include "config.h"
#include "meta/gsc.h"

#include "base/jsonw.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/str.h"
#include "meta/oauth_form.h"
#include "meta/project.h"

/* Google's side of a connection: OAuth 2.0 with PKCE, and the API of Search Console. */

enum {
	MARGIN_MS = 60 * 1000,            /* a token that ends so soon is as good as ended */
	HOUR_S = 3600,
	ANSWER_MAX = 16 * 1024 * 1024,    /* 25 000 rows */
};
#define SCOPE "https://www.googleapis.com/auth/webmasters.readonly"

bool weir_gsc_configured(const struct weir_conf *conf)
{
	return *conf->oauth_google_client_id && *conf->oauth_google_client_secret && weir_seal_is_key(weir_text_of(conf->api_encryption_key));
}

weir_err weir_gsc_begin(const struct weir_meta *m, struct weir_oauth_start *start)
{
	weir_text base = weir_oauth_join(m->mem, weir_without_slashes(weir_text_of(m->conf->oauth_google_url)), WEIR_TEXT("/o/oauth2/v2/auth"));
	char challenge[48];
	weir_err err;

	weir_oauth_secret(start->state);
	weir_oauth_secret(start->verifier);
	err = weir_oauth_challenge(weir_text_of(start->verifier), challenge);
	if (err)
		return err;
	start->url = weir_oauth_form(m->mem, base, (struct weir_pair[]){
		{ "response_type", WEIR_TEXT("code") }, { "client_id", weir_text_of(m->conf->oauth_google_client_id) },
		{ "state", weir_text_of(start->state) }, { "code_challenge_method", WEIR_TEXT("S256") }, { "code_challenge", weir_text_of(challenge) },
		{ "scope", WEIR_TEXT(SCOPE) }, { "redirect_uri", weir_oauth_back(m, "/gsc/callback") }, { "access_type", WEIR_TEXT("offline") },
		{ "prompt", WEIR_TEXT("consent") },
	}, 9);
	return base.p && start->url.p ? WEIR_OK : WEIR_ENOMEM;
}

/* ------------------------------------------------------------ tokens */

struct tokens {
	weir_text access, refresh;        /* refresh is empty when Google keeps to the one before */
	int64_t expires_ms;
};

static weir_err ask_tokens(const struct weir_meta *m, const struct weir_pair *pairs, size_t count, struct tokens *out)
{
	struct weir_oauth_client client = weir_oauth_client(m->conf, WEIR_PROVIDER_google);
	struct weir_http in = {
		.url = weir_text_of(m->conf->oauth_google_token_url), .form = weir_oauth_form(m->mem, (weir_text){ NULL, 0 }, pairs, count),
		.user = client.id, .password = client.secret,
	};
	json_object *answer, *seconds;
	weir_err err = in.form.p ? weir_oauth_json(m, &in, &answer) : WEIR_ENOMEM;

	if (err)
		return err;
	seconds = weir_jsonr_get(answer, "expires_in");
	*out = (struct tokens){
		weir_jsonr_get_text(answer, "access_token"), weir_jsonr_get_text(answer, "refresh_token"),
		m->now_ms + 1000 * (weir_jsonr_is_number(seconds) ? json_object_get_int64(seconds) : HOUR_S),
	};
	return out->access.n ? WEIR_OK : WEIR_EBADGATEWAY;
}

weir_err weir_gsc_finish(const struct weir_meta *m, weir_text project_id, weir_text code, weir_text verifier)
{
	static const char sql[] =
		"INSERT INTO \"gsc_connections\" AS t (\"projectId\", \"siteUrl\", \"accessToken\", \"refreshToken\", \"accessTokenExpiresAt\", \"createdAt\","
		" \"updatedAt\") VALUES ($1, '', $2, $3, $4, $5, $5) ON CONFLICT (\"projectId\") DO UPDATE SET \"accessToken\" = excluded.\"accessToken\","
		" \"refreshToken\" = excluded.\"refreshToken\", \"accessTokenExpiresAt\" = excluded.\"accessTokenExpiresAt\", \"lastSyncStatus\" = NULL,"
		" \"lastSyncError\" = NULL, \"updatedAt\" = excluded.\"updatedAt\"";
	weir_text key = weir_text_of(m->conf->api_encryption_key), params[5] = { project_id };
	struct weir_pair pairs[] = {
		{ "grant_type", WEIR_TEXT("authorization_code") }, { "code", code }, { "redirect_uri", weir_oauth_back(m, "/gsc/callback") },
		{ "code_verifier", verifier },
	};
	struct tokens t;
	PGresult *res;
	weir_err err = ask_tokens(m, pairs, 4, &t);

	if (!err && !t.refresh.n) {
		weir_log(LOG_ERR, "gsc", "error=\"%s\"", "Google gave no refresh token");
		err = WEIR_EBADGATEWAY;
	}
	if (!err)
		err = weir_seal(m->mem, key, t.access, &params[1]);
	if (!err)
		err = weir_seal(m->mem, key, t.refresh, &params[2]);
	if (err)
		return err;
	params[3] = weir_pg_time_param(m->mem, t.expires_ms);
	params[4] = weir_meta_now(m);
	return weir_meta_run(m, &res, sql, 5, params);
}

static weir_err renew(const struct weir_meta *m, weir_text project_id, weir_text refresh, weir_text *bearer)
{
	static const char sql[] = "UPDATE \"gsc_connections\" SET \"accessToken\" = $2, \"accessTokenExpiresAt\" = $3, \"updatedAt\" = $4 WHERE \"projectId\" = $1";
	struct weir_pair pairs[] = { { "grant_type", WEIR_TEXT("refresh_token") }, { "refresh_token", refresh } };
	weir_text params[4] = { project_id };
	struct tokens t;
	PGresult *res;
	weir_err err = ask_tokens(m, pairs, 2, &t);

	if (!err)
		err = weir_seal(m->mem, weir_text_of(m->conf->api_encryption_key), t.access, &params[1]);
	if (err)
		return err;
	params[2] = weir_pg_time_param(m->mem, t.expires_ms);
	params[3] = weir_meta_now(m);
	*bearer = t.access;
	return weir_meta_run(m, &res, sql, 4, params);
}

weir_err weir_gsc_open(const struct weir_meta *m, weir_text project_id, struct weir_gsc_link *link)
{
	static const char sql[] = "SELECT \"siteUrl\", \"accessToken\", \"refreshToken\", \"accessTokenExpiresAt\" FROM \"gsc_connections\" WHERE \"projectId\" = $1";
	weir_text key = weir_text_of(m->conf->api_encryption_key), refresh;
	PGresult *res;
	weir_err err = weir_meta_run(m, &res, sql, 1, &project_id);

	if (err || !PQntuples(res))
		return err ? err : WEIR_ENOTFOUND;
	link->site = weir_pg_text(res, 0, 0);
	err = weir_unseal(m->mem, key, weir_pg_text(res, 0, 1), &link->bearer);
	if (!err)
		err = weir_unseal(m->mem, key, weir_pg_text(res, 0, 2), &refresh);
	if (err == WEIR_EBADREQ) {
		weir_log(LOG_ERR, "gsc", "project=%.*s error=\"%s\"", (int)project_id.n, project_id.p,
			"the tokens cannot be read: api.encryption_key is missing, or another one than when they were stored");
		return WEIR_EFORBID;
	}
	if (err || weir_pg_time(res, 0, 3) > m->now_ms + MARGIN_MS)
		return err;
	return renew(m, project_id, refresh, &link->bearer);
}

/* ------------------------------------------------------------ questions */

weir_err weir_gsc_sites(const struct weir_meta *m, const struct weir_gsc_link *link, json_object **entries)
{
	struct weir_http in = {
		.url = weir_oauth_join(m->mem, weir_without_slashes(weir_text_of(m->conf->oauth_google_search_url)), WEIR_TEXT("/sites")), .bearer = link->bearer,
	};
	json_object *answer;
	weir_err err = in.url.p ? weir_oauth_json(m, &in, &answer) : WEIR_ENOMEM;

	*entries = err ? NULL : weir_jsonr_get(answer, "siteEntry");
	return err;
}

static weir_text query_url(const struct weir_meta *m, weir_text site)
{
	weir_str url;
	weir_text kept;

	weir_str_init(&url, 16 * 1024);
	weir_str_text(&url, weir_without_slashes(weir_text_of(m->conf->oauth_google_search_url)));
	weir_str_puts(&url, "/sites/");
	weir_str_component(&url, site);
	weir_str_puts(&url, "/searchAnalytics/query");
	kept = weir_str_err(&url) ? (weir_text){ NULL, 0 } : weir_text_dup(m->mem, weir_str_view(&url));
	weir_str_free(&url);
	return kept;
}

static void put_filter(weir_json *j, const struct weir_gsc_question *q)
{
	if (!q->by)
		return;
	weir_json_arr(j, "dimensionFilterGroups");
	weir_json_obj(j, NULL);
	weir_json_arr(j, "filters");
	weir_json_obj(j, NULL);
	weir_json_strz(j, "dimension", q->by);
	weir_json_strz(j, "operator", "equals");
	weir_json_str(j, "expression", q->value);
	weir_json_end(j);
	weir_json_end(j);
	weir_json_end(j);
	weir_json_end(j);
}

weir_err weir_gsc_ask(const struct weir_meta *m, const struct weir_gsc_link *link, const struct weir_gsc_question *q, json_object **rows)
{
	struct weir_http in = { .url = query_url(m, link->site), .bearer = link->bearer, .answer_max = ANSWER_MAX };
	json_object *answer;
	weir_str body;
	weir_json j;
	weir_err err;

	weir_str_init(&body, 64 * 1024);
	weir_json_init(&j, &body);
	weir_json_obj(&j, NULL);
	weir_json_str(&j, "startDate", q->first);
	weir_json_str(&j, "endDate", q->last);
	weir_json_arr(&j, "dimensions");
	for (int i = 0; i < 2 && q->dimension[i]; i++)
		weir_json_strz(&j, NULL, q->dimension[i]);
	weir_json_end(&j);
	put_filter(&j, q);
	weir_json_int(&j, "rowLimit", q->limit);
	weir_json_int(&j, "startRow", q->from);
	weir_json_strz(&j, "dataState", "all");
	weir_json_end(&j);
	err = weir_json_done(&j);
	if (!err)
		in.json = weir_text_dup(m->mem, weir_str_view(&body));
	weir_str_free(&body);
	if (!err)
		err = in.url.p && in.json.p ? weir_oauth_json(m, &in, &answer) : WEIR_ENOMEM;
	*rows = err ? NULL : weir_jsonr_get(answer, "rows");
	return err;
}
