#include "config.h"
#include "trpc/call.h"

#include "base/id.h"
#include "meta/integration.h"
#include "meta/rule.h"
#include "meta/slack.h"
#include "trpc/reply.h"

/* notification.* and integration.* (spec/trpc-metadata.md 4.11, 4.12). */

/* ------------------------------------------------------------ notifications */

/* {"name": ...}, or null. */
static void put_name(struct weir_call *c, const char *key, weir_text name)
{
	if (!name.p) {
		weir_sj_null(c->out, key);
		return;
	}
	weir_sj_obj(c->out, key);
	weir_sj_str(c->out, "name", name);
	weir_sj_end(c->out);
}

weir_err weir_do_notification_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_notification_list(&c->meta, c->project.id, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(rows); i++) {
		weir_sj_obj(c->out, NULL);
		weir_reply_record(c->out, c->meta.mem, &weir_record_notification, rows, i, 0, NULL);
		put_name(c, "integration", weir_pg_text(rows, i, WEIR_NOTIFICATION_COUNT));
		put_name(c, "notificationRule", weir_pg_text(rows, i, WEIR_NOTIFICATION_COUNT + 1));
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* ------------------------------------------------------------ rules */

/* What counts as an integration without being one: the dashboard itself, and mail. */
static const struct {
	const char *id, *name;
} pseudo[] = { { "app", "Website" }, { "email", "Email" } };
enum { APP, MAIL };

static void put_pseudo(struct weir_call *c, int which)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "id", pseudo[which].id);
	weir_sj_strz(c->out, "name", pseudo[which].name);
	weir_sj_obj(c->out, "config");
	weir_sj_strz(c->out, "type", pseudo[which].id);
	weir_sj_end(c->out);
	weir_sj_strz(c->out, "organizationId", "");
	weir_sj_date(c->out, "createdAt", c->meta.now_ms);
	weir_sj_date(c->out, "updatedAt", c->meta.now_ms);
	weir_sj_end(c->out);
}

static void put_rule(struct weir_call *c, const struct weir_rules_read *all, int row)
{
	weir_text id = weir_pg_text(all->rules, row, WEIR_RULE_ID);

	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_rule, all->rules, row, 0, NULL);
	weir_sj_arr(c->out, "integrations");
	if (weir_pg_bool(all->rules, row, WEIR_RULE_SEND_TO_APP))
		put_pseudo(c, APP);
	if (weir_pg_bool(all->rules, row, WEIR_RULE_SEND_TO_EMAIL))
		put_pseudo(c, MAIL);
	for (int i = 0; i < PQntuples(all->integrations); i++)
		if (weir_text_eq(weir_pg_text(all->integrations, i, WEIR_INTEGRATION_COUNT), id))
			weir_reply_row(c, NULL, &weir_record_integration, all->integrations, i, 0);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
}

weir_err weir_do_notification_rules(struct weir_call *c)
{
	struct weir_rules_read all;
	weir_err err = weir_rule_list(&c->meta, c->project.id, &all);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; i < PQntuples(all.rules); i++)
		put_rule(c, &all, i);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* Splits what the input calls integrations into the pseudo ones and ids, each once. */
static weir_err read_integrations(struct weir_call *c, struct weir_rule_saved *in)
{
	weir_text *ids;
	size_t count, n = 0;
	uint8_t bytes[16];
	int64_t known;
	weir_err err = weir_in_texts(c, "integrations", &ids, &count);

	for (size_t i = 0; i < count && !err; i++) {
		bool twice = false;

		for (size_t k = 0; k < n; k++)
			twice = twice || weir_text_eq(ids[k], ids[i]);
		if (weir_text_is(ids[i], pseudo[APP].id))
			in->to_app = true;
		else if (weir_text_is(ids[i], pseudo[MAIL].id))
			in->to_mail = true;
		else if (weir_uuid_parse(ids[i], bytes))
			err = weir_call_refuse(c, "integrations", "Integration not found");
		else if (!twice)
			ids[n++] = ids[i];
	}
	in->integrations = ids;
	in->count = n;
	if (err || !n)
		return err;
	err = weir_rule_integrations(&c->meta, c->organization_id, ids, n, &known);
	return !err && known != (int64_t)n ? weir_call_refuse(c, "integrations", "Integration not found") : err;
}

weir_err weir_do_notification_save_rule(struct weir_call *c)
{
	struct weir_rule_saved in = {
		.id = weir_in_text(c, "id"), .project_id = weir_in_text(c, "projectId"), .name = weir_in_text(c, "name"),
		.template = weir_in_text(c, "template"), .config = weir_in_json(c, weir_jsonr_get(c->in, "config")),
	};
	PGresult *rows;
	weir_err err = read_integrations(c, &in);

	if (!err)
		err = weir_rule_save(&c->meta, &in, &rows);
	return err ? err : weir_reply_first(c, &weir_record_rule, rows, "Notification rule not found");
}

weir_err weir_do_notification_delete_rule(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_rule_delete(&c->meta, weir_in_text(c, "id"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_rule, rows, "Notification rule not found");
}

/* ------------------------------------------------------------ integrations */

#define NO_INTEGRATION "Integration not found"

weir_err weir_do_integration_get(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_integration_get(&c->meta, weir_in_text(c, "id"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_integration, rows, NO_INTEGRATION);
}

weir_err weir_do_integration_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_integration_list(&c->meta, c->organization_id, &rows);

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	put_pseudo(c, APP);
	for (int i = 0; i < PQntuples(rows); i++)
		weir_reply_row(c, NULL, &weir_record_integration, rows, i, 0);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* A template of JavaScript is kept as it is and not run: the webhook gets the payload (ingest/webhook.h). */
weir_err weir_do_integration_save(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_integration_save(&c->meta, c->organization_id, weir_in_text(c, "id"), weir_in_text(c, "name"),
		weir_in_json(c, weir_jsonr_get(c->in, "config")), &rows);

	return err ? err : weir_reply_first(c, &weir_record_integration, rows, NO_INTEGRATION);
}

/* Nothing is written where Slack is not set up: an integration that never can be would only be in the way. */
weir_err weir_do_integration_save_slack(struct weir_call *c)
{
	PGresult *rows;
	weir_text url;
	weir_err err;

	if (!weir_slack_configured(c->meta.conf))
		return weir_call_fail(c, WEIR_EINTERNAL, "Slack is not set up on this server (slack.client_id is not set); add an incoming webhook of Slack as a webhook instead");
	err = weir_integration_prepare(&c->meta, c->organization_id, weir_in_text(c, "id"), weir_in_text(c, "name"), &rows);
	if (!err && !PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, NO_INTEGRATION);
	if (!err)
		err = weir_slack_url(&c->meta, c->viewer->user_id, weir_pg_text(rows, 0, WEIR_INTEGRATION_ID), &url);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_integration, rows, 0, 0, NULL);
	weir_sj_str(c->out, "slackInstallUrl", url);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_integration_delete(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_integration_delete(&c->meta, weir_in_text(c, "id"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_integration, rows, NO_INTEGRATION);
}
