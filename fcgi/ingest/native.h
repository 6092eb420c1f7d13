#ifndef WEIR_INGEST_NATIVE_H
#define WEIR_INGEST_NATIVE_H
#include "ingest/event.h"
/*
 * Rows in ClickHouse's Native format: one block, column after column, as an
 * INSERT ... FORMAT Native takes it over HTTP.  Columns are written as plain
 * types; ClickHouse converts them to the table's LowCardinality forms.
 *
 *   put every column of a row, each once;  weir_native_row;  ...  weir_native_block
 *
 * Failures (no memory, a column over its bound) latch and are told by
 * weir_native_block.  Small buffers are kept for the next block, large ones
 * given back.
 */
enum weir_native_type {
	WEIR_NATIVE_UUID,
	WEIR_NATIVE_STRING,
	WEIR_NATIVE_STRINGS,          /* Array(String) */
	WEIR_NATIVE_MAP,              /* Map(String, String) */
	WEIR_NATIVE_FIXED2,           /* FixedString(2) */
	WEIR_NATIVE_UINT64,
	WEIR_NATIVE_UINT32,
	WEIR_NATIVE_UINT16,
	WEIR_NATIVE_INT32,
	WEIR_NATIVE_INT8,
	WEIR_NATIVE_BOOL,
	WEIR_NATIVE_FLOAT64,
	WEIR_NATIVE_DATETIME64,       /* DateTime64(3) */
	WEIR_NATIVE_NULLABLE_FLOAT32,
	WEIR_NATIVE_NULLABLE_DATETIME,
};

struct weir_native_column {
	const char *name;
	enum weir_native_type type;
};

typedef struct weir_native weir_native;

/* columns: as many as count, constant for the life of the writer. NULL on no memory. */
weir_native *weir_native_new(const struct weir_native_column *columns, size_t count);
void weir_native_free(weir_native *n);

/* One value of the row that is being written, by the column's number. */
void weir_native_uuid(weir_native *n, size_t column, const uint8_t id[16]);
void weir_native_text(weir_native *n, size_t column, weir_text v);
void weir_native_texts(weir_native *n, size_t column, weir_texts v);
void weir_native_map(weir_native *n, size_t column, weir_map v);
void weir_native_fixed2(weir_native *n, size_t column, weir_text v); /* "" is two NULs */
void weir_native_int(weir_native *n, size_t column, int64_t v);      /* any integer type, Bool and DateTime64; the low bytes */
void weir_native_float(weir_native *n, size_t column, double v);
void weir_native_float32(weir_native *n, size_t column, double v);   /* NAN is NULL */
void weir_native_seconds(weir_native *n, size_t column, int64_t v);  /* 0 is NULL */
/* Overwrites an integer of a row that is complete: rows are numbered from 0 in each block. */
void weir_native_set_int(weir_native *n, size_t column, size_t row, int64_t v);
/* The row is complete. */
void weir_native_row(weir_native *n);

size_t weir_native_rows(const weir_native *n);
size_t weir_native_bytes(const weir_native *n);
/* Appends the block to out and starts the next one. */
WEIR_MUSTCHECK weir_err weir_native_block(weir_native *n, weir_str *out);
/* Throws the rows away. */
void weir_native_reset(weir_native *n);
#endif
