/* The row of a robot as MessagePack and as JSON. */
#include "config.h"
#include "ingest/botrow.h"

#include "ingest/rowpack.h"

#define X(name, kind) +1
enum { COLUMNS = WEIR_BOT_COLUMNS(X) };
#undef X

void weir_bot_row_pack(const struct weir_bot_row *row, weir_str *out)
{
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, COLUMNS);
#define X(name, kind) WEIR_PACK_##kind(&pk, row->name);
	WEIR_BOT_COLUMNS(X)
#undef X
}

weir_err weir_bot_row_unpack(weir_arena *mem, weir_text in, struct weir_bot_row *row)
{
	struct weir_unpack u;
	size_t left;

	weir_unpack_init(&u, mem, in);
	left = weir_unpack_array(&u);
	/* Without id and project there is nothing to store, and a longer array holds what this version cannot keep. */
	if (left < 2 || left > COLUMNS)
		return u.err ? u.err : WEIR_EBADREQ;
#define X(name, kind)                                    \
	if (left) {                                      \
		WEIR_UNPACK_##kind(&u, row->name);       \
		left--;                                  \
	} else {                                         \
		WEIR_EMPTY_##kind(row->name);            \
	}
	WEIR_BOT_COLUMNS(X)
#undef X
	return weir_unpack_done(&u);
}

void weir_bot_row_json(weir_json *j, const char *key, const struct weir_bot_row *row)
{
	weir_json_obj(j, key);
#define X(name, kind) WEIR_JSON_##kind(j, #name, row->name);
	WEIR_BOT_COLUMNS(X)
#undef X
	weir_json_end(j);
}
