/* weir-track: takes events. One process of several on one socket, or one request of plain CGI. */
#include "config.h"

#include "base/log.h"
#include "base/num.h"
#include "ingest/answer.h"
#include "ingest/intake.h"
#include "link/no_route.h"
#include "link/usage.h"

#include <stdlib.h>

enum {
	MEMORY_SPARE = 24 * 1024 * 1024, /* of a request, beyond eight times its body */
	ANSWER_MAX = 4 * 1024 * 1024, /* a thousand refusals with their reasons */
	BODY_LIMIT = 512 * 1024 * 1024,
	JOINS_MAX = 64 * 1024 /* of a body that is served together with others */
};

/* Settings, and what is made of them; replaced whole when they are read again. */
struct site {
	struct weir_conf conf;
	weir_intake *intake;
};

struct process {
	const char *conf_path;
	struct site *site;
};

enum { TRACK };

/* A path answers with and without a trailing slash. */
static const struct route {
	const char *method, *path;
	void (*serve)(weir_intake *in, struct weir_req *r);
} routes[] = {
	[TRACK] = { "POST", "/track", weir_intake_track },
	{ "POST", "/track/batch", weir_intake_batch },
	{ "GET", "/track/device-id", weir_intake_device_id },
	{ "HEAD", "/track/device-id", weir_intake_device_id },
	{ "POST", "/event", weir_intake_event },
	{ "POST", "/profile", weir_intake_profile },
	{ "POST", "/profile/increment", weir_intake_increment },
	{ "POST", "/profile/decrement", weir_intake_decrement },
	{ "POST", "/import/events", weir_intake_import },
};

static void site_free(struct site *s)
{
	if (!s)
		return;
	weir_intake_free(s->intake);
	weir_conf_free(&s->conf);
	free(s);
}

static struct site *site_new(const char *conf_path, struct weir_fault *fault)
{
	struct site *s = calloc(1, sizeof(*s));

	if (!s) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	if (weir_conf_load(&s->conf, conf_path, fault)) {
		free(s);
		return NULL;
	}
	if (s->conf.track_body_max < 1 || s->conf.track_body_max > BODY_LIMIT || s->conf.track_batch_max < 1 || s->conf.track_batch_max > BODY_LIMIT) {
		weir_fault_set(fault, "track.body_max and track.batch_max must be 1B to 512M");
	} else {
		s->intake = weir_intake_new(&s->conf, fault);
	}
	if (!s->intake) {
		site_free(s);
		return NULL;
	}
	return s;
}

/* SIGHUP: the new settings are used when all of them are good, else the old ones stay. */
static void reload(void *self)
{
	struct process *p = self;
	struct weir_fault fault;
	struct site *fresh = site_new(p->conf_path, &fault);

	if (!fresh) {
		weir_log(LOG_ERR, "reload", "the old settings stay: %s", fault.text);
		return;
	}
	site_free(p->site);
	p->site = fresh;
	weir_log_level(weir_log_level_of(fresh->conf.log_level));
	weir_log(LOG_NOTICE, "reload", "settings read again");
}

static void idle(void *self)
{
	struct process *p = self;

	weir_intake_idle(p->site->intake);
}

/* /api/track is /track, for hosts that mount everything there; one trailing slash counts for nothing. */
static weir_text route_path(weir_text path)
{
	static const char mount[] = "/api";
	const size_t n = sizeof(mount) - 1;

	if (weir_text_starts(path, "/api/"))
		path = (weir_text){ path.p + n, path.n - n };
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

/* Events of different visitors share a round trip to Redis, unless one is so long that many of its kind would not fit into memory. */
static bool joins(const struct weir_req *r, void *self)
{
	weir_text length = weir_text_trim(weir_req_header_in(r, "content-length"));
	uint64_t n = 0;

	(void)self;
	return weir_text_is(r->method, routes[TRACK].method) && weir_text_is(route_path(r->path), routes[TRACK].path) &&
	       (!length.n || !weir_num_uint(length, &n)) && n <= JOINS_MAX;
}

static void serve_group(struct weir_req *const *r, size_t n, void *self)
{
	struct process *p = self;

	for (size_t i = 0; i < n; i++)
		weir_answer_cors(r[i]);
	weir_intake_track_group(p->site->intake, r, n);
}

static void serve(struct weir_req *r, void *self)
{
	struct process *p = self;
	weir_text path = route_path(r->path);

	if (weir_text_is(r->method, "OPTIONS")) {
		weir_answer_preflight(r);
		return;
	}
	weir_answer_cors(r);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (weir_text_is(path, routes[i].path) && weir_text_is(r->method, routes[i].method)) {
			routes[i].serve(p->site->intake, r);
			return;
		}
	weir_req_no_route(r);
}

static const char usage[] =
	"usage: weir-track [-t] [-c FILE]\n"
	"       weir-track --help | --version\n"
	"\n"
	"Takes events at /track over FastCGI (a listening socket on descriptor 0) or\n"
	"plain CGI.\n"
	"\n"
	"  -c, --config FILE  settings instead of the installed weir.conf\n"
	"  -t, --test         check the settings and exit\n";

static int run(struct process *p)
{
	const struct weir_conf *conf = &p->site->conf;
	struct weir_serve how = { .program = "weir-track", .answer_max = ANSWER_MAX, .serve = serve,
		.joins = joins, .serve_group = serve_group, .keeps = true, .idle = idle, .reload = reload, .self = p };

	how.memory_max = 8 * (size_t)(conf->track_body_max > conf->track_batch_max ? conf->track_body_max : conf->track_batch_max) + MEMORY_SPARE;
	return weir_req_serve(&how);
}

int main(int argc, char **argv)
{
	struct process p = { .conf_path = NULL };
	struct weir_usage said;
	struct weir_fault fault;
	int status = weir_usage_read(argc, argv, "weir-track", usage, false, &said);

	if (status >= 0)
		return status;
	p.conf_path = said.conf_path;
	weir_log_open("weir-track", LOG_INFO);
	p.site = site_new(p.conf_path, &fault);
	if (!p.site) {
		fprintf(stderr, "weir-track: %s\n", fault.text);
		return 1;
	}
	weir_log_level(weir_log_level_of(p.site->conf.log_level));
	status = said.test ? 0 : run(&p);
	site_free(p.site);
	return status;
}
