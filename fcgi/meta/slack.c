#include "config.h"
#include "meta/slack.h"

#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "meta/access.h"
#include "meta/integration.h"
#include "meta/oauth_form.h"
#include "meta/project.h"
#include "meta/record.h"
#include "meta/secret.h"

#define SCOPES "incoming-webhook,chat:write,chat:write.public,team:read"

bool weir_slack_configured(const struct weir_conf *conf)
{
	return *conf->slack_client_id && *conf->slack_client_secret;
}

static weir_text at_slack(const struct weir_meta *m, const char *path)
{
	return weir_oauth_join(m->mem, weir_without_slashes(weir_text_of(m->conf->slack_url)), weir_text_of(path));
}

weir_err weir_slack_url(const struct weir_meta *m, weir_text user_id, weir_text integration_id, weir_text *url)
{
	weir_text state, base = at_slack(m, "/oauth/v2/authorize");
	weir_str value;
	weir_err err;

	weir_str_init(&value, 4096);
	weir_str_addf(&value, "slack|%.*s|%lld|%.*s", (int)integration_id.n, integration_id.p, (long long)(m->now_ms + WEIR_SLACK_SECONDS * 1000LL),
		(int)user_id.n, user_id.p);
	err = weir_str_err(&value);
	if (!err)
		err = weir_sign(m, weir_str_view(&value), &state);
	weir_str_free(&value);
	if (err)
		return err;
	*url = weir_oauth_form(m->mem, base, (struct weir_pair[]){
		{ "client_id", weir_text_of(m->conf->slack_client_id) }, { "scope", WEIR_TEXT(SCOPES) },
		{ "redirect_uri", weir_oauth_back(m, "/webhook/slack") }, { "state", state },
	}, 4);
	return url->p ? WEIR_OK : WEIR_ENOMEM;
}

/* The integration that the state names, when it is this user's, and still counts; else {NULL, 0}. */
static weir_err read_state(const struct weir_meta *m, weir_text user_id, weir_text state, weir_text *integration_id)
{
	weir_text value, kind = { NULL, 0 }, id = { NULL, 0 }, until = { NULL, 0 };
	int64_t until_ms;
	weir_err err = weir_unsign(m, state, &value);

	*integration_id = (weir_text){ NULL, 0 };
	if (err || !value.p || !weir_text_next(&value, '|', &kind) || !weir_text_next(&value, '|', &id) || !weir_text_next(&value, '|', &until))
		return err;
	if (weir_text_is(kind, "slack") && !weir_num_int(until, &until_ms) && until_ms >= m->now_ms && weir_text_eq(value, user_id))
		*integration_id = id;
	return WEIR_OK;
}

static weir_err exchange(const struct weir_meta *m, weir_text code, json_object **answer)
{
	struct weir_pair pairs[] = { { "code", code }, { "redirect_uri", weir_oauth_back(m, "/webhook/slack") } };
	struct weir_http in = {
		.url = at_slack(m, "/api/oauth.v2.access"), .form = weir_oauth_form(m->mem, (weir_text){ NULL, 0 }, pairs, 2),
		.user = weir_text_of(m->conf->slack_client_id), .password = weir_text_of(m->conf->slack_client_secret),
	};
	weir_err err = in.url.p && in.form.p ? weir_oauth_json(m, &in, answer) : WEIR_ENOMEM;
	weir_text why;

	if (err || json_object_get_boolean(weir_jsonr_get(*answer, "ok")))
		return err;
	why = weir_jsonr_get_text(*answer, "error");
	weir_log(LOG_ERR, "slack", "error=\"%.*s\"", (int)(why.n < 200 ? why.n : 200), why.p ? why.p : "");
	return WEIR_EBADGATEWAY;
}

/* What is kept of Slack's answer, as spec/trpc-metadata.md 6 has it; {NULL, 0} when there is no webhook in it. */
static weir_err config_of(const struct weir_meta *m, json_object *answer, weir_text *config)
{
	static const char *const members[] = { "ok", "app_id", "authed_user", "scope", "token_type", "access_token", "bot_user_id", "team", "incoming_webhook" };
	json_object *o = json_object_new_object();
	weir_err err = o && !json_object_object_add(o, "type", json_object_new_string("slack")) ? WEIR_OK : WEIR_ENOMEM;

	*config = (weir_text){ NULL, 0 };
	for (size_t i = 0; i < sizeof(members) / sizeof(*members) && !err; i++)
		if (weir_jsonr_has(answer, members[i]))
			err = json_object_object_add(o, members[i], json_object_get(weir_jsonr_get(answer, members[i]))) ? WEIR_ENOMEM : WEIR_OK;
	if (!err && weir_jsonr_get_text(weir_jsonr_get(o, "incoming_webhook"), "url").n) {
		*config = weir_text_dup(m->mem, weir_text_of(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN)));
		err = config->p ? WEIR_OK : WEIR_ENOMEM;
	}
	json_object_put(o);
	return err;
}

weir_err weir_slack_finish(const struct weir_meta *m, weir_text user_id, weir_text code, weir_text state, weir_text *organization_id,
	const char **why)
{
	weir_text id, config;
	json_object *answer;
	struct weir_access a;
	PGresult *rows;
	weir_err err = read_state(m, user_id, state, &id);

	*why = "The way back from Slack is not valid any more; begin again";
	if (err || !id.p)
		return err ? err : WEIR_EFORBID;
	err = weir_access_to(m, user_id, WEIR_ENTITY_integration, id, &a);
	if (err || a.level < WEIR_LEVEL_write)
		return err ? err : WEIR_EFORBID;
	*why = "Slack did not hand out a webhook";
	err = exchange(m, code, &answer);
	if (!err)
		err = config_of(m, answer, &config);
	if (err || !config.p)
		return err ? err : WEIR_EBADGATEWAY;
	*organization_id = a.project.organization_id;
	err = weir_integration_get(m, id, &rows);
	if (!err && PQntuples(rows))
		err = weir_integration_save(m, *organization_id, id, weir_pg_text(rows, 0, WEIR_INTEGRATION_NAME), config, &rows);
	*why = NULL;
	return err ? err : PQntuples(rows) ? WEIR_OK : WEIR_ENOTFOUND;
}
