/* From an entry of the stream to rows. */
#include "config.h"
#include "ingest/rows.h"

#include "base/id.h"
#include "base/num.h"

#include <math.h>
#include <stdio.h>

enum {
	START_BEFORE_MS = 100, /* session_start lies so long before its event */
	END_AFTER_MS = 1000,   /* session_end so long after the last one */
	SEED_MAX = 1024,
	SKIP_START = 1,        /* field f of an entry */
	SKIP_EVENT = 2,
};

#define OVERRIDE(mine, theirs) ((theirs).n ? (theirs) : (mine))

/* An event of a browser or app: of its session it takes the ids, and the referrer where that has one. */
static void join_client_event(struct weir_event *e, const struct weir_session *s)
{
	e->referrer = OVERRIDE(e->referrer, s->fixed.referrer);
	e->referrer_name = OVERRIDE(e->referrer_name, s->fixed.referrer_name);
	e->referrer_type = OVERRIDE(e->referrer_type, s->fixed.referrer_type);
}

/* Where a session was and by what means, as the columns of an event. */
static void take_place(struct weir_event *e, const struct weir_session *s)
{
	e->path = s->exit_path;
	e->origin = s->exit_origin;
	e->referrer = s->fixed.referrer;
	e->referrer_name = s->fixed.referrer_name;
	e->referrer_type = s->fixed.referrer_type;
#define TAKE(column) (e->column = s->fixed.column)
	TAKE(country);
	TAKE(city);
	TAKE(region);
	TAKE(longitude);
	TAKE(latitude);
	TAKE(os);
	TAKE(os_version);
	TAKE(browser);
	TAKE(browser_version);
	TAKE(device);
	TAKE(brand);
	TAKE(model);
#undef TAKE
}

static void make_start(struct weir_event *start, const struct weir_event *e)
{
	char seed[WEIR_UUID_LEN + sizeof(":start")];

	*start = *e;
	weir_uuid_text(e->id, seed);
	memcpy(seed + WEIR_UUID_LEN, ":start", sizeof(":start"));
	weir_uuid_of(weir_text_of(seed), start->id);
	start->name = WEIR_TEXT("session_start");
	start->created_at = e->created_at - START_BEFORE_MS;
	start->revenue = 0;
}

static weir_err make_end(weir_arena *mem, struct weir_event *end, const struct weir_session *s)
{
	struct weir_pair *bounce = weir_alloc_n(mem, 1, sizeof(*bounce));
	weir_str seed;
	weir_err err;

	if (!bounce)
		return WEIR_ENOMEM;
	*bounce = (struct weir_pair){ WEIR_TEXT("__bounce"), s->is_bounce ? WEIR_TEXT("true") : WEIR_TEXT("false") };
	*end = (struct weir_event){
		.name = WEIR_TEXT("session_end"),
		.sdk_name = s->fixed.sdk_name,
		.sdk_version = s->fixed.sdk_version,
		.device_id = s->device_id,
		.profile_id = s->profile_id,
		.project_id = s->project_id,
		.session_id = s->id,
		.groups = s->groups,
		.duration = weir_session_duration(s),
		.properties = { bounce, 1 },
		.created_at = s->ended_at + END_AFTER_MS,
	};
	take_place(end, s);
	weir_str_init(&seed, SEED_MAX);
	weir_str_text(&seed, s->project_id);
	weir_str_putc(&seed, ':');
	weir_str_text(&seed, s->id);
	weir_str_addf(&seed, ":%llu:end", (unsigned long long)s->version);
	err = weir_str_err(&seed);
	if (!err)
		weir_uuid_of(weir_str_view(&seed), end->id);
	weir_str_free(&seed);
	return err;
}

static weir_err read_replay(weir_arena *mem, weir_text ev, struct weir_entry_rows *rows)
{
	rows->replays = 1;
	return weir_replay_row_unpack(mem, ev, &rows->replay);
}

static weir_err read_bot(weir_arena *mem, weir_text ev, struct weir_entry_rows *rows)
{
	rows->bots = 1;
	return weir_bot_row_unpack(mem, ev, &rows->bot);
}

/* Which parts an entry of each kind brings: it is damaged when one is missing, or one too many is there. */
static const struct kind {
	char kind;
	bool ev, s, o, s_optional;
	weir_err (*plain)(weir_arena *mem, weir_text ev, struct weir_entry_rows *rows); /* ev is no event, but a row of another table */
} kinds[] = {
	{ 'n', true, true, false, false, NULL },
	{ 'x', true, true, true, false, NULL },
	{ 'b', true, true, true, false, NULL },
	{ '-', true, false, false, true, NULL },
	{ 'e', false, false, true, false, NULL },
	{ 'r', true, false, false, false, read_replay },
	{ 't', true, false, false, false, read_bot },
};

static const struct kind *kind_of(const struct weir_entry *entry)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct kind *k = &kinds[i];

		if (k->kind != entry->kind)
			continue;
		if (k->ev != (entry->ev.p != NULL) || k->o != (entry->o.p != NULL))
			return NULL;
		return k->s == (entry->s.p != NULL) || k->s_optional ? k : NULL;
	}
	return NULL;
}

static weir_err unpack_all(weir_arena *mem, const struct weir_entry *entry, struct weir_event *e, struct weir_entry_rows *rows,
	const char **why)
{
	weir_err err = WEIR_OK;

	*why = "the event (field ev) is damaged or of a newer version";
	if (entry->ev.p)
		err = weir_event_unpack(mem, entry->ev, e);
	if (!err && entry->s.p) {
		*why = "the session (field s) is damaged or of a newer version";
		err = weir_session_unpack(mem, entry->s, &rows->after);
	}
	if (!err && entry->o.p) {
		*why = "the session before (field o) is damaged or of a newer version";
		err = weir_session_unpack(mem, entry->o, &rows->before);
	}
	return err;
}

static void spend(struct weir_entry_rows *rows, const struct weir_session *s, int64_t until)
{
	struct weir_page_time *page = &rows->page[rows->pages];

	if (s->last_view.n != sizeof(page->id) || s->last_view_at < 0 || until <= s->last_view_at)
		return;
	*page = (struct weir_page_time){ .project_id = s->project_id, .at = s->last_view_at, .spent = until - s->last_view_at };
	memcpy(page->id, s->last_view.p, sizeof(page->id));
	rows->pages++;
}

/* A screen view that is late changes nothing: the session's last one stays the last. */
static void spend_times(char kind, struct weir_entry_rows *rows)
{
	const struct weir_session *before = &rows->before, *after = &rows->after;

	if (kind == 'b' || kind == 'e')
		spend(rows, before, before->ended_at);
	if (kind != 'x')
		return;
	if (!weir_text_eq(before->last_view, after->last_view))
		spend(rows, before, after->last_view_at);
	if (after->ended) /* an event that came after the session's end */
		spend(rows, after, after->ended_at);
}

weir_err weir_rows_of_entry(weir_arena *mem, const struct weir_entry *entry, struct weir_entry_rows *rows, const char **why)
{
	const struct kind *kind = kind_of(entry);
	struct weir_event e;
	weir_err err;

	*why = "the fields of the entry do not go together";
	*rows = (struct weir_entry_rows){ 0 };
	if (!kind)
		return WEIR_EBADREQ;
	if (kind->plain) {
		*why = "the row (field ev) is damaged or of a newer version";
		return kind->plain(mem, entry->ev, rows);
	}
	err = unpack_all(mem, entry, &e, rows, why);
	if (err)
		return err;
	if (kind->kind == 'b' || kind->kind == 'e') {
		*why = "the session's ids are too long";
		err = make_end(mem, &rows->event[rows->events++], &rows->before);
		if (err)
			return err == WEIR_ELIMIT ? WEIR_EBADREQ : err;
	}
	if (kind->ev) {
		if (entry->s.p) {
			e.session_id = rows->after.id;
			e.device_id = rows->after.device_id;
			if (kind->kind == '-') /* a server event; what it says of itself is about a server */
				take_place(&e, &rows->after);
			else
				join_client_event(&e, &rows->after);
		}
		if (!e.profile_id.n)
			e.profile_id = e.device_id;
		if ((kind->kind == 'n' || kind->kind == 'b') && !(entry->skip & SKIP_START))
			make_start(&rows->event[rows->events++], &e);
		if (!(entry->skip & SKIP_EVENT))
			rows->event[rows->events++] = e;
	}
	rows->has_after = kind->s;
	rows->has_before = kind->kind == 'x';
	if (!entry->only.p)
		spend_times(kind->kind, rows);
	if (weir_text_is(entry->only, "events"))
		rows->has_after = rows->has_before = false;
	else if (weir_text_is(entry->only, "sessions"))
		rows->events = 0;
	return WEIR_OK;
}
