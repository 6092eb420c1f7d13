/*
 * Migrations of PostgreSQL; the ledger is weir_admin.migrations, in a schema of
 * its own that Prisma does not look into.  It is not called weir: a schema
 * with the name of the user is searched before public.
 */
#include "config.h"
#include "migrate.h"

#include "base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

static const struct ctl_migration migrations[] = {
#include "migrations_postgres.h"
};

/* The last of our migrations that says the same as CTL_OPENPANEL_LAST. */
#define SAME_AS_OPENPANEL "0002-prisma-ledger.sql"

enum { LOCK_WAIT_MS = 60000, LOCK_POLL_MS = 200 };

static int failed(struct ctl *ctl, const char *what, weir_err err)
{
	return ctl_failed(what, err, ctl->pg ? weir_pg_error(ctl->pg) : "");
}

/* A conninfo value in quotes, as libpq reads it. */
static void quoted(weir_str *out, const char *keyword, const char *value)
{
	weir_str_puts(out, keyword);
	weir_str_puts(out, "='");
	for (; *value; value++) {
		if (*value == '\'' || *value == '\\')
			weir_str_putc(out, '\\');
		weir_str_putc(out, *value);
	}
	weir_str_puts(out, "' ");
}

/* The connection of postgres.url, but to the database "postgres"; *name is the one that is wanted. */
static weir_pg *maintenance(struct ctl *ctl, weir_text *name)
{
	PQconninfoOption *options = PQconninfoParse(ctl->conf.postgres_url, NULL), *o;
	struct weir_conf conf = ctl->conf;
	struct weir_fault fault = { "" };
	weir_pg *pg = NULL;
	weir_str url;

	*name = (weir_text){ NULL, 0 };
	weir_str_init(&url, 8192);
	for (o = options; o && o->keyword; o++) {
		if (!o->val)
			continue;
		if (!strcmp(o->keyword, "dbname"))
			*name = weir_text_dup(ctl->mem, weir_text_of(o->val));
		else
			quoted(&url, o->keyword, o->val);
	}
	quoted(&url, "dbname", "postgres");
	PQconninfoFree(options);
	conf.postgres_url = url.buf;
	if (!weir_str_err(&url) && name->n)
		pg = weir_pg_new(&conf, &fault);
	if (!pg)
		ctl_complain("postgres.url names no database that could be made %s", fault.text);
	weir_str_free(&url);
	return pg;
}

static int create_database(struct ctl *ctl)
{
	weir_text name;
	weir_pg *pg = maintenance(ctl, &name);
	PGresult *res;
	weir_err err = WEIR_OK;
	int status = CTL_CONFIG;

	if (pg) {
		err = weir_pg_exec(pg, ctl->mem, &res, "SELECT 'CREATE DATABASE ' || quote_ident($1) || ' ENCODING ''UTF8'' TEMPLATE template0' "
			"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = $1)", 1, &name);
		if (!err && PQntuples(res)) {
			ctl_say(ctl, "making database %.*s", (int)name.n, name.p);
			err = weir_pg_script(pg, PQgetvalue(res, 0, 0));
		}
		status = err ? ctl_failed("the PostgreSQL database cannot be made", err, weir_pg_error(pg)) : CTL_OK;
	}
	weir_pg_free(pg);
	return status;
}

/* One migrate at a time: a lock that goes with the connection. */
static int lock(struct ctl *ctl)
{
	int64_t until = weir_monotonic_ms() + LOCK_WAIT_MS;
	bool told = false;

	for (;;) {
		PGresult *res;
		weir_err err = weir_pg_exec(ctl->pg, ctl->mem, &res, "SELECT pg_try_advisory_lock(hashtext('weir migrate'))", 0, NULL);

		if (err)
			return failed(ctl, "PostgreSQL cannot be reached", err);
		if (weir_pg_bool(res, 0, 0))
			return CTL_OK;
		if (weir_monotonic_ms() > until) {
			ctl_complain("another weirctl migrate holds the lock for a minute already; try again when it has finished");
			return CTL_FAILED;
		}
		if (!told)
			ctl_say(ctl, "another weirctl migrate is running; waiting for it");
		told = true;
		poll(NULL, 0, LOCK_POLL_MS);
	}
}

static int prepare(struct ctl *ctl, bool dry)
{
	weir_err err = WEIR_OK;
	int status = CTL_OK;

	if (ctl_option(ctl, "create-database") && !dry)
		status = create_database(ctl);
	if (!status && !ctl_pg(ctl))
		status = CTL_CONFIG;
	if (status || dry)
		return status;
	/* A statement of a migration may take its time; a schema named like the user would come before public. */
	err = weir_pg_script(ctl->pg, "SET statement_timeout = 0; SET search_path = public");
	if (err)
		return failed(ctl, "PostgreSQL cannot be reached", err);
	status = lock(ctl);
	if (!status)
		err = weir_pg_script(ctl->pg, "CREATE SCHEMA IF NOT EXISTS weir_admin; CREATE TABLE IF NOT EXISTS weir_admin.migrations ("
			"name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
	return err ? failed(ctl, "the ledger weir_admin.migrations cannot be made", err) : status;
}

/* A database with OpenPanel's tables and no ledger of ours is taken over when it is as new as our schema. */
static int adopt(struct ctl *ctl, struct ctl_ledger *ledger)
{
	weir_text last = WEIR_TEXT(CTL_OPENPANEL_LAST);
	PGresult *res;
	weir_err err = weir_pg_exec(ctl->pg, ctl->mem, &res,
		"SELECT to_regclass('public.organizations') IS NOT NULL, to_regclass('public._prisma_migrations') IS NOT NULL", 0, NULL);

	if (err)
		return failed(ctl, "PostgreSQL cannot be read", err);
	if (!weir_pg_bool(res, 0, 0))
		return CTL_OK;
	if (weir_pg_bool(res, 0, 1)) {
		err = weir_pg_exec(ctl->pg, ctl->mem, &res,
			"SELECT FROM public._prisma_migrations WHERE migration_name = $1 AND finished_at IS NOT NULL", 1, &last);
		if (err)
			return failed(ctl, "PostgreSQL cannot be read", err);
		ledger->adopt = PQntuples(res) > 0;
		ledger->adopt_last = SAME_AS_OPENPANEL;
	}
	if (ledger->adopt)
		return CTL_OK;
	ctl_complain("this database was made by an OpenPanel of another state: its migration " CTL_OPENPANEL_LAST " is missing.\n"
		"Nothing was changed. Bring it up to date with OpenPanel's own migration first, or name an empty database in postgres.url.");
	return CTL_NEWER;
}

static int read_ledger(struct ctl *ctl, struct ctl_ledger *ledger)
{
	PGresult *res = NULL;
	weir_err err = ctl_pg(ctl) ? weir_pg_exec(ctl->pg, ctl->mem, &res, "SELECT to_regclass('weir_admin.migrations') IS NOT NULL", 0, NULL)
		: WEIR_EINTERNAL;

	if (err)
		return failed(ctl, "PostgreSQL cannot be reached", err);
	if (weir_pg_bool(res, 0, 0)) {
		err = weir_pg_exec(ctl->pg, ctl->mem, &res, "SELECT name, checksum FROM weir_admin.migrations ORDER BY name", 0, NULL);
		if (err)
			return failed(ctl, "the ledger weir_admin.migrations cannot be read", err);
		if (PQntuples(res) > CTL_MIGRATIONS_MAX)
			return failed(ctl, "the ledger weir_admin.migrations is too long", WEIR_ELIMIT);
		for (int i = 0; i < PQntuples(res); i++)
			ledger->rows[ledger->count++] = (struct ctl_applied){ weir_pg_text(res, i, 0), weir_pg_text(res, i, 1) };
	}
	return ledger->count ? CTL_OK : adopt(ctl, ledger);
}

static weir_err insert_line(struct ctl *ctl, const struct ctl_migration *m, const char *checksum)
{
	weir_text params[] = { weir_text_of(m->name), weir_text_of(checksum) };
	PGresult *res;

	return weir_pg_exec(ctl->pg, ctl->mem, &res, "INSERT INTO weir_admin.migrations (name, checksum) VALUES ($1, $2)", 2, params);
}

static int record(struct ctl *ctl, const struct ctl_migration *m, const char *checksum)
{
	weir_err err = insert_line(ctl, m, checksum);

	return err ? failed(ctl, m->name, err) : CTL_OK;
}

static int apply(struct ctl *ctl, const struct ctl_migration *m, const char *checksum)
{
	weir_err err = weir_pg_begin(ctl->pg);

	if (!err)
		err = weir_pg_script(ctl->pg, m->text);
	if (!err)
		err = insert_line(ctl, m, checksum);
	if (!err)
		err = weir_pg_commit(ctl->pg);
	if (err) {
		int status = failed(ctl, m->name, err);

		weir_pg_rollback(ctl->pg);
		return status;
	}
	return CTL_OK;
}

static int print(struct ctl *ctl, const struct ctl_migration *m, weir_str *out)
{
	(void)ctl;
	weir_str_puts(out, m->text);
	return CTL_OK;
}

const struct ctl_database ctl_postgres = {
	.name = "postgres", .migrations = migrations, .count = sizeof(migrations) / sizeof(*migrations),
	.prepare = prepare, .read = read_ledger, .apply = apply, .record = record, .print = print,
};
