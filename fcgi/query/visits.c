#include "config.h"
#include "query/overview.h"

#include "base/jsonr.h"
#include "query/entity.h"

/* The fields that a session and its events share. */
static const char *const names[] = {
	"os", "path", "city", "brand", "model", "origin", "region", "device", "revenue", "country", "browser", "referrer", "os_version",
	"referrer_name", "browser_version", "referrer_type", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "cohort",
};

static bool counts(weir_text name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (weir_text_is(name, names[i]))
			return true;
	return weir_text_starts(name, "cohort:");
}

static bool is_page(json_object *filter)
{
	return weir_text_is(weir_jsonr_get_text(filter, "name"), "path");
}

static bool is_place(json_object *filter)
{
	return is_page(filter) || weir_text_is(weir_jsonr_get_text(filter, "name"), "origin");
}

bool weir_overview_of_page(const struct weir_overview_ask *o)
{
	for (size_t i = 0; i < weir_jsonr_count(o->filters); i++)
		if (is_page(weir_jsonr_at(o->filters, i)))
			return true;
	return false;
}

weir_err weir_overview_cover(const struct weir_overview_ask *o, const struct weir_interval *by, struct weir_cover *cover)
{
	*cover = (struct weir_cover){ .some = false };
	for (size_t i = 0; i < weir_jsonr_count(o->filters); i++)
		if (counts(weir_jsonr_get_text(weir_jsonr_at(o->filters, i), "name")))
			return WEIR_OK;
	return weir_cover_of(&o->base, &o->span, by, cover);
}

static weir_err filters(weir_sql *q, const struct weir_overview_ask *o, const struct weir_filter_subject *subject, bool without_places)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < weir_jsonr_count(o->filters) && !err; i++) {
		json_object *f = weir_jsonr_at(o->filters, i);

		if (counts(weir_jsonr_get_text(f, "name")) && !(without_places && is_place(f)))
			err = weir_filter_sql(q, &o->base, subject, f);
	}
	return err;
}

weir_err weir_views_where(weir_sql *q, const struct weir_overview_ask *o)
{
	weir_sql_add(q, " WHERE e.project_id = ");
	weir_sql_string(q, o->base.project_id);
	weir_span_sql(q, &o->span, "e.created_at");
	return filters(q, o, &weir_filter_of_events, false);
}

weir_err weir_visits_where(weir_sql *q, const struct weir_overview_ask *o)
{
	bool page = weir_overview_of_page(o);
	weir_err err;

	weir_sql_add(q, " WHERE s.project_id = ");
	weir_sql_string(q, o->base.project_id);
	weir_span_sql(q, &o->span, "s.created_at");
	err = filters(q, o, &weir_filter_of_sessions, page);
	if (err || !page)
		return err;
	weir_sql_add(q, " AND s.id IN (SELECT e.session_id FROM events AS e");
	err = weir_views_where(q, o);
	weir_sql_add(q, ")");
	return err;
}
