/* weirctl update, set password, and delete of clients and users. */
#include "config.h"
#include "accounts.h"

#include "meta/client.h"
#include "meta/organization.h"
#include "meta/project.h"
#include "meta/user.h"

#include <stdio.h>

static weir_text operand(const struct ctl *ctl)
{
	return weir_text_of(ctl->operands[0]);
}

static int nothing(const struct ctl *ctl)
{
	ctl_complain("%s wants at least one option that says what changes; \"weirctl help %s\" lists them", ctl->command->name, ctl->command->name);
	return CTL_USAGE;
}

int ctl_update_organization(struct ctl *ctl)
{
	weir_text id = operand(ctl), name = ctl_text(ctl, "name"), timezone = ctl_text(ctl, "timezone");
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = !name.n && !timezone.n ? nothing(ctl) : ctl_meta(ctl, &m);

	if (status)
		return status;
	err = weir_organization_get(&m, id, &rows);
	status = err ? ctl_meta_failed(ctl, "the organization cannot be looked up", err) : ctl_must_be("organization", id, rows);
	if (status)
		return status;
	err = weir_organization_update(&m, id, name.n ? name : weir_pg_text(rows, 0, WEIR_ORGANIZATION_NAME),
		timezone.n ? timezone : weir_pg_text(rows, 0, WEIR_ORGANIZATION_TIMEZONE), &rows);
	return err ? ctl_meta_failed(ctl, "the organization cannot be changed", err)
		: ctl_made(ctl, "organization", &weir_record_organization, rows, WEIR_TEXT(""));
}

int ctl_update_project(struct ctl *ctl)
{
	struct weir_project_change in = {
		.name = weir_or_null(ctl_text(ctl, "name")), .sets_domain = ctl_option(ctl, "domain") != NULL,
		.domain = weir_without_slashes(ctl_text(ctl, "domain")),
	};
	weir_text id = operand(ctl), *cors = ctl_urls(ctl, "cors", &in.cors_count);
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status;

	in.cors = in.cors_count ? cors : NULL;
	status = !in.name.n && !in.sets_domain && !in.cors ? nothing(ctl) : ctl_meta(ctl, &m);
	if (status)
		return status;
	err = weir_project_update(&m, id, &in, &rows);
	status = err ? ctl_meta_failed(ctl, "the project cannot be changed", err) : ctl_must_be("project", id, rows);
	if (status)
		return status;
	ctl_tell_nginx(ctl);
	return ctl_made(ctl, "project", &weir_record_project, rows, WEIR_TEXT(""));
}

/* The client of the operand; an id that is none of the form of one is nobody's. */
static int client_there(struct ctl *ctl, const struct weir_meta *m)
{
	weir_text id = operand(ctl);
	PGresult *rows;
	weir_err err;

	if (!weir_uuid_is_client_id(id)) {
		ctl_complain("%.*s is no client id: a UUID in small letters", (int)id.n, id.p);
		return CTL_USAGE;
	}
	err = weir_client_get(m, id, &rows);
	return err ? ctl_meta_failed(ctl, "the client cannot be looked up", err) : ctl_must_be("client", id, rows);
}

int ctl_update_client(struct ctl *ctl)
{
	weir_text name = ctl_text(ctl, "name"), secret = { NULL, 0 };
	struct weir_meta m;
	PGresult *rows = NULL;
	weir_err err = WEIR_OK;
	int status = !name.n && !ctl_option(ctl, "new-secret") ? nothing(ctl) : ctl_meta(ctl, &m);

	if (!status)
		status = client_there(ctl, &m);
	if (status)
		return status;
	if (name.n)
		err = weir_client_rename(&m, operand(ctl), name, &rows);
	if (!err && ctl_option(ctl, "new-secret"))
		err = weir_client_renew(&m, operand(ctl), &secret, &rows);
	return err || !rows ? ctl_meta_failed(ctl, "the client cannot be changed", err) : ctl_made(ctl, "client", &weir_record_client, rows, secret);
}

static int gone(struct ctl *ctl, const char *what, weir_text id)
{
	if (!ctl->json) {
		printf("%s %.*s is deleted\n", what, (int)id.n, id.p);
		return CTL_OK;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_str(&ctl->out, "deleted", id);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

int ctl_delete_client(struct ctl *ctl)
{
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = ctl_meta(ctl, &m);

	if (!status)
		status = client_there(ctl, &m);
	if (status)
		return status;
	err = weir_client_delete(&m, operand(ctl), &rows);
	if (err)
		return ctl_meta_failed(ctl, "the client cannot be deleted", err);
	ctl_tell_nginx(ctl);
	return gone(ctl, "client", operand(ctl));
}

int ctl_delete_user(struct ctl *ctl)
{
	struct weir_meta m;
	weir_text id;
	weir_err err;
	int status = ctl_meta(ctl, &m);

	if (!status)
		status = ctl_user(ctl, &m, operand(ctl), &id);
	if (status)
		return status;
	err = weir_user_delete(&m, id);
	return err ? ctl_meta_failed(ctl, "the user cannot be deleted", err) : gone(ctl, "user", id);
}

int ctl_set_password(struct ctl *ctl)
{
	weir_text id, password;
	bool made_up;
	struct weir_meta m;
	PGresult *rows;
	weir_err err;
	int status = ctl_meta(ctl, &m);

	if (!status)
		status = ctl_user(ctl, &m, operand(ctl), &id);
	if (!status)
		status = ctl_password(ctl, &password, &made_up);
	if (status)
		return status;
	err = weir_user_set_password(&m, id, password);
	if (!err)
		err = weir_user_get(&m, id, &rows);
	if (err)
		return ctl_meta_failed(ctl, "the password cannot be set", err);
	return ctl_user_made(ctl, rows, made_up ? password : WEIR_TEXT(""));
}
