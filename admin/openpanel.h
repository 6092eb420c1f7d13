#ifndef WEIR_ADMIN_OPENPANEL_H
#define WEIR_ADMIN_OPENPANEL_H
#include "ctl.h"
/* weirctl openpanel import-postgres: what it looks at and what it copies. */

/* The tables that are copied, in an order in which every row finds what it refers to; ends with NULL. */
extern const char *const ctl_openpanel_tables[];

/* A table of data/postgres-schema.tsv: its columns as SQL names them, "a", "b"; {NULL, 0} when there is no such table, or no memory. */
weir_text ctl_openpanel_columns(struct ctl *ctl, const char *table);

struct ctl_openpanel_copy {
	int64_t tables, rows;
};
/*
 * Copies all rows of the tables from one database into the other, which must
 * have none but salts, in one transaction on each side: all or nothing.
 * Returns an exit status, having complained.
 */
int ctl_openpanel_copy(struct ctl *ctl, weir_pg *from, weir_pg *to, struct ctl_openpanel_copy *done);
#endif
