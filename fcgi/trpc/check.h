#ifndef WEIR_TRPC_CHECK_H
#define WEIR_TRPC_CHECK_H
#include "trpc/schema.h"
/*
 * The validator's own business, shared by schema.c, issue.c and formats.c: the
 * issues found so far and the path to where the validator stands.
 */
enum { WEIR_PATH_MAX = 64 };

struct weir_step {
	const char *name;       /* NULL: an index */
	size_t index;
};

struct weir_issue {
	json_object *text;      /* {expected, code, path, message ...} */
	bool go_on;             /* later checks of the same value still run */
};

struct weir_check {
	weir_arena *mem;
	struct weir_issue *issues;
	size_t count, alloc;
	struct weir_step path[WEIR_PATH_MAX];
	int depth, base;        /* paths start at base: those inside a union are relative */
	weir_err err;
};

/* An issue with its code; more members may follow before weir_issue_end adds path and message. NULL latches ENOMEM. */
json_object *weir_issue_new(struct weir_check *c, const char *code, const char *expected, bool go_on);
void weir_issue_member(struct weir_check *c, json_object *issue, const char *key, json_object *value);
void weir_issue_end(struct weir_check *c, json_object *issue, weir_text message);
/* The whole issue in one: "Invalid input: expected string, received null". */
void weir_issue_type(struct weir_check *c, const char *expected, json_object *value, bool absent);
/* Its end alone, for an issue that was begun in another order. */
void weir_issue_received(struct weir_check *c, json_object *issue, const char *expected, json_object *value, bool absent);
/* too_small or too_big of a string, array or number. */
void weir_issue_size(struct weir_check *c, const char *origin, bool small, double bound);
/* invalid_value of words. */
void weir_issue_words(struct weir_check *c, const char *const *words, size_t count);
json_object *weir_issue_path(struct weir_check *c, int from);
/* Adds the issue when value does not have the format; *value may be replaced. */
void weir_format_check(struct weir_check *c, enum weir_format format, json_object **value);
#endif
