#include "config.h"
#include "trpc/call.h"

#include "base/clock.h"
#include "schemas.h"
#include "trpc/rate.h"

#include <math.h>
#include <stdlib.h>

/* The table of procedures, and what handlers say when they refuse. */

static const struct weir_procedure procedures[] = {
#define X(name, kind, access, entity, member, optional, need, schema, handler, rate, kept) \
	{ name, WEIR_CALL_##kind, WEIR_ACCESS_##access, WEIR_ENTITY_##entity, member, optional, WEIR_NEED_##need, \
		&weir_schema_##schema, weir_do_##handler, &weir_rates[WEIR_RATE_##rate], WEIR_KEEP_##kept },
	WEIR_PROCEDURES(X)
#undef X
};

static int by_name(const void *key, const void *row)
{
	const weir_text *name = key;
	const struct weir_procedure *p = row;
	weir_text other = weir_text_of(p->name);
	int c = memcmp(name->p, other.p, name->n < other.n ? name->n : other.n);

	return c ? c : name->n < other.n ? -1 : name->n > other.n;
}

const struct weir_procedure *weir_procedure_find(weir_text name)
{
	if (!name.n)
		return NULL;
	return bsearch(&name, procedures, sizeof(procedures) / sizeof(*procedures), sizeof(*procedures), by_name);
}

weir_text weir_in_text(const struct weir_call *c, const char *name)
{
	return weir_jsonr_get_text(c->in, name);
}

bool weir_in_flag(const struct weir_call *c, const char *name)
{
	return weir_jsonr_truthy(weir_jsonr_get(c->in, name));
}

weir_err weir_in_texts(const struct weir_call *c, const char *name, weir_text **texts, size_t *count)
{
	json_object *array = weir_jsonr_get(c->in, name);

	*count = weir_jsonr_count(array);
	*texts = weir_alloc_n(c->meta.mem, *count + 1, sizeof(**texts));
	for (size_t i = 0; *texts && i < *count; i++)
		(*texts)[i] = weir_jsonr_text(weir_jsonr_at(array, i));
	return *texts ? WEIR_OK : WEIR_ENOMEM;
}

int64_t weir_in_int(const struct weir_call *c, const char *name, int64_t fallback, int64_t least, int64_t most)
{
	json_object *value = weir_jsonr_get(c->in, name);
	double v = value ? floor(json_object_get_double(value)) : (double)fallback;

	return v < (double)least ? least : v > (double)most ? most : (int64_t)v;
}

weir_text weir_in_json(const struct weir_call *c, json_object *value)
{
	size_t n = 0;
	const char *text = value ? json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n) : NULL;

	return text ? weir_text_dup(c->meta.mem, (weir_text){ text, n }) : (weir_text){ NULL, 0 };
}

weir_err weir_in_date(struct weir_call *c, const char *name, int64_t *ms)
{
	/* PostgreSQL's timestamps reach further than this, texts of dates do not. */
	static const int64_t MOST_MS = 253402300799999;
	weir_err err = weir_clock_parse_js(weir_in_text(c, name), ms);

	return err || *ms < -MOST_MS / 8 || *ms > MOST_MS ? weir_call_refuse(c, name, "Invalid date") : WEIR_OK;
}

weir_err weir_call_fail(struct weir_call *c, weir_err err, const char *message)
{
	c->message = weir_text_of(message);
	return err;
}

static void drop(void *node)
{
	json_object_put(node);
}

weir_err weir_call_refuse(struct weir_call *c, const char *member, const char *message)
{
	json_object *issues = json_object_new_array(), *issue = json_object_new_object(), *path = json_object_new_array();
	bool bad = !issues || !issue || !path || weir_arena_defer(c->meta.mem, drop, issues);

	if (!bad) /* each add hands its node over */
		bad = json_object_array_add(path, json_object_new_string(member))
			|| json_object_object_add(issue, "code", json_object_new_string("custom"))
			|| json_object_object_add(issue, "path", path)
			|| json_object_object_add(issue, "message", json_object_new_string(message))
			|| json_object_array_add(issues, issue);
	if (bad)
		return WEIR_ENOMEM;
	c->issues = issues;
	return WEIR_EBADREQ;
}
