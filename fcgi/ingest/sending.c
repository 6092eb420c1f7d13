/* A batch on its way. */
#include "config.h"
#include "ingest/sending.h"

#include "base/clock.h"

enum {
	BLOCK_MAX = 512 * 1024 * 1024,
	KEEP_BLOCK = 64 * 1024,        /* of a block's buffer between batches */
};

void weir_block_init(weir_str *block)
{
	weir_str_init(block, BLOCK_MAX);
}

void weir_block_trim(weir_str *block)
{
	if (block->alloc > KEEP_BLOCK)
		weir_str_free(block);
	weir_str_reset(block);
}

weir_err weir_sending_init(struct weir_sending *s)
{
	for (int t = 0; t < WEIR_TABLES; t++)
		weir_block_init(&s->block[t]);
	s->flight = NULL;
	s->loads = 0;
	return weir_dues_init(&s->dues);
}

static void land(struct weir_sending *s)
{
	if (s->flight)
		weir_ch_load_end(s->flight, s->load);
	s->flight = NULL;
	for (int t = 0; t < WEIR_TABLES; t++)
		weir_block_trim(&s->block[t]);
}

void weir_sending_free(struct weir_sending *s)
{
	land(s);
	for (int t = 0; t < WEIR_TABLES; t++)
		weir_str_free(&s->block[t]);
	weir_dues_free(&s->dues);
}

weir_text weir_sending_call(struct weir_sending *s, const weir_batch *b)
{
	return weir_batchname(&b->ids, weir_now_ms(), s->name);
}

weir_err weir_sending_start(struct weir_sending *s, const struct weir_conf *conf, unsigned shard, weir_ch *ch,
	const weir_str insert[WEIR_TABLES], weir_batch *b)
{
	struct weir_dues *p = &s->dues;
	weir_err err;

	weir_dues_take(p, b);
	err = weir_str_err(&p->pages);
	s->loads = 0;
	for (int t = 0; t < WEIR_TABLES && !err; t++) {
		weir_block_trim(&s->block[t]);
		err = weir_batch_block(b, (enum weir_table)t, &s->block[t], &p->rows[t]);
		if (err || !p->rows[t])
			continue;
		weir_token_of(conf, shard, weir_table_name((enum weir_table)t), p->ids.id, p->ids.count, s->token[t]);
		s->table[s->loads] = (enum weir_table)t;
		s->load[s->loads++] = (struct weir_ch_load){ .statement = insert[t].buf, .data = weir_str_view(&s->block[t]),
			.token = s->token[t] };
	}
	weir_batch_clear(b);
	p->started_ms = weir_monotonic_ms();
	s->flight = !err && s->loads ? weir_ch_load_start(ch, s->load, s->loads) : NULL;
	return !err && s->loads && !s->flight ? WEIR_ENOMEM : err;
}

bool weir_sending_step(struct weir_sending *s, int wait_ms)
{
	if (!s->flight || weir_ch_flight_step(s->flight, wait_ms))
		return true;
	/* ClickHouse has most of the time what it executes: the next batch finds room meanwhile. */
	for (size_t i = 0; i < s->loads; i++)
		if (weir_ch_load_taken(s->flight, i))
			weir_block_trim(&s->block[s->table[i]]);
	return false;
}

weir_err weir_sending_end(struct weir_sending *s, const char **why)
{
	land(s);
	for (size_t i = 0; i < s->loads; i++)
		if (s->load[i].err) {
			*why = s->load[i].error;
			return s->load[i].err;
		}
	return WEIR_OK;
}
