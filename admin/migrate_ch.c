/* Migrations of ClickHouse; the ledger is the table weir_migrations of the configured database. */
#include "config.h"
#include "base/jsonr.h"
#include "migrate.h"
#include "template.h"

#include <stdio.h>
#include <string.h>

static const struct ctl_migration migrations[] = {
#include "migrations_clickhouse.h"
};
/* 0000 makes the ledger itself: it is run each time and has no line there. */
enum { LEDGER = 0, FIRST = 1 };
enum { NO_DATABASE = 81 }; /* ClickHouse's code for it */
#define STATEMENT_MAX (1 << 20)

static int failed(struct ctl *ctl, const char *what, weir_err err)
{
	return ctl_failed(what, err, ctl->ch ? weir_ch_error(ctl->ch) : "");
}

static int check_names(struct ctl *ctl)
{
	if (!weir_template_name(ctl->conf.clickhouse_database)) {
		ctl_complain("clickhouse.database = %s: letters, digits and underscores are wanted", ctl->conf.clickhouse_database);
		return CTL_CONFIG;
	}
	if (*ctl->conf.clickhouse_cluster && !weir_template_name(ctl->conf.clickhouse_cluster)) {
		ctl_complain("clickhouse.cluster = %s: letters, digits and underscores are wanted", ctl->conf.clickhouse_cluster);
		return CTL_CONFIG;
	}
	return ctl_ch(ctl) ? CTL_OK : CTL_CONFIG;
}

/* Runs the statements of one file; each may run again. */
static int run_file(struct ctl *ctl, const struct ctl_migration *m)
{
	weir_text text = weir_text_of(m->text);
	weir_err err = WEIR_OK;
	weir_str statement;
	int status = CTL_OK;

	weir_str_init(&statement, STATEMENT_MAX);
	while (!status && weir_template_next(&text, ctl->conf.clickhouse_cluster, &statement, &err)) {
		if (!err)
			err = weir_ch_command(ctl->ch, statement.buf, NULL);
		if (err) {
			size_t n = strcspn(statement.buf, "\n(");

			ctl_complain("%s stopped at: %.*s ...", m->name, (int)n, statement.buf);
			status = failed(ctl, m->name, err);
		}
	}
	if (!status && err)
		status = failed(ctl, m->name, err);
	weir_str_free(&statement);
	return status;
}

static int prepare(struct ctl *ctl, bool dry)
{
	weir_str create;
	weir_err err;
	int status = check_names(ctl);

	if (status || dry)
		return status;
	weir_str_init(&create, 1024);
	weir_str_puts(&create, "CREATE DATABASE IF NOT EXISTS ");
	weir_str_puts(&create, ctl->conf.clickhouse_database); /* its characters were checked */
	if (*ctl->conf.clickhouse_cluster) {
		weir_str_puts(&create, " ON CLUSTER '");
		weir_str_puts(&create, ctl->conf.clickhouse_cluster);
		weir_str_putc(&create, '\'');
	}
	err = weir_str_err(&create);
	if (!err)
		err = weir_ch_command(ctl->ch, create.buf, "default");
	weir_str_free(&create);
	if (err)
		return failed(ctl, "the ClickHouse database cannot be made", err);
	return run_file(ctl, &migrations[LEDGER]);
}

static weir_err rows_of(struct ctl *ctl, const char *sql, json_object **rows)
{
	const struct weir_ch_arg params[] = { { "database", weir_text_of(ctl->conf.clickhouse_database) } };

	return weir_ch_rows(ctl->ch, ctl->mem, &(struct weir_ch_query){
		.sql = sql, .params = params, .nparams = 1, .read_only = true }, rows);
}

static int read_ledger(struct ctl *ctl, struct ctl_ledger *ledger)
{
	json_object *rows = NULL;
	weir_err err;
	int status = check_names(ctl);

	if (status)
		return status;
	err = rows_of(ctl, "SELECT name FROM system.tables WHERE database = {database:String} AND name = 'weir_migrations'", &rows);
	if (err == WEIR_EBADGATEWAY && weir_ch_exception(ctl->ch) == NO_DATABASE)
		return CTL_OK;
	if (!err && !weir_jsonr_count(rows))
		return CTL_OK;
	if (!err)
		err = rows_of(ctl, "SELECT name, argMax(checksum, applied_at) AS checksum FROM {database:Identifier}.weir_migrations "
			"GROUP BY name ORDER BY name", &rows);
	if (err)
		return failed(ctl, "ClickHouse's ledger cannot be read", err);
	if (weir_jsonr_count(rows) > CTL_MIGRATIONS_MAX)
		return failed(ctl, "the ledger weir_migrations is too long", WEIR_ELIMIT);
	for (size_t i = 0; i < weir_jsonr_count(rows); i++) {
		json_object *row = weir_jsonr_at(rows, i);
		json_object *name = NULL, *checksum = NULL;

		json_object_object_get_ex(row, "name", &name);
		json_object_object_get_ex(row, "checksum", &checksum);
		ledger->rows[ledger->count++] = (struct ctl_applied){
			weir_text_of(json_object_get_string(name)), weir_text_of(json_object_get_string(checksum))
		};
	}
	return CTL_OK;
}

static int record(struct ctl *ctl, const struct ctl_migration *m, const char *checksum)
{
	const struct weir_ch_arg params[] = { { "name", weir_text_of(m->name) }, { "checksum", weir_text_of(checksum) } };
	weir_str none;
	weir_err err;

	weir_str_init(&none, 4096);
	err = weir_ch_run(ctl->ch, &(struct weir_ch_query){
		.sql = "INSERT INTO weir_migrations (name, checksum) SELECT {name:String}, {checksum:String}",
		.params = params, .nparams = 2 }, &none);
	weir_str_free(&none);
	return err ? failed(ctl, m->name, err) : CTL_OK;
}

static int apply(struct ctl *ctl, const struct ctl_migration *m, const char *checksum)
{
	int status = run_file(ctl, m);

	return status ? status : record(ctl, m, checksum);
}

static int print(struct ctl *ctl, const struct ctl_migration *m, weir_str *out)
{
	weir_text text = weir_text_of(m->text);
	weir_err err = WEIR_OK;
	weir_str statement;
	int status = check_names(ctl);

	weir_str_init(&statement, STATEMENT_MAX);
	while (!status && weir_template_next(&text, ctl->conf.clickhouse_cluster, &statement, &err) && !err)
		weir_str_addf(out, "%s;\n", statement.buf);
	weir_str_free(&statement);
	return err ? failed(ctl, m->name, err) : status;
}

const struct ctl_database ctl_clickhouse = {
	.name = "clickhouse", .migrations = migrations + FIRST, .count = sizeof(migrations) / sizeof(*migrations) - FIRST,
	.prepare = prepare, .read = read_ledger, .apply = apply, .record = record, .print = print,
};
