/* Rows from one PostgreSQL to another. */
#include "config.h"
#include "openpanel.h"

#include "base/str.h"

#include <string.h>

enum {
	ROWS = 200,                       /* at a time */
	PIECE_MAX = 256 * 1024 * 1024,    /* of JSON */
};

const char *const ctl_openpanel_tables[] = {
	"users", "accounts", "sessions", "reset_password", "user_totp", "two_factor_challenges", "email_unsubscribes", "salts", "organizations",
	"members", "invites", "projects", "project_access", "clients", "dashboards", "reports", "report_layouts", "references", "event_meta",
	"integrations", "notification_rules", "_IntegrationToNotificationRule", "notifications", "shares", "share_dashboards", "share_reports",
	"share_widgets", "imports", "cohorts", "conversations", "chat_messages", "project_insights", "insight_events", "gsc_connections", NULL,
};

static int failed(const char *what, const char *table, weir_err err, weir_pg *pg)
{
	weir_str text;
	int status;

	weir_str_init(&text, 1024);
	weir_str_addf(&text, "table %s cannot be %s", table, what);
	status = ctl_failed(text.buf, err, weir_pg_error(pg));
	weir_str_free(&text);
	return status;
}

/* The parts of a statement are constants: names out of the tables above and of data/postgres-schema.tsv. */
static weir_err run(weir_pg *pg, weir_arena *mem, PGresult **res, const char *const *parts, size_t count, int nparams, const weir_text *params)
{
	weir_str sql;
	weir_err err;

	weir_str_init(&sql, 64 * 1024);
	for (size_t i = 0; i < count; i++)
		weir_str_puts(&sql, parts[i]);
	err = weir_str_err(&sql);
	if (!err)
		err = weir_pg_exec(pg, mem, res, sql.buf, nparams, params);
	weir_str_free(&sql);
	return err;
}

/* The next rows of the cursor as one JSON array; *rows of them. */
static weir_err fetch(weir_pg *from, weir_arena *mem, weir_str *json, int *rows)
{
	PGresult *res;
	weir_err err = weir_pg_exec(from, mem, &res, "FETCH 200 FROM weir_rows", 0, NULL);

	*rows = err ? 0 : PQntuples(res);
	weir_str_reset(json);
	weir_str_putc(json, '[');
	for (int i = 0; i < *rows; i++) {
		if (i)
			weir_str_putc(json, ',');
		weir_str_text(json, weir_pg_text(res, i, 0));
	}
	weir_str_putc(json, ']');
	return err ? err : weir_str_err(json);
}

static int copy_table(struct ctl *ctl, weir_pg *from, weir_pg *to, const char *table, int64_t *total)
{
	const char *columns = ctl_openpanel_columns(ctl, table).p;
	const char *cursor[] = { "DECLARE weir_rows CURSOR FOR SELECT row_to_json(t) FROM (SELECT ", columns, " FROM public.\"", table, "\") t" };
	const char *insert[] = {
		"INSERT INTO public.\"", table, "\" (", columns, ") SELECT ", columns, " FROM json_populate_recordset(NULL::public.\"", table, "\", $1::json)",
	};
	weir_arena *mem = weir_arena_new(PIECE_MAX);
	PGresult *res;
	weir_str json;
	weir_text param;
	int rows = ROWS, status = CTL_OK;
	weir_err err = mem && columns ? run(from, mem, &res, cursor, 5, 0, NULL) : WEIR_ENOMEM;

	weir_str_init(&json, PIECE_MAX);
	if (err)
		status = failed("read", table, err, from);
	while (!status && rows == ROWS) {
		err = fetch(from, mem, &json, &rows);
		if (err)
			status = failed("read", table, err, from);
		param = weir_str_view(&json);
		err = !status && rows ? run(to, mem, &res, insert, 9, 1, &param) : WEIR_OK;
		if (err)
			status = failed("written", table, err, to);
		*total += rows;
		weir_arena_reset(mem);
	}
	if (!status && (err = weir_pg_exec(from, mem, &res, "CLOSE weir_rows", 0, NULL)))
		status = failed("read", table, err, from);
	weir_str_free(&json);
	weir_arena_free(mem);
	return status;
}

/* Only salts may be there, which a worker makes at its first start; those that come take their place. */
static int check_empty(struct ctl *ctl, weir_pg *to)
{
	PGresult *res;
	weir_err err = weir_pg_exec(to, ctl->mem, &res, "SELECT (SELECT count(*) FROM public.\"users\") + (SELECT count(*) FROM public.\"organizations\")"
		" + (SELECT count(*) FROM public.\"email_unsubscribes\")", 0, NULL);

	if (err)
		return ctl_failed("the database of postgres.url cannot be read (weirctl migrate makes its tables)", err, weir_pg_error(to));
	if (weir_pg_int(res, 0, 0)) {
		ctl_complain("the database of postgres.url has users or organizations already; rows are copied into an empty one only");
		return CTL_FAILED;
	}
	err = weir_pg_script(to, "DELETE FROM public.\"salts\"");
	return err ? ctl_failed("the database of postgres.url cannot be changed", err, weir_pg_error(to)) : CTL_OK;
}

int ctl_openpanel_copy(struct ctl *ctl, weir_pg *from, weir_pg *to, struct ctl_openpanel_copy *done)
{
	int status;
	weir_err err = weir_pg_script(to, "SET statement_timeout = 0; SET search_path = public");

	*done = (struct ctl_openpanel_copy){ 0, 0 };
	if (!err)
		err = weir_pg_begin(to);
	if (err)
		return ctl_failed("the database of postgres.url cannot be reached", err, weir_pg_error(to));
	err = weir_pg_script(from, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	status = err ? ctl_failed("the database cannot be read", err, weir_pg_error(from)) : check_empty(ctl, to);
	for (const char *const *table = ctl_openpanel_tables; *table && !status; table++, done->tables++) {
		ctl_say(ctl, "copying %s", *table);
		status = copy_table(ctl, from, to, *table, &done->rows);
	}
	if (!status && (err = weir_pg_commit(to)))
		status = ctl_failed("what was copied cannot be kept", err, weir_pg_error(to));
	if (status)
		weir_pg_rollback(to);
	if (weir_pg_script(from, "ROLLBACK"))
		ctl_say(ctl, "the other database did not end the reading in order");
	return status;
}
