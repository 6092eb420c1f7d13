/* The dashboard's notifications. */
#include "config.h"
#include "ingest/notify_app.h"

#include "base/clock.h"
#include "base/jsonw.h"

enum { WORD_MAX = 16 * 1024 * 1024 };

static const char insert[] =
	"INSERT INTO notifications (id, \"projectId\", title, message, \"sendToApp\", \"sendToEmail\", \"notificationRuleId\", payload,"
	" \"createdAt\", \"updatedAt\") VALUES ($1, $2, $3, $4, true, false, $5, $6::jsonb, $7, $7) ON CONFLICT (id) DO NOTHING";

static weir_text without_nul(weir_arena *mem, weir_text t)
{
	char *out = weir_alloc(mem, t.n + 1);
	size_t n = 0;

	for (size_t i = 0; out && i < t.n; i++)
		if (t.p[i])
			out[n++] = t.p[i];
	return (weir_text){ out, n };
}

/* The row as superjson: {"json":{...},"meta":{"values":{"createdAt":["Date"],"updatedAt":["Date"]}}}. */
static void put_row(weir_json *j, const struct weir_job *job, weir_text title, weir_text message)
{
	static const char *const dates[] = { "createdAt", "updatedAt" };
	char when[WEIR_CLOCK_MAX];

	weir_clock_iso(job->created_ms, when);
	weir_json_obj(j, NULL);
	weir_json_obj(j, "json");
	weir_json_str(j, "id", job->id);
	weir_json_str(j, "projectId", job->project);
	weir_json_str(j, "title", title);
	weir_json_str(j, "message", message);
	weir_json_null(j, "isReadAt");
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++)
		weir_json_strz(j, dates[i], when);
	weir_json_bool(j, "sendToApp", true);
	weir_json_bool(j, "sendToEmail", false);
	weir_json_null(j, "integrationId");
	weir_json_str(j, "notificationRuleId", job->rule);
	weir_json_raw(j, "payload", job->payload);
	weir_json_end(j);
	weir_json_obj(j, "meta");
	weir_json_obj(j, "values");
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		weir_json_arr(j, dates[i]);
		weir_json_strz(j, NULL, "Date");
		weir_json_end(j);
	}
	weir_json_end(j);
	weir_json_end(j);
	weir_json_end(j);
}

weir_err weir_notify_app(weir_pg *pg, weir_redis *redis, weir_arena *mem, const struct weir_job *job)
{
	weir_text title = without_nul(mem, job->title), message = without_nul(mem, job->message);
	weir_text params[] = { job->id, job->project, title, message, job->rule, job->payload, weir_pg_time_param(mem, job->created_ms) };
	PGresult *res = NULL;
	redisReply *r = NULL;
	weir_str word;
	weir_json j;
	weir_err err;

	if (!title.p || !message.p || !params[6].p)
		return WEIR_ENOMEM;
	err = weir_pg_exec(pg, mem, &res, insert, 7, params);
	if (err)
		return err;
	weir_str_init(&word, WORD_MAX);
	weir_json_init(&j, &word);
	put_row(&j, job, title, message);
	err = weir_json_done(&j);
	if (!err)
		err = weir_str_err(&word);
	if (!err)
		err = weir_redis_do(redis, &r, 3,
			(weir_text[]){ WEIR_TEXT("PUBLISH"), WEIR_TEXT("notification:created"), weir_str_view(&word) });
	if (!err)
		freeReplyObject(r);
	weir_str_free(&word);
	return err;
}
