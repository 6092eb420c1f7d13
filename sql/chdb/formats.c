#include "config.h"
#include "formats.h"

#define TSV "text/tab-separated-values; charset=UTF-8"
#define CSV "text/csv; charset=UTF-8; header=absent"
#define CSV_NAMES "text/csv; charset=UTF-8; header=present"
#define JSON "application/json; charset=UTF-8"
#define NDJSON "application/x-ndjson; charset=UTF-8"
#define TEXT "text/plain; charset=UTF-8"
#define BYTES "application/octet-stream"

static const struct weir_format formats[] = {
	{ "TabSeparated", TSV, WEIR_FORMAT_ROWS, 0 },
	{ "TSV", TSV, WEIR_FORMAT_ROWS, 0 },
	{ "TabSeparatedRaw", TSV, WEIR_FORMAT_ROWS, 0 },
	{ "TSVRaw", TSV, WEIR_FORMAT_ROWS, 0 },
	{ "Raw", TSV, WEIR_FORMAT_ROWS, 0 },
	{ "TabSeparatedWithNames", TSV, WEIR_FORMAT_LINES, 1 },
	{ "TSVWithNames", TSV, WEIR_FORMAT_LINES, 1 },
	{ "TabSeparatedRawWithNames", TSV, WEIR_FORMAT_WHOLE, 0 },
	{ "TabSeparatedWithNamesAndTypes", TSV, WEIR_FORMAT_LINES, 2 },
	{ "TSVWithNamesAndTypes", TSV, WEIR_FORMAT_LINES, 2 },
	{ "TSKV", TSV, WEIR_FORMAT_ROWS, 0 },
	{ "CSV", CSV, WEIR_FORMAT_ROWS, 0 },
	{ "CSVWithNames", CSV_NAMES, WEIR_FORMAT_CSV, 1 },
	{ "CSVWithNamesAndTypes", CSV_NAMES, WEIR_FORMAT_CSV, 2 },
	{ "JSON", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONStrings", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONColumns", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONColumnsWithMetadata", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONCompact", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONCompactStrings", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONCompactColumns", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONObjectEachRow", JSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONEachRow", NDJSON, WEIR_FORMAT_ROWS, 0 },
	{ "JSONLines", NDJSON, WEIR_FORMAT_ROWS, 0 },
	{ "NDJSON", NDJSON, WEIR_FORMAT_ROWS, 0 },
	{ "JSONStringsEachRow", NDJSON, WEIR_FORMAT_ROWS, 0 },
	{ "JSONEachRowWithProgress", NDJSON, WEIR_FORMAT_WHOLE, 0 },
	{ "JSONCompactEachRow", NDJSON, WEIR_FORMAT_ROWS, 0 },
	{ "JSONCompactStringsEachRow", NDJSON, WEIR_FORMAT_ROWS, 0 },
	{ "JSONCompactEachRowWithNames", NDJSON, WEIR_FORMAT_LINES, 1 },
	{ "JSONCompactEachRowWithNamesAndTypes", NDJSON, WEIR_FORMAT_LINES, 2 },
	{ "JSONCompactStringsEachRowWithNames", NDJSON, WEIR_FORMAT_LINES, 1 },
	{ "JSONCompactStringsEachRowWithNamesAndTypes", NDJSON, WEIR_FORMAT_LINES, 2 },
	{ "RowBinary", BYTES, WEIR_FORMAT_ROWS, 0 },
	{ "RowBinaryWithNames", BYTES, WEIR_FORMAT_WHOLE, 0 },
	{ "RowBinaryWithNamesAndTypes", BYTES, WEIR_FORMAT_WHOLE, 0 },
	{ "Native", BYTES, WEIR_FORMAT_ROWS, 0 },
	{ "Parquet", BYTES, WEIR_FORMAT_WHOLE, 0 },
	{ "Arrow", BYTES, WEIR_FORMAT_WHOLE, 0 },
	{ "ArrowStream", BYTES, WEIR_FORMAT_WHOLE, 0 },
	{ "ORC", BYTES, WEIR_FORMAT_WHOLE, 0 },
	{ "Avro", BYTES, WEIR_FORMAT_WHOLE, 0 },
	{ "MsgPack", BYTES, WEIR_FORMAT_ROWS, 0 },
	{ "XML", "application/xml; charset=UTF-8", WEIR_FORMAT_WHOLE, 0 },
	{ "Values", TEXT, WEIR_FORMAT_WHOLE, 0 },
	{ "Vertical", TEXT, WEIR_FORMAT_WHOLE, 0 },
	{ "Pretty", TEXT, WEIR_FORMAT_WHOLE, 0 },
	{ "PrettyCompact", TEXT, WEIR_FORMAT_WHOLE, 0 },
	{ "PrettyCompactMonoBlock", TEXT, WEIR_FORMAT_WHOLE, 0 },
	{ "PrettySpace", TEXT, WEIR_FORMAT_WHOLE, 0 },
	{ "Markdown", "text/markdown; charset=UTF-8", WEIR_FORMAT_WHOLE, 0 },
	{ "Null", TEXT, WEIR_FORMAT_WHOLE, 0 },
};

const struct weir_format *weir_format_find(weir_text name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (weir_text_eq_nocase(name, weir_text_of(formats[i].name)))
			return &formats[i];
	return NULL;
}

weir_text weir_format_strip(const struct weir_format *f, weir_text part)
{
	bool quoted = false;
	int lines = 0;
	size_t i = 0;

	for (; i < part.n && lines < f->header_lines; i++) {
		if (part.p[i] == '"' && f->parts == WEIR_FORMAT_CSV)
			quoted = !quoted;
		if (part.p[i] == '\n' && !quoted)
			lines++;
	}
	return (weir_text){ part.p + i, part.n - i };
}
