#include "config.h"
#include "trpc/share.h"

#include "meta/event_meta.h"
#include "meta/project.h"
#include "meta/reference.h"
#include "meta/shared.h"
#include "query/range.h"
#include "trpc/reply.h"

/* reference.* and event.updateEventMeta (spec/trpc-metadata.md 4.7, 4.22). */

#define NO_REFERENCE "Reference not found"
enum { PAGES_MAX = 1000000 };

weir_err weir_do_reference_list(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_reference_list(&c->meta, c->project.id, weir_in_int(c, "cursor", 0, 0, PAGES_MAX), &rows);

	if (!err)
		weir_reply_rows(c, NULL, &weir_record_reference, rows);
	return err;
}

static weir_err read_reference(struct weir_call *c, struct weir_reference_saved *in)
{
	in->title = weir_in_text(c, "title");
	in->description = weir_in_text(c, "description");
	return weir_in_date(c, "datetime", &in->date_ms);
}

weir_err weir_do_reference_create(struct weir_call *c)
{
	struct weir_reference_saved in;
	PGresult *rows;
	weir_err err = read_reference(c, &in);

	if (!err)
		err = weir_reference_create(&c->meta, c->project.id, &in, &rows);
	return err ? err : weir_reply_first(c, &weir_record_reference, rows, NO_REFERENCE);
}

weir_err weir_do_reference_update(struct weir_call *c)
{
	struct weir_reference_saved in;
	PGresult *rows;
	weir_err err = read_reference(c, &in);

	if (!err)
		err = weir_reference_update(&c->meta, weir_in_text(c, "id"), &in, &rows);
	return err ? err : weir_reply_first(c, &weir_record_reference, rows, NO_REFERENCE);
}

weir_err weir_do_reference_delete(struct weir_call *c)
{
	PGresult *rows;
	weir_err err = weir_reference_delete(&c->meta, weir_in_text(c, "id"), &rows);

	return err ? err : weir_reply_first(c, &weir_record_reference, rows, NO_REFERENCE);
}

/* Whether some public share of the project lets the caller in: its page shows the references too, and names no share. */
static weir_err by_share(struct weir_call *c, weir_text project_id, struct weir_project_view *project)
{
	PGresult *rows;
	bool admits = false;
	weir_err err = weir_shared_list(&c->meta, project_id, &rows);

	for (int i = 0; !err && !admits && i < PQntuples(rows); i++) {
		struct weir_share share;

		err = weir_share_get(&c->meta, (enum weir_share_kind)weir_pg_int(rows, i, 0), weir_pg_text(rows, i, 1), &share);
		if (!err && share.found && share.open)
			err = weir_share_admits(c, &share, &admits);
		if (!err && admits)
			*project = share.project;
	}
	return !err && !admits ? weir_call_fail(c, WEIR_EFORBID, WEIR_NO_PROJECT) : err;
}

/* The reference answers anybody; here one must be allowed to see the project, or a share of it. */
static weir_err visible_project(struct weir_call *c, struct weir_project_view *project)
{
	weir_text id = weir_in_text(c, "projectId");
	struct weir_access access = { .level = WEIR_LEVEL_none };
	weir_err err = c->viewer->user_id.p ? weir_access_to(&c->meta, c->viewer->user_id, WEIR_ENTITY_project, id, &access) : WEIR_OK;

	*project = access.project;
	return err || access.level != WEIR_LEVEL_none ? err : by_share(c, id, project);
}

weir_err weir_do_reference_of_chart(struct weir_call *c)
{
	struct weir_project_view project;
	struct weir_range range;
	PGresult *rows;
	weir_err err = visible_project(c, &project);

	if (err)
		return err;
	err = weir_range_of(c->meta.mem, weir_in_text(c, "range"), weir_in_text(c, "startDate"), weir_in_text(c, "endDate"),
		weir_known_timezone(c->meta.mem, project.timezone), c->meta.now_ms, &range);
	if (err)
		return err == WEIR_EBADREQ ? weir_call_refuse(c, "range", "Invalid date") : err;
	err = weir_reference_between(&c->meta, project.id, weir_wall_ms(range.start), weir_wall_ms(range.end), &rows);
	if (!err)
		weir_reply_rows(c, NULL, &weir_record_reference, rows);
	return err;
}

weir_err weir_do_event_update_meta(struct weir_call *c)
{
	struct weir_event_meta_saved in = {
		.name = weir_in_text(c, "name"), .icon = weir_in_text(c, "icon"), .color = weir_in_text(c, "color"),
		.sets_conversion = weir_jsonr_has(c->in, "conversion"), .conversion = weir_in_flag(c, "conversion"),
	};
	PGresult *rows;
	weir_err err = weir_event_meta_save(&c->meta, c->project.id, &in, &rows);

	return err ? err : weir_reply_first(c, &weir_record_event_meta, rows, "Project not found");
}
