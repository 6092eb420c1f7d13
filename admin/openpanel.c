/* weirctl openpanel import-postgres: an existing database of OpenPanel, looked at and taken over. */
#include "config.h"
#include "migrate.h"
#include "openpanel.h"

#include "base/seal.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

static const char *const schema[] = {
#include "postgres_schema.h"
};
static const char catalogue_sql[] =
#include "postgres_catalogue.h"
;

enum { SCHEMA = sizeof(schema) / sizeof(*schema), PROBLEMS_MAX = 200 };

struct look {
	struct ctl *ctl;
	weir_pg *pg;
	int64_t users, organizations, projects;
	size_t faults, notes;
	bool adopted;                     /* weirctl migrate has taken it over */
};

/* ------------------------------------------------------------ the schema's lines */

/* The item number i of a line of tab-separated items. */
static weir_text item(const char *line, int i)
{
	weir_text rest = weir_text_of(line), out = { NULL, 0 };

	while (i-- >= 0)
		if (!weir_text_next(&rest, '\t', &out))
			return (weir_text){ NULL, 0 };
	return out;
}

weir_text ctl_openpanel_columns(struct ctl *ctl, const char *table)
{
	weir_text out = { NULL, 0 };
	weir_str names;

	weir_str_init(&names, 16 * 1024);
	for (size_t i = 0; i < SCHEMA; i++) {
		if (!weir_text_is(item(schema[i], 0), "column") || !weir_text_is(item(schema[i], 1), table))
			continue;
		weir_str_puts(&names, names.len ? ", \"" : "\"");
		weir_str_text(&names, item(schema[i], 2));
		weir_str_putc(&names, '"');
	}
	if (names.len && !weir_str_err(&names))
		out = weir_text_dup(ctl->mem, weir_str_view(&names));
	weir_str_free(&names);
	return out;
}

/* ------------------------------------------------------------ saying what was found */

static void say(struct look *l, const char *kind, weir_text text)
{
	struct ctl *ctl = l->ctl;

	l->faults += !strcmp(kind, "fault");
	l->notes += !strcmp(kind, "note");
	if (l->faults + l->notes > PROBLEMS_MAX)
		return;
	if (!ctl->json) {
		printf("%-6s %.*s\n", kind, (int)text.n, text.p);
		return;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_strz(&ctl->out, "kind", kind);
	weir_json_str(&ctl->out, "text", text);
	weir_json_end(&ctl->out);
}

static void sayf(struct look *l, const char *kind, const char *fmt, int64_t n, const char *more)
{
	weir_str text;

	weir_str_init(&text, 4096);
	weir_str_addf(&text, "%lld ", (long long)n);
	weir_str_puts(&text, fmt);
	weir_str_puts(&text, more);
	say(l, kind, weir_str_view(&text));
	weir_str_free(&text);
}

static int unreadable(struct look *l, weir_err err)
{
	return ctl_failed("the database cannot be read", err, weir_pg_error(l->pg));
}

/* ------------------------------------------------------------ is it the same schema? */

static bool has_line(const PGresult *found, const char *line)
{
	for (int i = 0; i < PQntuples(found); i++)
		if (!strcmp(PQgetvalue(found, i, 0), line))
			return true;
	return false;
}

/* What is wrong without the line: a column of another form cannot be used, an index that is missing only costs time. */
static void miss(struct look *l, const char *line)
{
	bool hard = strncmp(line, "index", 5) != 0 || strstr(line, "\tunique\t") != NULL;
	weir_str text;

	weir_str_init(&text, 4096);
	weir_str_puts(&text, "not as in OpenPanel's schema, or missing: ");
	for (const char *p = line; *p; p++)
		weir_str_putc(&text, *p == '\t' ? ' ' : *p);
	say(l, hard ? "fault" : "note", weir_str_view(&text));
	weir_str_free(&text);
}

static int compare(struct look *l)
{
	PGresult *found;
	weir_err err = weir_pg_exec(l->pg, l->ctl->mem, &found, catalogue_sql, 0, NULL);
	size_t same = 0;

	if (err)
		return unreadable(l, err);
	for (size_t i = 0; i < SCHEMA; i++) {
		if (has_line(found, schema[i]))
			same++;
		else
			miss(l, schema[i]);
	}
	sayf(l, "found", "of its columns, keys, indices and enumerations are as in OpenPanel's schema", (int64_t)same, "");
	return CTL_OK;
}

static int migrations(struct look *l)
{
	static const char sql[] = "SELECT count(*) FILTER (WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL),"
		" count(*) FILTER (WHERE finished_at IS NULL AND rolled_back_at IS NULL), coalesce(bool_or(migration_name = $1 AND finished_at IS NOT NULL), false),"
		" count(*) FILTER (WHERE migration_name > $1) FROM public._prisma_migrations";
	weir_text last = WEIR_TEXT(CTL_OPENPANEL_LAST);
	PGresult *res;
	weir_err err = weir_pg_exec(l->pg, l->ctl->mem, &res,
		"SELECT to_regclass('public._prisma_migrations') IS NOT NULL, to_regclass('weir_admin.migrations') IS NOT NULL", 0, NULL);

	if (err)
		return unreadable(l, err);
	l->adopted = weir_pg_bool(res, 0, 1);
	if (!weir_pg_bool(res, 0, 0)) {
		say(l, "fault", WEIR_TEXT("it has no table _prisma_migrations: it was not made by OpenPanel"));
		return CTL_OK;
	}
	err = weir_pg_exec(l->pg, l->ctl->mem, &res, sql, 1, &last);
	if (err)
		return unreadable(l, err);
	sayf(l, "found", "migrations of OpenPanel", weir_pg_int(res, 0, 0), "");
	if (weir_pg_int(res, 0, 1))
		sayf(l, "fault", "migrations of OpenPanel have begun and not ended", weir_pg_int(res, 0, 1), "; let OpenPanel finish them first");
	if (!weir_pg_bool(res, 0, 2))
		say(l, "fault", WEIR_TEXT("migration " CTL_OPENPANEL_LAST " is missing: bring it up to date with OpenPanel's own migration first"));
	if (weir_pg_int(res, 0, 3))
		sayf(l, "note", "migrations are newer than what Weir was made for", weir_pg_int(res, 0, 3), "");
	return CTL_OK;
}

/* ------------------------------------------------------------ what is in it */

static const struct {
	const char *sql;
	const char *kind;                 /* a "fault" or "note" is said only when there are any */
	const char *text, *more;
} counts[] = {
	{ "SELECT count(*) FROM users", "found", "users", "" },
	{ "SELECT count(*) FROM organizations", "found", "organizations", "" },
	{ "SELECT count(*) FROM projects", "found", "projects", "" },
	{ "SELECT count(*) FROM clients", "found", "clients", "" },
	{ "SELECT count(*) FROM dashboards", "found", "dashboards", "" },
	{ "SELECT count(*) FROM reports", "found", "reports", "" },
	{ "SELECT count(*) FROM sessions WHERE \"expiresAt\" > now() AT TIME ZONE 'UTC'", "found", "people are signed in, and stay so", "" },
	{ "SELECT count(*) FROM accounts WHERE provider = 'email' AND password NOT LIKE '$argon2%'", "note", "passwords are hashed in a way of old times",
		"; they cannot sign in before they have reset them, as with OpenPanel" },
	{ "SELECT count(*) FROM clients WHERE secret IS NOT NULL AND secret !~ '^[0-9a-f]{32}[.][0-9a-f]{64}$'", "note",
		"clients have a secret of a form that is not known", "; they need a new one: weirctl update client ID --new-secret" },
	{ "SELECT count(*) FROM (SELECT lower(email) FROM users GROUP BY 1 HAVING count(*) > 1) d", "note", "addresses belong to several users",
		", who differ in upper and lower case alone; the oldest of them signs in" },
	{ "SELECT count(*) FROM organizations o WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.\"organizationId\" = o.id AND m.role = 'org:admin')", "note",
		"organizations have no administrator", "; the worker deletes them after 24 hours (worker.delete_ownerless)" },
	{ "SELECT count(*) FROM projects WHERE \"deleteAt\" IS NOT NULL", "note", "projects are to be deleted", "" },
	{ "SELECT count(*) FROM organizations WHERE \"deleteAt\" IS NOT NULL", "note", "organizations are to be deleted", "" },
	{ "SELECT count(*) FROM projects WHERE id = ''", "note", "project has an empty id", ", which no address can name" },
	{ "SELECT count(*) FROM integrations WHERE config->>'mode' = 'javascript'", "note", "integrations have a template in JavaScript",
		"; Weir runs none, and sends the payload instead" },
	{ "SELECT count(*) FROM imports WHERE status IN ('pending', 'processing')", "note", "imports are not done", "; the worker begins them anew" },
};

static int count(struct look *l)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		PGresult *res;
		weir_err err = weir_pg_exec(l->pg, l->ctl->mem, &res, counts[i].sql, 0, NULL);
		int64_t n;

		if (err)
			return unreadable(l, err);
		n = weir_pg_int(res, 0, 0);
		if (n || !strcmp(counts[i].kind, "found"))
			sayf(l, counts[i].kind, counts[i].text, n, counts[i].more);
	}
	return CTL_OK;
}

/* Secrets that are sealed with OpenPanel's ENCRYPTION_KEY, which must be api.encryption_key. */
static int sealed(struct look *l)
{
	weir_text key = weir_text_of(l->ctl->conf.api_encryption_key), plain;
	PGresult *res;
	int64_t closed = 0;
	weir_err err = weir_pg_exec(l->pg, l->ctl->mem, &res, "SELECT secret FROM user_totp UNION ALL SELECT \"refreshToken\" FROM gsc_connections", 0, NULL);

	if (err)
		return unreadable(l, err);
	for (int i = 0; i < PQntuples(res); i++)
		closed += weir_unseal(l->ctl->mem, key, weir_pg_text(res, i, 0), &plain) != WEIR_OK;
	if (PQntuples(res))
		sayf(l, "found", "secrets of second factors and of Search Console", PQntuples(res), "");
	if (closed)
		sayf(l, "note", "of them cannot be read", closed, ": set api.encryption_key to OpenPanel's ENCRYPTION_KEY");
	return CTL_OK;
}

static int look_at(struct look *l)
{
	weir_err err = weir_pg_script(l->pg, "SET default_transaction_read_only = on; SET statement_timeout = 0; SET search_path = public");
	int status = err ? ctl_failed("the database cannot be reached", err, weir_pg_error(l->pg)) : CTL_OK;

	if (!status)
		status = migrations(l);
	if (!status)
		status = compare(l);
	if (!status && !l->faults)
		status = count(l);
	if (!status && !l->faults)
		status = sealed(l);
	return status;
}

/* ------------------------------------------------------------ the command */

static void advise(struct look *l, bool own, const struct ctl_openpanel_copy *copied)
{
	weir_str text;

	weir_str_init(&text, 1024);
	if (l->faults)
		weir_str_puts(&text, "it cannot be taken over as it is; nothing was changed");
	else if (copied)
		weir_str_addf(&text, "%lld rows of %lld tables were copied", (long long)copied->rows, (long long)copied->tables);
	else if (own)
		weir_str_puts(&text, l->adopted ? "Weir has taken it over already" : "weirctl migrate takes it over as it is, and OpenPanel may go on to use it");
	else
		weir_str_puts(&text, "name it in postgres.url, and weirctl migrate takes it over as it is; or --copy copies its rows into the database of postgres.url");
	say(l, l->faults ? "end" : copied ? "done" : "next", weir_str_view(&text));
	weir_str_free(&text);
}

static int examine(struct look *l, bool own)
{
	struct ctl *ctl = l->ctl;
	struct ctl_openpanel_copy copied;
	bool copy = ctl_option(ctl, "copy") != NULL, done = false;
	int status;

	if (ctl->json) {
		weir_json_obj(&ctl->out, NULL);
		weir_json_arr(&ctl->out, "findings");
	}
	status = look_at(l);
	if (!status && copy && !l->faults) {
		status = ctl_pg(ctl) ? ctl_openpanel_copy(ctl, l->pg, ctl_pg(ctl), &copied) : CTL_CONFIG;
		done = !status;
	}
	if (!status)
		advise(l, own, done ? &copied : NULL);
	if (ctl->json) {
		weir_json_end(&ctl->out);
		weir_json_uint(&ctl->out, "faults", l->faults);
		weir_json_uint(&ctl->out, "notes", l->notes);
		weir_json_end(&ctl->out);
	}
	if (!status && l->faults)
		status = CTL_NEWER;
	return ctl->json ? ctl_answer(ctl, status) : status;
}

int ctl_openpanel_import(struct ctl *ctl)
{
	struct look l = { .ctl = ctl };
	struct weir_conf conf = ctl->conf;
	bool own = ctl->operand_count == 0;
	struct weir_fault fault = { "" };
	int status;

	if (own && ctl_option(ctl, "copy")) {
		ctl_complain("--copy wants the address of the database to copy from");
		return CTL_USAGE;
	}
	if (!own)
		conf.postgres_url = ctl->operands[0];
	l.pg = weir_pg_new(&conf, &fault);
	if (!l.pg) {
		ctl_complain("%s", fault.text);
		return CTL_USAGE;
	}
	status = examine(&l, own);
	weir_pg_free(l.pg);
	return status;
}
