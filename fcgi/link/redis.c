#include "config.h"
#include "link/redis.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	ARGS_MAX = 256,       /* arguments of one command that is called by itself */
	PIPE_ARGS_MAX = 64 * 1024, /* of one in a pipe */
	TEXT_MAX = 256,       /* host, user, password, path */
	COMMAND_MAX = 512 * 1024 * 1024,
	COMMAND_KEPT = 256 * 1024, /* memory for commands that is kept */
	RETRY_MS = 100,       /* pause after a failed connect, so that requests don't each wait for it */
	STALE_MS = 50,        /* a connection that rested longer is looked at before it is used */
	LOG_MS = 1000
};

/* How a server says that it doesn't know a script: no failure, see weir_redis_eval. */
#define NOSCRIPT "NOSCRIPT"

struct weir_redis {
	redisContext *ctx;
	bool local;               /* unix socket: host is its path */
	char host[TEXT_MAX], user[TEXT_MAX], password[TEXT_MAX];
	int port;
	int64_t database, timeout_ms;
	weir_str command;         /* the one being sent; kept for its memory */
	int64_t used_ms, failed_ms, logged_ms; /* monotonic */
	bool failed, in_doubt;
	int64_t clock_ahead_ms;   /* of Redis before the monotonic clock */
	bool clock_known;
	uint64_t connections;     /* so far */
	char error[256];
};

/* Percent-decodes t into out; false when it doesn't fit or is no encoding. */
static bool decode(weir_text t, char out[TEXT_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++) {
		int c = (unsigned char)t.p[i];

		if (c == '%') {
			c = weir_text_escaped(t, i);
			i += 2;
		}
		if (c <= 0 || n + 1 >= TEXT_MAX)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

static weir_text after(weir_text t, size_t n)
{
	return (weir_text){ t.p + n, t.n - n };
}

/* Cuts t at the first (or last) c: *head before it, the rest behind it is returned; without c the head is all of t. */
static bool cut(weir_text t, int c, weir_text *head, weir_text *tail)
{
	const char *at = t.n ? memchr(t.p, c, t.n) : NULL;

	if (!at) {
		*head = t;
		*tail = (weir_text){ NULL, 0 };
		return false;
	}
	*head = (weir_text){ t.p, (size_t)(at - t.p) };
	*tail = after(t, head->n + 1);
	return true;
}

static bool read_unix(weir_redis *c, weir_text rest)
{
	weir_text path, query, item, name, value;

	c->local = true;
	cut(rest, '?', &path, &query);
	if (!path.n || !decode(path, c->host))
		return false;
	while (weir_text_next(&query, '&', &item)) {
		cut(item, '=', &name, &value);
		if (weir_text_is(name, "db")) {
			if (weir_num_int(value, &c->database))
				return false;
		} else if (!weir_text_is(name, "password") || !decode(value, c->password)) {
			return false;
		}
	}
	return true;
}

static bool read_tcp(weir_redis *c, weir_text rest)
{
	weir_text where, database, login, address, user, password, host, port;
	const char *colon = NULL;
	int64_t number = 6379;

	cut(rest, '/', &where, &database);
	if (database.n && weir_num_int(database, &c->database))
		return false;
	if (cut(where, '@', &login, &address)) {
		if (cut(login, ':', &user, &password)) {
			if (!decode(user, c->user) || !decode(password, c->password))
				return false;
		} else if (!decode(login, c->password)) {
			return false;
		}
	} else {
		address = where;
	}
	/* The last colon, so that [::1]:6379 is read as well. */
	for (size_t i = address.n; i-- > 0 && address.p[i] != ']' && !colon;)
		if (address.p[i] == ':')
			colon = address.p + i;
	host = colon ? (weir_text){ address.p, (size_t)(colon - address.p) } : address;
	port = colon ? after(address, host.n + 1) : (weir_text){ NULL, 0 };
	if (colon && (weir_num_int(port, &number) || number < 1 || number > 65535))
		return false;
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = (weir_text){ host.p + 1, host.n - 2 };
	c->port = (int)number;
	return host.n && decode(host, c->host);
}

static bool read_url(weir_redis *c, weir_text url)
{
	bool good = false;

	if (weir_text_starts(url, "unix://"))
		good = read_unix(c, after(url, strlen("unix://")));
	else if (weir_text_starts(url, "redis://"))
		good = read_tcp(c, after(url, strlen("redis://")));
	return good && c->database >= 0 && c->database <= 65535;
}

weir_redis *weir_redis_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_redis *c = calloc(1, sizeof(*c));

	if (!c) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	weir_str_init(&c->command, COMMAND_MAX);
	c->timeout_ms = conf->redis_timeout;
	if (c->timeout_ms <= 0) {
		weir_fault_set(fault, "redis.timeout must be longer than 0ms");
		free(c);
		return NULL;
	}
	if (!read_url(c, weir_text_of(conf->redis_url))) {
		weir_fault_set(fault, "redis.url is neither redis://[[USER]:PASSWORD@]HOST:PORT[/DB] nor unix:///PATH[?db=N&password=P]");
		free(c);
		return NULL;
	}
	return c;
}

static void drop(weir_redis *c)
{
	if (c->ctx)
		redisFree(c->ctx);
	c->ctx = NULL;
	c->clock_known = false;
}

void weir_redis_free(weir_redis *c)
{
	if (!c)
		return;
	drop(c);
	explicit_bzero(c->password, sizeof(c->password));
	weir_str_free(&c->command);
	free(c);
}

const char *weir_redis_error(const weir_redis *c)
{
	return c->error;
}

static weir_err fail(weir_redis *c, weir_err err, const char *what, const char *text)
{
	int64_t now = weir_monotonic_ms();

	snprintf(c->error, sizeof(c->error), "%s: %s", what, text);
	if (strncmp(text, NOSCRIPT, strlen(NOSCRIPT)) && (!c->logged_ms || now - c->logged_ms >= LOG_MS)) {
		c->logged_ms = now;
		weir_log(err == WEIR_EUNAVAIL ? LOG_WARNING : LOG_ERR, "redis", "error=\"%s\"", c->error);
	}
	return err;
}

/* True for error replies that pass by themselves or by the operator's hand: nothing is wrong with the command. */
static bool passing(const char *text)
{
	static const char *const words[] = { "LOADING", "READONLY", "OOM", "MISCONF", "MASTERDOWN", "NOREPLICAS", "BUSY",
		"CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "NOAUTH", "WRONGPASS", "NOPERM", "ERR max number of clients" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(text, words[i], strlen(words[i])))
			return true;
	/* From inside a script Redis 7 wraps the same conditions: "... -OOM command not allowed ..." */
	return strstr(text, "-OOM ") || strstr(text, "-MISCONF ") || strstr(text, "-READONLY ") || strstr(text, "-NOREPLICAS ");
}

/* A line of the protocol: kind, a number, the line's end. */
static void put_number(weir_str *out, char kind, size_t n)
{
	char line[32], *at = line + sizeof(line);

	*--at = '\n';
	*--at = '\r';
	do
		*--at = (char)('0' + n % 10);
	while (n /= 10);
	*--at = kind;
	weir_str_add(out, at, (size_t)(line + sizeof(line) - at));
}

/* Appends a command in the protocol's form; hiredis' own formatter walks every argument three times. */
static weir_err format(weir_redis *c, size_t argc, const weir_text *argv)
{
	if (!argc || argc > PIPE_ARGS_MAX)
		return WEIR_EINTERNAL;
	put_number(&c->command, '*', argc);
	for (size_t i = 0; i < argc; i++) {
		put_number(&c->command, '$', argv[i].n);
		weir_str_text(&c->command, argv[i]);
		weir_str_add(&c->command, "\r\n", 2);
	}
	return weir_str_err(&c->command);
}

static void format_begin(weir_redis *c)
{
	if (c->command.alloc > COMMAND_KEPT)
		weir_str_free(&c->command);
	weir_str_reset(&c->command);
}

static weir_err lose(weir_redis *c)
{
	weir_err err = fail(c, WEIR_EUNAVAIL, "connection lost", c->ctx->err ? c->ctx->errstr : "no reply");

	c->in_doubt = true;
	drop(c);
	return err;
}

static weir_err refusal_of(const char *text)
{
	return passing(text) ? WEIR_EUNAVAIL : WEIR_EINTERNAL;
}

/* The next reply; an error reply becomes an error. The connection is gone when that error is its loss. */
static weir_err read_reply(weir_redis *c, redisReply **reply)
{
	void *got = NULL;
	redisReply *r;
	weir_err err;

	*reply = NULL;
	if (redisGetReply(c->ctx, &got) != REDIS_OK || !got)
		return lose(c);
	r = got;
	if (r->type == REDIS_REPLY_ERROR) {
		err = fail(c, refusal_of(r->str), "refused", r->str);
		freeReplyObject(r);
		return err;
	}
	*reply = r;
	return WEIR_OK;
}

static weir_err send_args(weir_redis *c, redisReply **reply, size_t argc, const weir_text *argv)
{
	weir_err err;

	*reply = NULL;
	format_begin(c);
	err = format(c, argc, argv);
	if (err)
		return err;
	if (redisAppendFormattedCommand(c->ctx, c->command.buf, c->command.len) != REDIS_OK)
		return lose(c);
	err = read_reply(c, reply);
	c->used_ms = weir_monotonic_ms();
	return err;
}

static weir_err greet(weir_redis *c, size_t argc, const weir_text *argv)
{
	redisReply *r = NULL;
	weir_err err = send_args(c, &r, argc, argv);

	if (r)
		freeReplyObject(r);
	return err ? WEIR_EUNAVAIL : WEIR_OK;
}

static weir_err login(weir_redis *c)
{
	weir_text auth[3] = { WEIR_TEXT("AUTH"), weir_text_of(c->user), weir_text_of(c->password) };
	weir_text database[2] = { WEIR_TEXT("SELECT"), { NULL, 0 } };
	char number[24];
	weir_err err = WEIR_OK;

	if (c->password[0] && !c->user[0])
		auth[1] = auth[2];
	if (c->password[0])
		err = greet(c, c->user[0] ? 3 : 2, auth);
	if (!err && c->database) {
		snprintf(number, sizeof(number), "%lld", (long long)c->database);
		database[1] = weir_text_of(number);
		err = greet(c, 2, database);
	}
	return err;
}

static struct timeval timeval_of(int64_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

static weir_err dial(weir_redis *c, int64_t timeout_ms)
{
	struct timeval patience = timeval_of(timeout_ms);
	weir_err err = WEIR_OK;

	if (c->failed && weir_monotonic_ms() - c->failed_ms < RETRY_MS)
		return WEIR_EUNAVAIL;
	c->ctx = c->local ? redisConnectUnixWithTimeout(c->host, patience) : redisConnectWithTimeout(c->host, c->port, patience);
	if (!c->ctx)
		err = fail(c, WEIR_EUNAVAIL, "cannot connect", "out of memory");
	else if (c->ctx->err)
		err = fail(c, WEIR_EUNAVAIL, "cannot connect", c->ctx->errstr);
	else if (redisSetTimeout(c->ctx, patience) != REDIS_OK)
		err = fail(c, WEIR_EUNAVAIL, "cannot set a timeout", c->ctx->errstr);
	if (!err)
		err = login(c);
	if (err)
		drop(c);
	c->connections += !err;
	c->failed = err;
	c->failed_ms = weir_monotonic_ms();
	return err;
}

/*
 * A server that went away while the connection rested has closed it: found out
 * before the next command is sent, since afterwards nobody could tell whether
 * it was executed.
 */
static bool closed_by_peer(const weir_redis *c)
{
	struct pollfd p = { .fd = c->ctx->fd, .events = POLLIN | POLLRDHUP };

	return weir_monotonic_ms() - c->used_ms >= STALE_MS && poll(&p, 1, 0) > 0;
}

static weir_err ready(weir_redis *c)
{
	if (c->ctx && closed_by_peer(c))
		drop(c);
	c->in_doubt = false;
	return c->ctx ? WEIR_OK : dial(c, c->timeout_ms);
}

uint64_t weir_redis_connection(const weir_redis *c)
{
	return c->ctx ? c->connections : 0;
}

bool weir_redis_in_doubt(const weir_redis *c)
{
	return c->in_doubt;
}

weir_err weir_redis_do(weir_redis *c, redisReply **reply, size_t argc, const weir_text *argv)
{
	weir_err err = ready(c);

	*reply = NULL;
	return err ? err : send_args(c, reply, argc, argv);
}

static weir_err send_all(weir_redis *c, const struct weir_redis_command *commands, size_t count)
{
	weir_err err = ready(c);

	if (err)
		return err;
	format_begin(c);
	for (size_t i = 0; i < count && !err; i++)
		err = format(c, commands[i].argc, commands[i].argv);
	if (!err && redisAppendFormattedCommand(c->ctx, c->command.buf, c->command.len) != REDIS_OK)
		err = lose(c);
	return err;
}

weir_err weir_redis_pipe(weir_redis *c, struct weir_redis_command *commands, size_t count)
{
	weir_err err = send_all(c, commands, count);

	for (size_t i = 0; i < count; i++) {
		commands[i].reply = NULL;
		commands[i].error[0] = '\0';
		commands[i].err = err ? err : read_reply(c, &commands[i].reply);
		if (!err && commands[i].err)
			snprintf(commands[i].error, sizeof(commands[i].error), "%.*s", (int)sizeof(commands[i].error) - 1, c->error);
		if (!err && !c->ctx)
			err = commands[i].err;
	}
	if (c->ctx)
		c->used_ms = weir_monotonic_ms();
	return err;
}

weir_err weir_redis_each(weir_redis *c, struct weir_redis_command *commands, size_t count,
	weir_err (*take)(void *ctx, const redisReply *reply), void *ctx)
{
	weir_err err = send_all(c, commands, count), first = err;

	for (size_t i = 0; i < count && !err; i++) {
		redisReply *reply = NULL;

		commands[i].err = read_reply(c, &reply);
		if (commands[i].err && !c->ctx)
			err = commands[i].err;
		if (!commands[i].err && !first)
			commands[i].err = take(ctx, reply);
		if (reply)
			freeReplyObject(reply);
		first = first ? first : commands[i].err;
	}
	if (c->ctx)
		c->used_ms = weir_monotonic_ms();
	return first;
}

bool weir_redis_probe(weir_redis *c, int64_t timeout_ms)
{
	weir_text ping = WEIR_TEXT("PING");
	redisReply *r = NULL;
	weir_err err;

	drop(c);
	c->failed = false;
	err = dial(c, timeout_ms);
	if (!err)
		err = send_args(c, &r, 1, &ping);
	if (r)
		freeReplyObject(r);
	if (!err && redisSetTimeout(c->ctx, timeval_of(c->timeout_ms)) != REDIS_OK)
		err = WEIR_EUNAVAIL;
	if (err)
		drop(c);
	return !err;
}

weir_err weir_redis_clock(weir_redis *c, int64_t *now_ms)
{
	weir_text time = WEIR_TEXT("TIME");
	redisReply *r = NULL;
	int64_t seconds, micros;
	weir_err err = ready(c);

	if (!err && !c->clock_known) {
		err = send_args(c, &r, 1, &time);
		if (!err && (r->type != REDIS_REPLY_ARRAY || r->elements != 2 || weir_num_int(weir_reply_text(r->element[0]), &seconds) ||
			weir_num_int(weir_reply_text(r->element[1]), &micros)))
			err = fail(c, WEIR_EINTERNAL, "TIME", "not two numbers");
		if (!err) {
			c->clock_ahead_ms = seconds * 1000 + micros / 1000 - weir_monotonic_ms();
			c->clock_known = true;
		}
		if (r)
			freeReplyObject(r);
	}
	*now_ms = err ? 0 : weir_monotonic_ms() + c->clock_ahead_ms;
	return err;
}

void weir_redis_clock_forget(weir_redis *c)
{
	c->clock_known = false;
}

void weir_redis_farewell(weir_redis *c, size_t argc, const weir_text *argv)
{
	int done = 0;

	if (!c->ctx)
		return;
	format_begin(c);
	if (!format(c, argc, argv) && redisAppendFormattedCommand(c->ctx, c->command.buf, c->command.len) == REDIS_OK)
		while (!done && redisBufferWrite(c->ctx, &done) == REDIS_OK)
			;
	drop(c);
}

weir_err weir_redis_cmd(weir_redis *c, redisReply **reply, ...)
{
	weir_text argv[ARGS_MAX];
	size_t argc = 0;
	const char *z;
	va_list ap;

	*reply = NULL;
	va_start(ap, reply);
	while ((z = va_arg(ap, const char *)) && argc < ARGS_MAX)
		argv[argc++] = weir_text_of(z);
	va_end(ap);
	return z ? WEIR_EINTERNAL : weir_redis_do(c, reply, argc, argv);
}

weir_err weir_redis_load(weir_redis *c, struct weir_script *s)
{
	redisReply *r = NULL;
	weir_err err = weir_redis_cmd(c, &r, "SCRIPT", "LOAD", s->source, NULL);

	if (err)
		return err;
	if (r->type != REDIS_REPLY_STRING || r->len != sizeof(s->sha) - 1)
		err = fail(c, WEIR_EINTERNAL, s->name, "SCRIPT LOAD gave no digest");
	else
		memcpy(s->sha, r->str, sizeof(s->sha));
	freeReplyObject(r);
	return err;
}

weir_err weir_redis_eval(weir_redis *c, struct weir_script *s, redisReply **reply, size_t nkeys, size_t argc, const weir_text *argv)
{
	weir_text all[ARGS_MAX];
	char number[24];
	weir_err err = WEIR_OK;

	*reply = NULL;
	if (argc + 3 > ARGS_MAX || nkeys > argc)
		return WEIR_EINTERNAL;
	snprintf(number, sizeof(number), "%zu", nkeys);
	all[0] = WEIR_TEXT("EVALSHA");
	all[2] = weir_text_of(number);
	if (argc)
		memcpy(all + 3, argv, argc * sizeof(*argv));
	if (!s->sha[0])
		err = weir_redis_load(c, s);
	for (int attempt = 0; !err; attempt++) {
		all[1] = (weir_text){ s->sha, sizeof(s->sha) - 1 };
		err = weir_redis_do(c, reply, argc + 3, all);
		if (!err)
			return WEIR_OK;
		/* A server that started again has forgotten its scripts; the refusal says that nothing was executed. */
		if (err != WEIR_EINTERNAL || attempt || !weir_redis_is_unknown_script(c->error))
			return err;
		err = weir_redis_load(c, s);
	}
	return err;
}

weir_text weir_reply_text(const redisReply *r)
{
	if (!r || (r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS))
		return (weir_text){ NULL, 0 };
	return (weir_text){ r->str, r->len };
}

weir_err weir_reply_err(const redisReply *r)
{
	return r && r->type == REDIS_REPLY_ERROR ? refusal_of(r->str) : WEIR_OK;
}

bool weir_redis_is_unknown_script(const char *error)
{
	return strstr(error, NOSCRIPT);
}
