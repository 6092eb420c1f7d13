#ifndef WEIR_TRPC_SCHEMA_H
#define WEIR_TRPC_SCHEMA_H
#include "trpc/superjson.h"
/*
 * Input schemas as data, and one validator for all of them.  The schemas are
 * written in data/schemas.txt and compiled to constants; what the validator
 * says about a wrong value is worded as zod 4 words it, since stock clients
 * show these texts (spec/trpc-metadata.md 1.5).
 *
 * A value that passes comes back cleaned: members that the schema doesn't know
 * are gone, defaults are filled in, absent optional members stay absent.
 */
enum weir_schema_kind {
	WEIR_SCHEMA_ANY,
	WEIR_SCHEMA_STRING,
	WEIR_SCHEMA_NUMBER,
	WEIR_SCHEMA_INTEGER,
	WEIR_SCHEMA_BOOLEAN,
	WEIR_SCHEMA_NULL,
	WEIR_SCHEMA_ENUM,       /* words, count; one word is a literal */
	WEIR_SCHEMA_NULLABLE,   /* item */
	WEIR_SCHEMA_ARRAY,      /* item, min and max of its length */
	WEIR_SCHEMA_RECORD,     /* item */
	WEIR_SCHEMA_OBJECT,     /* fields, count, rule */
	WEIR_SCHEMA_UNION,      /* members, count */
	WEIR_SCHEMA_TAGGED      /* members, count: objects told apart by their member tag */
};

enum weir_format {
	WEIR_FORMAT_none,
	WEIR_FORMAT_email,
	WEIR_FORMAT_url,        /* the value becomes the trimmed text */
	WEIR_FORMAT_formula,
	WEIR_FORMAT_slug
};

struct weir_check;
struct weir_schema {
	enum weir_schema_kind kind;
	enum weir_format format;
	bool has_min, has_max;
	double min, max;
	const struct weir_schema *item;
	const struct weir_field *fields;
	const struct weir_schema *const *members;
	const char *const *words;
	size_t count;
	const char *tag;
	/* A rule across members; adds issues, is only asked when the types are right. */
	void (*rule)(struct weir_check *c, json_object *value);
};

struct weir_field {
	const char *name;
	const struct weir_schema *schema;
	bool optional;
	const char *fallback;   /* JSON text of what absence means; NULL: it stays absent */
};

/* The rules that data/schemas.txt names with "!"; in rules.c. */
void weir_rule_onboarding(struct weir_check *c, json_object *value);
void weir_rule_passwords(struct weir_check *c, json_object *value);
void weir_rule_totp_code(struct weir_check *c, json_object *value);
void weir_rule_steps(struct weir_check *c, json_object *value);
/* For rules: an issue of code "custom" at member name. path_last: the path follows the message, as superRefine has it. */
void weir_check_custom(struct weir_check *c, const char *name, const char *message, bool path_last);

/*
 * Checks value (absent: it is undefined).  *issues is NULL when it fits, and
 * *cleaned then the cleaned value; else an array of issues in zod's form.
 * Both belong to the arena.  Errors: WEIR_ENOMEM only.
 */
WEIR_MUSTCHECK weir_err weir_schema_check(weir_arena *mem, const struct weir_schema *schema, json_object *value, bool absent,
	json_object **cleaned, json_object **issues);

/* The issues as JSON.stringify(issues, null, 2) writes them. */
void weir_issues_text(json_object *issues, weir_str *out);
/* {formErrors, fieldErrors}: the messages by first member of their path. */
void weir_issues_flatten(json_object *issues, weir_json *j, const char *key);
#endif
