/* weirctl doctor: the list of checks and how findings are told. */
#include "config.h"
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>

static const struct check {
	const char *subject;
	void (*look)(struct ctl_report *r);
} checks[] = {
	{ "postgres", ctl_check_postgres }, { "redis", ctl_check_redis }, { "clickhouse", ctl_check_clickhouse },
	{ "clock", ctl_check_clock },       { "queue", ctl_check_queue }, { "worker", ctl_check_worker },
	{ "spool", ctl_check_spool }, { "jobs", ctl_check_jobs }, { "owners", ctl_check_owners },
	{ "responders", ctl_check_responders }, { "nginx", ctl_check_nginx }, { "files", ctl_check_files }, { "disk", ctl_check_disk },
};

void ctl_finding(struct ctl_report *r, enum ctl_finding f, const char *advice, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warning", "wrong" };
	weir_json *j = &r->ctl->out;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->wrong += f == CTL_WRONG;
	r->warnings += f == CTL_WARN;
	weir_json_obj(j, NULL);
	weir_json_strz(j, "subject", r->subject);
	weir_json_strz(j, "state", words[f]);
	weir_json_strz(j, "found", text);
	weir_json_strz(j, "advice", f == CTL_FINE ? NULL : advice);
	weir_json_end(j);
	if (r->ctl->json || (r->ctl->quiet && f == CTL_FINE))
		return;
	printf("%-11s %-8s %s\n", r->subject, words[f], text);
	if (f != CTL_FINE && advice)
		printf("%-11s %-8s -> %s\n", "", "", advice);
}

int ctl_doctor(struct ctl *ctl)
{
	struct ctl_report r = { .ctl = ctl };

	weir_json_obj(&ctl->out, NULL);
	weir_json_arr(&ctl->out, "findings");
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		r.subject = checks[i].subject;
		checks[i].look(&r);
	}
	weir_json_end(&ctl->out);
	weir_json_int(&ctl->out, "wrong", r.wrong);
	weir_json_int(&ctl->out, "warnings", r.warnings);
	weir_json_end(&ctl->out);
	if (!ctl->json)
		ctl_say(ctl, "%d wrong, %d warnings", r.wrong, r.warnings);
	return ctl->json ? ctl_answer(ctl, r.wrong ? CTL_FAILED : CTL_OK) : r.wrong ? CTL_FAILED : CTL_OK;
}
