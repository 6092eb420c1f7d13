/* Notification rules, remembered. */
#include "config.h"
#include "ingest/rules.h"

#include "base/jsonr.h"
#include "base/log.h"

#include <stdlib.h>

enum { MEMORY_MAX = 128 * 1024 * 1024 };

/* One reading: everything lies in its arena. */
struct reading {
	weir_arena *mem;
	struct weir_rule *rule;              /* by project id, as bytes compare */
	struct weir_integration *integration; /* by id */
	size_t rules, integrations;
};

struct weir_rules {
	struct reading now;
};

weir_rules *weir_rules_new(void)
{
	return calloc(1, sizeof(weir_rules));
}

void weir_rules_free(weir_rules *r)
{
	if (r)
		weir_arena_free(r->now.mem);
	free(r);
}

bool weir_rules_known(const weir_rules *r)
{
	return r->now.mem != NULL;
}

bool weir_rules_some(const weir_rules *r)
{
	return r->now.rules > 0;
}

/* ------------------------------------------------------------------ reading */

static const char find_rules[] =
	"SELECT r.id::text, r.\"projectId\", p.name, p.\"organizationId\", r.name, coalesce(r.template, ''), r.\"sendToApp\", r.\"sendToEmail\","
	" r.config::text, (SELECT array_agg(l.\"A\"::text ORDER BY l.\"A\") FROM \"_IntegrationToNotificationRule\" l WHERE l.\"B\" = r.id)"
	" FROM notification_rules r JOIN projects p ON p.id = r.\"projectId\""
	" ORDER BY r.\"projectId\" COLLATE \"C\", r.\"createdAt\", r.id";
enum { R_ID, R_PROJECT, R_PROJECT_NAME, R_ORGANIZATION, R_NAME, R_TEMPLATE, R_APP, R_EMAIL, R_CONFIG, R_INTEGRATIONS };

static const char find_integrations[] =
	"SELECT i.id::text, i.name, i.config::text FROM integrations i"
	" WHERE EXISTS (SELECT 1 FROM \"_IntegrationToNotificationRule\" l WHERE l.\"A\" = i.id) ORDER BY i.id";
enum { I_ID, I_NAME, I_CONFIG };

static weir_err read_rule(weir_arena *mem, const PGresult *res, int row, struct weir_rule *rule)
{
	weir_text *integration;
	json_object *config;
	weir_err err;

	*rule = (struct weir_rule){
		.id = weir_pg_text(res, row, R_ID),
		.project_id = weir_pg_text(res, row, R_PROJECT),
		.project_name = weir_pg_text(res, row, R_PROJECT_NAME),
		.organization_id = weir_pg_text(res, row, R_ORGANIZATION),
		.name = weir_pg_text(res, row, R_NAME),
		.template = weir_pg_text(res, row, R_TEMPLATE),
		.to_app = weir_pg_bool(res, row, R_APP),
		.to_email = weir_pg_bool(res, row, R_EMAIL),
	};
	err = weir_pg_array(mem, res, row, R_INTEGRATIONS, &integration, &rule->integrations);
	rule->integration = integration;
	if (!err)
		err = weir_jsonr_parse(mem, weir_pg_text(res, row, R_CONFIG), 0, &config, NULL);
	if (err)
		return err;
	rule->funnel = weir_text_is(weir_jsonr_get_text(config, "type"), "funnel");
	return weir_conditions_compile(mem, weir_jsonr_get(config, "events"), NULL, &rule->events);
}

/* A row that cannot be read is told and left out: it must not silence the others. */
static weir_err read_rules(struct reading *now, const PGresult *res)
{
	size_t n = (size_t)PQntuples(res);

	now->rule = weir_alloc_n(now->mem, n + 1, sizeof(*now->rule));
	if (!now->rule)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		weir_err err = read_rule(now->mem, res, (int)i, &now->rule[now->rules]);

		if (err == WEIR_ENOMEM)
			return err;
		if (err)
			weir_log(LOG_WARNING, "rules", "rule=%s error=\"its configuration cannot be read\"", now->rule[now->rules].id.p);
		now->rules += !err;
	}
	return WEIR_OK;
}

static weir_err read_integrations(struct reading *now, const PGresult *res)
{
	size_t n = (size_t)PQntuples(res);

	now->integration = weir_alloc_n(now->mem, n + 1, sizeof(*now->integration));
	if (!now->integration)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct weir_integration *one = &now->integration[now->integrations];
		weir_err err;

		*one = (struct weir_integration){ .id = weir_pg_text(res, (int)i, I_ID), .name = weir_pg_text(res, (int)i, I_NAME) };
		err = weir_jsonr_parse(now->mem, weir_pg_text(res, (int)i, I_CONFIG), 0, &one->config, NULL);
		if (err == WEIR_ENOMEM)
			return err;
		if (err)
			weir_log(LOG_WARNING, "rules", "integration=%s error=\"its configuration cannot be read\"", one->id.p);
		now->integrations += !err;
	}
	return WEIR_OK;
}

weir_err weir_rules_read(weir_rules *r, weir_pg *pg)
{
	struct reading now = { .mem = weir_arena_new(MEMORY_MAX) };
	PGresult *res = NULL;
	weir_err err = now.mem ? weir_pg_exec(pg, now.mem, &res, find_rules, 0, NULL) : WEIR_ENOMEM;

	if (!err)
		err = read_rules(&now, res);
	if (!err && now.rules)
		err = weir_pg_exec(pg, now.mem, &res, find_integrations, 0, NULL);
	if (!err && now.rules)
		err = read_integrations(&now, res);
	if (err) {
		weir_arena_free(now.mem);
		return err;
	}
	if (!r->now.mem || now.rules != r->now.rules)
		weir_log(LOG_INFO, "rules", "rules=%zu integrations=%zu", now.rules, now.integrations);
	weir_arena_free(r->now.mem);
	r->now = now;
	return WEIR_OK;
}

/* ---------------------------------------------------------------- looking up */

static int compare(weir_text a, weir_text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

const struct weir_rule *weir_rules_of(const weir_rules *r, weir_text project_id, size_t *count)
{
	size_t lo = 0, hi = r->now.rules;

	*count = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare(r->now.rule[mid].project_id, project_id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + *count < r->now.rules && weir_text_eq(r->now.rule[lo + *count].project_id, project_id))
		++*count;
	return r->now.rule + lo;
}

const struct weir_rule *weir_rule_by_id(const weir_rules *r, weir_text project_id, weir_text id)
{
	size_t count;
	const struct weir_rule *rule = weir_rules_of(r, project_id, &count);

	for (size_t i = 0; i < count; i++)
		if (weir_text_eq(rule[i].id, id))
			return &rule[i];
	return NULL;
}

const struct weir_integration *weir_integration_by_id(const weir_rules *r, weir_text id)
{
	for (size_t i = 0; i < r->now.integrations; i++)
		if (weir_text_eq(r->now.integration[i].id, id))
			return &r->now.integration[i];
	return NULL;
}
