#ifndef WEIR_INGEST_SPOOLFILE_H
#define WEIR_INGEST_SPOOLFILE_H
#include "base/str.h"
#include "ingest/call.h"
/*
 * What a spool file holds: "WEIRSPL1", then records one behind the other.
 *
 *   4 bytes   length of the payload, as all numbers with the lowest byte first
 *   4 bytes   CRC-32 (zlib's) of the sequence number and the payload
 *   8 bytes   sequence number, larger than that of the record before
 *   payload   MessagePack array: script's name, shard, server ms, token, number
 *             and deadline of a call in doubt ("" for none), keys, arguments
 *
 * A file's name is TIME-TOKEN.spool: when it was begun, in milliseconds of 13
 * digits, and the token under which its records are replayed.  TIME-TOKEN.bad
 * holds records that Redis refuses, in the same form.  TIME-TOKEN.begun is one
 * whose process does not hold the lock on it yet; no record is in it.
 */
#define WEIR_SPOOL_MAGIC "WEIRSPL1"
#define WEIR_SPOOL_BEGUN ".begun"
enum {
	WEIR_SPOOL_MAGIC_LEN = 8,
	WEIR_SPOOL_HEAD_LEN = 16,
	WEIR_SPOOL_RECORD_MAX = 64 * 1024 * 1024 /* of a payload */
};

/* Appends a record of the call to out. */
void weir_spool_pack(const struct weir_call *call, uint64_t seq, int64_t at_ms, weir_str *out);
/* The same with a payload of any bytes; for tests. */
void weir_spool_raw(weir_text payload, uint64_t seq, weir_str *out);

struct weir_spool_record {
	uint64_t seq;
	int64_t at_ms;
	size_t at, end;          /* where it lies in the file */
	weir_text script;        /* its name; the call's number is not looked up */
	struct weir_call call;   /* shard, keys, arguments, doubt; in the arena and the file's bytes */
};

/* Reads the bytes of a file, which stay the caller's. */
struct weir_spool_reader {
	weir_text bytes;
	size_t at;               /* behind what was read */
	uint64_t seq;            /* of the record before */
};

/* False when the bytes are not those of a spool file; a file cut off within its first eight bytes is one, and empty. */
bool weir_spool_reader_init(struct weir_spool_reader *r, weir_text bytes);

enum weir_spool_found {
	WEIR_SPOOL_RECORD,
	WEIR_SPOOL_DAMAGED,      /* record's at and end enclose bytes that cannot be read; what follows can */
	WEIR_SPOOL_TORN,         /* the same at the end of the file: a record that was never written to its end */
	WEIR_SPOOL_END,
	WEIR_SPOOL_NOMEM
};
/* The next record; mem holds its lists. After WEIR_SPOOL_TORN or WEIR_SPOOL_END nothing more comes. */
enum weir_spool_found weir_spool_read(struct weir_spool_reader *r, weir_arena *mem, struct weir_spool_record *out);
#endif
