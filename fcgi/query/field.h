#ifndef WEIR_QUERY_FIELD_H
#define WEIR_QUERY_FIELD_H
#include "query/sql.h"
/*
 * Names of what an event can be filtered and broken down by (spec/queries.md
 * 4.1), and their SQL.  Columns come from a table, property keys are bound.
 *
 * The relations have fixed names: e the events, pr the latest profile of the
 * event's profile_id, gr the latest group, gid the id of the unrolled group,
 * cm the memberships in cohorts.
 */
enum weir_field_kind {
	WEIR_FIELD_UNKNOWN,
	WEIR_FIELD_TEXT,        /* column of text */
	WEIR_FIELD_NUMBER,      /* column of numbers */
	WEIR_FIELD_TIME,        /* column of moments */
	WEIR_FIELD_PROPERTY,    /* properties[key] */
	WEIR_FIELD_WILDCARD,    /* all properties whose key is like key */
	WEIR_FIELD_PROFILE,     /* column of the profile */
	WEIR_FIELD_PROFILE_PROPERTY,
	WEIR_FIELD_GROUP,       /* column of the group */
	WEIR_FIELD_GROUP_PROPERTY,
	WEIR_FIELD_KEYED,       /* sql begins the look-up of key in some other map: "p.properties[" */
	WEIR_FIELD_HAS_PROFILE,
	WEIR_FIELD_COHORT       /* key: the cohort's id, or empty for all */
};

struct weir_event_field {
	enum weir_field_kind kind;
	const char *sql;       /* constant, for columns */
	weir_text key;         /* for properties and cohorts */
};

/* Reads a name; kind UNKNOWN for one that there is nothing of. Wildcard patterns are made in mem. */
WEIR_MUSTCHECK weir_err weir_field_of(weir_arena *mem, weir_text name, struct weir_event_field *field);
/* The field's value as it is in the rows; not for HAS_PROFILE and COHORT. */
void weir_field_sql(weir_sql *q, const struct weir_event_field *field);
/* The same as text: what a label shows. */
void weir_field_label(weir_sql *q, const struct weir_event_field *field);

/* The same, and a cohort by its name as ask->cohorts has it: what a breakdown shows. */
void weir_field_name_sql(weir_sql *q, const struct weir_ask *ask, const struct weir_event_field *field);

/* Which relations a statement needs besides events, and which properties of profiles. */
enum { WEIR_JOIN_KEYS_MAX = 64 };
struct weir_joins {
	bool profile, group;
	bool all_keys;         /* more than fit */
	weir_text keys[WEIR_JOIN_KEYS_MAX];
	size_t key_count;
	bool cohorts;          /* all memberships: a row for each, none for who is in no cohort */
};
void weir_field_joins(const struct weir_event_field *field, struct weir_joins *joins);
/* "FROM events AS e ..." with what is joined. */
void weir_sql_from(weir_sql *q, const struct weir_ask *ask, const struct weir_joins *joins);
#endif
