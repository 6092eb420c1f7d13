#include "config.h"
#include "trpc/call.h"

#include "meta/client.h"
#include "meta/deletion.h"
#include "meta/organization.h"
#include "meta/project.h"
#include "trpc/reply.h"

/* project.*, client.* and onboarding.* (spec/trpc-metadata.md 4.3, 4.4, 4.10). */

weir_err weir_do_project_list(struct weir_call *c)
{
	weir_text organization_id = weir_in_text(c, "organizationId");
	PGresult *rows = NULL;
	/* Null means that no organization is chosen yet. */
	weir_err err = organization_id.n ? weir_project_list(&c->meta, organization_id, c->viewer->user_id, &rows) : WEIR_OK;

	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (int i = 0; rows && i < PQntuples(rows); i++)
		weir_reply_row(c, NULL, &weir_record_project, rows, i, 0);
	weir_sj_end(c->out);
	return WEIR_OK;
}

static void put_clients(struct weir_call *c, const char *key, const PGresult *rows)
{
	weir_sj_arr(c->out, key);
	for (int i = 0; i < PQntuples(rows); i++)
		weir_reply_row(c, NULL, &weir_record_client, rows, i, 0);
	weir_sj_end(c->out);
}

weir_err weir_do_project_with_clients(struct weir_call *c)
{
	weir_text none = { NULL, 0 };
	PGresult *rows, *clients;
	weir_err err = weir_project_get(&c->meta, c->project.id, &rows);

	if (!err)
		err = weir_client_list(&c->meta, none, c->project.id, &clients);
	if (err)
		return err;
	if (!PQntuples(rows)) {
		weir_sj_null(c->out, NULL);
		return WEIR_OK;
	}
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_project, rows, 0, 0, NULL);
	put_clients(c, "clients", clients);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_client_list(struct weir_call *c)
{
	weir_text none = { NULL, 0 };
	PGresult *rows;
	weir_err err = weir_client_list(&c->meta, none, c->project.id, &rows);

	if (!err)
		put_clients(c, NULL, rows);
	return err;
}

/* The new client with its secret in clear: the only time that it is told. */
static void put_made(struct weir_call *c, const struct weir_client_made *made)
{
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_client, made->rows, 0, 0, &(struct weir_instead){ WEIR_CLIENT_SECRET, made->secret });
	weir_sj_end(c->out);
}

weir_err weir_do_client_create(struct weir_call *c)
{
	struct weir_client_new in = {
		.name = weir_in_text(c, "name"), .type = weir_in_text(c, "type"), .project_id = c->project.id,
		.organization_id = weir_in_text(c, "organizationId"),
	};
	struct weir_client_made made;
	weir_err err;

	err = weir_client_create(&c->meta, &in, &made);
	if (!err)
		put_made(c, &made);
	return err;
}

/* The organization that the input names, or a new one of that name. */
static weir_err onboarding_organization(struct weir_call *c, weir_text *id)
{
	struct weir_organization_new in = {
		.name = weir_in_text(c, "organization"), .timezone = weir_in_text(c, "timezone"), .created_by = c->viewer->user_id,
	};

	*id = weir_in_text(c, "organizationId");
	return id->n ? WEIR_OK : weir_organization_create(&c->meta, &in, id);
}

static weir_err onboarding_project(struct weir_call *c, weir_text organization_id, weir_text *id)
{
	static const char *const flags[] = { "website", "app", "backend" };
	static const weir_text any = { "*", 1 };
	weir_text types[3], *cors;
	struct weir_project_new in = {
		.organization_id = organization_id, .name = weir_in_text(c, "project"), .types = types,
		.domain = weir_without_slashes(weir_in_text(c, "domain")),
	};
	weir_err err = weir_in_texts(c, "cors", &cors, &in.cors_count);

	if (err)
		return err;
	for (size_t i = 0; i < in.cors_count; i++)
		cors[i] = weir_without_slashes(cors[i]);
	in.cors = cors;
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (weir_in_flag(c, flags[i]))
			types[in.types_count++] = weir_text_of(flags[i]);
	if (weir_in_flag(c, "website") && !in.cors_count) {
		in.cors = &any;
		in.cors_count = 1;
	}
	return weir_project_create(&c->meta, &in, id);
}

weir_err weir_do_onboarding_project(struct weir_call *c)
{
	struct weir_client_new client = { .type = WEIR_TEXT("write") };
	struct weir_client_made made;
	weir_str name;
	weir_err err = onboarding_organization(c, &client.organization_id);

	if (!err)
		err = onboarding_project(c, client.organization_id, &client.project_id);
	if (err)
		return err;
	weir_str_init(&name, 64 * 1024);
	weir_str_text(&name, weir_in_text(c, "project"));
	weir_str_puts(&name, " Client");
	client.name = weir_str_view(&name);
	err = weir_str_err(&name);
	if (!err)
		err = weir_client_create(&c->meta, &client, &made);
	if (!err)
		put_made(c, &made);
	weir_str_free(&name);
	return err;
}

/* Unlike onboarding: for admins, domain and origins as given, no types, client "First client". */
weir_err weir_do_project_create(struct weir_call *c)
{
	struct weir_project_new in = {
		.organization_id = weir_in_text(c, "organizationId"), .name = weir_in_text(c, "project"), .domain = weir_in_text(c, "domain"),
	};
	struct weir_client_new client = { .name = WEIR_TEXT("First client"), .organization_id = in.organization_id };
	struct weir_client_made made;
	PGresult *rows;
	weir_text *cors;
	weir_err err;

	if (!in.organization_id.n)
		return weir_call_fail(c, WEIR_EBADREQ, "Organization is required");
	err = weir_in_texts(c, "cors", &cors, &in.cors_count);
	in.cors = cors;
	if (!err)
		err = weir_project_create(&c->meta, &in, &client.project_id);
	if (!err)
		err = weir_client_create(&c->meta, &client, &made);
	if (!err)
		err = weir_project_get(&c->meta, client.project_id, &rows);
	if (err || !PQntuples(rows))
		return err ? err : WEIR_EINTERNAL;
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_project, rows, 0, 0, NULL);
	weir_sj_arr(c->out, "clients");
	weir_sj_obj(c->out, NULL);
	weir_sj_strz(c->out, "id", made.id);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	weir_sj_obj(c->out, "client");
	weir_sj_strz(c->out, "id", made.id);
	weir_sj_str(c->out, "secret", made.secret);
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return WEIR_OK;
}

/* ------------------------------------------------------------ changes */

static enum weir_change change_in(const struct weir_call *c, const char *name)
{
	if (!weir_jsonr_has(c->in, name))
		return WEIR_CHANGE_NONE;
	return weir_in_flag(c, name) ? WEIR_CHANGE_ON : WEIR_CHANGE_OFF;
}

static weir_err put_updated(struct weir_call *c, const PGresult *rows)
{
	weir_text *clients;
	size_t count;
	weir_err err;

	if (!PQntuples(rows))
		return weir_call_fail(c, WEIR_ENOTFOUND, "Project not found");
	err = weir_pg_array(c->meta.mem, rows, 0, WEIR_PROJECT_COUNT, &clients, &count);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, &weir_record_project, rows, 0, 0, NULL);
	weir_sj_arr(c->out, "clients");
	for (size_t i = 0; i < count; i++) {
		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "id", clients[i]);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_end(c->out);
	return WEIR_OK;
}

weir_err weir_do_project_update(struct weir_call *c)
{
	struct weir_project_change in = {
		.name = weir_in_text(c, "name"), .sets_domain = weir_jsonr_has(c->in, "domain"),
		.domain = weir_without_slashes(weir_in_text(c, "domain")), .cross_domain = change_in(c, "crossDomain"),
		.unsafe_revenue = change_in(c, "allowUnsafeRevenueTracking"), .filters = weir_in_json(c, weir_jsonr_get(c->in, "filters")),
	};
	PGresult *rows;
	weir_text *cors;
	weir_err err = weir_in_texts(c, "cors", &cors, &in.cors_count);

	if (err)
		return err;
	for (size_t i = 0; i < in.cors_count; i++)
		cors[i] = weir_without_slashes(cors[i]);
	in.cors = weir_jsonr_has(c->in, "cors") ? cors : NULL;
	err = weir_project_update(&c->meta, c->project.id, &in, &rows);
	return err ? err : put_updated(c, rows);
}

weir_err weir_do_project_delete(struct weir_call *c)
{
	weir_err err = weir_deletion_schedule(&c->meta, WEIR_DELETION_PROJECT, c->project.id, c->meta.now_ms + WEIR_DELETION_GRACE_MS);

	if (!err)
		weir_reply_true(c);
	return err;
}

weir_err weir_do_project_cancel_deletion(struct weir_call *c)
{
	weir_err err = weir_deletion_undo(&c->meta, WEIR_DELETION_PROJECT, c->project.id);

	if (err == WEIR_ECONFLICT)
		return weir_call_fail(c, WEIR_EBADREQ,
			"This organization is scheduled for deletion. Cancel the deletion from the organization settings.");
	if (!err)
		weir_reply_true(c);
	return err;
}

weir_err weir_do_client_update(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_client_rename(&c->meta, weir_in_text(c, "id"), weir_in_text(c, "name"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_client, rows, "Client not found");
}

weir_err weir_do_client_remove(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_client_delete(&c->meta, weir_in_text(c, "id"), &rows);

	if (!err)
		weir_reply_true(c);
	return err;
}
