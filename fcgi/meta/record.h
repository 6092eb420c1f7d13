#ifndef WEIR_META_RECORD_H
#define WEIR_META_RECORD_H
#include <stddef.h>
#include "records.h" /* generated from data/records.tsv */
/*
 * The tables' columns in the order in which answers name them
 * (spec/trpc-metadata.md 5).  One block of data/records.tsv makes, for record
 * "client" of table clients:
 *
 *   WEIR_COLUMNS_CLIENT   SQL text: t."id", t."name" ...   (the table's alias is t)
 *   WEIR_JOINED_CLIENT    the same with alias u, for the second table of a join
 *   WEIR_CLIENT_ID ...    the columns' numbers; WEIR_CLIENT_COUNT their count
 *   weir_record_client    the same as data, for writers
 */
enum weir_column_kind {
	WEIR_KIND_text,
	WEIR_KIND_time,
	WEIR_KIND_int,
	WEIR_KIND_float,
	WEIR_KIND_bool,
	WEIR_KIND_json,
	WEIR_KIND_texts,     /* text[] or enum[]; NULL is the empty array */
	WEIR_KIND_secret,    /* answers only tell whether there is one */
};

struct weir_column {
	const char *name;
	enum weir_column_kind kind;
};

struct weir_record {
	const char *table;
	const struct weir_column *columns;
	size_t count;
};

#define X(name, columns) extern const struct weir_record weir_record_##name;
WEIR_RECORDS(X)
#undef X
#endif
