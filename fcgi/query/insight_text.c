/* Insights: what is said about a finding, to people and to the dashboard. */
#include "config.h"
#include "query/insight_module.h"

#include "base/jsonw.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_MAX = 64 * 1024, GROUP = 3 };

/* 12,345 or, of a median, 12.5 */
static void put_count(weir_str *s, double v)
{
	enum { DIGITS_MAX = 400 };
	char digits[DIGITS_MAX];
	int n = snprintf(digits, sizeof(digits), "%.0f", floor(v));

	for (int i = 0; i < n && n < (int)sizeof(digits); i++) {
		weir_str_putc(s, digits[i]);
		if ((n - i - 1) % GROUP == 0 && i < n - 1)
			weir_str_putc(s, ',');
	}
	if (v > floor(v)) /* the median of an even number of days */
		weir_str_puts(s, ".5");
}

static void put_amount(weir_str *s, const struct weir_finding *f, double count, double share)
{
	if (f->module->by_share)
		weir_str_addf(s, "%.1f%%", share * 100);
	else
		put_count(s, count);
}

static bool is_new(const struct weir_finding *f)
{
	return f->current > 0 && f->compare <= 0;
}

static bool is_gone(const struct weir_finding *f)
{
	return f->current <= 0 && f->compare > 0;
}

/* "Sessions from Google up 45%" */
static void title(weir_str *s, const struct weir_finding *f)
{
	weir_str_puts(s, f->module->subject);
	weir_str_text(s, f->name);
	if (is_new(f) || is_gone(f))
		weir_str_puts(s, is_new(f) ? " (new)" : " (none any more)");
	else
		weir_str_addf(s, " %s %.0f%%", f->change < 0 ? "down" : "up", fabs(f->change) * 100);
}

/* "1,240 sessions in the last 7 days, 855 in the 7 days before" */
static void summary(weir_str *s, const struct weir_finding *f)
{
	put_amount(s, f, f->current, f->share);
	weir_str_puts(s, f->module->by_share ? " of all " : " ");
	weir_str_puts(s, f->module->source->noun);
	weir_str_addf(s, " %s, ", f->window->now_words);
	put_amount(s, f, f->compare, f->share_before);
	weir_str_addf(s, " %s", f->window->before_words);
}

/* ------------------------------------------------------------------ payload */

static void put_metric(weir_json *j, const char *key, double current, double compare, const char *direction, const char *unit)
{
	weir_json_obj(j, key);
	weir_json_num(j, "current", current);
	weir_json_num(j, "compare", compare);
	weir_json_num(j, "delta", current - compare);
	weir_json_num(j, "changePct", compare > 0 ? (current - compare) / compare : (double)NAN);
	weir_json_strz(j, "direction", direction);
	weir_json_strz(j, "unit", unit);
	weir_json_end(j);
}

static void put_metrics(weir_json *j, const struct weir_finding *f)
{
	static const double flat = 0.05, flat_share = 0.0005;
	double change = f->compare > 0 ? (f->current - f->compare) / f->compare : f->current > 0 ? 1 : 0;

	weir_json_strz(j, "primaryMetric", f->module->by_share ? "share" : f->module->source->metric);
	weir_json_obj(j, "metrics");
	put_metric(j, f->module->source->metric, f->current, f->compare, weir_insight_direction(change, flat), "count");
	put_metric(j, "share", f->share, f->share_before, weir_insight_direction(f->share - f->share_before, flat_share), "ratio");
	weir_json_end(j);
}

static void payload(weir_str *s, const weir_text part[2], const struct weir_finding *f)
{
	weir_json j;

	weir_json_init(&j, s);
	weir_json_obj(&j, NULL);
	weir_json_strz(&j, "kind", "insight_v1");
	weir_json_arr(&j, "dimensions");
	for (size_t i = 0; i < 2 && f->module->part[i].expression; i++) {
		weir_json_obj(&j, NULL);
		weir_json_strz(&j, "key", f->module->part[i].key);
		weir_json_str(&j, "value", part[i]);
		weir_json_str(&j, "displayName", f->module->part[1].expression ? part[i] : f->name);
		weir_json_end(&j);
	}
	weir_json_end(&j);
	put_metrics(&j, f);
	weir_json_obj(&j, "extra");
	weir_json_num(&j, "currentShare", f->share);
	weir_json_num(&j, "compareShare", f->share_before);
	weir_json_num(&j, "shareShiftPp", (f->share - f->share_before) * 100);
	weir_json_bool(&j, "isNew", is_new(f));
	weir_json_bool(&j, "isGone", is_gone(f));
	weir_json_end(&j);
	weir_json_end(&j);
}

static weir_text kept(weir_arena *mem, weir_str *s)
{
	weir_text t = weir_str_err(s) ? (weir_text){ NULL, 0 } : weir_text_dup(mem, weir_str_view(s));

	weir_str_reset(s);
	return t;
}

weir_err weir_insight_describe(weir_arena *mem, const weir_text part[2], struct weir_finding *f)
{
	weir_str s;

	f->name = f->module->name(mem, part);
	weir_str_init(&s, TEXT_MAX);
	title(&s, f);
	f->title = kept(mem, &s);
	summary(&s, f);
	f->summary = kept(mem, &s);
	payload(&s, part, f);
	f->payload = kept(mem, &s);
	weir_str_free(&s);
	return f->title.p && f->summary.p && f->payload.p ? WEIR_OK : WEIR_ENOMEM;
}
