#include "config.h"
#include "meta/share.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/str.h"
#include "meta/report.h"
#include "meta/secret.h"

const char *const weir_share_words[WEIR_SHARE_COUNT] = {
	[WEIR_SHARE_overview] = "overview", [WEIR_SHARE_dashboard] = "dashboard", [WEIR_SHARE_report] = "report",
};

#define SHARE_SQL(table, subject) \
	"SELECT p.\"id\", p.\"organizationId\", coalesce(nullif(o.\"timezone\", ''), 'UTC'), s.\"public\", nullif(s.\"password\", '')," \
	" s.\"" subject "\", s.\"id\" FROM \"" table "\" s JOIN \"projects\" p ON p.\"id\" = s.\"projectId\"" \
	" JOIN \"organizations\" o ON o.\"id\" = p.\"organizationId\" WHERE s.\"id\" = $1"

static const char *const share_sql[WEIR_SHARE_COUNT] = {
	[WEIR_SHARE_overview] = SHARE_SQL("shares", "projectId"),
	[WEIR_SHARE_dashboard] = SHARE_SQL("share_dashboards", "dashboardId"),
	[WEIR_SHARE_report] = SHARE_SQL("share_reports", "reportId"),
};

weir_err weir_share_get(const struct weir_meta *m, enum weir_share_kind kind, weir_text id, struct weir_share *share)
{
	PGresult *res;
	weir_err err;

	*share = (struct weir_share){ .kind = kind };
	if (!id.n)
		return WEIR_OK;
	err = weir_pg_exec(m->pg, m->mem, &res, share_sql[kind], 1, &id);
	if (err || !PQntuples(res))
		return err;
	share->found = true;
	share->project = (struct weir_project_view){ weir_pg_text(res, 0, 0), weir_pg_text(res, 0, 1), weir_pg_text(res, 0, 2) };
	share->open = weir_pg_bool(res, 0, 3);
	share->password = weir_pg_text(res, 0, 4);
	share->subject = weir_pg_text(res, 0, 5);
	share->id = weir_pg_text(res, 0, 6);
	return WEIR_OK;
}

weir_err weir_share_report(const struct weir_meta *m, const struct weir_share *share, weir_text report_id, weir_text *json)
{
	struct weir_report_chart chart;
	weir_text shown;
	weir_err err = WEIR_OK;

	*json = (weir_text){ NULL, 0 };
	if (share->kind != WEIR_SHARE_overview)
		err = weir_report_chart(m, share->project.id, report_id, &chart);
	if (err || share->kind == WEIR_SHARE_overview || !chart.json.p)
		return err;
	shown = share->kind == WEIR_SHARE_dashboard ? chart.dashboard_id : report_id;
	if (weir_text_eq_nocase(share->subject, shown))
		*json = chart.json;
	return WEIR_OK;
}

/* KIND-ID-UNTIL-TRACE; the id of a share has letters and digits only. */
static weir_err ticket_until(const struct weir_meta *m, const struct weir_share *share, int64_t until_ms, weir_text *ticket)
{
	enum { TRACE = 12 };
	uint8_t digest[32];
	char hex[2 * TRACE + 1];
	weir_str out;
	weir_err err = weir_sha256(&share->password, 1, digest);

	if (err)
		return err;
	weir_hex(digest, TRACE, hex);
	weir_str_init(&out, 4096);
	weir_str_addf(&out, "%s-%.*s-%lld-%s", weir_share_words[share->kind], (int)share->id.n, share->id.p, (long long)until_ms, hex);
	err = weir_str_err(&out);
	*ticket = weir_text_dup(m->mem, weir_str_view(&out));
	weir_str_free(&out);
	return err ? err : ticket->p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_share_ticket(const struct weir_meta *m, const struct weir_share *share, weir_text *ticket)
{
	return ticket_until(m, share, m->now_ms + WEIR_SHARE_DAYS * (int64_t)86400000, ticket);
}

weir_err weir_share_ticket_good(const struct weir_meta *m, const struct weir_share *share, weir_text cookie, bool *good)
{
	weir_text value, rest, item = { NULL, 0 }, wanted;
	int64_t until = 0;
	weir_err err = weir_unsign(m, cookie, &value);

	*good = false;
	if (err || !value.p)
		return err;
	rest = value;
	for (int i = 0; i < 3; i++) /* kind, id, until */
		if (!weir_text_next(&rest, '-', &item))
			return WEIR_OK;
	if (weir_num_int(item, &until) || until < m->now_ms)
		return WEIR_OK;
	err = ticket_until(m, share, until, &wanted);
	*good = !err && weir_text_eq(wanted, value);
	return err;
}
