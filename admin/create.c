/* weirctl create and list: organizations, projects, clients and users. */
#include "config.h"
#include "ctl.h"
#include "rows.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meta/client.h"
#include "meta/maps.h"
#include "meta/organization.h"
#include "meta/project.h"
#include "meta/user.h"

#include <stdio.h>
#include <string.h>

static int open_meta(struct ctl *ctl, struct weir_meta *m)
{
	if (!ctl_pg(ctl) || !ctl_redis(ctl))
		return CTL_CONFIG;
	*m = (struct weir_meta){ .pg = ctl->pg, .redis = ctl->redis, .conf = &ctl->conf, .mem = ctl->mem, .now_ms = weir_now_ms() };
	return CTL_OK;
}

static int failed(struct ctl *ctl, const char *what, weir_err err)
{
	return ctl_failed(what, err, weir_pg_error(ctl->pg));
}

static weir_text option_text(const struct ctl *ctl, const char *name)
{
	const char *z = ctl_option(ctl, name);

	return z ? weir_text_of(z) : WEIR_TEXT("");
}

/* Options that must be there and say something. */
static int wanted(const struct ctl *ctl, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (!option_text(ctl, names[i]).n) {
			ctl_complain("%s wants --%s; \"weirctl help %s\" explains it", ctl->command->name, names[i], ctl->command->name);
			return CTL_USAGE;
		}
	return CTL_OK;
}

/* Nothing is made for an organization, project or user that is not there. */
static int must_be(const char *what, weir_text id, const PGresult *rows)
{
	if (PQntuples(rows))
		return CTL_OK;
	ctl_complain("there is no %s %.*s; \"weirctl list %ss\" shows them", what, (int)id.n, id.p, what);
	return CTL_FAILED;
}

/* The new row, as an object or as "what id". */
static int made(struct ctl *ctl, const char *what, const struct weir_record *record, const PGresult *rows, weir_text secret)
{
	weir_text id = weir_pg_text(rows, 0, 0);

	if (!ctl->json) {
		printf("%s %.*s\n", what, (int)id.n, id.p);
		if (secret.n)
			printf("secret %.*s\n", (int)secret.n, secret.p);
		return CTL_OK;
	}
	weir_json_obj(&ctl->out, NULL);
	ctl_row_json(ctl, record, rows, 0);
	if (secret.n)
		weir_json_str(&ctl->out, "secret", secret);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

/* The projects' origins have changed: nginx is told here too, so that it does not take a running worker. */
static void tell_nginx(struct ctl *ctl)
{
	struct weir_fault fault = { "" };

	if (*ctl->conf.nginx_maps_file && weir_maps_refresh(&ctl->conf, ctl->pg, ctl->mem, NULL, &fault))
		ctl_complain("nginx was not told: %s; \"weirctl nginx-maps\" tries again", fault.text);
}

int ctl_create_organization(struct ctl *ctl)
{
	static const char *const needed[] = { "name", NULL };
	struct weir_organization_new in = { .name = option_text(ctl, "name"), .timezone = option_text(ctl, "timezone") };
	weir_text owner = option_text(ctl, "owner"), id;
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = wanted(ctl, needed);

	if (!status)
		status = open_meta(ctl, &m);
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
			return failed(ctl, "the user cannot be looked up", err);
	}
	err = weir_organization_create(&m, &in, &id);
	if (err == WEIR_EBADREQ || err == WEIR_ENOTFOUND) {
		ctl_complain("there is no user %.*s; \"weirctl list users\" shows them", (int)owner.n, owner.p);
		return CTL_FAILED;
	}
	if (!err)
		err = weir_organization_get(&m, id, &rows);
	return err ? failed(ctl, "the organization cannot be made", err)
		: made(ctl, "organization", &weir_record_organization, rows, WEIR_TEXT(""));
}

static int organization_there(struct ctl *ctl, const struct weir_meta *m, weir_text id)
{
	PGresult *rows;
	weir_err err = weir_organization_get(m, id, &rows);

	return err ? failed(ctl, "the organization cannot be looked up", err) : must_be("organization", id, rows);
}

static weir_text *text_list(struct ctl *ctl, const char *name, size_t *count)
{
	const char *const *values;
	int n = ctl_options(ctl, name, &values);
	weir_text *texts = weir_alloc_n(ctl->mem, (size_t)n + 1, sizeof(*texts));

	*count = texts ? (size_t)n : 0;
	for (size_t i = 0; i < *count; i++)
		texts[i] = weir_without_slashes(weir_text_of(values[i]));
	return texts;
}

int ctl_create_project(struct ctl *ctl)
{
	static const char *const needed[] = { "organization", "name", NULL };
	struct weir_project_new in = {
		.organization_id = option_text(ctl, "organization"), .name = option_text(ctl, "name"),
		.domain = weir_without_slashes(option_text(ctl, "domain")),
	};
	struct weir_meta m;
	PGresult *rows;
	weir_text id;
	weir_err err;
	int status = wanted(ctl, needed);

	if (!status)
		status = open_meta(ctl, &m);
	if (!status)
		status = organization_there(ctl, &m, in.organization_id);
	if (status)
		return status;
	in.cors = text_list(ctl, "cors", &in.cors_count);
	in.types = text_list(ctl, "type", &in.types_count);
	err = weir_project_create(&m, &in, &id);
	if (!err)
		err = weir_project_get(&m, id, &rows);
	if (err)
		return failed(ctl, "the project cannot be made", err);
	tell_nginx(ctl);
	return made(ctl, "project", &weir_record_project, rows, WEIR_TEXT(""));
}

int ctl_create_client(struct ctl *ctl)
{
	struct weir_client_new in = {
		.name = option_text(ctl, "name"), .type = option_text(ctl, "type"), .project_id = option_text(ctl, "project"),
		.organization_id = option_text(ctl, "organization"), .id = option_text(ctl, "id"), .secret = option_text(ctl, "secret"),
	};
	struct weir_client_made client;
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = open_meta(ctl, &m);

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
		status = err ? failed(ctl, "the project cannot be looked up", err) : must_be("project", in.project_id, rows);
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
		return failed(ctl, "the client cannot be made", err);
	tell_nginx(ctl);
	return made(ctl, "client", &weir_record_client, client.rows, client.secret);
}

/* A user's password: --password, or the first line of standard input, or one made up and shown. */
static int password(struct ctl *ctl, weir_text *out, bool *made_up)
{
	const char *given = ctl_option(ctl, "password");
	char line[1024];
	uint8_t raw[12];

	*made_up = false;
	if (ctl_option(ctl, "password-stdin")) {
		if (!fgets(line, sizeof(line), stdin)) {
			ctl_complain("standard input holds no password");
			return CTL_USAGE;
		}
		*out = weir_text_dup(ctl->mem, (weir_text){ line, strcspn(line, "\r\n") });
	} else if (given) {
		*out = weir_text_of(given);
	} else {
		weir_random(raw, sizeof(raw));
		weir_hex(raw, sizeof(raw), line);
		*out = weir_text_dup(ctl->mem, weir_text_of(line));
		*made_up = true;
	}
	if (out->n >= 8)
		return CTL_OK;
	ctl_complain("a password has at least 8 characters");
	return CTL_USAGE;
}

static int user_row(struct ctl *ctl, const struct weir_meta *m, weir_text id, PGresult **rows)
{
	weir_err err = weir_pg_exec(m->pg, m->mem, rows, "SELECT " WEIR_COLUMNS_USER " FROM \"users\" t WHERE t.\"id\" = $1", 1, &id);

	return err ? failed(ctl, "the user cannot be read", err) : CTL_OK;
}

int ctl_create_user(struct ctl *ctl)
{
	static const char *const needed[] = { "email", NULL };
	struct weir_user_new in = {
		.email = option_text(ctl, "email"), .first_name = option_text(ctl, "first-name"), .last_name = option_text(ctl, "last-name"),
	};
	weir_text organization = option_text(ctl, "organization"), id;
	bool made_up = false;
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = wanted(ctl, needed);

	if (!status && !weir_text_find(in.email, WEIR_TEXT("@"))) {
		ctl_complain("--email takes an address such as me@example.com");
		status = CTL_USAGE;
	}
	if (!status)
		status = password(ctl, &in.password, &made_up);
	if (!status)
		status = open_meta(ctl, &m);
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
		return failed(ctl, "the user cannot be made", err);
	status = user_row(ctl, &m, id, &rows);
	if (status)
		return status;
	if (made_up && !ctl->json)
		printf("password %.*s\n", (int)in.password.n, in.password.p);
	if (!ctl->json)
		return made(ctl, "user", &weir_record_user, rows, WEIR_TEXT(""));
	weir_json_obj(&ctl->out, NULL);
	ctl_row_json(ctl, &weir_record_user, rows, 0);
	if (made_up)
		weir_json_str(&ctl->out, "password", in.password);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
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
	const struct wish w = { option_text(ctl, "organization"), option_text(ctl, "project") };
	struct weir_meta m;
	PGresult *rows;
	int status = open_meta(ctl, &m);

	for (size_t i = 0; i < sizeof(listings) / sizeof(*listings) && !status; i++) {
		const struct listing *l = &listings[i];
		weir_err err;

		if (strcmp(l->name, ctl->operands[0]))
			continue;
		err = l->read(&m, &w, &rows);
		return err ? failed(ctl, l->name, err) : ctl_rows(ctl, l->record, rows, l->columns);
	}
	if (!status)
		ctl_complain("list takes organizations, projects, clients or users, not %s", ctl->operands[0]);
	return status ? status : CTL_USAGE;
}
