#include "config.h"
#include "trpc/share.h"

#include "meta/report.h"
#include "meta/shared.h"
#include "trpc/reply.h"
#include "trpc/report_view.h"

/* share.* but signing in to one, which is trpc/share.c (spec/trpc-metadata.md 4.9). */

/* What the procedures of a kind are about. */
static const struct {
	const char *member;            /* of the input that names what is shared */
	const char *missing;
	enum weir_entity_kind entity;
	int subject;                   /* column of the record */
} kinds[WEIR_SHARE_COUNT] = {
	[WEIR_SHARE_overview] = { "projectId", "Share not found", WEIR_ENTITY_project, WEIR_SHARE_OVERVIEW_PROJECT_ID },
	[WEIR_SHARE_dashboard] = { "dashboardId", "Dashboard share not found", WEIR_ENTITY_dashboard, WEIR_SHARE_DASHBOARD_DASHBOARD_ID },
	[WEIR_SHARE_report] = { "reportId", "Report share not found", WEIR_ENTITY_report, WEIR_SHARE_REPORT_REPORT_ID },
};

static weir_err put_report(struct weir_call *c, weir_text id)
{
	PGresult *rows;
	weir_err err = weir_report_get(&c->meta, id, &rows);

	if (!err && PQntuples(rows))
		err = weir_report_view(c, "report", rows, 0, false);
	return err;
}

static void put_name(struct weir_call *c, const char *key, const PGresult *rows, int column)
{
	weir_sj_obj(c->out, key);
	weir_sj_str(c->out, "name", weir_pg_text(rows, 0, column));
	weir_sj_end(c->out);
}

/* The share of that row; what it shows of its report is for those who may see it. */
static weir_err put_share(struct weir_call *c, enum weir_share_kind kind, const PGresult *rows)
{
	const struct weir_record *record = weir_shared_record(kind);
	int names = (int)record->count;
	struct weir_share share;
	bool admits = false;
	weir_err err = weir_share_get(&c->meta, kind, weir_pg_text(rows, 0, 0), &share);

	if (!err)
		err = weir_share_admits(c, &share, &admits);
	if (err)
		return err;
	weir_sj_obj(c->out, NULL);
	weir_reply_record(c->out, c->meta.mem, record, rows, 0, 0, NULL);
	put_name(c, "organization", rows, names);
	put_name(c, "project", rows, names + 1);
	if (kind == WEIR_SHARE_dashboard)
		put_name(c, "dashboard", rows, names + 2);
	if (kind == WEIR_SHARE_report)
		err = put_report(c, weir_pg_text(rows, 0, kinds[kind].subject));
	weir_sj_bool(c->out, "hasAccess", admits);
	weir_sj_end(c->out);
	return err;
}

/* By what is shared: only for those who may see it without the share. */
static weir_err of_subject(struct weir_call *c, enum weir_share_kind kind, weir_text subject)
{
	struct weir_access access = { .level = WEIR_LEVEL_none };
	PGresult *rows = NULL;
	weir_err err = c->viewer->user_id.p ? weir_access_to(&c->meta, c->viewer->user_id, kinds[kind].entity, subject, &access) : WEIR_OK;

	if (!err && access.level != WEIR_LEVEL_none)
		err = weir_shared_of(&c->meta, kind, subject, &rows);
	if (err)
		return err;
	if (rows && PQntuples(rows))
		return put_share(c, kind, rows);
	weir_sj_null(c->out, NULL);
	return WEIR_OK;
}

static weir_err look(struct weir_call *c, enum weir_share_kind kind)
{
	weir_text subject = weir_in_text(c, kinds[kind].member);
	PGresult *rows;
	weir_err err;

	if (subject.p)
		return of_subject(c, kind, subject);
	err = weir_shared_by_id(&c->meta, kind, weir_in_text(c, "shareId"), &rows);
	if (err)
		return err;
	return PQntuples(rows) ? put_share(c, kind, rows) : weir_call_fail(c, WEIR_ENOTFOUND, kinds[kind].missing);
}

weir_err weir_do_share_overview(struct weir_call *c)
{
	return look(c, WEIR_SHARE_overview);
}

weir_err weir_do_share_dashboard(struct weir_call *c)
{
	return look(c, WEIR_SHARE_dashboard);
}

weir_err weir_do_share_report(struct weir_call *c)
{
	return look(c, WEIR_SHARE_report);
}

weir_err weir_do_share_dashboard_reports(struct weir_call *c)
{
	struct weir_share share;
	PGresult *rows;
	bool admits, found;
	weir_err err = weir_share_get(&c->meta, WEIR_SHARE_dashboard, weir_in_text(c, "shareId"), &share);

	if (!err && (!share.found || !share.open))
		return weir_call_fail(c, WEIR_ENOTFOUND, kinds[WEIR_SHARE_dashboard].missing);
	if (!err)
		err = weir_share_admits(c, &share, &admits);
	if (!err && !admits)
		return weir_call_fail(c, WEIR_EUNAUTH, "Password required");
	if (!err)
		err = weir_report_list(&c->meta, share.project.id, share.subject, &rows, &found);
	weir_sj_arr(c->out, NULL);
	for (int i = 0; !err && i < PQntuples(rows); i++)
		err = weir_report_view(c, NULL, rows, i, true);
	weir_sj_end(c->out);
	return err;
}

static weir_err save(struct weir_call *c, enum weir_share_kind kind)
{
	struct weir_shared_saved in = {
		.organization_id = c->organization_id, .project_id = c->project.id, .subject = weir_in_text(c, kinds[kind].member),
		.password = weir_in_text(c, "password"), .open = weir_in_flag(c, "public"),
	};
	PGresult *rows;
	weir_err err = weir_shared_save(&c->meta, kind, &in, &rows);

	return err ? err : weir_reply_first(c, weir_shared_record(kind), rows, kinds[kind].missing);
}

weir_err weir_do_share_create_overview(struct weir_call *c)
{
	return save(c, WEIR_SHARE_overview);
}

weir_err weir_do_share_create_dashboard(struct weir_call *c)
{
	return save(c, WEIR_SHARE_dashboard);
}

weir_err weir_do_share_create_report(struct weir_call *c)
{
	return save(c, WEIR_SHARE_report);
}
