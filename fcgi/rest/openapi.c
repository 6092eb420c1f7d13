#include "config.h"
#include "rest/route.h"

#include "base/jsonr.h"

/* /documentation/json: OpenAPI 3.1 of data/routes.tsv and data/schemas.txt. */

static void put_schema(weir_json *j, const char *key, const struct weir_schema *s, const char *fallback);

static void put_bounds(weir_json *j, const struct weir_schema *s, const char *least, const char *most)
{
	if (s->has_min)
		weir_json_num(j, least, s->min);
	if (s->has_max)
		weir_json_num(j, most, s->max);
}

static void put_string(weir_json *j, const struct weir_schema *s)
{
	static const char *const formats[] = { [WEIR_FORMAT_email] = "email", [WEIR_FORMAT_url] = "uri" };

	weir_json_strz(j, "type", "string");
	if (s->format == WEIR_FORMAT_email || s->format == WEIR_FORMAT_url)
		weir_json_strz(j, "format", formats[s->format]);
	put_bounds(j, s, "minLength", "maxLength");
}

static void put_object(weir_json *j, const struct weir_schema *s)
{
	weir_json_strz(j, "type", "object");
	weir_json_obj(j, "properties");
	for (size_t i = 0; i < s->count; i++)
		put_schema(j, s->fields[i].name, s->fields[i].schema, s->fields[i].fallback);
	weir_json_end(j);
	weir_json_arr(j, "required");
	for (size_t i = 0; i < s->count; i++)
		if (!s->fields[i].optional && !s->fields[i].fallback)
			weir_json_strz(j, NULL, s->fields[i].name);
	weir_json_end(j);
}

static void put_choice(weir_json *j, const struct weir_schema *s)
{
	weir_json_arr(j, "anyOf");
	for (size_t i = 0; i < s->count; i++)
		put_schema(j, NULL, s->members[i], NULL);
	weir_json_end(j);
}

static void put_nullable(weir_json *j, const struct weir_schema *s)
{
	weir_json_arr(j, "anyOf");
	put_schema(j, NULL, s->item, NULL);
	weir_json_obj(j, NULL);
	weir_json_strz(j, "type", "null");
	weir_json_end(j);
	weir_json_end(j);
}

static void put_words(weir_json *j, const struct weir_schema *s)
{
	weir_json_strz(j, "type", "string");
	weir_json_arr(j, "enum");
	for (size_t i = 0; i < s->count; i++)
		weir_json_strz(j, NULL, s->words[i]);
	weir_json_end(j);
}

static void put_members(weir_json *j, const struct weir_schema *s)
{
	switch (s->kind) {
	case WEIR_SCHEMA_ANY:
		return;
	case WEIR_SCHEMA_STRING:
		put_string(j, s);
		return;
	case WEIR_SCHEMA_NUMBER:
	case WEIR_SCHEMA_INTEGER:
		weir_json_strz(j, "type", s->kind == WEIR_SCHEMA_NUMBER ? "number" : "integer");
		put_bounds(j, s, "minimum", "maximum");
		return;
	case WEIR_SCHEMA_BOOLEAN:
		weir_json_strz(j, "type", "boolean");
		return;
	case WEIR_SCHEMA_NULL:
		weir_json_strz(j, "type", "null");
		return;
	case WEIR_SCHEMA_ENUM:
		put_words(j, s);
		return;
	case WEIR_SCHEMA_NULLABLE:
		put_nullable(j, s);
		return;
	case WEIR_SCHEMA_ARRAY:
		weir_json_strz(j, "type", "array");
		put_schema(j, "items", s->item, NULL);
		put_bounds(j, s, "minItems", "maxItems");
		return;
	case WEIR_SCHEMA_RECORD:
		weir_json_strz(j, "type", "object");
		put_schema(j, "additionalProperties", s->item, NULL);
		return;
	case WEIR_SCHEMA_OBJECT:
		put_object(j, s);
		return;
	case WEIR_SCHEMA_UNION:
	case WEIR_SCHEMA_TAGGED:
		put_choice(j, s);
	}
}

static void put_schema(weir_json *j, const char *key, const struct weir_schema *s, const char *fallback)
{
	weir_json_obj(j, key);
	put_members(j, s);
	if (fallback)
		weir_json_raw(j, "default", weir_text_of(fallback));
	weir_json_end(j);
}

/* A parameter of each {NAME} in the path. */
static void put_parameters(weir_json *j, const char *path)
{
	weir_json_arr(j, "parameters");
	for (const char *open = strchr(path, '{'); open; open = strchr(open + 1, '{')) {
		weir_json_obj(j, NULL);
		weir_json_str(j, "name", (weir_text){ open + 1, strcspn(open + 1, "}") });
		weir_json_strz(j, "in", "path");
		weir_json_bool(j, "required", true);
		weir_json_obj(j, "schema");
		weir_json_strz(j, "type", "string");
		weir_json_end(j);
		weir_json_end(j);
	}
	weir_json_end(j);
}

static void put_body(weir_json *j, const struct weir_schema *schema)
{
	weir_json_obj(j, "requestBody");
	weir_json_bool(j, "required", true);
	weir_json_obj(j, "content");
	weir_json_obj(j, "application/json");
	put_schema(j, "schema", schema, NULL);
	for (int i = 0; i < 3; i++)
		weir_json_end(j);
}

static void put_status(weir_json *j, const char *status, const char *text)
{
	weir_json_obj(j, status);
	weir_json_strz(j, "description", text);
	weir_json_end(j);
}

static void put_responses(weir_json *j, const struct weir_route *route)
{
	weir_json_obj(j, "responses");
	put_status(j, "200", "it is done");
	if (*route->body)
		put_status(j, "400", "the body is not as described");
	if (route->access != WEIR_ROUTE_public)
		put_status(j, "401", "no client of that id, secret and type");
	if (strchr(route->path, '{'))
		put_status(j, "404", "there is none");
	if (route->most)
		put_status(j, "429", "too many calls; Retry-After tells in how many seconds to try again");
	weir_json_end(j);
}

static void put_security(weir_json *j)
{
	weir_json_arr(j, "security");
	weir_json_obj(j, NULL);
	for (int i = 0; i < 2; i++) {
		weir_json_arr(j, i ? "clientSecret" : "clientId");
		weir_json_end(j);
	}
	weir_json_end(j);
	weir_json_end(j);
}

static void put_route(weir_json *j, const struct weir_route *route)
{
	static const struct { const char *method, *key; } keys[] = {
		{ "GET", "get" }, { "POST", "post" }, { "PATCH", "patch" }, { "PUT", "put" }, { "DELETE", "delete" },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i].method, route->method))
			weir_json_obj(j, keys[i].key);
	weir_json_strz(j, "summary", route->summary);
	put_parameters(j, route->path);
	if (*route->body)
		put_body(j, *route->body);
	put_responses(j, route);
	if (route->access != WEIR_ROUTE_public)
		put_security(j);
	weir_json_end(j);
}

/* Whether an earlier row has the same path, which then holds this one too. */
static bool is_known(size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(weir_routes[i].path, weir_routes[index].path))
			return true;
	return false;
}

static void put_key(weir_json *j, const char *name, const char *header)
{
	weir_json_obj(j, name);
	weir_json_strz(j, "type", "apiKey");
	weir_json_strz(j, "in", "header");
	weir_json_strz(j, "name", header);
	weir_json_end(j);
}

weir_err weir_rest_documentation(struct weir_rest_call *c)
{
	weir_json *j = &c->json;

	weir_json_obj(j, NULL);
	weir_json_strz(j, "openapi", "3.1.0");
	weir_json_obj(j, "info");
	weir_json_strz(j, "title", "Weir");
	weir_json_strz(j, "version", PACKAGE_VERSION);
	weir_json_end(j);
	weir_json_obj(j, "components");
	weir_json_obj(j, "securitySchemes");
	put_key(j, "clientId", "openpanel-client-id");
	put_key(j, "clientSecret", "openpanel-client-secret");
	weir_json_end(j);
	weir_json_end(j);
	weir_json_obj(j, "paths");
	for (size_t i = 0; i < weir_route_count; i++) {
		if (is_known(i))
			continue;
		weir_json_obj(j, weir_routes[i].path);
		for (size_t k = i; k < weir_route_count; k++)
			if (!strcmp(weir_routes[k].path, weir_routes[i].path))
				put_route(j, &weir_routes[k]);
		weir_json_end(j);
	}
	weir_json_end(j);
	weir_json_end(j);
	return WEIR_OK;
}
