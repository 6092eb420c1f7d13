#include "config.h"
#include "meta/maps.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { FILE_MAX = 64 << 20 };

/* Host names, ports, IPv6 literals and the wildcard; nothing that could end nginx's string or start a variable. */
static bool is_host(weir_text t)
{
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (!weir_is_alpha(c) && !weir_is_digit(c) && !strchr("-._:[]*", c))
			return false;
	}
	return t.n > 0 && t.n < 260;
}

/*
 * One line of a map.  Entries without "*" go to nginx's hash.  The others
 * become anchored expressions over the origin with its "www.", which may count
 * or not; a first "*" may stand for nothing.
 */
static void map_line(weir_str *out, weir_text client, weir_text host, bool wild)
{
	weir_str_puts(out, wild ? "\t\"~^" : "\t\"");
	if (client.n) {
		weir_str_text(out, client);
		weir_str_putc(out, ' ');
	}
	if (wild && weir_text_is(host, "*")) {
		weir_str_puts(out, ".+$\" $http_origin;\n");
		return;
	}
	if (wild)
		weir_str_puts(out, "(?:www\\.)?");
	for (size_t i = 0; i < host.n; i++) {
		unsigned char c = (unsigned char)host.p[i];

		if (!wild || weir_is_alpha(c) || weir_is_digit(c) || c == '-')
			weir_str_putc(out, c);
		else if (c == '*')
			weir_str_puts(out, i ? "[^/?#@ ]+" : "[^/?#@ ]*");
		else
			weir_str_addf(out, "\\%c", c);
	}
	weir_str_puts(out, wild ? "$\" $http_origin;\n" : "\" $http_origin;\n");
}

/* A pair of maps over the same rows: the exact one falls back to the one with expressions. */
struct maps {
	const char *variable, *exact_key, *wild_key;
	const char *sql;         /* rows of client and host, or of host */
	bool with_client;
};

/* An entry's host: without scheme, "www." and trailing slashes. Distinct, since nginx refuses a key that stands twice. */
#define HOST "rtrim(regexp_replace(regexp_replace(lower(btrim(entry)), '^https?://', ''), '^www\\.', ''), '/')"

static const struct maps all_maps[] = {
	{ "weir_allow", "\"$weir_client $weir_origin_host\"", "\"$weir_client $weir_origin_full\"",
	  "SELECT c.id::text, " HOST " FROM clients c JOIN projects p ON p.id = c.\"projectId\" CROSS JOIN LATERAL unnest(p.cors) AS entry "
	  "UNION SELECT id::text, '*' FROM clients WHERE \"ignoreCorsAndSecret\" ORDER BY 1, 2", true },
	{ "weir_preflight", "$weir_origin_host", "$weir_origin_full",
	  "SELECT " HOST " FROM projects p CROSS JOIN LATERAL unnest(p.cors) AS entry "
	  "UNION SELECT '*' FROM clients WHERE \"ignoreCorsAndSecret\" ORDER BY 1", false },
};

bool weir_maps_line(weir_str *out, weir_text client, weir_text host, bool wild)
{
	if (!is_host(host))
		return false;
	if (wild == (memchr(host.p, '*', host.n) != NULL))
		map_line(out, client, host, wild);
	return true;
}

static void map_rows(const struct maps *m, const PGresult *res, bool wild, weir_str *out)
{
	for (int i = 0; i < PQntuples(res); i++) {
		weir_text client = m->with_client ? weir_pg_text(res, i, 0) : WEIR_TEXT("");
		weir_text host = weir_pg_text(res, i, m->with_client);

		if (!weir_maps_line(out, client, host, wild) && host.n && !wild)
			weir_log(LOG_WARNING, "maps", "a cors entry is no host name and is left out of nginx's map");
	}
}

static weir_err map_pair(weir_pg *pg, weir_arena *mem, const struct maps *m, weir_str *out)
{
	PGresult *res = NULL;
	weir_err err = pg ? weir_pg_exec(pg, mem, &res, m->sql, 0, NULL) : WEIR_OK;

	weir_str_addf(out, "map %s $%s_wild {\n\tdefault \"\";\n", m->wild_key, m->variable);
	if (res)
		map_rows(m, res, true, out);
	weir_str_addf(out, "}\nmap %s $%s_origin {\n\tdefault $%s_wild;\n", m->exact_key, m->variable, m->variable);
	if (res)
		map_rows(m, res, false, out);
	weir_str_puts(out, "}\n");
	return err;
}

weir_err weir_maps_write(weir_pg *pg, weir_arena *mem, weir_str *out)
{
	weir_err err = WEIR_OK;

	weir_str_puts(out, "# Written by Weir from the projects' cors lists; changes made here are lost.\n");
	for (size_t i = 0; i < sizeof(all_maps) / sizeof(*all_maps) && !err; i++)
		err = map_pair(pg, mem, &all_maps[i], out);
	return err ? err : weir_str_err(out);
}

static bool same_as_file(const char *path, const weir_str *text)
{
	FILE *f = fopen(path, "re");
	char *have = f ? malloc(text->len + 1) : NULL;
	bool same = have && fread(have, 1, text->len + 1, f) == text->len && !memcmp(have, text->buf, text->len);

	free(have);
	if (f)
		fclose(f);
	return same;
}

static weir_err write_file(const char *path, const weir_str *text, struct weir_fault *fault)
{
	char temporary[4096];
	int fd, n = snprintf(temporary, sizeof(temporary), "%s.new", path);
	bool good = false;

	if (n < 0 || (size_t)n >= sizeof(temporary)) {
		weir_fault_set(fault, "%s: the path is too long", path);
		return WEIR_EBADREQ;
	}
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0) {
		size_t done = 0;

		while (done < text->len) {
			ssize_t wrote = write(fd, text->buf + done, text->len - done);

			if (wrote <= 0)
				break;
			done += (size_t)wrote;
		}
		good = done == text->len && !fsync(fd);
		good = !close(fd) && good;
	}
	if (good && !rename(temporary, path))
		return WEIR_OK;
	weir_fault_set(fault, "%s cannot be written: %s", path, strerror(errno));
	return WEIR_EBADREQ;
}

weir_err weir_maps_replace(const char *path, const weir_str *text, bool *changed, struct weir_fault *fault)
{
	weir_err err;

	*changed = false;
	if (same_as_file(path, text))
		return WEIR_OK;
	err = write_file(path, text, fault);
	*changed = !err;
	return err;
}

static weir_err run_reload(const char *command, struct weir_fault *fault)
{
	char shell[] = "/bin/sh", flag[] = "-c";
	char *copy = strdup(command);
	char *argv[] = { shell, flag, copy, NULL };
	pid_t pid;
	int status = -1, rc = copy ? posix_spawn(&pid, shell, NULL, NULL, argv, environ) : ENOMEM;

	free(copy);
	if (!rc)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	if (!rc && WIFEXITED(status) && !WEXITSTATUS(status))
		return WEIR_OK;
	weir_fault_set(fault, "nginx.reload_command failed: %s", command);
	return WEIR_EBADREQ;
}

weir_err weir_maps_refresh(const struct weir_conf *conf, weir_pg *pg, weir_arena *mem, bool *changed, struct weir_fault *fault)
{
	weir_str text;
	bool now = false;
	weir_err err;

	if (changed)
		*changed = false;
	if (!*conf->nginx_maps_file)
		return WEIR_OK;
	weir_str_init(&text, FILE_MAX);
	err = weir_maps_write(pg, mem, &text);
	if (err)
		weir_fault_set(fault, "the projects cannot be read: %s", weir_err_text(err));
	if (!err)
		err = weir_maps_replace(conf->nginx_maps_file, &text, &now, fault);
	if (!err && now && *conf->nginx_reload_command)
		err = run_reload(conf->nginx_reload_command, fault);
	if (!err && changed)
		*changed = now;
	weir_str_free(&text);
	return err;
}
