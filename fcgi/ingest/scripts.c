/* The scripts that weir-track calls. */
#include "config.h"
#include "ingest/scripts.h"

#include "ingest/entry.h"
#include "redis_scripts.h"

static void track_settings(const struct weir_conf *conf, weir_str *out)
{
	weir_str_addf(out, "local timeout, stream_max, window, closed_life = %lld, %lld, %lld, %lld\n", (long long)conf->session_timeout,
		(long long)conf->track_stream_max, (long long)conf->track_duplicate_window,
		(long long)weir_closed_life_ms(conf->session_timeout));
}

/* Two scripts as the functions that the third calls. */
static void asked_parts(const struct weir_conf *conf, weir_str *out)
{
	weir_str_puts(out, "local function ask(KEYS, ARGV, group)\n");
	track_settings(conf, out);
	weir_str_puts(out, WEIR_LUA_TRACK "\nend\nlocal function change(KEYS, ARGV)\n" WEIR_LUA_PEOPLE "\nend\n");
}

static const struct {
	const char *name, *source;
	void (*settings)(const struct weir_conf *conf, weir_str *out); /* NULL for a script that needs none */
	const char *group;                                             /* what calls of one step share; NULL: nothing */
} scripts[] = {
	[WEIR_SCRIPT_TRACK] = { "track", WEIR_LUA_TRACK, track_settings, WEIR_LUA_GROUP },
	[WEIR_SCRIPT_ROW] = { "row", WEIR_LUA_ROW, track_settings, NULL },
	[WEIR_SCRIPT_PEOPLE] = { "people", WEIR_LUA_PEOPLE, NULL, NULL },
	[WEIR_SCRIPT_ASKED] = { "asked", WEIR_LUA_ASKED, asked_parts, NULL },
};

const char *weir_script_name(enum weir_script_id id)
{
	return scripts[id].name;
}

bool weir_script_find(weir_text name, enum weir_script_id *id)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		if (weir_text_is(name, scripts[i].name)) {
			*id = (enum weir_script_id)i;
			return true;
		}
	return false;
}

static void add(enum weir_script_id id, const struct weir_conf *conf, weir_str *out)
{
	if (scripts[id].settings)
		scripts[id].settings(conf, out);
	weir_str_puts(out, scripts[id].source);
}

void weir_script_outbox(enum weir_script_id id, const struct weir_conf *conf, weir_str *out)
{
	weir_str_puts(out, WEIR_LUA_OUTBOX);
	if (scripts[id].group)
		weir_str_puts(out, scripts[id].group);
	weir_str_puts(out, "local function body(KEYS, ARGV, group)\n");
	add(id, conf, out);
	weir_str_puts(out, "\nend\n" WEIR_LUA_OUTBOX_END);
}

void weir_script_respool(enum weir_script_id id, const struct weir_conf *conf, weir_str *out)
{
	weir_str_puts(out, WEIR_LUA_RESPOOL "local function body(group)\n");
	add(id, conf, out);
	weir_str_puts(out, "\nend\nlocal answer = body()\nif answer ~= 'f' then replayed() end\nreturn answer\n");
}
