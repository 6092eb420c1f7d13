#include "config.h"
#include "trpc/call.h"

#include "schemas.h"
#include "trpc/rate.h"

#include <stdlib.h>

/* The table of procedures, and what handlers say when they refuse. */

static const struct weir_procedure procedures[] = {
#define X(name, kind, access, entity, member, optional, need, schema, handler, rate) \
	{ name, WEIR_CALL_##kind, WEIR_ACCESS_##access, WEIR_ENTITY_##entity, member, optional, WEIR_NEED_##need, \
		&weir_schema_##schema, weir_do_##handler, &weir_rates[WEIR_RATE_##rate] },
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

	*count = json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
	*texts = weir_alloc_n(c->meta.mem, *count + 1, sizeof(**texts));
	for (size_t i = 0; *texts && i < *count; i++)
		(*texts)[i] = weir_jsonr_text(json_object_array_get_idx(array, i));
	return *texts ? WEIR_OK : WEIR_ENOMEM;
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
