#include "config.h"

#include "base/conf.h"
#include "base/log.h"
#include "base/seal.h"
#include "link/smtp.h"
#include "link/usage.h"
#include "rest/rest.h"
#include "trpc/api.h"

#include <curl/curl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

/* weir-api: the responder for tRPC and for the HTTP interface beside it. */

struct process {
	const char *conf_path;
	struct weir_conf conf;
	struct weir_api api;
	struct weir_rest rest;
	bool used;             /* since memory was given back */
};

enum { ARENA_SPARE = 32 * 1024 * 1024, ANSWER_MAX = 128 * 1024 * 1024 };

static void close_links(struct process *p)
{
	weir_pg_free(p->api.pg);
	weir_redis_free(p->api.redis);
	weir_ch_free(p->api.ch);
	weir_recent_free(p->api.recent);
	p->api.recent = NULL;
	p->api.pg = NULL;
	p->api.redis = NULL;
	p->api.ch = NULL;
}

/* Everything that hangs on the settings; connects to nothing yet. */
static bool open_links(struct process *p, struct weir_fault *fault)
{
	struct weir_conf *conf = &p->conf;
	weir_text bad;

	p->api.conf = conf;
	if (weir_ip_rule_init(&p->api.ips, weir_text_of(conf->track_trusted_proxies), weir_text_of(conf->track_ip_headers), &bad)) {
		weir_fault_set(fault, "track.trusted_proxies or track.ip_headers: \"%.*s\" cannot be read", (int)bad.n, bad.p);
		return false;
	}
	if (*conf->api_encryption_key && !weir_seal_is_key(weir_text_of(conf->api_encryption_key))) {
		weir_fault_set(fault, "api.encryption_key: 64 hex characters are wanted (openssl rand -hex 32 makes them)");
		return false;
	}
	if (weir_smtp_configured(conf) && weir_smtp_check(conf, fault))
		return false;
	weir_cookie_rule_init(&p->api.cookies, conf);
	p->api.pg = weir_pg_new(conf, fault);
	p->api.redis = p->api.pg ? weir_redis_new(conf, fault) : NULL;
	p->api.ch = p->api.redis ? weir_ch_new(conf, fault) : NULL;
	p->api.recent = p->api.ch ? weir_recent_new() : NULL;
	p->rest = (struct weir_rest){ conf, p->api.pg, p->api.redis, p->api.ch, &p->api.cookies, &p->api.ips };
	if (p->api.ch && !p->api.recent)
		weir_fault_set(fault, "out of memory");
	return p->api.recent != NULL;
}

/* SIGHUP: the new settings are used when all of them are good, else the old ones stay. */
static void reload(void *self)
{
	struct process *p = self, *fresh = calloc(1, sizeof(*fresh));
	struct weir_fault fault;

	if (!fresh)
		return;
	if (weir_conf_load(&fresh->conf, p->conf_path, &fault)) {
		weir_log(LOG_ERR, "reload", "the old settings stay: %s", fault.text);
		free(fresh);
		return;
	}
	if (!open_links(fresh, &fault)) {
		weir_log(LOG_ERR, "reload", "the old settings stay: %s", fault.text);
		close_links(fresh);
		weir_conf_free(&fresh->conf);
		free(fresh);
		return;
	}
	close_links(p);
	weir_conf_free(&p->conf);
	fresh->conf_path = p->conf_path;
	*p = *fresh;
	p->api.conf = p->rest.conf = &p->conf;
	p->rest.cookies = &p->api.cookies;
	p->rest.ips = &p->api.ips;
	free(fresh);
	weir_log_level(weir_log_level_of(p->conf.log_level));
	weir_log(LOG_NOTICE, "reload", "settings read again");
}

/* Where nginx passes the mount prefix on: /api/trpc/... is /trpc/... */
static void strip_mount(struct weir_req *r)
{
	static const char mount[] = "/api";
	size_t n = sizeof(mount) - 1;

	if (weir_text_is(r->path, mount))
		r->path = WEIR_TEXT("/");
	else if (weir_text_starts(r->path, "/api/"))
		r->path = (weir_text){ r->path.p + n, r->path.n - n };
}

/* Memory of a large answer goes back to the system once nobody waits. */
static void idle(void *self)
{
	struct process *p = self;

	if (p->used)
		malloc_trim(0);
	p->used = false;
}

/* Fixed, for glibc would raise it after the first password hash (19 MiB) and keep such blocks in the heap for good. */
enum { MMAP_BYTES = 128 * 1024 };

static bool gone(void *request)
{
	return weir_req_gone(request);
}

static void serve(struct weir_req *r, void *self)
{
	struct process *p = self;

	p->used = true;
	weir_ch_watch(p->api.ch, gone, r);
	strip_mount(r);
	if (weir_text_is(r->path, "/trpc") || weir_text_starts(r->path, "/trpc/"))
		weir_trpc_serve(&p->api, r);
	else
		weir_rest_serve(&p->rest, r);
	weir_ch_watch(p->api.ch, NULL, NULL);
}

static const char usage[] =
	"usage: weir-api [-t] [-c FILE]\n"
	"       weir-api --help | --version\n"
	"\n"
	"Answers /trpc, /export, /insights, /manage, /oauth, /healthcheck, /healthz and\n"
	"/metrics over FastCGI (a listening socket on descriptor 0) or plain CGI.\n"
	"\n"
	"  -c, --config FILE  settings instead of the installed weir.conf\n"
	"  -t, --test         check the settings and exit\n";

int main(int argc, char **argv)
{
	static struct process p;
	struct weir_usage said;
	struct weir_fault fault;
	int status = weir_usage_read(argc, argv, "weir-api", usage, false, &said);

	if (status >= 0)
		return status;
	p.conf_path = said.conf_path;
	mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	weir_log_open("weir-api", LOG_INFO);
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		weir_log(LOG_ERR, "start", "libcurl does not start");
		return 1;
	}
	if (weir_conf_load(&p.conf, p.conf_path, &fault) || !open_links(&p, &fault)) {
		fprintf(stderr, "weir-api: %s\n", fault.text);
		return 1;
	}
	weir_log_level(weir_log_level_of(p.conf.log_level));
	status = said.test ? 0 : weir_req_serve(&(struct weir_serve){
		.program = "weir-api", .memory_max = (size_t)p.conf.api_body_max * 2 + ARENA_SPARE, .answer_max = ANSWER_MAX,
		.serve = serve, .idle = idle, .reload = reload, .self = &p });
	close_links(&p);
	weir_conf_free(&p.conf);
	curl_global_cleanup();
	return status;
}
