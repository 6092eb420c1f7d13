/* Any body for /track: what is taken becomes a row that can be read back and that every column can hold. */
#include "config.h"
#include "base/utf8.h"
#include "ingest/compose.h"
#include "ingest/digest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1785585600000)

/* ClickHouse takes these texts; JSON among them would have to be UTF-8 without NUL. */
static void check_text(weir_text t)
{
	if (!weir_utf8_valid(t) || (t.n && memchr(t.p, 0, t.n)))
		abort();
}

static void check_row(weir_arena *a, const struct weir_event *e)
{
	struct weir_event again;
	weir_str packed;

	check_text(e->name);
	check_text(e->profile_id);
	check_text(e->path);
	check_text(e->referrer);
	for (size_t i = 0; i < e->properties.count; i++) {
		check_text(e->properties.item[i].key);
		check_text(e->properties.item[i].value);
	}
	weir_str_init(&packed, 64 << 20);
	weir_event_pack(e, &packed);
	if (weir_str_err(&packed) || weir_event_unpack(a, weir_str_view(&packed), &again))
		abort();
	if (!weir_text_eq(e->name, again.name) || e->properties.count != again.properties.count || e->revenue != again.revenue)
		abort();
	weir_str_free(&packed);
}

static void compose(weir_arena *a, const struct weir_track_event *said)
{
	struct weir_visit visit = { .when = weir_event_time_of(weir_jsonr_get(said->properties, "__timestamp"), NOW),
		.agent = { .os = WEIR_TEXT("Linux"), .device = WEIR_TEXT("desktop") } };
	struct weir_composed made;
	const char *why;

	if (!weir_compose(a, said, &visit, WEIR_TEXT("p"), &made, &why))
		check_row(a, &made.event);
	(void)weir_device_override(said->properties);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static weir_arena *a;
	const void *p = data;
	struct weir_track_input in;
	struct weir_track_event said;
	char digest[WEIR_DIGEST_LEN + 1];
	json_object *o;
	weir_str issues;

	if (!a)
		a = weir_arena_new(64 << 20);
	weir_arena_reset(a);
	weir_str_init(&issues, 32 * 1024);
	if (weir_jsonr_parse(a, (weir_text){ p, size }, WEIR_JSONR_REFUSE_PROTO | WEIR_JSONR_DROP_SURROGATES | WEIR_JSONR_SMALL, &o, NULL) == WEIR_OK) {
		weir_err err = weir_track_input_read(a, o, false, &in, &issues);

		if (err == WEIR_EBADREQ && !issues.len)
			abort();
		if (!err && in.type == WEIR_TRACK_EVENT && !weir_track_event_read(a, in.payload, &said, &issues))
			compose(a, &said);
		if (weir_request_digest(a, o, NULL, 0, digest))
			abort();
	}
	weir_str_free(&issues);
	return 0;
}
