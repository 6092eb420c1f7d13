/* ClickHouse's Native format. */
#include "config.h"
#include "ingest/native.h"

#include <math.h>
#include <stdlib.h>

enum {
	COLUMN_MAX = 256 * 1024 * 1024,
	COLUMN_KEEP = 64 * 1024,      /* of a column's buffer between blocks */
	COLUMN_HEADER = 64,           /* about: name and type in the block */
};

static const struct {
	const char *name;
	size_t width; /* of weir_native_int */
} types[] = {
	[WEIR_NATIVE_UUID] = { "UUID", 0 },
	[WEIR_NATIVE_STRING] = { "String", 0 },
	[WEIR_NATIVE_STRINGS] = { "Array(String)", 0 },
	[WEIR_NATIVE_MAP] = { "Map(String, String)", 0 },
	[WEIR_NATIVE_FIXED2] = { "FixedString(2)", 0 },
	[WEIR_NATIVE_UINT64] = { "UInt64", 8 },
	[WEIR_NATIVE_UINT32] = { "UInt32", 4 },
	[WEIR_NATIVE_UINT16] = { "UInt16", 2 },
	[WEIR_NATIVE_INT32] = { "Int32", 4 },
	[WEIR_NATIVE_INT8] = { "Int8", 1 },
	[WEIR_NATIVE_BOOL] = { "Bool", 1 },
	[WEIR_NATIVE_FLOAT64] = { "Float64", 0 },
	[WEIR_NATIVE_DATETIME64] = { "DateTime64(3)", 8 },
	[WEIR_NATIVE_NULLABLE_FLOAT32] = { "Nullable(Float32)", 0 },
	[WEIR_NATIVE_NULLABLE_DATETIME] = { "Nullable(DateTime)", 0 },
};

/*
 * A column's bytes lie in up to three streams that follow one another in the
 * block: ends (of arrays) or nulls, then data, then the values of a map.
 */
struct column {
	weir_str head, data, values;
	uint64_t items; /* so far, of arrays and maps */
};

struct weir_native {
	const struct weir_native_column *spec;
	struct column *column;
	size_t count, rows;
};

weir_native *weir_native_new(const struct weir_native_column *columns, size_t count)
{
	weir_native *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->column = calloc(count, sizeof(*n->column));
	if (!n->column) {
		free(n);
		return NULL;
	}
	n->spec = columns;
	n->count = count;
	for (size_t i = 0; i < count; i++) {
		weir_str_init(&n->column[i].head, COLUMN_MAX);
		weir_str_init(&n->column[i].data, COLUMN_MAX);
		weir_str_init(&n->column[i].values, COLUMN_MAX);
	}
	return n;
}

void weir_native_free(weir_native *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->count; i++) {
		weir_str_free(&n->column[i].head);
		weir_str_free(&n->column[i].data);
		weir_str_free(&n->column[i].values);
	}
	free(n->column);
	free(n);
}

/*
 * Room for n bytes at the end, which the caller fills; NULL when the failure
 * is latched.  A cell is some bytes, and there are a million of them in a
 * second: what weir_str_add looks at is looked at once for each.
 */
static uint8_t *extend(weir_str *s, size_t n)
{
	uint8_t *at;

	if (s->err || s->alloc - s->len <= n) {
		static const char zeros[64];

		for (size_t left = n; left; left -= left < sizeof(zeros) ? left : sizeof(zeros))
			weir_str_add(s, zeros, left < sizeof(zeros) ? left : sizeof(zeros));
		return s->err ? NULL : (uint8_t *)s->buf + s->len - n;
	}
	at = (uint8_t *)s->buf + s->len;
	s->len += n;
	s->buf[s->len] = '\0';
	return at;
}

/* Little-endian, whatever the machine. */
static void add_int(weir_str *s, uint64_t v, size_t width)
{
	uint8_t *b = extend(s, width);

	for (size_t i = 0; b && i < width; i++)
		b[i] = (uint8_t)(v >> 8 * i);
}

static size_t length_of(uint64_t v)
{
	size_t n = 1;

	while (v >>= 7)
		n++;
	return n;
}

static void add_text(weir_str *s, weir_text t)
{
	uint8_t *b = extend(s, length_of(t.n) + t.n);
	uint64_t v = t.n;

	if (!b)
		return;
	for (; v >= 0x80; v >>= 7)
		*b++ = (uint8_t)(v | 0x80);
	*b++ = (uint8_t)v;
	if (t.n)
		memcpy(b, t.p, t.n);
}

void weir_native_uuid(weir_native *n, size_t column, const uint8_t id[16])
{
	uint8_t *b = extend(&n->column[column].data, 16);

	/* Two UInt64 in little-endian order, the high half first. */
	for (size_t i = 0; b && i < 8; i++) {
		b[i] = id[7 - i];
		b[8 + i] = id[15 - i];
	}
}

void weir_native_text(weir_native *n, size_t column, weir_text v)
{
	add_text(&n->column[column].data, v);
}

void weir_native_texts(weir_native *n, size_t column, weir_texts v)
{
	struct column *c = &n->column[column];

	c->items += v.count;
	add_int(&c->head, c->items, 8);
	for (size_t i = 0; i < v.count; i++)
		add_text(&c->data, v.item[i]);
}

void weir_native_map(weir_native *n, size_t column, weir_map v)
{
	struct column *c = &n->column[column];

	c->items += v.count;
	add_int(&c->head, c->items, 8);
	for (size_t i = 0; i < v.count; i++) {
		add_text(&c->data, v.item[i].key);
		add_text(&c->values, v.item[i].value);
	}
}

void weir_native_fixed2(weir_native *n, size_t column, weir_text v)
{
	char b[2] = { 0, 0 };

	if (v.n >= 2)
		memcpy(b, v.p, 2);
	weir_str_add(&n->column[column].data, b, 2);
}

void weir_native_int(weir_native *n, size_t column, int64_t v)
{
	add_int(&n->column[column].data, (uint64_t)v, types[n->spec[column].type].width);
}

void weir_native_set_int(weir_native *n, size_t column, size_t row, int64_t v)
{
	size_t width = types[n->spec[column].type].width;
	weir_str *data = &n->column[column].data;

	if (row >= n->rows || data->len < (row + 1) * width)
		return; /* the column has latched a failure, which the block will tell */
	for (size_t i = 0; i < width; i++)
		data->buf[row * width + i] = (char)(uint8_t)((uint64_t)v >> 8 * i);
}

void weir_native_float(weir_native *n, size_t column, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, 8);
	add_int(&n->column[column].data, bits, 8);
}

void weir_native_float32(weir_native *n, size_t column, double v)
{
	float f = isnan(v) ? 0.0F : (float)v;
	uint32_t bits;

	memcpy(&bits, &f, 4);
	weir_str_putc(&n->column[column].head, isnan(v));
	add_int(&n->column[column].data, bits, 4);
}

void weir_native_seconds(weir_native *n, size_t column, int64_t v)
{
	weir_str_putc(&n->column[column].head, v == 0);
	add_int(&n->column[column].data, (uint64_t)v, 4);
}

void weir_native_row(weir_native *n)
{
	n->rows++;
}

size_t weir_native_rows(const weir_native *n)
{
	return n->rows;
}

size_t weir_native_bytes(const weir_native *n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n->count; i++)
		bytes += n->column[i].head.len + n->column[i].data.len + n->column[i].values.len;
	return bytes;
}

static void add_number(weir_str *s, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		weir_str_putc(s, (int)((v & 0x7f) | 0x80));
	weir_str_putc(s, (int)v);
}

static void reset(weir_str *s, size_t keep)
{
	size_t max = s->max;

	if (s->alloc > keep) {
		weir_str_free(s);
		weir_str_init(s, max);
	} else {
		weir_str_reset(s);
	}
}

/* Moves a stream to the block, so that the two are not in memory side by side for all columns. */
static weir_err move(weir_str *from, weir_str *out)
{
	weir_err err = weir_str_err(from);

	weir_str_text(out, weir_str_view(from));
	reset(from, COLUMN_KEEP);
	return err;
}

weir_err weir_native_block(weir_native *n, weir_str *out)
{
	weir_err err = WEIR_OK;

	weir_str_reserve(out, out->len + weir_native_bytes(n) + n->count * COLUMN_HEADER);
	add_number(out, n->count);
	add_number(out, n->rows);
	for (size_t i = 0; i < n->count && !err; i++) {
		struct column *c = &n->column[i];

		add_text(out, weir_text_of(n->spec[i].name));
		add_text(out, weir_text_of(types[n->spec[i].type].name));
		err = move(&c->head, out);
		if (!err)
			err = move(&c->data, out);
		if (!err)
			err = move(&c->values, out);
	}
	weir_native_reset(n);
	return err ? err : weir_str_err(out);
}

void weir_native_reset(weir_native *n)
{
	for (size_t i = 0; i < n->count; i++) {
		reset(&n->column[i].head, COLUMN_KEEP);
		reset(&n->column[i].data, COLUMN_KEEP);
		reset(&n->column[i].values, COLUMN_KEEP);
		n->column[i].items = 0;
	}
	n->rows = 0;
}
