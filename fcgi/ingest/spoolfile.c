/* Records of spool files, in memory. */
#include "config.h"
#include "ingest/spoolfile.h"

#include "ingest/rowpack.h"

#include <zlib.h>

static void put_le(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

static uint64_t get_le(const char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | (uint8_t)p[n];
	return v;
}

/* Of the sequence number, the last eight bytes of the head, and the payload behind it. */
static uint32_t crc_of(const char *head, size_t length)
{
	return (uint32_t)crc32_z(crc32_z(0, NULL, 0), (const uint8_t *)head + 8, 8 + length);
}

/* Makes what follows the place of a head into a record. */
static void fill_head(weir_str *out, size_t at, uint64_t seq)
{
	uint8_t head[WEIR_SPOOL_HEAD_LEN];
	size_t length;

	if (out->err)
		return;
	length = out->len - at - sizeof(head);
	if (length > WEIR_SPOOL_RECORD_MAX) {
		out->err = WEIR_ELIMIT;
		return;
	}
	put_le(head, length, 4);
	put_le(head + 4, 0, 4);
	put_le(head + 8, seq, 8);
	memcpy(out->buf + at, head, sizeof(head));
	put_le(head + 4, crc_of(out->buf + at, length), 4);
	memcpy(out->buf + at, head, sizeof(head));
}

static size_t skip_head(weir_str *out)
{
	static const uint8_t head[WEIR_SPOOL_HEAD_LEN];
	size_t at = out->len;

	weir_str_add(out, head, sizeof(head));
	return at;
}

void weir_spool_raw(weir_text payload, uint64_t seq, weir_str *out)
{
	size_t at = skip_head(out);

	weir_str_text(out, payload);
	fill_head(out, at, seq);
}

void weir_spool_pack(const struct weir_call *call, uint64_t seq, int64_t at_ms, weir_str *out)
{
	size_t at = skip_head(out);
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, 8);
	weir_pack_text(&pk, weir_text_of(weir_script_name(call->script)));
	weir_pack_count(&pk, call->shard);
	weir_pack_time(&pk, at_ms);
	weir_pack_text(&pk, weir_text_of(call->doubt.token));
	weir_pack_count(&pk, call->doubt.counter);
	weir_pack_time(&pk, call->doubt.deadline_ms);
	weir_pack_texts(&pk, (weir_texts){ call->keys, call->nkeys });
	weir_pack_texts(&pk, (weir_texts){ call->args, call->nargs });
	fill_head(out, at, seq);
}

bool weir_spool_reader_init(struct weir_spool_reader *r, weir_text bytes)
{
	size_t n = bytes.n < WEIR_SPOOL_MAGIC_LEN ? bytes.n : WEIR_SPOOL_MAGIC_LEN;

	*r = (struct weir_spool_reader){ .bytes = bytes, .at = n };
	return !n || !memcmp(bytes.p, WEIR_SPOOL_MAGIC, n);
}

/* The length of the whole record at p, of which n bytes are there; 0 when none begins there. */
static size_t record_at(const char *p, size_t n, uint64_t after)
{
	uint64_t length;

	if (n < WEIR_SPOOL_HEAD_LEN)
		return 0;
	length = get_le(p, 4);
	if (length > WEIR_SPOOL_RECORD_MAX || length > n - WEIR_SPOOL_HEAD_LEN || get_le(p + 8, 8) <= after ||
		get_le(p + 4, 4) != crc_of(p, (size_t)length))
		return 0;
	return WEIR_SPOOL_HEAD_LEN + (size_t)length;
}

static weir_err unpack(weir_arena *mem, weir_text payload, struct weir_spool_record *out)
{
	struct weir_call *call = &out->call;
	struct weir_unpack u;
	weir_texts keys, args;
	weir_text token;
	uint64_t shard;
	weir_err err;

	*call = (struct weir_call){ .err = WEIR_EUNAVAIL };
	weir_unpack_init(&u, mem, payload);
	if (weir_unpack_array(&u) != 8)
		return WEIR_EBADREQ;
	out->script = weir_unpack_text(&u);
	shard = weir_unpack_count(&u);
	out->at_ms = weir_unpack_int(&u);
	token = weir_unpack_text(&u);
	call->doubt.counter = weir_unpack_count(&u);
	call->doubt.deadline_ms = weir_unpack_int(&u);
	keys = weir_unpack_texts(&u);
	args = weir_unpack_texts(&u);
	err = weir_unpack_done(&u);
	if (err)
		return err;
	if (shard > UINT16_MAX || token.n >= sizeof(call->doubt.token) || keys.count > WEIR_CALL_ARGS_MAX ||
		args.count > WEIR_CALL_ARGS_MAX - keys.count)
		return WEIR_EBADREQ;
	call->shard = (unsigned)shard;
	call->keys = keys.item;
	call->nkeys = keys.count;
	call->args = args.item;
	call->nargs = args.count;
	if (token.n)
		memcpy(call->doubt.token, token.p, token.n);
	return WEIR_OK;
}

/*
 * Behind bytes that are no record: the next place where one begins, or the end.
 * After a power cut the end of a file may be anything; it was answered to nobody.
 */
static enum weir_spool_found skip(struct weir_spool_reader *r, struct weir_spool_record *out)
{
	size_t at = r->at + 1;

	while (at < r->bytes.n && !record_at(r->bytes.p + at, r->bytes.n - at, r->seq))
		at++;
	out->at = r->at;
	out->end = r->at = at < r->bytes.n ? at : r->bytes.n;
	return at < r->bytes.n ? WEIR_SPOOL_DAMAGED : WEIR_SPOOL_TORN;
}

enum weir_spool_found weir_spool_read(struct weir_spool_reader *r, weir_arena *mem, struct weir_spool_record *out)
{
	const char *p = r->bytes.p + r->at;
	size_t n;
	weir_err err;

	*out = (struct weir_spool_record){ .at = r->at, .end = r->at };
	if (r->at == r->bytes.n)
		return WEIR_SPOOL_END;
	n = record_at(p, r->bytes.n - r->at, r->seq);
	if (!n)
		return skip(r, out);
	out->seq = get_le(p + 8, 8);
	err = unpack(mem, (weir_text){ p + WEIR_SPOOL_HEAD_LEN, n - WEIR_SPOOL_HEAD_LEN }, out);
	if (err == WEIR_ENOMEM)
		return WEIR_SPOOL_NOMEM;
	r->at += n;
	r->seq = out->seq;
	out->end = r->at;
	return err ? WEIR_SPOOL_DAMAGED : WEIR_SPOOL_RECORD;
}
