/* weirctl doctor: the checks that ask the servers. */
#include "config.h"
#include "doctor.h"
#include "migrate.h"

#include "base/clock.h"
#include "base/num.h"
#include "ingest/deadletter.h"
#include "ingest/heartbeat.h"
#include "link/keys.h"

#include <string.h>

enum {
	PG_MIN = 130000,
	CLOCK_WARN_MS = 2000, CLOCK_WRONG_MS = 60000,
	QUEUE_WARN_MS = 60 * 1000, QUEUE_WRONG_MS = 600 * 1000,
	PARTS_WARN = 300,
};

static const weir_text none = { NULL, 0 };

static void schema(struct ctl_report *r, const struct ctl_database *db)
{
	size_t missing, unknown;

	if (ctl_migrations_missing(r->ctl, db, &missing, &unknown))
		ctl_finding(r, CTL_WRONG, "see above", "its migrations cannot be told");
	else if (unknown)
		ctl_finding(r, CTL_WRONG, "install the newer Weir that made it", "the database is newer than this program");
	else if (missing)
		ctl_finding(r, CTL_WRONG, "run: weirctl migrate", "%zu migration%s missing", missing, missing == 1 ? " is" : "s are");
	else
		ctl_finding(r, CTL_FINE, NULL, "the schema is up to date");
}

/* ---------------------------------------------------------------- PostgreSQL */

static void privileges(struct ctl_report *r)
{
	PGresult *res;

	if (weir_pg_exec(r->ctl->pg, r->ctl->mem, &res,
			"SELECT count(*)::bigint, coalesce(min(relname), ''), current_user FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND "
			"relkind = 'r' AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE') "
			"AND has_table_privilege(oid, 'DELETE'))", 0, NULL) || !weir_pg_int(res, 0, 0))
		return;
	ctl_finding(r, CTL_WRONG, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO that user", "user %s may not read and write %lld tables, such as %s",
		weir_pg_text(res, 0, 2).p, (long long)weir_pg_int(res, 0, 0), weir_pg_text(res, 0, 1).p);
}

void ctl_check_postgres(struct ctl_report *r)
{
	weir_pg *pg = ctl_pg(r->ctl);
	int version = pg ? weir_pg_server_version(pg) : 0;
	PGresult *res;

	if (!version) {
		ctl_finding(r, CTL_WRONG, "start PostgreSQL, or correct postgres.url", "cannot be reached: %s", pg ? weir_pg_error(pg) : "postgres.url");
		return;
	}
	r->pg_up = true;
	ctl_finding(r, version < PG_MIN ? CTL_WRONG : CTL_FINE, "PostgreSQL 13 or newer is wanted", "version %d.%d", version / 10000, version % 10000);
	if (!weir_pg_exec(pg, r->ctl->mem, &res, "SELECT pg_encoding_to_char(encoding), current_setting('transaction_read_only') FROM pg_database "
			"WHERE datname = current_database()", 0, NULL)) {
		if (!weir_text_is(weir_pg_text(res, 0, 0), "UTF8"))
			ctl_finding(r, CTL_WRONG, "make the database anew with ENCODING 'UTF8'", "its encoding is not UTF8");
		if (weir_text_is(weir_pg_text(res, 0, 1), "on"))
			ctl_finding(r, CTL_WRONG, "name the primary server in postgres.url", "it is read-only: a standby");
	}
	schema(r, &ctl_postgres);
	privileges(r);
	if (!weir_pg_exec(pg, r->ctl->mem, &res, "SELECT CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') AND (inet_server_addr() IS NULL "
			"OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1') THEN current_setting('data_directory') END", 0, NULL))
		r->pg_dir = weir_text_dup(r->ctl->mem, weir_pg_text(res, 0, 0)).p;
}

/* --------------------------------------------------------------------- Redis */

/* The value of a line "name:value" of INFO. */
static weir_text info(weir_text all, const char *name)
{
	weir_text line;

	while (weir_text_next(&all, '\n', &line)) {
		size_t n = strlen(name);

		if (weir_text_starts(line, name) && line.n > n && line.p[n] == ':')
			return (weir_text){ line.p + n + 1, line.n - n - 1 };
	}
	return none;
}

static void persistence(struct ctl_report *r, weir_text all)
{
	weir_text policy = info(all, "maxmemory_policy"), role = info(all, "role");

	if (weir_text_is(info(all, "aof_enabled"), "1"))
		ctl_finding(r, CTL_FINE, NULL, "the append-only file is on");
	else
		ctl_finding(r, CTL_WRONG, "redis.conf: appendonly yes (and now: redis-cli config set appendonly yes)",
			"the append-only file is off: accepted events are lost when Redis stops");
	if (weir_text_is(info(all, "aof_last_write_status"), "err") || weir_text_is(info(all, "aof_last_bgrewrite_status"), "err"))
		ctl_finding(r, CTL_WRONG, "see Redis' log; the disk may be full", "the append-only file could not be written");
	if (policy.n && !weir_text_is(policy, "noeviction"))
		ctl_finding(r, CTL_WRONG, "redis.conf: maxmemory-policy noeviction", "its policy is %.*s: waiting events may be thrown away", (int)policy.n,
			policy.p);
	if (role.n && !weir_text_is(role, "master"))
		ctl_finding(r, CTL_WRONG, "name the primary in redis.url", "it is a replica, which takes no writes");
}

/* Where a Redis of this machine keeps its file. */
static void redis_directory(struct ctl_report *r)
{
	static const char *const here[] = { "unix://", "@127.0.0.1", "//127.0.0.1", "@localhost", "//localhost", "@[::1]", "//[::1]" };
	weir_text url = weir_text_of(r->ctl->conf.redis_url);
	redisReply *reply = NULL;
	bool local = false;

	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		local |= weir_text_find(url, weir_text_of(here[i])) != NULL;
	if (!local || weir_redis_cmd(r->ctl->redis, &reply, "CONFIG", "GET", "dir", NULL))
		return;
	if (reply->elements == 2)
		r->redis_dir = weir_text_dup(r->ctl->mem, weir_reply_text(reply->element[1])).p;
	freeReplyObject(reply);
}

void ctl_check_redis(struct ctl_report *r)
{
	weir_redis *redis = ctl_redis(r->ctl);
	redisReply *reply = NULL;
	weir_text all, version, used;
	int64_t major = 0;

	if (!redis || weir_redis_cmd(redis, &reply, "INFO", NULL)) {
		ctl_finding(r, CTL_WRONG, "start Redis, or correct redis.url", "cannot be reached: %s", redis ? weir_redis_error(redis) : "redis.url");
		return;
	}
	r->redis_up = true;
	all = weir_reply_text(reply);
	version = info(all, "redis_version");
	used = info(all, "used_memory_human");
	if (weir_num_int((weir_text){ version.p, strcspn(version.n ? version.p : "", ".") }, &major) || major < 6)
		ctl_finding(r, CTL_WRONG, "Redis 6.2 or newer is wanted", "version %.*s", (int)version.n, version.n ? version.p : "");
	else
		ctl_finding(r, CTL_FINE, NULL, "version %.*s, %.*s in use", (int)version.n, version.p, (int)used.n, used.n ? used.p : "");
	persistence(r, all);
	freeReplyObject(reply);
	redis_directory(r);
}

/* ---------------------------------------------------------------- ClickHouse */

/* One text that a query answers; {NULL, 0} when it fails. */
static weir_text ask(struct ctl_report *r, const char *sql)
{
	const struct weir_ch_arg params[] = { { "database", weir_text_of(r->ctl->conf.clickhouse_database) } };
	struct weir_ch_query q = { .sql = sql, .params = params, .nparams = 1, .format = "TabSeparatedRaw", .read_only = true, .answer_max = 1 << 16 };
	weir_text answer = none;
	weir_str out;

	weir_str_init(&out, 1 << 16);
	if (!weir_ch_run(r->ctl->ch, &q, &out))
		answer = weir_text_dup(r->ctl->mem, weir_text_trim(weir_str_view(&out)));
	weir_str_free(&out);
	return answer;
}

void ctl_check_clickhouse(struct ctl_report *r)
{
	weir_ch *ch = ctl_ch(r->ctl);
	weir_text version, zone, parts;
	int64_t most;

	if (!ch || weir_ch_command(ch, "SELECT 1 FORMAT Null", "default")) {
		ctl_finding(r, CTL_WRONG, "start weir-chdb or the ClickHouse server, or correct clickhouse.url", "cannot be reached: %s",
			ch ? weir_ch_error(ch) : "clickhouse.url");
		return;
	}
	schema(r, &ctl_clickhouse);
	version = ask(r, "SELECT version()");
	if (!version.p) {
		ctl_finding(r, CTL_WRONG, "run: weirctl migrate", "database %s cannot be asked: %s", r->ctl->conf.clickhouse_database, weir_ch_error(ch));
		return;
	}
	r->ch_up = true;
	ctl_finding(r, CTL_FINE, NULL, "version %.*s", (int)version.n, version.p);
	zone = ask(r, "SELECT timezone()");
	if (zone.n && !weir_text_is(zone, "UTC") && !weir_text_is(zone, "Etc/UTC"))
		ctl_finding(r, CTL_WARN, "set the server's timezone to UTC: days are counted in its zone", "its time zone is %.*s", (int)zone.n, zone.p);
	parts = ask(r, "SELECT toString(max(n)) FROM (SELECT count() AS n FROM system.parts WHERE database = {database:String} AND active GROUP BY table, partition)");
	if (parts.n && !weir_num_int(parts, &most) && most > PARTS_WARN)
		ctl_finding(r, CTL_WARN, "write larger batches (worker.batch_age), or give merges more room", "a partition has %.*s parts", (int)parts.n, parts.p);
	parts = ask(r, "SELECT toString(count()) FROM system.mutations WHERE database = {database:String} AND NOT is_done AND latest_fail_reason != ''");
	if (parts.n && !weir_text_is(parts, "0"))
		ctl_finding(r, CTL_WARN, "SELECT * FROM system.mutations WHERE NOT is_done tells why", "%.*s mutations fail", (int)parts.n, parts.p);
}

/* --------------------------------------------------------------------- clock */

static void clock_of(struct ctl_report *r, const char *server, int64_t theirs, int64_t before, int64_t after)
{
	int64_t off = theirs < before ? before - theirs : theirs > after ? theirs - after : 0;

	ctl_finding(r, off > CLOCK_WRONG_MS ? CTL_WRONG : off > CLOCK_WARN_MS ? CTL_WARN : CTL_FINE,
		"let both machines keep time (chrony, systemd-timesyncd)", "%s differs by %.1f s", server, (double)off / 1000);
}

void ctl_check_clock(struct ctl_report *r)
{
	redisReply *reply = NULL;
	PGresult *res;
	weir_text t;
	int64_t before = weir_now_ms(), seconds = 0;
	double ms = 0;

	if (r->redis_up && !weir_redis_cmd(r->ctl->redis, &reply, "TIME", NULL)) {
		if (reply->elements == 2 && !weir_num_int(weir_reply_text(reply->element[0]), &seconds))
			clock_of(r, "redis", seconds * 1000 + 500, before - 500, weir_now_ms() + 500);
		freeReplyObject(reply);
	}
	before = weir_now_ms();
	if (r->pg_up && !weir_pg_exec(r->ctl->pg, r->ctl->mem, &res, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", 0, NULL))
		clock_of(r, "postgres", weir_pg_int(res, 0, 0), before - 1, weir_now_ms() + 1);
	before = weir_now_ms();
	t = r->ch_up ? ask(r, "SELECT toString(toUnixTimestamp64Milli(now64(3)))") : none;
	if (t.n && !weir_num_double(t, &ms))
		clock_of(r, "clickhouse", (int64_t)ms, before - 1, weir_now_ms() + 1);
}

/* ---------------------------------------------------------- queue and worker */

static unsigned shards(const struct ctl_report *r)
{
	return r->ctl->conf.redis_shards > 0 ? (unsigned)r->ctl->conf.redis_shards : 1;
}

static bool queue_of(struct ctl_report *r, unsigned shard, int64_t *length, int64_t *oldest_ms)
{
	weir_text stream = weir_key(r->ctl->mem, &r->ctl->conf, shard, WEIR_KEY_EVENTS, none, none);
	redisReply *reply = NULL;

	*oldest_ms = 0;
	if (!stream.p || weir_redis_cmd(r->ctl->redis, &reply, "XLEN", stream.p, NULL))
		return false;
	*length = reply->integer;
	freeReplyObject(reply);
	if (weir_redis_cmd(r->ctl->redis, &reply, "XRANGE", stream.p, "-", "+", "COUNT", "1", NULL))
		return false;
	if (reply->elements && reply->element[0]->elements) {
		weir_text id = weir_reply_text(reply->element[0]->element[0]);
		size_t n = id.n ? strcspn(id.p, "-") : 0;

		if (weir_num_int((weir_text){ id.p, n }, oldest_ms))
			*oldest_ms = 0;
	}
	freeReplyObject(reply);
	return true;
}

void ctl_check_queue(struct ctl_report *r)
{
	int64_t waiting = 0, oldest = 0, dead = 0, fullest = 0;

	if (!r->redis_up)
		return;
	for (unsigned i = 0; i < shards(r); i++) {
		int64_t length = 0, at = 0, n = 0;

		if (!queue_of(r, i, &length, &at) || weir_dead_count(r->ctl->redis, &r->ctl->conf, i, &n)) {
			ctl_finding(r, CTL_WRONG, "see Redis' log", "the streams cannot be read: %s", weir_redis_error(r->ctl->redis));
			return;
		}
		waiting += length;
		dead += n;
		fullest = length > fullest ? length : fullest;
		if (at && weir_now_ms() - at > oldest)
			oldest = weir_now_ms() - at;
	}
	ctl_finding(r, oldest > QUEUE_WRONG_MS ? CTL_WRONG : oldest > QUEUE_WARN_MS ? CTL_WARN : CTL_FINE,
		"the worker does not keep up or does not run: see below and its log", "%lld events wait, the oldest for %.1f s", (long long)waiting,
		(double)oldest / 1000);
	if (fullest > r->ctl->conf.track_stream_max / 2)
		ctl_finding(r, fullest >= r->ctl->conf.track_stream_max ? CTL_WRONG : CTL_WARN, "from track.stream_max on events go to the spool instead",
			"a stream is %lld %% full", (long long)(fullest * 100 / (r->ctl->conf.track_stream_max ? r->ctl->conf.track_stream_max : 1)));
	if (dead)
		ctl_finding(r, CTL_WARN, "weirctl deadletter list shows why; replay them when it is mended", "%lld dead letters: entries that ClickHouse refused",
			(long long)dead);
}

static void worker_of(struct ctl_report *r, unsigned shard)
{
	struct weir_heartbeat hb;
	weir_err err = weir_heartbeat_read(r->ctl->redis, &r->ctl->conf, shard, &hb);

	if (err == WEIR_ENOTFOUND)
		ctl_finding(r, CTL_WRONG, "start weir-worker (systemctl start weir-worker)", "nobody serves stream %u", shard);
	else if (err)
		ctl_finding(r, CTL_WRONG, "see Redis' log", "stream %u cannot be asked: %s", shard, weir_redis_error(r->ctl->redis));
	else if (hb.failing_since)
		ctl_finding(r, CTL_WRONG, "mend what the text says; nothing is lost meanwhile", "the worker of stream %u fails since %.0f s: %s", shard,
			(double)(weir_now_ms() - hb.failing_since) / 1000, hb.error);
	else
		ctl_finding(r, CTL_FINE, NULL, "stream %u: pid %lld, %lld events written, the last batch took %lld ms", shard, (long long)hb.pid,
			(long long)hb.event_rows, (long long)hb.last_flush_ms);
	if (!err && hb.notices_waiting > r->ctl->conf.notify_queue_max / 2)
		ctl_finding(r, CTL_WARN, "their receivers, or PostgreSQL, do not keep up: see the worker's log; beyond notify.queue_max they are dropped",
			"stream %u: %lld notifications wait", shard, (long long)hb.notices_waiting);
}

void ctl_check_worker(struct ctl_report *r)
{
	for (unsigned i = 0; r->redis_up && i < shards(r); i++)
		worker_of(r, i);
}
