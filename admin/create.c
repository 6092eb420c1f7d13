/* weirctl create and list: organizations, projects, clients and users. */
#include "config.h"
#include "accounts.h"
#include "rows.h"

#include "meta/client.h"
#include "meta/organization.h"
#include "meta/project.h"
#include "meta/user.h"

#include <stdio.h>
#include <string.h>

int ctl_create_organization(struct ctl *ctl)
{
	static const char *const needed[] = { "name", NULL };
	struct weir_organization_new in = { .name = ctl_text(ctl, "name"), .timezone = ctl_text(ctl, "timezone") };
	weir_text owner = ctl_text(ctl, "owner"), id;
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = ctl_wanted(ctl, needed);

	if (!status)
		status = ctl_meta(ctl, &m);
	if (status)
		return status;
	in.created_by = owner;
	if (weir_text_find(owner, WEIR_TEXT("@"))) {
		err = weir_user_find(&m, owner, &in.created_by);
		if (!err && !in.created_by.n) {
			ctl_complain("there is no user %.*s; \"weirctl list users\" shows them", (int)owner.n, owner.p);
			return CTL_FAILED;
		}
		if (err)
			return ctl_meta_failed(ctl, "the user cannot be looked up", err);
	}
	err = weir_organization_create(&m, &in, &id);
	if (err == WEIR_EBADREQ || err == WEIR_ENOTFOUND) {
		ctl_complain("there is no user %.*s; \"weirctl list users\" shows them", (int)owner.n, owner.p);
		return CTL_FAILED;
	}
	if (!err)
		err = weir_organization_get(&m, id, &rows);
	return err ? ctl_meta_failed(ctl, "the organization cannot be made", err)
		: ctl_made(ctl, "organization", &weir_record_organization, rows, WEIR_TEXT(""));
}

static int organization_there(struct ctl *ctl, const struct weir_meta *m, weir_text id)
{
	PGresult *rows;
	weir_err err = weir_organization_get(m, id, &rows);

	return err ? ctl_meta_failed(ctl, "the organization cannot be looked up", err) : ctl_must_be("organization", id, rows);
}

int ctl_create_project(struct ctl *ctl)
{
	static const char *const needed[] = { "organization", "name", NULL };
	struct weir_project_new in = {
		.organization_id = ctl_text(ctl, "organization"), .name = ctl_text(ctl, "name"),
		.domain = weir_without_slashes(ctl_text(ctl, "domain")),
	};
	struct weir_meta m;
	PGresult *rows;
	weir_text id;
	weir_err err;
	int status = ctl_wanted(ctl, needed);

	if (!status)
		status = ctl_meta(ctl, &m);
	if (!status)
		status = organization_there(ctl, &m, in.organization_id);
	if (status)
		return status;
	in.cors = ctl_urls(ctl, "cors", &in.cors_count);
	in.types = ctl_urls(ctl, "type", &in.types_count);
	err = weir_project_create(&m, &in, &id);
	if (!err)
		err = weir_project_get(&m, id, &rows);
	if (err)
		return ctl_meta_failed(ctl, "the project cannot be made", err);
	ctl_tell_nginx(ctl);
	return ctl_made(ctl, "project", &weir_record_project, rows, WEIR_TEXT(""));
}

int ctl_create_client(struct ctl *ctl)
{
	struct weir_client_new in = {
		.name = ctl_text(ctl, "name"), .type = ctl_text(ctl, "type"), .project_id = ctl_text(ctl, "project"),
		.organization_id = ctl_text(ctl, "organization"), .id = ctl_text(ctl, "id"), .secret = ctl_text(ctl, "secret"),
	};
	struct weir_client_made client;
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = ctl_meta(ctl, &m);

	if (!status && !in.project_id.n && !in.organization_id.n) {
		ctl_complain("create client wants --project or, for all projects of one, --organization");
		status = CTL_USAGE;
	}
	if (!status && in.type.n && !weir_text_is(in.type, "read") && !weir_text_is(in.type, "write") && !weir_text_is(in.type, "root")) {
		ctl_complain("--type takes read, write or root, not %.*s", (int)in.type.n, in.type.p);
		status = CTL_USAGE;
	}
	if (!status && in.project_id.n) {
		err = weir_project_get(&m, in.project_id, &rows);
		status = err ? ctl_meta_failed(ctl, "the project cannot be looked up", err) : ctl_must_be("project", in.project_id, rows);
		if (!status)
			in.organization_id = weir_pg_text(rows, 0, WEIR_PROJECT_ORGANIZATION_ID);
	} else if (!status) {
		status = organization_there(ctl, &m, in.organization_id);
	}
	if (status)
		return status;
	if (!in.name.n)
		in.name = WEIR_TEXT("Client");
	err = weir_client_create(&m, &in, &client);
	if (err == WEIR_EBADREQ && in.id.n)
		ctl_complain("--id takes a UUID in small letters");
	if (err)
		return ctl_meta_failed(ctl, "the client cannot be made", err);
	ctl_tell_nginx(ctl);
	return ctl_made(ctl, "client", &weir_record_client, client.rows, client.secret);
}

int ctl_create_user(struct ctl *ctl)
{
	static const char *const needed[] = { "email", NULL };
	struct weir_user_new in = {
		.email = ctl_text(ctl, "email"), .first_name = ctl_text(ctl, "first-name"), .last_name = ctl_text(ctl, "last-name"),
	};
	weir_text organization = ctl_text(ctl, "organization"), id;
	bool made_up = false;
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = ctl_wanted(ctl, needed);

	if (!status && !weir_text_find(in.email, WEIR_TEXT("@"))) {
		ctl_complain("--email takes an address such as me@example.com");
		status = CTL_USAGE;
	}
	if (!status)
		status = ctl_password(ctl, &in.password, &made_up);
	if (!status)
		status = ctl_meta(ctl, &m);
	if (!status && organization.n)
		status = organization_there(ctl, &m, organization);
	if (status)
		return status;
	err = weir_user_create(&m, &in, &id);
	if (err == WEIR_ECONFLICT) {
		ctl_complain("there is a user %.*s already", (int)in.email.n, in.email.p);
		return CTL_FAILED;
	}
	if (!err && organization.n)
		err = weir_organization_join(&m, organization, id, ctl_option(ctl, "admin") ? "org:admin" : "org:member");
	if (err)
		return ctl_meta_failed(ctl, "the user cannot be made", err);
	err = weir_user_get(&m, id, &rows);
	if (err)
		return ctl_meta_failed(ctl, "the user cannot be read", err);
	return ctl_user_made(ctl, rows, made_up ? in.password : WEIR_TEXT(""));
}

/* -------------------------------------------------------------------- list */

struct wish {
	weir_text organization, project;
};

static weir_err organizations(const struct weir_meta *m, const struct wish *w, PGresult **rows)
{
	(void)w;
	return weir_organization_list(m, WEIR_TEXT(""), rows);
}

static weir_err projects(const struct weir_meta *m, const struct wish *w, PGresult **rows)
{
	return weir_project_list(m, w->organization, WEIR_TEXT(""), rows);
}

static weir_err clients(const struct weir_meta *m, const struct wish *w, PGresult **rows)
{
	return weir_client_list(m, w->organization, w->project, rows);
}

static weir_err users(const struct weir_meta *m, const struct wish *w, PGresult **rows)
{
	(void)w;
	return weir_user_list(m, rows);
}

static const struct listing {
	const char *name;
	const struct weir_record *record;
	weir_err (*read)(const struct weir_meta *m, const struct wish *w, PGresult **rows);
	const char *columns[8];
} listings[] = {
	{ "organizations", &weir_record_organization, organizations, { "id", "name", "timezone", "createdAt" } },
	{ "projects", &weir_record_project, projects, { "id", "name", "organizationId", "domain", "cors", "eventsCount" } },
	{ "clients", &weir_record_client, clients, { "id", "name", "type", "projectId", "organizationId" } },
	{ "users", &weir_record_user, users, { "id", "email", "firstName", "lastName", "createdAt" } },
};

int ctl_list(struct ctl *ctl)
{
	const struct wish w = { ctl_text(ctl, "organization"), ctl_text(ctl, "project") };
	struct weir_meta m;
	PGresult *rows;
	int status = ctl_meta(ctl, &m);

	for (size_t i = 0; i < sizeof(listings) / sizeof(*listings) && !status; i++) {
		const struct listing *l = &listings[i];
		weir_err err;

		if (strcmp(l->name, ctl->operands[0]))
			continue;
		err = l->read(&m, &w, &rows);
		return err ? ctl_meta_failed(ctl, l->name, err) : ctl_rows(ctl, l->record, rows, l->columns);
	}
	if (!status)
		ctl_complain("list takes organizations, projects, clients or users, not %s", ctl->operands[0]);
	return status ? status : CTL_USAGE;
}
