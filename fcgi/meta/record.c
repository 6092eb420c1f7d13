#include "config.h"
#include "meta/record.h"

#define COLUMN(name, kind) { name, WEIR_KIND_##kind },
#define X(record, table)                                                                       \
	static const struct weir_column columns_##record[] = { WEIR_RECORD_##record(COLUMN) }; \
	const struct weir_record weir_record_##record = { table, columns_##record,             \
		sizeof(columns_##record) / sizeof(*columns_##record) };
WEIR_RECORDS(X)
#undef X
