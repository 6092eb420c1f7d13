/* Days of a batch. */
#include "config.h"
#include "ingest/changed.h"

#include "base/clock.h"
#include "base/hash.h"

#include <stdlib.h>

enum { TEXTS_MAX = 16 * 1024 * 1024 };

void weir_changed_clear(weir_changed *c)
{
	c->count = 0;
	if (c->mem)
		weir_arena_reset(c->mem);
	if (c->place)
		memset(c->place, 0, c->places * sizeof(*c->place));
}

void weir_changed_free(weir_changed *c)
{
	weir_arena_free(c->mem);
	free(c->item);
	free(c->place);
	*c = (weir_changed){ .count = 0 };
}

/* Where it is, or would be put. */
static size_t *find(const weir_changed *c, weir_text project_id, int64_t day)
{
	size_t at = (weir_fnv1a(project_id) ^ (uint64_t)day * UINT64_C(0x9e3779b97f4a7c15)) & (c->places - 1);

	while (c->place[at]) {
		const struct weir_changed_day *one = &c->item[c->place[at] - 1];

		if (one->day == day && weir_text_eq(one->project_id, project_id))
			break;
		at = (at + 1) & (c->places - 1);
	}
	return &c->place[at];
}

/* Twice as many places as items, at least. */
static weir_err grow(weir_changed *c)
{
	size_t alloc = c->alloc ? c->alloc * 2 : 64;
	struct weir_changed_day *item = realloc(c->item, alloc * sizeof(*item));
	size_t *place;

	if (!item)
		return WEIR_ENOMEM;
	c->item = item;
	if (!c->mem)
		c->mem = weir_arena_new(TEXTS_MAX);
	place = calloc(2 * alloc, sizeof(*place));
	if (!place)
		return WEIR_ENOMEM;
	free(c->place);
	c->place = place;
	c->places = 2 * alloc;
	c->alloc = alloc;
	for (size_t i = 0; i < c->count; i++)
		*find(c, c->item[i].project_id, c->item[i].day) = i + 1;
	return WEIR_OK;
}

weir_err weir_changed_add(weir_changed *c, weir_text project_id, int64_t ms)
{
	int64_t day = weir_day_of(ms);
	weir_text copy;
	size_t *place;

	/* Most rows are of the same project and day as the one before them. */
	if (c->count && c->item[c->count - 1].day == day && weir_text_eq(c->item[c->count - 1].project_id, project_id))
		return WEIR_OK;
	if (c->count == c->alloc) {
		weir_err err = grow(c);

		if (err)
			return err;
	}
	place = find(c, project_id, day);
	if (*place)
		return WEIR_OK;
	copy = c->mem ? weir_text_dup(c->mem, project_id) : (weir_text){ NULL, 0 };
	if (!copy.p)
		return WEIR_ENOMEM;
	c->item[c->count++] = (struct weir_changed_day){ copy, day };
	*place = c->count;
	return WEIR_OK;
}

weir_err weir_changed_rows(weir_changed *c, const struct weir_entry_rows *rows)
{
	weir_err err = WEIR_OK;

	for (size_t i = 0; i < rows->events && !err; i++)
		err = weir_changed_add(c, rows->event[i].project_id, rows->event[i].created_at);
	if (!err && rows->has_after)
		err = weir_changed_add(c, rows->after.project_id, rows->after.created_at);
	if (!err && rows->has_before)
		err = weir_changed_add(c, rows->before.project_id, rows->before.created_at);
	return err;
}

weir_err weir_changed_tell(weir_changed *c, weir_redis *redis, const struct weir_conf *conf, unsigned shard)
{
	weir_err err = weir_changes_tell(redis, conf, shard, c->item, c->count, weir_now_ms());

	if (!err)
		weir_changed_clear(c);
	return err;
}
