/* MessagePack and JSON of the column kinds of events and sessions. */
#include "config.h"
#include "ingest/rowpack.h"

#include "base/clock.h"
#include "base/id.h"

#include <math.h>

static int append(void *data, const char *p, size_t n)
{
	weir_str_add(data, p, n);
	return 0; /* the string latches its own failure */
}

void weir_rowpack_init(msgpack_packer *pk, weir_str *out)
{
	msgpack_packer_init(pk, out, append);
}

void weir_pack_uuid(msgpack_packer *pk, const uint8_t id[16])
{
	msgpack_pack_bin(pk, 16);
	msgpack_pack_bin_body(pk, id, 16);
}

/* Most of what is packed: short texts with one append instead of two. */
void weir_pack_text(msgpack_packer *pk, weir_text v)
{
	enum { FIXSTR = 0xa0, FIXSTR_MAX = 31 };
	char both[1 + FIXSTR_MAX];

	if (v.n <= FIXSTR_MAX) {
		both[0] = (char)(FIXSTR | v.n);
		if (v.n)
			memcpy(both + 1, v.p, v.n);
		weir_str_add(pk->data, both, 1 + v.n);
		return;
	}
	msgpack_pack_str(pk, v.n);
	msgpack_pack_str_body(pk, v.p, v.n);
}

void weir_pack_texts(msgpack_packer *pk, weir_texts v)
{
	msgpack_pack_array(pk, v.count);
	for (size_t i = 0; i < v.count; i++)
		weir_pack_text(pk, v.item[i]);
}

void weir_pack_count(msgpack_packer *pk, uint64_t v)
{
	msgpack_pack_uint64(pk, v);
}

void weir_pack_map(msgpack_packer *pk, weir_map v)
{
	msgpack_pack_array(pk, v.count * 2);
	for (size_t i = 0; i < v.count; i++) {
		weir_pack_text(pk, v.item[i].key);
		weir_pack_text(pk, v.item[i].value);
	}
}

void weir_pack_time(msgpack_packer *pk, int64_t v)
{
	msgpack_pack_int64(pk, v);
}

void weir_pack_degrees(msgpack_packer *pk, double v)
{
	if (isfinite(v))
		msgpack_pack_double(pk, v);
	else
		msgpack_pack_nil(pk);
}

void weir_pack_bool(msgpack_packer *pk, bool v)
{
	if (v)
		msgpack_pack_true(pk);
	else
		msgpack_pack_false(pk);
}

/* ------------------------------------------------------------------ reading */

void weir_unpack_init(struct weir_unpack *u, weir_arena *mem, weir_text in)
{
	*u = (struct weir_unpack){ .mem = mem };
	u->p = (const uint8_t *)(in.n ? in.p : "");
	u->end = u->p + in.n;
}

static void fail(struct weir_unpack *u, weir_err err)
{
	if (!u->bad)
		u->err = err;
	u->bad = true;
	u->p = u->end;
}

/* The next n bytes, or NULL (latched) when there are fewer. */
static const uint8_t *take(struct weir_unpack *u, size_t n)
{
	const uint8_t *p = u->p;

	if (u->bad || (size_t)(u->end - p) < n) {
		fail(u, WEIR_EBADREQ);
		return NULL;
	}
	u->p += n;
	return p;
}

static uint64_t take_be(struct weir_unpack *u, size_t n)
{
	const uint8_t *p = take(u, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* The first byte of a value; 0xc1, which MessagePack never uses, when there is none. */
static int take_tag(struct weir_unpack *u)
{
	const uint8_t *p = take(u, 1);

	return p ? *p : 0xc1;
}

size_t weir_unpack_array(struct weir_unpack *u)
{
	int tag = take_tag(u);
	uint64_t n;

	if ((tag & 0xf0) == 0x90)
		n = (uint64_t)(tag & 0x0f);
	else if (tag == 0xdc)
		n = take_be(u, 2);
	else if (tag == 0xdd)
		n = take_be(u, 4);
	else if (tag == 0x80)
		n = 0; /* Lua has one empty table: its packer may write it as an empty map */
	else {
		fail(u, WEIR_EBADREQ);
		return 0;
	}
	if (n > (size_t)(u->end - u->p)) { /* an item is a byte at least */
		fail(u, WEIR_EBADREQ);
		return 0;
	}
	return (size_t)n;
}

weir_text weir_unpack_text(struct weir_unpack *u)
{
	int tag = take_tag(u);
	size_t n;
	const uint8_t *p;

	if ((tag & 0xe0) == 0xa0)
		n = (size_t)(tag & 0x1f);
	else if (tag == 0xd9 || tag == 0xc4)
		n = (size_t)take_be(u, 1);
	else if (tag == 0xda || tag == 0xc5)
		n = (size_t)take_be(u, 2);
	else if (tag == 0xdb || tag == 0xc6)
		n = (size_t)take_be(u, 4);
	else {
		fail(u, WEIR_EBADREQ);
		return WEIR_TEXT("");
	}
	p = take(u, n);
	return p ? (weir_text){ (const char *)p, n } : WEIR_TEXT("");
}

void weir_unpack_uuid(struct weir_unpack *u, uint8_t out[16])
{
	weir_text t = weir_unpack_text(u);

	memset(out, 0, 16);
	if (t.n == 16)
		memcpy(out, t.p, 16);
	else
		fail(u, WEIR_EBADREQ);
}

weir_text weir_unpack_country(struct weir_unpack *u)
{
	weir_text t = weir_unpack_text(u);

	if (t.n != 0 && t.n != 2)
		fail(u, WEIR_EBADREQ);
	return t;
}

weir_texts weir_unpack_texts(struct weir_unpack *u)
{
	weir_texts v = { NULL, weir_unpack_array(u) };

	if (v.count)
		v.item = weir_alloc_n(u->mem, v.count, sizeof(*v.item));
	if (v.count && !v.item) {
		fail(u, WEIR_ENOMEM);
		v.count = 0;
	}
	for (size_t i = 0; i < v.count; i++)
		v.item[i] = weir_unpack_text(u);
	return v;
}

weir_map weir_unpack_map(struct weir_unpack *u)
{
	size_t n = weir_unpack_array(u);
	weir_map v = { NULL, n / 2 };

	if (n % 2)
		fail(u, WEIR_EBADREQ);
	if (v.count)
		v.item = weir_alloc_n(u->mem, v.count, sizeof(*v.item));
	if (v.count && !v.item) {
		fail(u, WEIR_ENOMEM);
		v.count = 0;
	}
	for (size_t i = 0; i < v.count; i++) {
		v.item[i].key = weir_unpack_text(u);
		v.item[i].value = weir_unpack_text(u);
	}
	return v;
}

/* A number in whichever form it has: exactly one of the three is meant. */
struct number {
	enum { NUM_UNSIGNED, NUM_NEGATIVE, NUM_FLOAT, NUM_NIL } kind;
	uint64_t u;
	int64_t i;
	double d;
};

static struct number of_signed(int64_t v)
{
	if (v < 0)
		return (struct number){ .kind = NUM_NEGATIVE, .i = v };
	return (struct number){ .kind = NUM_UNSIGNED, .u = (uint64_t)v };
}

static struct number of_bits(struct weir_unpack *u, size_t n)
{
	uint64_t bits = take_be(u, n);
	uint32_t low = (uint32_t)bits;
	struct number v = { .kind = NUM_FLOAT };
	float f;

	if (n == 8) {
		memcpy(&v.d, &bits, 8);
	} else {
		memcpy(&f, &low, 4);
		v.d = (double)f;
	}
	return v;
}

static struct number take_number(struct weir_unpack *u)
{
	int tag = take_tag(u);

	if (tag < 0x80)
		return of_signed(tag);
	if (tag >= 0xe0)
		return of_signed(tag - 256);
	switch (tag) {
	case 0xc0:
		return (struct number){ .kind = NUM_NIL };
	case 0xca:
		return of_bits(u, 4);
	case 0xcb:
		return of_bits(u, 8);
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		return (struct number){ .kind = NUM_UNSIGNED, .u = take_be(u, (size_t)1 << (tag - 0xcc)) };
	case 0xd0:
		return of_signed((int8_t)take_be(u, 1));
	case 0xd1:
		return of_signed((int16_t)take_be(u, 2));
	case 0xd2:
		return of_signed((int32_t)take_be(u, 4));
	case 0xd3:
		return of_signed((int64_t)take_be(u, 8));
	}
	fail(u, WEIR_EBADREQ);
	return (struct number){ .kind = NUM_UNSIGNED };
}

uint64_t weir_unpack_count(struct weir_unpack *u)
{
	struct number v = take_number(u);

	/* 2^64 as a double is the first value that does not fit. */
	if (v.kind == NUM_FLOAT && v.d >= 0 && v.d < 18446744073709551616.0 && v.d == floor(v.d))
		return (uint64_t)v.d;
	if (v.kind != NUM_UNSIGNED)
		fail(u, WEIR_EBADREQ);
	return v.u;
}

int64_t weir_unpack_int(struct weir_unpack *u)
{
	struct number v = take_number(u);

	if (v.kind == NUM_NEGATIVE)
		return v.i;
	if (v.kind == NUM_FLOAT && v.d >= -9223372036854775808.0 && v.d < 9223372036854775808.0 && v.d == floor(v.d))
		return (int64_t)v.d;
	if (v.kind != NUM_UNSIGNED || v.u > INT64_MAX) {
		fail(u, WEIR_EBADREQ);
		return 0;
	}
	return (int64_t)v.u;
}

double weir_unpack_number(struct weir_unpack *u)
{
	struct number v = take_number(u);

	switch (v.kind) {
	case NUM_UNSIGNED:
		return (double)v.u;
	case NUM_NEGATIVE:
		return (double)v.i;
	case NUM_FLOAT:
		return v.d;
	case NUM_NIL:
		break;
	}
	return (double)NAN;
}

bool weir_unpack_bool(struct weir_unpack *u)
{
	int tag = take_tag(u);

	if (tag != 0xc2 && tag != 0xc3)
		fail(u, WEIR_EBADREQ);
	return tag == 0xc3;
}

weir_err weir_unpack_done(const struct weir_unpack *u)
{
	if (u->bad)
		return u->err;
	return u->p == u->end ? WEIR_OK : WEIR_EBADREQ;
}

/* --------------------------------------------------------------------- JSON */

void weir_row_json_uuid(weir_json *j, const char *key, const uint8_t id[16])
{
	char text[WEIR_UUID_LEN + 1];

	weir_uuid_text(id, text);
	weir_json_strz(j, key, text);
}

void weir_row_json_text(weir_json *j, const char *key, weir_text v)
{
	weir_json_str(j, key, v.p ? v : WEIR_TEXT(""));
}

void weir_row_json_texts(weir_json *j, const char *key, weir_texts v)
{
	weir_json_arr(j, key);
	for (size_t i = 0; i < v.count; i++)
		weir_row_json_text(j, NULL, v.item[i]);
	weir_json_end(j);
}

void weir_row_json_count(weir_json *j, const char *key, uint64_t v)
{
	weir_json_uint(j, key, v);
}

void weir_row_json_map(weir_json *j, const char *key, weir_map v)
{
	weir_json_obj(j, key);
	for (size_t i = 0; i < v.count; i++) {
		weir_json_key(j, v.item[i].key);
		weir_row_json_text(j, NULL, v.item[i].value);
	}
	weir_json_end(j);
}

void weir_row_json_time(weir_json *j, const char *key, int64_t v)
{
	char buf[WEIR_CLOCK_MAX];

	weir_json_str(j, key, weir_clock_sql(v, buf));
}

void weir_row_json_degrees(weir_json *j, const char *key, double v)
{
	weir_json_num(j, key, v);
}

void weir_row_json_seconds(weir_json *j, const char *key, int64_t v)
{
	char buf[WEIR_CLOCK_MAX];
	weir_text t;

	if (!v || v > INT64_MAX / 1000 || v < INT64_MIN / 1000) {
		weir_json_null(j, key);
		return;
	}
	t = weir_clock_sql(v * 1000, buf);
	if (t.n > 4)
		t.n -= 4; /* a DateTime has no milliseconds */
	weir_json_str(j, key, t);
}
