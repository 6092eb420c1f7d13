/* weirctl nginx-site and nginx-maps: nginx/weir.conf.in filled in by the settings, and the CORS maps. */
#include "config.h"
#include "ctl.h"

#include "meta/maps.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char site_text[] =
#include "site_text.h"
	;

enum { SITE_MAX = 1 << 20 };

struct site {
	struct ctl *ctl;
	weir_str *out;
	bool bad;
};

/* A value of weir.conf inside nginx's syntax: nothing that ends a directive, starts a block or names a variable. */
static void put_plain(struct site *s, const char *setting, weir_text value, const char *also)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (c > 0x7f || weir_is_alpha(c) || weir_is_digit(c) || strchr("-_./:[],*", c) || strchr(also, c))
			continue;
		ctl_complain("%s = %.*s: the character '%c' has no place in nginx's configuration", setting, (int)value.n, value.p, c);
		s->bad = true;
		return;
	}
	weir_str_text(s->out, value);
}

static void put_path(struct site *s, const char *setting, const char *value)
{
	if (*value != '/') {
		ctl_complain("%s must be an absolute path%s%s", setting, *value ? ", not " : "; it is empty", value);
		s->bad = true;
	} else {
		put_plain(s, setting, weir_text_of(value), "");
	}
}

/* One line for each item of a list: before, the item, after. */
static void put_items(struct site *s, const char *setting, const char *list, const char *before, const char *after)
{
	weir_text rest = weir_text_of(list), item;

	while (weir_text_next(&rest, ',', &item)) {
		if (!item.n)
			continue;
		weir_str_puts(s->out, before);
		put_plain(s, setting, item, "");
		weir_str_puts(s->out, after);
	}
}

static void server_name(struct site *s)
{
	put_plain(s, "nginx.server_name", weir_text_of(s->ctl->conf.nginx_server_name), " ");
}

static void listen_lines(struct site *s)
{
	const struct weir_conf *c = &s->ctl->conf;

	if (!*c->nginx_listen_http && !*c->nginx_listen_https) {
		ctl_complain("nginx.listen_http and nginx.listen_https are both empty");
		s->bad = true;
	}
	put_items(s, "nginx.listen_http", c->nginx_listen_http, "listen ", ";\n\t");
	put_items(s, "nginx.listen_https", c->nginx_listen_https, "listen ", " ssl http2;\n\t");
}

static void tls(struct site *s)
{
	const struct weir_conf *c = &s->ctl->conf;

	if (!*c->nginx_listen_https)
		return;
	weir_str_puts(s->out, "ssl_certificate ");
	put_path(s, "nginx.certificate", c->nginx_certificate);
	weir_str_puts(s->out, ";\n\tssl_certificate_key ");
	put_path(s, "nginx.certificate_key", c->nginx_certificate_key);
	weir_str_puts(s->out, ";\n\tssl_protocols TLSv1.2 TLSv1.3;\n\tssl_session_cache shared:weir:2m;\n\tssl_session_timeout 1d;");
}

static void track_socket(struct site *s) { put_path(s, "nginx.track_socket", s->ctl->conf.nginx_track_socket); }
static void api_socket(struct site *s) { put_path(s, "nginx.api_socket", s->ctl->conf.nginx_api_socket); }
static void fastcgi_params(struct site *s) { put_path(s, "nginx.fastcgi_params", s->ctl->conf.nginx_fastcgi_params); }
static void maps_file(struct site *s) { put_path(s, "nginx.maps_file", s->ctl->conf.nginx_maps_file); }

static void static_dir(struct site *s)
{
	const char *dir = s->ctl->conf.nginx_static_dir;

	put_path(s, "nginx.static_dir", *dir ? dir : WEIR_DATADIR "/static");
}

/* Inside a regular expression: letters and digits stand for themselves, the rest is escaped. */
static void script_path(struct site *s)
{
	weir_text path = weir_text_of(s->ctl->conf.nginx_script_path);

	if (!path.n)
		path = WEIR_TEXT("/op1");
	if (path.p[0] != '/' || weir_text_ends(path, "/")) {
		ctl_complain("nginx.script_path = %s: it begins with a slash and ends without one, as /lib/visits", path.p);
		s->bad = true;
	}
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (!weir_is_alpha(c) && !weir_is_digit(c) && !strchr("/-_.", c)) {
			ctl_complain("nginx.script_path = %s: letters, digits and /-_. are wanted", path.p);
			s->bad = true;
			return;
		}
		if (c == '.')
			weir_str_putc(s->out, '\\');
		weir_str_putc(s->out, c);
	}
}

static void real_ip(struct site *s)
{
	const char *from = s->ctl->conf.nginx_real_ip_from;

	put_items(s, "nginx.real_ip_from", from, "set_real_ip_from ", ";\n");
	if (*from)
		weir_str_puts(s->out, "real_ip_header X-Forwarded-For;\nreal_ip_recursive on;");
}

/* Networks that weir-track believes; "unix" is a word of its own for peers without address. */
static void trusted_geo(struct site *s)
{
	weir_text rest = weir_text_of(s->ctl->conf.track_trusted_proxies), item;

	while (weir_text_next(&rest, ',', &item)) {
		if (!item.n || weir_text_is(item, "unix"))
			continue;
		put_plain(s, "track.trusted_proxies", item, "");
		weir_str_puts(s->out, " 0;\n\t");
	}
}

/* scheme://host[:port] as browsers send it; a path that somebody typed behind it does not count. */
static void origin_line(struct site *s, const char *setting, weir_text url)
{
	const char *host = weir_text_find(url, WEIR_TEXT("://"));
	size_t n = host ? (size_t)(host + 3 - url.p) : 0;

	while (n && n < url.n && url.p[n] != '/')
		n++;
	if (!n) {
		ctl_complain("%s = %.*s: an origin such as https://example.com is wanted", setting, (int)url.n, url.p);
		s->bad = true;
		return;
	}
	weir_str_putc(s->out, '"');
	put_plain(s, setting, (weir_text){ url.p, n }, "");
	weir_str_puts(s->out, "\" $http_origin;\n\t");
}

static void dashboard_origins(struct site *s)
{
	weir_text dashboard = weir_text_of(s->ctl->conf.api_dashboard_url), rest = weir_text_of(s->ctl->conf.api_cors_origins), item;
	size_t from = s->out->len;

	if (dashboard.n)
		origin_line(s, "api.dashboard_url", dashboard);
	while (weir_text_next(&rest, ',', &item)) {
		weir_text line, written = weir_str_view(s->out);
		weir_str one;

		if (!item.n)
			continue;
		/* nginx refuses a key that stands twice */
		weir_str_init(&one, 4096);
		weir_str_putc(&one, '"');
		weir_str_text(&one, item);
		weir_str_putc(&one, '"');
		line = weir_str_view(&one);
		if (weir_str_err(&one) || !weir_text_find((weir_text){ written.p + from, written.n - from }, line))
			origin_line(s, "api.cors_origins", item);
		weir_str_free(&one);
	}
}

static void number(struct site *s, const char *setting, int64_t v, int64_t factor)
{
	if (v < 1 || v > 1000000) {
		ctl_complain("%s: a number from 1 to 1000000 is wanted", setting);
		s->bad = true;
		return;
	}
	weir_str_addf(s->out, "%lld", (long long)(v * factor));
}

static void api_body_max(struct site *s) { weir_str_addf(s->out, "%lld", (long long)s->ctl->conf.api_body_max); }
static void batch_max(struct site *s) { weir_str_addf(s->out, "%lld", (long long)s->ctl->conf.track_batch_max); }
static void import_max(struct site *s) { weir_str_addf(s->out, "%lld", (long long)s->ctl->conf.track_import_max); }
static void track_body_max(struct site *s) { weir_str_addf(s->out, "%lld", (long long)s->ctl->conf.track_body_max); }
static void rate_address(struct site *s) { number(s, "nginx.rate_address", s->ctl->conf.nginx_rate_address, 1); }
static void rate_client(struct site *s) { number(s, "nginx.rate_client", s->ctl->conf.nginx_rate_client, 1); }
static void burst_address(struct site *s) { number(s, "nginx.rate_address", s->ctl->conf.nginx_rate_address, 4); }
static void burst_client(struct site *s) { number(s, "nginx.rate_client", s->ctl->conf.nginx_rate_client, 2); }

static const struct word {
	const char *name;
	void (*put)(struct site *s);
} words[] = {
	{ "server_name", server_name }, { "listen", listen_lines }, { "tls", tls }, { "track_socket", track_socket },
	{ "api_socket", api_socket }, { "fastcgi_params", fastcgi_params }, { "maps_file", maps_file }, { "static_dir", static_dir },
	{ "script_path", script_path }, { "real_ip", real_ip }, { "trusted_geo", trusted_geo },
	{ "dashboard_origins", dashboard_origins }, { "api_body_max", api_body_max }, { "track_body_max", track_body_max }, { "import_max", import_max }, { "batch_max", batch_max },
	{ "rate_address", rate_address }, { "rate_client", rate_client }, { "burst_address", burst_address }, { "burst_client", burst_client },
};

/* The word between two @ signs at in.p[at], or NULL: nginx has names with one @ as well. */
static const struct word *word_at(weir_text in, size_t at, size_t *end)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i].name);

		if (at + n + 1 < in.n && !memcmp(in.p + at + 1, words[i].name, n) && in.p[at + 1 + n] == '@') {
			*end = at + n + 2;
			return &words[i];
		}
	}
	return NULL;
}

static int fill(struct ctl *ctl, weir_str *out)
{
	struct site s = { .ctl = ctl, .out = out };
	weir_text in = { site_text, sizeof(site_text) - 1 };
	const char *comments_end = weir_text_find(in, WEIR_TEXT("\n\n"));
	size_t at = (size_t)(comments_end - in.p); /* the head of the file speaks of the words; it is copied as it is */

	weir_str_add(out, in.p, at);
	while (at < in.n) {
		const struct word *w = in.p[at] == '@' ? word_at(in, at, &at) : NULL;

		if (w)
			w->put(&s);
		else
			weir_str_putc(out, in.p[at++]);
	}
	if (weir_str_err(out)) {
		ctl_complain("%s", weir_err_text(weir_str_err(out)));
		return CTL_FAILED;
	}
	return s.bad ? CTL_CONFIG : CTL_OK;
}

/* nginx does not start without the file; projects come into it when there are some. */
static int empty_maps(struct ctl *ctl)
{
	struct weir_fault fault;
	bool changed;
	weir_str text;
	weir_err err;

	if (!access(ctl->conf.nginx_maps_file, F_OK))
		return CTL_OK;
	weir_str_init(&text, SITE_MAX);
	err = weir_maps_write(NULL, ctl->mem, &text);
	if (!err)
		err = weir_maps_replace(ctl->conf.nginx_maps_file, &text, &changed, &fault);
	weir_str_free(&text);
	if (err)
		ctl_complain("%s", err == WEIR_EBADREQ ? fault.text : weir_err_text(err));
	return err ? CTL_FAILED : CTL_OK;
}

static int answer_file(struct ctl *ctl, const char *path, bool changed)
{
	if (!ctl->json) {
		ctl_say(ctl, "%s %s", path, changed ? "written" : "is up to date");
		return CTL_OK;
	}
	weir_json_obj(&ctl->out, NULL);
	weir_json_strz(&ctl->out, "path", path);
	weir_json_bool(&ctl->out, "changed", changed);
	weir_json_end(&ctl->out);
	return ctl_answer(ctl, CTL_OK);
}

int ctl_nginx_site(struct ctl *ctl)
{
	const char *path = ctl_option(ctl, "output");
	struct weir_fault fault;
	bool changed = false;
	weir_str out;
	int status;

	weir_str_init(&out, SITE_MAX);
	status = fill(ctl, &out);
	if (!status && !path) {
		status = ctl_answer_text(ctl, weir_str_view(&out));
	} else if (!status) {
		status = empty_maps(ctl);
		if (!status && weir_maps_replace(path, &out, &changed, &fault)) {
			ctl_complain("%s", fault.text);
			status = CTL_FAILED;
		}
		if (!status)
			status = answer_file(ctl, path, changed);
	}
	weir_str_free(&out);
	return status;
}

int ctl_nginx_maps(struct ctl *ctl)
{
	struct weir_fault fault = { "" };
	bool changed = false;
	weir_err err = WEIR_OK;
	weir_str text;
	int status;

	if (!ctl_pg(ctl))
		return CTL_CONFIG;
	if (ctl_option(ctl, "print")) {
		weir_str_init(&text, 64 << 20);
		err = weir_maps_write(ctl->pg, ctl->mem, &text);
		status = err ? ctl_failed("the projects cannot be read", err, weir_pg_error(ctl->pg)) : ctl_answer_text(ctl, weir_str_view(&text));
		weir_str_free(&text);
		return status;
	}
	if (!*ctl->conf.nginx_maps_file) {
		ctl_complain("nginx.maps_file is not set: there is no file to write; --print shows the maps");
		return CTL_CONFIG;
	}
	err = weir_maps_refresh(&ctl->conf, ctl->pg, ctl->mem, &changed, &fault);
	if (err) {
		ctl_complain("%s%s%s", fault.text, *weir_pg_error(ctl->pg) ? ": " : "", weir_pg_error(ctl->pg));
		return err == WEIR_EUNAVAIL || err == WEIR_ETIMEOUT ? CTL_AWAY : CTL_FAILED;
	}
	return answer_file(ctl, ctl->conf.nginx_maps_file, changed);
}
