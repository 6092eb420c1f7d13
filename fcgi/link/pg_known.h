#ifndef WEIR_LINK_PG_KNOWN_H
#define WEIR_LINK_PG_KNOWN_H
#include <stdbool.h>
#include <stddef.h>
/*
 * The statements that a connection to PostgreSQL knows by a name, so that it
 * need not parse and plan them each time; private to link/postgres.c.  A text
 * that comes for the second time gets a name; which names the server has been
 * told is forgotten with the connection.
 */
struct weir_pg_statement {
	char *sql;             /* NULL: a free place */
	char name[12];
	bool ready;            /* the server knows it */
};

enum { WEIR_PG_KNOWN = 512, WEIR_PG_KNOWN_SQL_MAX = 16 * 1024 };

struct weir_pg_known {
	struct weir_pg_statement place[WEIR_PG_KNOWN];
	size_t used;
};

/* NULL: it is to be sent as it is, because it comes for the first time, is too long, or there are too many others. */
struct weir_pg_statement *weir_pg_known_get(struct weir_pg_known *known, const char *sql);
/* The connection is another one. */
void weir_pg_known_forget(struct weir_pg_known *known);
void weir_pg_known_free(struct weir_pg_known *known);
#endif
