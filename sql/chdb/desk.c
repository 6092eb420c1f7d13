#include "config.h"
#include "desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* More text than this is not worth remembering: such settings are of one request alone. */
enum { SEATS = 4, KEY_MAX = 2048, SET_MAX = 16 << 20 };

struct seat {
	weir_session *session;
	char *key; /* what the session was set up with, see make_key */
	uint64_t used;
};

struct weir_desk {
	struct seat seats[SEATS];
	uint64_t clock;
	char base[512];
};

struct weir_desk *weir_desk_new(const struct weir_conf *conf)
{
	struct weir_desk *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	/* What a server would have in its profile.  A query that needs more memory than half its share goes to disk. */
	snprintf(d->base, sizeof(d->base), "SET max_threads = %" PRId64 ", max_memory_usage = %" PRId64
		", max_bytes_before_external_group_by = %" PRId64 ", max_bytes_before_external_sort = %" PRId64
		", implicit_select = 0, allow_introspection_functions = 0", conf->chdb_threads, conf->chdb_query_memory_max,
		conf->chdb_query_memory_max / 2, conf->chdb_query_memory_max / 2);
	return d;
}

static void leave(struct seat *seat)
{
	weir_session_close(seat->session);
	free(seat->key);
	*seat = (struct seat){ NULL, NULL, 0 };
}

void weir_desk_free(struct weir_desk *d)
{
	if (!d)
		return;
	for (int i = 0; i < SEATS; i++)
		leave(&d->seats[i]);
	free(d);
}

/* Everything that is done to a fresh session, one step per line. False: out of memory or too long. */
static bool make_key(const struct weir_request *rq, enum weir_level level, weir_str *key)
{
	if (rq->database.n) {
		weir_str_puts(key, "USE ");
		weir_sql_quote(key, '`', rq->database);
	}
	weir_str_putc(key, '\0');
	weir_request_set(rq, key);
	weir_str_putc(key, '\0');
	if (level != WEIR_LEVEL_WRITE)
		weir_str_puts(key, level == WEIR_LEVEL_READ ? "SET readonly = 1" : "SET readonly = 2");
	weir_str_putc(key, '\0');
	return weir_str_err(key) == WEIR_OK;
}

/* Runs one step; the error's result, or NULL. */
static weir_result *step(weir_session *s, weir_text sql)
{
	weir_result *r = weir_session_query(s, sql, "Null", NULL);

	if (r && weir_result_error(r))
		return r;
	weir_result_free(r);
	return NULL;
}

static weir_session *open_with(struct weir_desk *d, weir_text key, weir_result **error)
{
	weir_session *s = weir_session_open();

	if (!s)
		return NULL;
	*error = step(s, weir_text_of(d->base));
	while (key.n && !*error) {
		weir_text sql = weir_text_of(key.p); /* the steps end with NUL */

		if (sql.n)
			*error = step(s, sql);
		key.p += sql.n + 1;
		key.n -= sql.n + 1;
	}
	if (!*error)
		return s;
	weir_session_close(s);
	return NULL;
}

/* A token of one INSERT is in no other request. */
static bool once_only(const struct weir_request *rq, const weir_str *key)
{
	if (key->len > KEY_MAX)
		return true;
	for (size_t i = 0; i < rq->setting_count; i++)
		if (weir_text_is(rq->settings[i].name, "insert_deduplication_token") || weir_text_is(rq->settings[i].name, "log_comment"))
			return true;
	return false;
}

static struct seat *find_seat(struct weir_desk *d, const weir_str *key)
{
	struct seat *oldest = &d->seats[0];

	for (int i = 0; i < SEATS; i++) {
		struct seat *seat = &d->seats[i];

		/* Keys end with NUL and hold two more, so that the length is compared as well. */
		if (seat->key && !memcmp(seat->key, &key->len, sizeof(key->len)) && !memcmp(seat->key + sizeof(key->len), key->buf, key->len))
			return seat;
		if (seat->used < oldest->used)
			oldest = seat;
	}
	leave(oldest);
	return oldest;
}

weir_session *weir_desk_take(struct weir_desk *d, const struct weir_request *rq, enum weir_level level, weir_result **error)
{
	weir_session *s = NULL;
	struct seat *seat = NULL;
	weir_str key;

	*error = NULL;
	weir_str_init(&key, SET_MAX);
	if (!make_key(rq, level, &key))
		goto out;
	if (!once_only(rq, &key)) {
		seat = find_seat(d, &key);
		seat->used = ++d->clock;
		s = seat->session;
	}
	if (!s)
		s = open_with(d, weir_str_view(&key), error);
	if (s && seat && !seat->session) {
		seat->key = malloc(sizeof(key.len) + key.len);
		if (seat->key) {
			memcpy(seat->key, &key.len, sizeof(key.len));
			memcpy(seat->key + sizeof(key.len), key.buf, key.len);
			seat->session = s;
		}
	}
out:
	weir_str_free(&key);
	return s;
}

void weir_desk_give(struct weir_desk *d, weir_session *s, bool spoilt)
{
	for (int i = 0; i < SEATS; i++)
		if (d->seats[i].session == s) {
			if (spoilt)
				leave(&d->seats[i]);
			return;
		}
	weir_session_close(s); /* of one request alone */
}
