/* User agents: servers, the cache and overrides; the tables are at work in agent_rules.c. */
#include "config.h"
#include "ingest/agent.h"
#include "base/cache.h"
#include "base/jsonr.h"
#include "base/log.h"
#include "ingest/agent_rules.h"

#include <stdlib.h>
#include <string.h>

enum { CACHE_MS = 5 * 60 * 1000 };

struct weir_agents {
	struct weir_agent_rules *rules;
	weir_cache *cache; /* NULL: off */
};

/* A result with its texts behind it, so that a copy is one block. */
struct cached {
	struct weir_agent agent;
	size_t size; /* of text */
	char text[];
};

enum { TEXTS = 7 };

static weir_text *text_of(struct weir_agent *a, int i)
{
	weir_text *const texts[TEXTS] = { &a->os, &a->os_version, &a->browser, &a->browser_version, &a->device, &a->brand, &a->model };

	return texts[i];
}

weir_agents *weir_agents_new(size_t cache_entries)
{
	weir_agents *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->rules = weir_agent_rules_new();
	if (cache_entries)
		g->cache = weir_cache_new(cache_entries, free);
	if (!g->rules || (cache_entries && !g->cache)) {
		weir_agents_free(g);
		return NULL;
	}
	return g;
}

void weir_agents_free(weir_agents *g)
{
	if (!g)
		return;
	weir_cache_free(g->cache);
	weir_agent_rules_free(g->rules);
	free(g);
}

static void server(struct weir_agent *a)
{
	for (int i = 0; i < TEXTS; i++)
		*text_of(a, i) = WEIR_TEXT("");
	a->device = WEIR_TEXT("server");
	a->is_server = true;
}

/* "curl/8.4.0", "Go Http Client/1.0": one name and a version of digits and dots. */
static bool is_product_token(weir_text ua)
{
	const char *slash = memchr(ua.p, '/', ua.n);
	weir_text version;

	if (!slash || slash == ua.p)
		return false;
	version = (weir_text){ slash + 1, ua.n - (size_t)(slash - ua.p) - 1 };
	for (size_t i = 0; i < version.n; i++)
		if (!weir_is_digit(version.p[i]) && version.p[i] != '.')
			return false;
	return version.n > 0;
}

static void put_in_cache(weir_agents *g, weir_text ua, int64_t now_ms, const struct weir_agent *agent)
{
	struct weir_agent a = *agent;
	struct cached *c;
	size_t size = 0;
	char *p;

	for (int i = 0; i < TEXTS; i++)
		size += text_of(&a, i)->n;
	if (!(c = malloc(sizeof(*c) + size)))
		return; /* a cache that misses an entry is only slower */
	p = c->text;
	for (int i = 0; i < TEXTS; i++) {
		weir_text *t = text_of(&a, i);

		if (t->n)
			memcpy(p, t->p, t->n);
		t->p = p;
		p += t->n;
	}
	c->agent = a;
	c->size = size;
	if (!weir_cache_put(g->cache, ua, c, now_ms, CACHE_MS))
		weir_log(LOG_DEBUG, "agent", "cache=full");
}

static weir_err copy_from_cache(weir_arena *a, const struct cached *c, struct weir_agent *out)
{
	char *text = weir_alloc(a, c->size + 1);

	if (!text)
		return WEIR_ENOMEM;
	memcpy(text, c->text, c->size);
	*out = c->agent;
	for (int i = 0; i < TEXTS; i++)
		text_of(out, i)->p = text + (text_of(out, i)->p - c->text);
	return WEIR_OK;
}

weir_err weir_agent_parse(weir_agents *g, weir_arena *a, weir_text ua, int64_t now_ms, struct weir_agent *out)
{
	struct cached *c;
	weir_err err;

	*out = (struct weir_agent){ .is_server = false };
	if (ua.n > WEIR_AGENT_MAX)
		ua.n = WEIR_AGENT_MAX;
	if (!ua.n || is_product_token(ua)) {
		server(out);
		return WEIR_OK;
	}
	if (g->cache && (c = weir_cache_get(g->cache, ua, now_ms, NULL)))
		return copy_from_cache(a, c, out);
	if ((err = weir_agent_read(g->rules, a, ua, out)))
		return err;
	if (!out->os.n && !out->browser.n && !out->brand.n && !out->model.n)
		server(out);
	for (int i = 0; i < TEXTS; i++)
		if (!text_of(out, i)->p)
			*text_of(out, i) = WEIR_TEXT("");
	if (g->cache)
		put_in_cache(g, ua, now_ms, out);
	return WEIR_OK;
}

void weir_agent_override(struct weir_agent *agent, json_object *properties)
{
	static const char *const names[TEXTS] = { "__os", "__osVersion", "__browser", "__browserVersion", "__device", "__brand", "__model" };

	if (agent->is_server)
		return;
	for (int i = 0; i < TEXTS; i++) {
		weir_text own = weir_jsonr_get_text(properties, names[i]);

		if (own.n)
			*text_of(agent, i) = own;
	}
}

weir_text weir_agent_device(weir_agents *g, weir_text ua, weir_text model)
{
	return weir_agent_form(g->rules, ua, model);
}
