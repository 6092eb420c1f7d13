/* The schemas of /track: every line of track-input.tsv is a body and the sentences about it. */
#include "config.h"
#include "ingest/track_input.h"

#include "tap.h"

#include <stdlib.h>

static const char *judge(weir_arena *mem, weir_text body, weir_str *out)
{
	struct weir_track_input in;
	struct weir_track_event e;
	json_object *o = NULL;
	weir_err err = weir_jsonr_parse(mem, body, WEIR_JSONR_REFUSE_PROTO, &o, NULL);

	weir_str_reset(out);
	if (err)
		return "not JSON";
	err = weir_track_input_read(mem, o, false, &in, out);
	if (!err && in.type == WEIR_TRACK_EVENT)
		err = weir_track_event_read(mem, in.payload, &e, out);
	return err == WEIR_OK ? "OK" : err == WEIR_EBADREQ ? out->buf : weir_err_text(err);
}

static void table(weir_arena *mem, weir_str *out)
{
	const char *dir = getenv("srcdir");
	char path[1024], *line = NULL, *tab;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/unit/track-input.tsv", dir ? dir : ".");
	f = fopen(path, "r");
	ok(f, "track-input.tsv is there");
	while (f && (n = getline(&line, &cap, f)) > 0) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		tab = *line == '#' ? NULL : strchr(line, '\t');
		if (!tab)
			continue;
		is(judge(mem, (weir_text){ line, (size_t)(tab - line) }, out), tab + 1, line);
		weir_arena_reset(mem);
	}
	free(line);
	if (f)
		fclose(f);
}

static void event(weir_arena *mem, weir_str *out)
{
	weir_text body = WEIR_TEXT("{\"type\":\"track\",\"payload\":{\"name\":\"revenue\",\"profileId\":1.5,\"groups\":[\"a\",\"b\"],"
		"\"properties\":{\"__revenue\":9007199254740993}},\"clientId\":\"c\"}");
	struct weir_track_input in;
	struct weir_track_event e;
	json_object *o = NULL;
	bool read = !weir_jsonr_parse(mem, body, 0, &o, NULL) && !weir_track_input_read(mem, o, false, &in, out) &&
		    !weir_track_event_read(mem, in.payload, &e, out);

	ok(read, "an event is read");
	if (!read)
		return;
	ok(weir_text_is(in.client_id, "c") && !in.client_secret.p, "credentials of the body");
	ok(weir_text_is(e.name, "revenue") && weir_text_is(e.profile_id, "1.5"), "a number is spelled as a profile id");
	ok(e.groups.count == 2 && weir_text_is(e.groups.item[1], "b"), "groups");
	ok(e.revenue == UINT64_C(9007199254740993), "revenue beyond the exact doubles");
	weir_arena_reset(mem);
}

/* Sentences about a huge body stay within their bound. */
static void many(weir_arena *mem)
{
	weir_str body, out;

	weir_str_init(&body, 1 << 20);
	weir_str_init(&out, 4096);
	weir_str_puts(&body, "{\"type\":\"track\",\"payload\":{\"name\":\"e\",\"groups\":[1");
	for (int i = 0; i < 20000; i++)
		weir_str_puts(&body, ",1");
	weir_str_puts(&body, "]}}");
	ok(weir_text_starts(weir_text_of(judge(mem, weir_str_view(&body), &out)), "body/payload/groups/0 Invalid input"), "a wrong list of 20,000");
	ok(out.len <= 4096, "is told within bounds");
	weir_str_free(&body);
	weir_str_free(&out);
	weir_arena_reset(mem);
}

int main(void)
{
	weir_arena *mem = weir_arena_new(16 << 20);
	weir_str out;

	weir_str_init(&out, 64 * 1024);
	table(mem, &out);
	event(mem, &out);
	many(mem);
	weir_str_free(&out);
	weir_arena_free(mem);
	return tap_done();
}
