/* weirctl explain: the statements behind a chart. */
#include "config.h"
#include "ctl.h"

#include "base/clock.h"
#include "base/jsonr.h"
#include "query/compile.h"
#include "schemas.h"
#include "trpc/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1024 * 1024, TEXT_MAX = 16 * 1024 * 1024 };

static int read_all(struct ctl *ctl, const char *path, weir_text *out)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *p = f ? weir_alloc(ctl->mem, FILE_MAX + 1) : NULL;
	size_t n = p ? fread(p, 1, FILE_MAX + 1, f) : 0;
	bool bad = !f || ferror(f);

	if (bad)
		ctl_complain("%s: %s", path, strerror(errno));
	else if (n > FILE_MAX)
		ctl_complain("%s: larger than a report may be (%d bytes)", path, FILE_MAX);
	if (f && f != stdin)
		fclose(f);
	*out = (weir_text){ p, n };
	return bad || !p || n > FILE_MAX ? CTL_FAILED : CTL_OK;
}

/* The report as the input schema of chart.chart leaves it. */
static int read_report(struct ctl *ctl, const char *path, json_object **report)
{
	json_object *raw, *issues;
	weir_text text;
	weir_str why;
	size_t at = 0;
	int status = read_all(ctl, path, &text);
	weir_err err;

	if (status)
		return status;
	err = weir_jsonr_parse(ctl->mem, text, 0, &raw, &at);
	if (err) {
		ctl_complain("%s: no JSON, at byte %zu", path, at);
		return CTL_FAILED;
	}
	err = weir_schema_check(ctl->mem, weir_schema_CHART, raw, false, report, &issues);
	if (err)
		return ctl_failed(path, err, NULL);
	if (!issues)
		return CTL_OK;
	weir_str_init(&why, TEXT_MAX);
	weir_issues_text(issues, &why);
	ctl_complain("%s: no report: %s", path, why.buf);
	weir_str_free(&why);
	return CTL_FAILED;
}

static void put_json(struct ctl *ctl, const struct weir_plan *plan)
{
	weir_json_arr(&ctl->out, NULL);
	for (size_t i = 0; i < plan->count; i++) {
		const struct weir_statement *s = plan->items[i];

		weir_json_obj(&ctl->out, NULL);
		weir_json_strz(&ctl->out, "what", s->what);
		weir_json_str(&ctl->out, "source", s->source.n ? s->source : WEIR_TEXT("rows"));
		weir_json_strz(&ctl->out, "sql", s->q.text.buf);
		weir_json_obj(&ctl->out, "parameters");
		for (size_t k = 0; k < s->q.count; k++)
			weir_json_str(&ctl->out, s->q.params[k].name, s->q.params[k].value);
		weir_json_end(&ctl->out);
		weir_json_end(&ctl->out);
	}
	weir_json_end(&ctl->out);
}

static int print(struct ctl *ctl, const struct weir_plan *plan)
{
	weir_str text;
	int status = CTL_OK;

	if (ctl->json) {
		put_json(ctl, plan);
		return ctl_answer(ctl, CTL_OK);
	}
	weir_str_init(&text, TEXT_MAX);
	if (weir_plan_print(plan, &text) || fwrite(text.buf, 1, text.len, stdout) != text.len) {
		ctl_complain("standard output cannot be written");
		status = CTL_FAILED;
	}
	weir_str_free(&text);
	return status;
}

int ctl_explain(struct ctl *ctl)
{
	const char *path = ctl->operands[0], *zone = ctl_option(ctl, "timezone"), *advice = NULL;
	struct weir_ask ask = { .redis = ctl_redis(ctl), .mem = ctl->mem, .conf = &ctl->conf, .timezone = WEIR_TEXT("UTC"), .now_ms = weir_now_ms(),
		.advice = &advice };
	struct weir_report report;
	struct weir_plan plan;
	json_object *in;
	int status = read_report(ctl, path, &in);
	weir_err err;

	if (status)
		return status;
	if (zone)
		ask.timezone = weir_known_timezone(ctl->mem, weir_text_of(zone));
	if (zone && !weir_text_is(ask.timezone, zone)) {
		ctl_complain("\"%s\" is no time zone; a name looks like Europe/Stockholm", zone);
		return CTL_USAGE;
	}
	ask.project_id = weir_jsonr_get_text(in, "projectId");
	err = weir_report_of(&ask, in, &report);
	weir_plan_init(&plan, &ask);
	if (!err)
		err = weir_report_compile(&report, &plan);
	status = err ? ctl_failed(path, err, advice) : print(ctl, &plan);
	weir_plan_free(&plan);
	return status;
}
