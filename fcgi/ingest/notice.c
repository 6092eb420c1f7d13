/* Events that match rules become jobs. */
#include "config.h"
#include "ingest/notice.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "ingest/rowpack.h"

#include <stdlib.h>

enum {
	ITEMS_MAX = 50 * 1000,           /* of one batch */
	MEMORY_MAX = 64 * 1024 * 1024,
	JOB_MAX = 4 * 1024 * 1024,       /* a larger event makes no job */
	JOB_FIELDS = 9,
	SEED_MAX = 2048,
};

/* --------------------------------------------------------------------- jobs */

void weir_job_pack(const struct weir_job *job, weir_str *out)
{
	const weir_text text[] = { job->rule, job->project, job->target, job->title, job->message, job->payload };
	msgpack_packer pk;

	weir_rowpack_init(&pk, out);
	msgpack_pack_array(&pk, JOB_FIELDS);
	weir_pack_count(&pk, job->kind);
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		weir_pack_text(&pk, text[i]);
	weir_pack_time(&pk, job->created_ms);
	weir_pack_count(&pk, job->tries);
}

weir_err weir_job_unpack(weir_arena *mem, weir_text in, struct weir_job *job)
{
	weir_text *const text[] = { &job->rule, &job->project, &job->target, &job->title, &job->message, &job->payload };
	struct weir_unpack u;
	uint64_t kind;
	weir_err err;

	weir_unpack_init(&u, mem, in);
	if (weir_unpack_array(&u) != JOB_FIELDS)
		return WEIR_EBADREQ;
	kind = weir_unpack_count(&u);
	job->kind = (enum weir_job_kind)kind;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		*text[i] = weir_unpack_text(&u);
	job->created_ms = weir_unpack_int(&u);
	job->tries = weir_unpack_count(&u);
	err = weir_unpack_done(&u);
	return err ? err : kind < WEIR_JOB_KINDS ? WEIR_OK : WEIR_EBADREQ;
}

weir_text weir_job_id(weir_arena *mem, const char *what, weir_text from, weir_text target)
{
	char *text = weir_alloc(mem, WEIR_UUID_LEN + 1);
	uint8_t id[16];
	weir_str seed;

	weir_str_init(&seed, SEED_MAX);
	weir_str_puts(&seed, what);
	weir_str_putc(&seed, ':');
	weir_str_text(&seed, from);
	weir_str_putc(&seed, ':');
	weir_str_text(&seed, target);
	if (weir_str_err(&seed))
		text = NULL;
	if (text) {
		weir_uuid_of(weir_str_view(&seed), id);
		weir_uuid_text(id, text);
	}
	weir_str_free(&seed);
	return (weir_text){ text, text ? WEIR_UUID_LEN : 0 };
}

/* ------------------------------------------------------------------ notices */

weir_err weir_notices_init(weir_notices *n)
{
	*n = (weir_notices){ .mem = weir_arena_new(MEMORY_MAX) };
	return n->mem ? WEIR_OK : WEIR_ENOMEM;
}

void weir_notices_free(weir_notices *n)
{
	weir_arena_free(n->mem);
	free(n->item);
	*n = (weir_notices){ .mem = NULL };
}

void weir_notices_clear(weir_notices *n)
{
	if (n->lost)
		weir_log(LOG_WARNING, "notify", "lost=%zu error=\"more events match rules than one batch may report\"", n->lost);
	n->lost = n->count = 0;
	weir_arena_reset(n->mem);
}

static bool grow(weir_notices *n)
{
	size_t more = n->alloc ? n->alloc * 2 : 64;
	struct weir_notice *p;

	if (n->count < n->alloc)
		return true;
	p = n->count < ITEMS_MAX ? realloc(n->item, more * sizeof(*p)) : NULL;
	if (!p)
		return false;
	n->item = p;
	n->alloc = more;
	return true;
}

static void add(weir_notices *n, struct weir_entry_id entry, enum weir_job_kind kind, weir_text rule, const struct weir_event *e)
{
	struct weir_notice one = { .entry = entry };
	struct weir_job job = { .kind = kind, .rule = rule, .project = e->project_id, .created_ms = weir_now_ms() };
	char event_id[WEIR_UUID_LEN + 1];
	weir_str event, packed;

	weir_str_init(&event, JOB_MAX);
	weir_str_init(&packed, JOB_MAX);
	weir_event_pack(e, &event);
	job.payload = weir_str_view(&event);
	job.target = job.title = job.message = WEIR_TEXT("");
	if (!weir_str_err(&event))
		weir_job_pack(&job, &packed);
	weir_uuid_text(e->id, event_id);
	if (!weir_str_err(&event) && !weir_str_err(&packed) && grow(n)) {
		one.id = weir_job_id(n->mem, "match", weir_text_of(event_id), rule);
		one.job = weir_text_dup(n->mem, weir_str_view(&packed));
	}
	if (one.id.p && one.job.p)
		n->item[n->count++] = one;
	else
		n->lost++;
	weir_str_free(&packed);
	weir_str_free(&event);
}

void weir_notices_see(weir_notices *n, struct weir_entry_id id, const struct weir_event *event, size_t events)
{
	const struct weir_rule *rule;
	size_t rules = 0;

	if (!n->rules || !events)
		return;
	rule = weir_rules_of(n->rules, event[0].project_id, &rules);
	for (size_t e = 0; e < events && rules; e++) {
		bool funnels = false;

		if (event[e].imported_at)
			continue;
		for (size_t i = 0; i < rules; i++) {
			funnels |= rule[i].funnel;
			if (!rule[i].funnel && weir_conditions_find(&rule[i].events, 0, &event[e]) < rule[i].events.count)
				add(n, id, WEIR_JOB_MATCH, rule[i].id, &event[e]);
		}
		if (funnels && weir_text_is(event[e].name, "session_end"))
			add(n, id, WEIR_JOB_FUNNEL, WEIR_TEXT(""), &event[e]);
	}
}
