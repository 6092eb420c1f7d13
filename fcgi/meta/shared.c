#include "config.h"
#include "meta/shared.h"

#include "base/hash.h"
#include "base/id.h"
#include "meta/record.h"

enum { SHARE_ID_LEN = 6, TRIES = 5 };

#define SELECT_SQL(columns, table, join, name) \
	"SELECT " columns ", o.\"name\", p.\"name\", " name " FROM \"" table "\" t JOIN \"projects\" p ON p.\"id\" = t.\"projectId\"" \
	" JOIN \"organizations\" o ON o.\"id\" = p.\"organizationId\"" join " WHERE "
#define DASHBOARD_JOIN " JOIN \"dashboards\" d ON d.\"id\" = t.\"dashboardId\""
#define REPORT_JOIN " JOIN \"reports\" r ON r.\"id\" = t.\"reportId\""
#define OVERVIEW_SQL SELECT_SQL(WEIR_COLUMNS_SHARE_OVERVIEW, "shares", "", "NULL")
#define DASHBOARD_SQL SELECT_SQL(WEIR_COLUMNS_SHARE_DASHBOARD, "share_dashboards", DASHBOARD_JOIN, "d.\"name\"")
#define REPORT_SQL SELECT_SQL(WEIR_COLUMNS_SHARE_REPORT, "share_reports", REPORT_JOIN, "r.\"name\"")

#define SAVE_SQL(table, column, type) \
	"INSERT INTO \"" table "\" AS t (\"id\", \"organizationId\", \"projectId\"" column ", \"password\", \"public\", \"createdAt\", \"updatedAt\")" \
	" VALUES ($1, $2, $3" type ", $4, $5::bool, $6, $6)"
#define CHANGE_SQL " DO UPDATE SET \"password\" = $4, \"public\" = $5::bool, \"updatedAt\" = $6 RETURNING "

static const struct {
	const struct weir_record *record;
	const char *by_id, *of, *save;
	int params;
} kinds[WEIR_SHARE_COUNT] = {
	[WEIR_SHARE_overview] = { &weir_record_share_overview, OVERVIEW_SQL "t.\"id\" = $1", OVERVIEW_SQL "t.\"projectId\" = $1",
		SAVE_SQL("shares", "", "") " ON CONFLICT (\"projectId\")" CHANGE_SQL WEIR_COLUMNS_SHARE_OVERVIEW, 6 },
	[WEIR_SHARE_dashboard] = { &weir_record_share_dashboard, DASHBOARD_SQL "t.\"id\" = $1", DASHBOARD_SQL "t.\"dashboardId\" = $1",
		SAVE_SQL("share_dashboards", ", \"dashboardId\"", ", $7") " ON CONFLICT (\"dashboardId\")" CHANGE_SQL WEIR_COLUMNS_SHARE_DASHBOARD, 7 },
	[WEIR_SHARE_report] = { &weir_record_share_report, REPORT_SQL "t.\"id\" = $1", REPORT_SQL "t.\"reportId\" = $1::uuid",
		SAVE_SQL("share_reports", ", \"reportId\"", ", $7::uuid") " ON CONFLICT (\"reportId\")" CHANGE_SQL WEIR_COLUMNS_SHARE_REPORT, 7 },
};

const struct weir_record *weir_shared_record(enum weir_share_kind kind)
{
	return kinds[kind].record;
}

weir_err weir_shared_by_id(const struct weir_meta *m, enum weir_share_kind kind, weir_text id, PGresult **rows)
{
	return weir_meta_run(m, rows, kinds[kind].by_id, 1, &id);
}

weir_err weir_shared_of(const struct weir_meta *m, enum weir_share_kind kind, weir_text subject, PGresult **rows)
{
	return weir_meta_run(m, rows, kinds[kind].of, 1, &subject);
}

/* The six characters of an id may be those of another share: then others are tried. */
weir_err weir_shared_save(const struct weir_meta *m, enum weir_share_kind kind, const struct weir_shared_saved *in, PGresult **rows)
{
	char hash[WEIR_PASSWORD_HASH_MAX] = "", id[SHARE_ID_LEN + 1];
	weir_text none = { NULL, 0 };
	weir_err err = in->password.n ? weir_password_hash(in->password, hash) : WEIR_OK;

	if (err)
		return err;
	err = WEIR_ECONFLICT;
	for (int i = 0; i < TRIES && err == WEIR_ECONFLICT; i++) {
		weir_text params[7] = {
			{ id, SHARE_ID_LEN }, in->organization_id, in->project_id, in->password.n ? weir_text_of(hash) : none,
			weir_pg_bool_param(in->open), weir_meta_now(m), in->subject,
		};

		weir_shortid(id, SHARE_ID_LEN);
		err = weir_meta_run(m, rows, kinds[kind].save, kinds[kind].params, params);
	}
	return err;
}

weir_err weir_shared_list(const struct weir_meta *m, weir_text project_id, PGresult **rows)
{
	static const char sql[] =
		"SELECT 0, \"id\" FROM \"shares\" WHERE \"projectId\" = $1 AND \"public\""
		" UNION ALL SELECT 1, \"id\" FROM \"share_dashboards\" WHERE \"projectId\" = $1 AND \"public\""
		" UNION ALL SELECT 2, \"id\" FROM \"share_reports\" WHERE \"projectId\" = $1 AND \"public\"";
	_Static_assert(WEIR_SHARE_overview == 0 && WEIR_SHARE_dashboard == 1 && WEIR_SHARE_report == 2, "the statement says so");

	return weir_meta_run(m, rows, sql, 1, &project_id);
}
