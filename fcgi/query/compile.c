#include "config.h"
#include "query/compile.h"

#include "base/jsonr.h"
#include "query/funnel.h"
#include "query/retention.h"
#include "query/sankey.h"

static weir_err over_time(struct weir_report *r, struct weir_plan *plan)
{
	struct weir_chart *chart = weir_alloc_n(r->ask.mem, 1, sizeof(*chart));

	return chart ? weir_chart_compile(r, chart, plan) : WEIR_ENOMEM;
}

static weir_err in_sum(struct weir_report *r, struct weir_plan *plan)
{
	r->sums = true;
	return over_time(r, plan);
}

/* A funnel of at least so many steps, or of exactly that many. */
static weir_err steps(struct weir_report *r, struct weir_funnel *f, size_t least, bool exactly)
{
	json_object *options = weir_jsonr_get(r->in, "options");

	if (r->event_count < least || (exactly && r->event_count != least)) {
		weir_ask_advise(&r->ask, exactly ? "events must be an array of two events" : "events are required");
		return WEIR_EBADREQ;
	}
	return weir_funnel_of(r, weir_jsonr_get(r->in, "breakdowns"), weir_jsonr_get_text(options, "funnelGroup"),
		json_object_get_double(weir_jsonr_get(options, "funnelWindow")), f);
}

static weir_err funnel(struct weir_report *r, struct weir_plan *plan)
{
	struct weir_funnel f;
	weir_err err = steps(r, &f, 1, false);

	if (!err)
		err = weir_funnel_compile(&f, false, plan);
	return !err && r->previous ? weir_funnel_compile(&f, true, plan) : err;
}

static weir_err conversion(struct weir_report *r, struct weir_plan *plan)
{
	struct weir_funnel f;
	weir_err err = steps(r, &f, 2, true);

	if (!err) {
		f.same_moment = !weir_text_eq(weir_jsonr_get_text(r->events[0], "name"), weir_jsonr_get_text(r->events[1], "name"));
		err = weir_conversion_compile(&f, false, plan);
	}
	return !err && r->previous ? weir_conversion_compile(&f, true, plan) : err;
}

static weir_err sankey(struct weir_report *r, struct weir_plan *plan)
{
	struct weir_sankey s;
	weir_err err = weir_sankey_of(r, &s);

	return err ? err : weir_sankey_compile(&s, plan);
}

static weir_err retention(struct weir_report *r, struct weir_plan *plan)
{
	struct weir_retention question;
	weir_err err = weir_retention_of_report(r, &question);

	return err ? err : weir_retention_compile(&question, plan);
}

static const struct {
	const char *type;
	weir_err (*compile)(struct weir_report *r, struct weir_plan *plan);
} types[] = {
	{ "linear", over_time }, { "area", over_time }, { "histogram", over_time },   { "metric", over_time }, { "map", over_time },
	{ "bar", in_sum },       { "pie", in_sum },     { "funnel", funnel },         { "conversion", conversion },
	{ "sankey", sankey },    { "retention", retention },
};

weir_err weir_report_compile(struct weir_report *r, struct weir_plan *plan)
{
	weir_text type = weir_jsonr_get_text(r->in, "chartType");

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (weir_text_is(type, types[i].type))
			return types[i].compile(r, plan);
	return over_time(r, plan);
}
