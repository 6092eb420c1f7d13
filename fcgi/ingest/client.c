/* Clients and salts, remembered. */
#include "config.h"
#include "ingest/client.h"

#include "base/cache.h"
#include "base/jsonr.h"
#include "base/log.h"
#include "link/postgres.h"

#include <stddef.h>
#include <stdlib.h>

enum {
	SCRATCH_MAX = 4 * 1024 * 1024,        /* one client's row while it is read */
	FILTERS_MAX = 8 * 1024 * 1024,        /* one project's compiled event filters */
	KEPT_MS = 24 * 60 * 60 * 1000,        /* how long a row may be believed while PostgreSQL is away */
	SALTS_MS = 60 * 1000,
	PAUSE_MS = 1000                       /* between attempts to reach PostgreSQL */
};

/* What the cache holds: the client (or that there is none) and when that was read. */
struct entry {
	struct weir_client client;
	bool known;
	int64_t read_ms;
	uint64_t epoch;
	weir_arena *filters; /* of client.event_filters; NULL when there are none */
	max_align_t room[];  /* lists, then texts */
};

struct weir_clients {
	weir_pg *pg;
	weir_arena *scratch;
	weir_cache *cache;
	int64_t ttl_ms, negative_ttl_ms;
	uint64_t epoch;                        /* goes up with weir_clients_forget */
	int64_t pause_until_ms;
	struct weir_salts salts;
	int64_t salts_ms;
	uint64_t salts_epoch;                  /* 0: never read */
};

static const char find_client[] =
	"SELECT c.secret, c.type::text, c.\"ignoreCorsAndSecret\", p.id, p.cors, p.filters::text, p.\"allowUnsafeRevenueTracking\" "
	"FROM clients c LEFT JOIN projects p ON p.id = c.\"projectId\" WHERE c.id = $1";
enum { C_SECRET, C_TYPE, C_IGNORE, C_PROJECT, C_CORS, C_FILTERS, C_REVENUE };

static const char find_salts[] = "SELECT salt FROM salts ORDER BY \"createdAt\" DESC LIMIT 2";

static void entry_free(void *p)
{
	struct entry *e = p;

	if (e)
		weir_arena_free(e->filters);
	free(e);
}

weir_clients *weir_clients_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_clients *c = calloc(1, sizeof(*c));

	if (!c || conf->track_client_cache < 1 || conf->track_client_ttl < 0 || conf->track_client_negative_ttl < 0) {
		weir_fault_set(fault, c ? "track.client_cache must be 1 or more, its times not negative" : "out of memory");
		free(c);
		return NULL;
	}
	*c = (weir_clients){ .ttl_ms = conf->track_client_ttl, .negative_ttl_ms = conf->track_client_negative_ttl, .epoch = 1 };
	c->pg = weir_pg_new(conf, fault);
	c->scratch = weir_arena_new(SCRATCH_MAX);
	c->cache = weir_cache_new((size_t)conf->track_client_cache, entry_free);
	if (c->pg && (!c->scratch || !c->cache))
		weir_fault_set(fault, "out of memory");
	if (!c->pg || !c->scratch || !c->cache) {
		weir_clients_free(c);
		return NULL;
	}
	return c;
}

void weir_clients_free(weir_clients *c)
{
	if (!c)
		return;
	weir_cache_free(c->cache);
	weir_arena_free(c->scratch);
	weir_pg_free(c->pg);
	free(c);
}

void weir_clients_forget(weir_clients *c)
{
	c->epoch++;
}

/* The texts under key of the filters of one type. */
static weir_err filters_of(weir_arena *mem, json_object *filters, const char *type, const char *key, const weir_text **out, size_t *count)
{
	size_t n = weir_jsonr_count(filters);
	weir_text *list = weir_alloc_n(mem, n + 1, sizeof(*list));

	*count = 0;
	*out = list;
	if (!list)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		json_object *f = weir_jsonr_at(filters, i);
		weir_text value = weir_jsonr_get_text(f, key);

		if (value.p && weir_text_is(weir_jsonr_get_text(f, "type"), type))
			list[(*count)++] = value;
	}
	return WEIR_OK;
}

static enum weir_client_type type_of(weir_text word)
{
	return weir_text_is(word, "root") ? WEIR_CLIENT_ROOT : weir_text_is(word, "read") ? WEIR_CLIENT_READ : WEIR_CLIENT_WRITE;
}

/* The row as a client whose texts live in the scratch arena, as the filters do that are not compiled yet. */
static weir_err read_row(weir_clients *c, const PGresult *res, struct weir_client *out, json_object **all)
{
	weir_text text, *cors = NULL;
	json_object *filters = NULL;
	weir_err err;

	out->secret = weir_pg_text(res, 0, C_SECRET);
	out->type = type_of(weir_pg_text(res, 0, C_TYPE));
	out->ignore_cors_and_secret = weir_pg_bool(res, 0, C_IGNORE);
	out->allow_unsafe_revenue = weir_pg_bool(res, 0, C_REVENUE);
	out->project_id = weir_pg_text(res, 0, C_PROJECT);
	err = weir_pg_array(c->scratch, res, 0, C_CORS, &cors, &out->origin_count);
	out->origins = cors;
	text = weir_pg_text(res, 0, C_FILTERS);
	if (!err && text.n)
		err = weir_jsonr_parse(c->scratch, text, 0, &filters, NULL);
	if (!err)
		err = filters_of(c->scratch, filters, "ip", "ip", &out->blocked_ips, &out->blocked_ip_count);
	if (!err)
		err = filters_of(c->scratch, filters, "profile_id", "profileId", &out->blocked_profiles, &out->blocked_profile_count);
	*all = filters;
	return err;
}

/* Copying twice over the same walk: first to measure, then to fill. */
struct copy {
	char *at;    /* NULL while measuring */
	size_t size;
};

static void *copy_bytes(struct copy *to, const void *p, size_t n)
{
	char *at = to->at;

	to->size += n;
	if (!at)
		return NULL;
	if (n)
		memcpy(at, p, n);
	to->at += n;
	return at;
}

static weir_text copy_text(struct copy *to, weir_text t)
{
	const char *at = copy_bytes(to, t.p, t.n);

	return (weir_text){ t.p ? at ? at : "" : NULL, t.n };
}

/* The list itself; before any text, so that it is aligned. */
static weir_text *copy_list(struct copy *to, const weir_text *list, size_t n)
{
	return copy_bytes(to, list, n * sizeof(*list));
}

/* The texts of a list into its copy, which is NULL while measuring. */
static void copy_items(struct copy *to, const weir_text *list, size_t n, weir_text *own)
{
	for (size_t i = 0; i < n; i++) {
		weir_text t = copy_text(to, list[i]);

		if (own)
			own[i] = t;
	}
}

static void copy_client(struct copy *to, const struct weir_client *from, struct weir_client *out)
{
	weir_text *origins = copy_list(to, from->origins, from->origin_count);
	weir_text *ips = copy_list(to, from->blocked_ips, from->blocked_ip_count);
	weir_text *profiles = copy_list(to, from->blocked_profiles, from->blocked_profile_count);

	*out = *from;
	out->origins = origins;
	out->blocked_ips = ips;
	out->blocked_profiles = profiles;
	copy_items(to, from->origins, from->origin_count, origins);
	copy_items(to, from->blocked_ips, from->blocked_ip_count, ips);
	copy_items(to, from->blocked_profiles, from->blocked_profile_count, profiles);
	out->id = copy_text(to, from->id);
	out->secret = copy_text(to, from->secret);
	out->project_id = copy_text(to, from->project_id);
}

static struct entry *entry_of(const weir_clients *c, const struct weir_client *client, bool known, int64_t now_ms)
{
	struct weir_client measured;
	struct copy size = { NULL, 0 }, fill;
	struct entry *e;

	copy_client(&size, client, &measured);
	e = malloc(sizeof(*e) + size.size + 1);
	if (!e)
		return NULL;
	*e = (struct entry){ .known = known, .read_ms = now_ms, .epoch = c->epoch };
	fill = (struct copy){ (char *)e->room, 0 };
	copy_client(&fill, client, &e->client);
	return e;
}

/* Asks PostgreSQL, unless it failed to answer a moment ago. */
static weir_err ask(weir_clients *c, int64_t now_ms, const char *sql, int nparams, const weir_text *params, PGresult **res)
{
	weir_err err;

	if (now_ms < c->pause_until_ms)
		return WEIR_EUNAVAIL;
	err = weir_pg_exec(c->pg, c->scratch, res, sql, nparams, params);
	if (err == WEIR_EUNAVAIL || err == WEIR_ETIMEOUT) {
		c->pause_until_ms = now_ms + PAUSE_MS;
		return WEIR_EUNAVAIL;
	}
	return err;
}

/* The project's filters of type event, for as long as the entry lives. */
static weir_err compile_filters(struct entry *e, json_object *all)
{
	size_t n = weir_jsonr_count(all);
	bool some = false;

	for (size_t i = 0; i < n; i++)
		some |= weir_text_is(weir_jsonr_get_text(weir_jsonr_at(all, i), "type"), "event");
	if (!some)
		return WEIR_OK;
	e->filters = weir_arena_new(FILTERS_MAX);
	return e->filters ? weir_conditions_compile(e->filters, all, "event", &e->client.event_filters) : WEIR_ENOMEM;
}

static weir_err read_client(weir_clients *c, weir_text id, int64_t now_ms, struct entry **out)
{
	struct weir_client client = { .id = id };
	json_object *filters = NULL;
	PGresult *res = NULL;
	weir_err err = ask(c, now_ms, find_client, 1, &id, &res);
	bool known = !err && PQntuples(res) == 1;

	*out = NULL;
	if (known)
		err = read_row(c, res, &client, &filters);
	if (!err) {
		*out = entry_of(c, &client, known, now_ms);
		err = *out ? compile_filters(*out, filters) : WEIR_ENOMEM;
	}
	if (err) {
		entry_free(*out);
		*out = NULL;
	}
	weir_arena_reset(c->scratch);
	return err;
}

static bool fresh(const weir_clients *c, const struct entry *e, int64_t now_ms)
{
	int64_t age = now_ms - e->read_ms;

	return e->epoch == c->epoch && age >= 0 && age < (e->known ? c->ttl_ms : c->negative_ttl_ms);
}

weir_err weir_clients_find(weir_clients *c, weir_text id, int64_t now_ms, const struct weir_client **out)
{
	struct entry *old = weir_cache_get(c->cache, id, now_ms, NULL), *e = old;
	weir_err err = WEIR_OK;

	*out = NULL;
	if (!old || !fresh(c, old, now_ms)) {
		err = read_client(c, id, now_ms, &e);
		if (err == WEIR_EUNAVAIL && old && old->known) {
			weir_log(LOG_DEBUG, "client", "id=%.36s error=\"PostgreSQL is away, believing what was known\"", id.p);
			e = old;
			err = WEIR_OK;
		} else if (!err && !weir_cache_put(c->cache, id, e, now_ms, KEPT_MS)) {
			return WEIR_ENOMEM;
		}
	}
	if (!err && e->known)
		*out = &e->client;
	return err;
}

static weir_err read_salts(weir_clients *c, int64_t now_ms)
{
	PGresult *res = NULL;
	weir_err err = ask(c, now_ms, find_salts, 0, NULL, &res);
	struct weir_salts salts = { .current = "" };
	char *to[2] = { salts.current, salts.previous };

	for (int i = 0; !err && i < PQntuples(res); i++) {
		weir_text salt = weir_pg_text(res, i, 0);

		if (salt.n > WEIR_SALT_MAX)
			err = WEIR_EINTERNAL;
		else
			memcpy(to[i], salt.p, salt.n);
	}
	if (!err && !salts.current[0]) {
		weir_log(LOG_ERR, "salts", "error=\"there is no salt yet; weir-worker makes the first one\"");
		err = WEIR_EUNAVAIL;
	}
	if (!err) {
		c->salts = salts;
		c->salts_ms = now_ms;
		c->salts_epoch = c->epoch;
	}
	weir_arena_reset(c->scratch);
	return err;
}

weir_err weir_clients_salts(weir_clients *c, int64_t now_ms, const struct weir_salts **out)
{
	int64_t age = now_ms - c->salts_ms;
	weir_err err = WEIR_OK;

	*out = &c->salts;
	if (c->salts_epoch != c->epoch || age < 0 || age >= SALTS_MS)
		err = read_salts(c, now_ms);
	/* The salts of yesterday still tell visitors apart. */
	return err == WEIR_EUNAVAIL && c->salts_epoch && age < KEPT_MS ? WEIR_OK : err;
}
