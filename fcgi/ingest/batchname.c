/* Names and tokens of batches. */
#include "config.h"
#include "ingest/batchname.h"

#include "base/id.h"
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>

struct name {
	struct weir_entry_id first, last;
	size_t count;
	int64_t ms;
};

weir_text weir_batchname(const weir_entry_ids *ids, int64_t ms, char buf[WEIR_BATCHNAME_MAX])
{
	char first[WEIR_ENTRY_ID_MAX], last[WEIR_ENTRY_ID_MAX];
	int n;

	weir_entry_id_text(ids->id[0], first);
	weir_entry_id_text(ids->id[ids->count - 1], last);
	n = snprintf(buf, WEIR_BATCHNAME_MAX, "%s %s %zu %" PRId64, first, last, ids->count, ms);
	return (weir_text){ buf, (size_t)n };
}

static bool parse(weir_text t, struct name *name)
{
	weir_text word[4];
	uint64_t count;
	size_t n = 0;

	while (n < 4 && weir_text_next(&t, ' ', &word[n]))
		n++;
	if (n != 4 || !weir_entry_id_parse(word[0], &name->first) || !weir_entry_id_parse(word[1], &name->last) ||
	    weir_num_uint(word[2], &count) || weir_num_int(word[3], &name->ms))
		return false;
	name->count = (size_t)count;
	return true;
}

/* From the id at from on; false when the batch does not lie there whole. */
static bool find(const struct name *name, const weir_entry_ids *ids, size_t from, struct weir_named *named)
{
	size_t lo = from;

	while (lo < ids->count && weir_entry_id_cmp(ids->id[lo], name->first))
		lo++;
	*named = (struct weir_named){ lo, lo + name->count, name->ms };
	return name->count && name->count <= ids->count - lo && !weir_entry_id_cmp(ids->id[named->hi - 1], name->last);
}

size_t weir_batchname_find(weir_text names, const weir_entry_ids *ids, struct weir_named named[WEIR_BATCHNAMES])
{
	struct name name;
	weir_text line;
	size_t n = 0;

	while (n < WEIR_BATCHNAMES && weir_text_next(&names, '\n', &line))
		if (parse(line, &name) && find(&name, ids, n ? named[n - 1].hi : 0, &named[n]))
			n++;
	return n;
}

void weir_token_of(const struct weir_conf *conf, unsigned shard, const char *table, const struct weir_entry_id *ids, size_t count,
	char out[WEIR_TOKEN_MAX])
{
	char first[WEIR_ENTRY_ID_MAX], last[WEIR_ENTRY_ID_MAX];

	weir_entry_id_text(ids[0], first);
	weir_entry_id_text(ids[count - 1], last);
	snprintf(out, WEIR_TOKEN_MAX, "%.100s:%u:%s:%s:%s:%zu", conf->redis_prefix, shard, table, first, last, count);
}

weir_text weir_token_mark(const struct weir_conf *conf, unsigned shard, char out[WEIR_TOKEN_MAX])
{
	int n = snprintf(out, WEIR_TOKEN_MAX, "%.100s:%u:", conf->redis_prefix, shard);

	return (weir_text){ out, (size_t)n };
}

void weir_token_fresh(const struct weir_conf *conf, unsigned shard, char out[WEIR_TOKEN_MAX])
{
	uint8_t id[16];

	weir_uuid_new(id);
	weir_uuid_text(id, out + weir_token_mark(conf, shard, out).n);
}
