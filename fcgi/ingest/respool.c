/* From the spool to Redis. */
#include "config.h"
#include "ingest/respool.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "link/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OPEN_MAX_FILES = 16,           /* files replayed side by side */
	NAMES_MAX = 100000,
	SHARDS_MAX = 1024,
	STEP_RECORDS = 50,             /* calls of one round trip */
	STEP_BYTES = 1024 * 1024,
	FILE_BYTES_MAX = 512 * 1024 * 1024,
	SOURCE_MAX = 256 * 1024,
	STEP_MEMORY = 64 * 1024 * 1024,
	LOOK_MS = 1000,                /* between looks at the directory */
	LINGER_MS = 3000,              /* a Redis that syncs every second has synced by then */
	DOUBT_MS = 60 * 1000,          /* the longest wait for a deadline in Redis' clock, which may have been set back */
	BEGUN_S = 60,                  /* nobody takes that long to begin a file */
	PAUSE_FIRST_MS = 100,
	PAUSE_MAX_MS = 5000,
	TEXT_MAX = 64
};

struct file {
	char name[WEIR_SPOOL_NAME_MAX], token[WEIR_SPOOL_NAME_MAX];
	int fd;
	weir_str bytes;
	struct weir_spool_reader reader;  /* behind the record in hand */
	bool at_end;
	int64_t replayed;
	int64_t done_ms;                  /* everything was replayed; monotonic */
	int64_t waiting_ms;               /* since when the record in hand is in doubt; monotonic, 0 for no */
	uint64_t *before;                 /* by shard: number of the record replayed last */
};

/* A record on its way. */
struct errand {
	struct file *file;
	struct weir_spool_record record;
	enum weir_script_id script;
	struct weir_spool_reader from;    /* the reader before it */
	char before[24], number[24], doubt[24], deadline[24], nkeys[8];
};

struct weir_respool {
	const struct weir_conf *conf;
	weir_redis *redis;
	struct weir_script script[WEIR_SCRIPT_COUNT];
	weir_str source[WEIR_SCRIPT_COUNT];
	int dir;                          /* -1 while there is none */
	struct file *file[OPEN_MAX_FILES];
	size_t files;
	size_t seen;                      /* files in the directory at the last look */
	weir_arena *mem;                  /* of one step */
	int64_t look_ms, next_ms, pause_ms; /* monotonic */
};

/* ------------------------------------------------------------ opening, closing */

weir_respool *weir_respool_new(const struct weir_conf *conf, weir_redis *redis, struct weir_fault *fault)
{
	weir_respool *r = calloc(1, sizeof(*r));
	bool good = r && (r->mem = weir_arena_new(STEP_MEMORY));

	for (size_t i = 0; good && i < WEIR_SCRIPT_COUNT; i++) {
		enum weir_script_id id = (enum weir_script_id)i;

		weir_str_init(&r->source[i], SOURCE_MAX);
		weir_script_respool(id, conf, &r->source[i]);
		r->script[i] = (struct weir_script){ .name = weir_script_name(id), .source = r->source[i].buf };
		good = !weir_str_err(&r->source[i]);
	}
	if (!good) {
		weir_fault_set(fault, "out of memory");
		weir_respool_free(r);
		return NULL;
	}
	r->conf = conf;
	r->redis = redis;
	r->dir = -1;
	return r;
}

static void file_free(struct file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	weir_str_free(&f->bytes);
	free(f->before);
	free(f);
}

static void let_go(weir_respool *r)
{
	for (size_t i = 0; i < r->files; i++)
		file_free(r->file[i]);
	r->files = 0;
}

void weir_respool_free(weir_respool *r)
{
	if (!r)
		return;
	let_go(r);
	if (r->dir >= 0)
		close(r->dir);
	for (size_t i = 0; i < WEIR_SCRIPT_COUNT; i++)
		weir_str_free(&r->source[i]);
	weir_arena_free(r->mem);
	free(r);
}

bool weir_respool_waits(const weir_respool *r)
{
	return r->seen > 0;
}

bool weir_respool_busy(const weir_respool *r)
{
	return r->files > 0;
}

static enum weir_respool_did fall_back(weir_respool *r)
{
	/* Others may go on with the files meanwhile. */
	let_go(r);
	r->pause_ms = r->pause_ms ? r->pause_ms * 2 : PAUSE_FIRST_MS;
	if (r->pause_ms > PAUSE_MAX_MS)
		r->pause_ms = PAUSE_MAX_MS;
	r->next_ms = weir_monotonic_ms() + r->pause_ms;
	r->look_ms = 0;
	return WEIR_RESPOOL_FAILING;
}

/* ------------------------------------------------------------ files */

/* The part of TIME-TOKEN.spool between dash and dot. */
static bool token_of(const char *name, char *token)
{
	const char *dash = strchr(name, '-'), *dot = strrchr(name, '.');

	if (!dash || !dot || dot <= dash + 1)
		return false;
	snprintf(token, WEIR_SPOOL_NAME_MAX, "%.*s", (int)(dot - dash - 1), dash + 1);
	return true;
}

/*
 * Puts bytes that nobody can replay aside, into TIME-TOKENbAT.bad; true when they are on the disk.  Done again it gives
 * the same file.  Renamed to .spool it is replayed, under a token of its own.
 */
static bool put_aside(weir_respool *r, const struct file *f, size_t at, size_t end)
{
	weir_text bytes = weir_str_view(&f->bytes);
	char name[WEIR_SPOOL_NAME_MAX];
	int fd;
	bool good;

	snprintf(name, sizeof(name), "%.*sb%zu.bad", (int)(strrchr(f->name, '.') - f->name), f->name, at);
	fd = openat(r->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	good = write(fd, WEIR_SPOOL_MAGIC, WEIR_SPOOL_MAGIC_LEN) == WEIR_SPOOL_MAGIC_LEN;
	good = good && write(fd, bytes.p + at, end - at) == (ssize_t)(end - at) && !fdatasync(fd) && !fsync(r->dir);
	close(fd);
	return good;
}

static struct file *file_open(weir_respool *r, const char *name)
{
	struct file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->fd = -1;
	weir_str_init(&f->bytes, FILE_BYTES_MAX);
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->before = calloc(SHARDS_MAX, sizeof(*f->before));
	if (f->before && token_of(name, f->token))
		f->fd = weir_spool_lock(r->dir, name);
	if (f->fd >= 0 && !weir_spool_load(f->fd, &f->bytes)) {
		if (weir_spool_reader_init(&f->reader, weir_str_view(&f->bytes)))
			return f;
		weir_log(LOG_ERR, "respool", "file=%s error=\"no spool file; put aside as .bad\"", name);
		if (put_aside(r, f, 0, f->bytes.len))
			unlinkat(r->dir, name, 0);
	}
	file_free(f);
	return NULL;
}

static bool is_open(const weir_respool *r, const char *name)
{
	for (size_t i = 0; i < r->files; i++)
		if (!strcmp(r->file[i]->name, name))
			return true;
	return false;
}

/* Removes what processes left that were killed while they began a file. */
static void sweep(weir_respool *r, char (*names)[WEIR_SPOOL_NAME_MAX])
{
	int64_t before = weir_now_ms() / 1000 - BEGUN_S;
	size_t count = 0;
	struct stat st;

	if (r->dir < 0 || !weir_spool_list(r->conf->track_spool_dir, WEIR_SPOOL_BEGUN, names, NAMES_MAX, &count))
		return;
	for (size_t i = 0; i < count; i++)
		if (!fstatat(r->dir, names[i], &st, AT_SYMLINK_NOFOLLOW) && st.st_mtime < before && !unlinkat(r->dir, names[i], 0))
			weir_log(LOG_DEBUG, "respool", "file=%s begun=never removed=yes", names[i]);
}

static void look(weir_respool *r)
{
	char (*names)[WEIR_SPOOL_NAME_MAX] = calloc(NAMES_MAX, sizeof(*names));
	const char *dir = r->conf->track_spool_dir;
	size_t count = 0;

	r->look_ms = weir_monotonic_ms() + LOOK_MS;
	if (!names)
		return;
	if (r->dir < 0)
		r->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir >= 0 && !weir_spool_list(dir, ".spool", names, NAMES_MAX, &count))
		weir_log(LOG_ERR, "respool", "dir=%s error=\"%s\"", dir, strerror(errno));
	r->seen = count;
	for (size_t i = 0; i < count && r->files < OPEN_MAX_FILES; i++)
		if (!is_open(r, names[i]) && (r->file[r->files] = file_open(r, names[i])))
			r->files++;
	sweep(r, names);
	free(names);
}

static weir_text last_key(weir_respool *r, const char *token, unsigned shard)
{
	return weir_key(r->mem, r->conf, shard, WEIR_KEY_LAST, weir_text_of(token), (weir_text){ NULL, 0 });
}

/* Whether Redis still knows the last record of every shard: one that was killed may have lost its last second. */
static weir_err still_known(weir_respool *r, const struct file *f, bool *known)
{
	weir_err err = WEIR_OK;

	*known = true;
	for (unsigned shard = 0; shard < SHARDS_MAX && !err && *known; shard++) {
		weir_text argv[2] = { WEIR_TEXT("GET"), last_key(r, f->token, shard) };
		redisReply *reply = NULL;
		int64_t number = 0;

		if (!f->before[shard])
			continue;
		err = argv[1].p ? weir_redis_do(r->redis, &reply, 2, argv) : WEIR_ENOMEM;
		if (err)
			return err;
		*known = !weir_num_int(weir_reply_text(reply), &number) && (uint64_t)number >= f->before[shard];
		freeReplyObject(reply);
	}
	return err;
}

static void read_again(struct file *f)
{
	f->reader.at = WEIR_SPOOL_MAGIC_LEN < f->bytes.len ? WEIR_SPOOL_MAGIC_LEN : f->bytes.len;
	f->reader.seq = 0;
	f->at_end = false;
	f->done_ms = f->waiting_ms = 0;
	memset(f->before, 0, SHARDS_MAX * sizeof(*f->before));
}

/* Removes files whose records are all in Redis for good. */
static weir_err finish_files(weir_respool *r)
{
	int64_t now = weir_monotonic_ms();
	bool known = true;

	for (size_t i = 0; i < r->files;) {
		struct file *f = r->file[i];
		weir_err err = WEIR_OK;

		if (!f->at_end || now - f->done_ms < (f->replayed ? LINGER_MS : 0)) {
			i++;
			continue;
		}
		err = still_known(r, f, &known);
		if (err)
			return err;
		if (!known) {
			weir_log(LOG_WARNING, "respool", "file=%s Redis has lost what was replayed: replaying it again", f->name);
			read_again(f);
			i++;
			continue;
		}
		if (unlinkat(r->dir, f->name, 0))
			weir_log(LOG_ERR, "respool", "file=%s error=\"cannot be removed: %s\"", f->name, strerror(errno));
		else
			weir_log(f->replayed ? LOG_NOTICE : LOG_DEBUG, "respool", "file=%s calls=%lld removed=yes", f->name, (long long)f->replayed);
		file_free(f);
		r->file[i] = r->file[--r->files];
		r->seen -= r->seen > 0;
		if (r->seen > r->files)
			r->look_ms = 0;
	}
	return WEIR_OK;
}

/* ------------------------------------------------------------ records */

/* The file's next record that can be called; false at its end. Damage on the way is put aside. */
static bool next_record(weir_respool *r, struct file *f, struct errand *e)
{
	while (!f->at_end) {
		struct weir_spool_reader from = f->reader;
		enum weir_spool_found found = weir_spool_read(&f->reader, r->mem, &e->record);

		e->file = f;
		e->from = from;
		if (found == WEIR_SPOOL_RECORD && e->record.call.shard < SHARDS_MAX && weir_script_find(e->record.script, &e->script))
			return true;
		if (found == WEIR_SPOOL_NOMEM) {
			f->reader = from;
			return false;
		}
		if (found == WEIR_SPOOL_RECORD || found == WEIR_SPOOL_DAMAGED) {
			weir_log(LOG_ERR, "respool", "file=%s at=%zu bytes=%zu error=\"%s; put aside as .bad\"", f->name, e->record.at,
				e->record.end - e->record.at, found == WEIR_SPOOL_RECORD ? "a record of a script that is not known" : "damaged");
			if (!put_aside(r, f, e->record.at, e->record.end)) {
				f->reader = from;
				return false;
			}
			continue;
		}
		if (found == WEIR_SPOOL_TORN)
			weir_log(LOG_NOTICE, "respool", "file=%s at=%zu bytes=%zu a record that was not written to its end is left out", f->name,
				e->record.at, e->record.end - e->record.at);
		f->at_end = true;
		f->done_ms = weir_monotonic_ms();
	}
	return false;
}

/* The errands of one step, merged by the time they came. */
static size_t collect(weir_respool *r, struct errand *out)
{
	struct errand *head = weir_alloc_n(r->mem, OPEN_MAX_FILES, sizeof(*head));
	bool has[OPEN_MAX_FILES] = { false };
	size_t n = 0, bytes = 0;

	for (size_t i = 0; head && i < r->files; i++)
		has[i] = next_record(r, r->file[i], &head[i]);
	while (head && n < STEP_RECORDS && bytes < STEP_BYTES) {
		size_t first = r->files;

		for (size_t i = 0; i < r->files; i++)
			if (has[i] && (first == r->files || head[i].record.at_ms < head[first].record.at_ms))
				first = i;
		if (first == r->files)
			break;
		out[n++] = head[first];
		bytes += head[first].record.end - head[first].record.at;
		has[first] = next_record(r, r->file[first], &head[first]);
	}
	/* What was looked at and not taken comes again. */
	for (size_t i = 0; head && i < r->files; i++)
		if (has[i])
			r->file[i]->reader = head[i].from;
	return n;
}

static bool is_worn_out(const struct file *f)
{
	return f->waiting_ms && weir_monotonic_ms() - f->waiting_ms > DOUBT_MS;
}

static weir_err fill(weir_respool *r, struct errand *e, uint64_t before, struct weir_redis_command *out)
{
	const struct weir_call *call = &e->record.call;
	struct weir_script *script = &r->script[e->script];
	size_t n = 3;
	weir_text *argv = weir_alloc_n(r->mem, 3 + call->nkeys + 2 + call->nargs + 4, sizeof(*argv)), last = last_key(r, e->file->token, call->shard);
	weir_text was = call->doubt.token[0] ? last_key(r, call->doubt.token, call->shard) : last;
	weir_err err = script->sha[0] ? WEIR_OK : weir_redis_load(r->redis, script);

	if (err || !argv || !last.p || !was.p)
		return err ? err : WEIR_ENOMEM;
	snprintf(e->nkeys, sizeof(e->nkeys), "%zu", call->nkeys + 2);
	snprintf(e->before, sizeof(e->before), "%llu", (unsigned long long)before);
	snprintf(e->number, sizeof(e->number), "%llu", (unsigned long long)e->record.seq);
	snprintf(e->doubt, sizeof(e->doubt), "%llu", (unsigned long long)(call->doubt.token[0] ? call->doubt.counter : 0));
	snprintf(e->deadline, sizeof(e->deadline), "%lld", is_worn_out(e->file) ? 0 : (long long)call->doubt.deadline_ms);
	argv[0] = WEIR_TEXT("EVALSHA");
	argv[1] = weir_text_of(script->sha);
	argv[2] = weir_text_of(e->nkeys);
	for (size_t i = 0; i < call->nkeys; i++)
		argv[n++] = call->keys[i];
	argv[n++] = was;
	argv[n++] = last;
	for (size_t i = 0; i < call->nargs; i++)
		argv[n++] = call->args[i];
	argv[n++] = weir_text_of(e->before);
	argv[n++] = weir_text_of(e->number);
	argv[n++] = weir_text_of(e->doubt);
	argv[n++] = weir_text_of(e->deadline);
	*out = (struct weir_redis_command){ .argc = n, .argv = argv };
	return WEIR_OK;
}

/* The number of the record before each errand: the last one of its shard, replayed or on its way. */
static uint64_t number_before(const struct errand *e, size_t i)
{
	for (size_t k = i; k-- > 0;)
		if (e[k].file == e[i].file && e[k].record.call.shard == e[i].record.call.shard)
			return e[k].record.seq;
	return e[i].file->before[e[i].record.call.shard];
}

/* Redis refuses the call as such: it is put aside, and the next one may follow. */
static weir_err give_up(weir_respool *r, struct errand *e, const char *why)
{
	weir_text argv[5] = { WEIR_TEXT("SET"), last_key(r, e->file->token, e->record.call.shard), weir_text_of(e->number), WEIR_TEXT("PX"),
		WEIR_TEXT("604800000") };
	redisReply *reply = NULL;
	weir_err err;

	weir_log(LOG_ERR, "respool", "file=%s record=%s script=%s error=\"%s; put aside as .bad\"", e->file->name, e->number,
		weir_script_name(e->script), why);
	if (!put_aside(r, e->file, e->record.at, e->record.end))
		return WEIR_EUNAVAIL;
	err = argv[1].p ? weir_redis_do(r->redis, &reply, 5, argv) : WEIR_ENOMEM;
	if (!err)
		freeReplyObject(reply);
	return err;
}

/* True when the file's following records may count; false: the file goes on from this record. */
static bool settle(weir_respool *r, struct errand *e, struct weir_redis_command *c, weir_err *err)
{
	weir_text word = weir_reply_text(c->reply);
	struct file *f = e->file;
	bool stays = false;

	if (c->err == WEIR_EINTERNAL && strstr(c->error, "NOSCRIPT")) {
		r->script[e->script].sha[0] = '\0';
		stays = true;
	} else if (c->err == WEIR_EINTERNAL) {
		*err = give_up(r, e, c->error);
		stays = *err;
	} else if (c->err) {
		*err = c->err;
		stays = true;
	} else if (weir_text_is(word, "w")) {
		if (!f->waiting_ms)
			f->waiting_ms = weir_monotonic_ms();
		stays = true;
		*err = WEIR_ETIMEOUT;
	} else if (weir_text_is(word, "f")) {
		stays = true;
		*err = WEIR_EUNAVAIL;
	} else if (weir_text_is(word, "o")) {
		/* Redis knows another record as the last: it has lost some, and all are looked at again. */
		read_again(f);
		return false;
	}
	if (stays) {
		f->reader = e->from;
		f->at_end = false;
		return false;
	}
	f->waiting_ms = 0;
	f->before[e->record.call.shard] = e->record.seq;
	f->replayed++;
	return true;
}

static weir_err replay(weir_respool *r, struct errand *errands, size_t n)
{
	struct weir_redis_command *commands = weir_alloc_n(r->mem, n, sizeof(*commands));
	weir_err err = commands ? WEIR_OK : WEIR_ENOMEM, lost;

	for (size_t i = 0; i < n && !err; i++)
		err = fill(r, &errands[i], number_before(errands, i), &commands[i]);
	if (err)
		return err;
	lost = weir_redis_pipe(r->redis, commands, n);
	for (size_t i = 0; i < n && !lost; i++) {
		bool passed = false;

		/* A file that stays at a record has its later ones read again. */
		for (size_t k = 0; k < i && !passed; k++)
			passed = errands[k].file == errands[i].file && commands[k].argc == 0;
		if (passed || !settle(r, &errands[i], &commands[i], &err))
			commands[i].argc = 0;
		if (err && err != WEIR_ETIMEOUT)
			break;
	}
	for (size_t i = 0; i < n; i++)
		if (commands[i].reply)
			freeReplyObject(commands[i].reply);
	return lost ? lost : err;
}

enum weir_respool_did weir_respool_step(weir_respool *r)
{
	struct errand *errands;
	int64_t now = weir_monotonic_ms();
	weir_err err;
	size_t n;

	if (now < r->next_ms)
		return r->pause_ms ? WEIR_RESPOOL_FAILING : WEIR_RESPOOL_IDLE;
	if (now >= r->look_ms)
		look(r);
	if (!r->files)
		return WEIR_RESPOOL_IDLE;
	weir_arena_reset(r->mem);
	errands = weir_alloc_n(r->mem, STEP_RECORDS, sizeof(*errands));
	n = errands ? collect(r, errands) : 0;
	err = n ? replay(r, errands, n) : finish_files(r);
	if (err == WEIR_ETIMEOUT) {
		/* A call in doubt: a moment later it is known. */
		r->next_ms = now + PAUSE_FIRST_MS;
		return WEIR_RESPOOL_IDLE;
	}
	if (err)
		return fall_back(r);
	r->pause_ms = 0;
	return n ? WEIR_RESPOOL_WORK : WEIR_RESPOOL_IDLE;
}
