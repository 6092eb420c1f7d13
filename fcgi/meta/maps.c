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

/* One line of a map: exact hosts go to nginx's hash, wildcards become anchored expressions. */
static void map_line(weir_str *out, weir_text client, weir_text host)
{
	bool wild = memchr(host.p, '*', host.n) != NULL;

	weir_str_puts(out, wild ? "\t\"~^" : "\t\"");
	if (client.n) {
		weir_str_text(out, client);
		weir_str_putc(out, ' ');
	}
	for (size_t i = 0; i < host.n; i++) {
		if (!wild)
			weir_str_putc(out, host.p[i]);
		else if (host.p[i] == '*')
			weir_str_puts(out, ".+");
		else if (weir_is_alpha((unsigned char)host.p[i]) || weir_is_digit((unsigned char)host.p[i]) || host.p[i] == '-')
			weir_str_putc(out, host.p[i]);
		else
			weir_str_addf(out, "\\%c", host.p[i]);
	}
	weir_str_puts(out, wild ? "$\" $http_origin;\n" : "\" $http_origin;\n");
}

/* The entries as one row each, already unnested; column 0 may be the client. */
static weir_err map_of(weir_pg *pg, weir_arena *mem, const char *sql, bool with_client, weir_str *out)
{
	PGresult *res;
	weir_err err = weir_pg_exec(pg, mem, &res, sql, 0, NULL);

	for (int i = 0; !err && i < PQntuples(res); i++) {
		weir_text client = with_client ? weir_pg_text(res, i, 0) : WEIR_TEXT("");
		weir_text host = weir_pg_text(res, i, with_client);

		if (is_host(host))
			map_line(out, client, host);
		else if (host.n)
			weir_log(LOG_WARNING, "maps", "a cors entry is no host name and is left out of nginx's map");
	}
	return err;
}

/* An entry's host: without scheme, "www." and trailing slashes. Distinct, since nginx refuses a key that stands twice. */
#define HOST "rtrim(regexp_replace(regexp_replace(lower(btrim(entry)), '^https?://', ''), '^www\\.', ''), '/')"

static const char sql_clients[] =
	"SELECT DISTINCT c.id::text, " HOST " FROM clients c JOIN projects p ON p.id = c.\"projectId\" "
	"CROSS JOIN LATERAL unnest(p.cors) AS entry ORDER BY 1, 2";
static const char sql_hosts[] =
	"SELECT DISTINCT " HOST " FROM projects p CROSS JOIN LATERAL unnest(p.cors) AS entry ORDER BY 1";

weir_err weir_maps_write(weir_pg *pg, weir_arena *mem, weir_str *out)
{
	weir_err err;

	weir_str_puts(out, "# Written by Weir from the projects' cors lists; changes made here are lost.\n"
		"map \"$weir_client $weir_origin_host\" $weir_allow_origin {\n\tdefault \"\";\n");
	err = map_of(pg, mem, sql_clients, true, out);
	weir_str_puts(out, "}\nmap $weir_origin_host $weir_preflight_origin {\n\tdefault \"\";\n");
	if (!err)
		err = map_of(pg, mem, sql_hosts, false, out);
	weir_str_puts(out, "}\n");
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
		weir_fault_set(fault, "nginx.maps_file: the path is too long");
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
	weir_fault_set(fault, "nginx.maps_file: %s cannot be written: %s", path, strerror(errno));
	return WEIR_EBADREQ;
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
	weir_err err;

	if (changed)
		*changed = false;
	if (!*conf->nginx_maps_file)
		return WEIR_OK;
	weir_str_init(&text, FILE_MAX);
	err = weir_maps_write(pg, mem, &text);
	if (err)
		weir_fault_set(fault, "the projects cannot be read: %s", weir_err_text(err));
	if (!err && !same_as_file(conf->nginx_maps_file, &text)) {
		err = write_file(conf->nginx_maps_file, &text, fault);
		if (!err && *conf->nginx_reload_command)
			err = run_reload(conf->nginx_reload_command, fault);
		if (!err && changed)
			*changed = true;
	}
	weir_str_free(&text);
	return err;
}
