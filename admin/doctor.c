/* weirctl doctor: the list of checks and how findings are told. */
#include "config.h"
#include "doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const struct check {
	const char *subject;
	void (*look)(struct ctl_report *r);
} checks[] = {
	{ "postgres", ctl_check_postgres }, { "redis", ctl_check_redis }, { "clickhouse", ctl_check_clickhouse },
	{ "clock", ctl_check_clock },       { "queue", ctl_check_queue }, { "worker", ctl_check_worker },
	{ "jobs", ctl_check_jobs },         { "owners", ctl_check_owners },
	{ "files", ctl_check_files },       { "disk", ctl_check_disk },
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

/* --------------------------------------------------- files and disk, locally */

static void readable(struct ctl_report *r, const char *setting, const char *path)
{
	if (!access(path, R_OK))
		ctl_finding(r, CTL_FINE, NULL, "%s: %s is there", setting, path);
	else
		ctl_finding(r, CTL_WRONG, "put the file there, let the service's user read it, or correct the setting", "%s: %s: %s", setting, path,
			strerror(errno));
}

static void readable_list(struct ctl_report *r, const char *setting, const char *list)
{
	weir_text rest = weir_text_of(list), item;

	while (weir_text_next(&rest, ',', &item)) {
		weir_text path = weir_text_dup(r->ctl->mem, item);

		if (path.n)
			readable(r, setting, path.p);
	}
}

static void own_file(struct ctl_report *r, const char *path)
{
	struct stat st;

	if (path && !stat(path, &st) && (st.st_mode & S_IROTH))
		ctl_finding(r, CTL_WARN, "chmod 640 it: it holds passwords", "%s may be read by everybody", path);
}

/* The folder of a file that is written anew, since it is moved into place. */
static void writable_folder(struct ctl_report *r, const char *setting, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash > path ? weir_strndup(r->ctl->mem, path, (size_t)(slash - path)) : NULL;

	if (!folder || !access(folder, W_OK))
		return;
	ctl_finding(r, CTL_WRONG, "make the folder and let the worker's user write there", "%s: %s: %s", setting, folder, strerror(errno));
}

void ctl_check_files(struct ctl_report *r)
{
	const struct weir_conf *c = &r->ctl->conf;

	own_file(r, r->ctl->conf_path);
	if (*c->geo_city_file)
		readable_list(r, "geo.city_file", c->geo_city_file);
	else
		ctl_finding(r, CTL_WARN, "set it to a MaxMind-format file, such as DB-IP's city lite", "geo.city_file is empty: events have no country and city");
	readable_list(r, "geo.asn_file", c->geo_asn_file);
	readable_list(r, "geo.hosting_file", c->geo_hosting_file);
	if (*c->nginx_maps_file) {
		readable(r, "nginx.maps_file", c->nginx_maps_file);
		writable_folder(r, "nginx.maps_file", c->nginx_maps_file);
		if (!*c->nginx_reload_command)
			ctl_finding(r, CTL_WARN, "set it, such as \"systemctl reload nginx\"", "nginx.reload_command is empty: nginx does not notice changed origins");
	}
}

static void disk_of(struct ctl_report *r, const char *what, const char *path)
{
	struct statvfs fs;
	double free_gb, share;

	if (statvfs(path, &fs) || !fs.f_blocks)
		return; /* another machine's, or not made yet */
	free_gb = (double)fs.f_bavail * (double)fs.f_frsize / 1e9;
	share = (double)fs.f_bavail / (double)fs.f_blocks;
	ctl_finding(r, share < 0.02 || free_gb < 0.5 ? CTL_WRONG : share < 0.1 || free_gb < 2 ? CTL_WARN : CTL_FINE,
		"make room: Redis, PostgreSQL and ClickHouse stop taking data when the disk is full", "%s: %.1f GB free (%.0f %%)", what, free_gb, share * 100);
}

void ctl_check_disk(struct ctl_report *r)
{
	disk_of(r, r->ctl->conf.chdb_path, r->ctl->conf.chdb_path);
	disk_of(r, "/", "/");
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
