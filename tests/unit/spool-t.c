/* The spool without Redis: the form of its files, what is left of damaged ones, its bounds; and what is remembered of sessions. */
#include "config.h"
#include "ingest/recall.h"
#include "ingest/spool.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static weir_arena *mem;
static char dir[] = "/tmp/weir-spool-t.XXXXXX", long_path[64];
static struct weir_conf conf;
static weir_text keys[] = { { "{weir:0}:events", 15 }, { "k\0y", 3 } };
static weir_text args[] = { { "", 0 }, { "c", 1 }, { "\xff\0\n", 3 } };

static struct weir_call call_of(size_t nargs)
{
	return (struct weir_call){ .script = WEIR_SCRIPT_TRACK, .shard = 3, .nkeys = 2, .nargs = nargs, .keys = keys, .args = args, .err = WEIR_EUNAVAIL };
}

static bool is_sample(const struct weir_spool_record *r)
{
	bool same = weir_text_is(r->script, "track") && r->call.shard == 3 && r->call.nkeys == 2 && r->call.nargs >= 1 && r->call.nargs <= 3 &&
		    r->at_ms == 1000 + (int64_t)r->seq;

	for (size_t i = 0; same && i < r->call.nkeys; i++)
		same = weir_text_eq(r->call.keys[i], keys[i]);
	for (size_t i = 0; same && i < r->call.nargs; i++)
		same = weir_text_eq(r->call.args[i], args[i]);
	return same;
}

/* Three records of different lengths. */
static void sample_file(weir_str *out, size_t ends[3])
{
	weir_str_reset(out);
	weir_str_puts(out, WEIR_SPOOL_MAGIC);
	for (size_t i = 0; i < 3; i++) {
		struct weir_call call = call_of(3 - i);

		weir_spool_pack(&call, i + 1, 1001 + (int64_t)i, out);
		ends[i] = out->len;
	}
}

/* Reads to the end: how many records, and what stood at the end; -1 when one is none of the sample's. */
static int read_all(weir_text bytes, enum weir_spool_found *last, int *damaged)
{
	struct weir_spool_reader r;
	struct weir_spool_record record;
	int n = 0;

	*damaged = 0;
	*last = WEIR_SPOOL_NOMEM;
	if (!weir_spool_reader_init(&r, bytes))
		return -2;
	for (;;) {
		*last = weir_spool_read(&r, mem, &record);
		*damaged += *last == WEIR_SPOOL_DAMAGED;
		if (*last == WEIR_SPOOL_RECORD && !is_sample(&record))
			return -1;
		if (*last != WEIR_SPOOL_RECORD && *last != WEIR_SPOOL_DAMAGED)
			return n;
		n += *last == WEIR_SPOOL_RECORD;
	}
}

static void form(void)
{
	struct weir_call call = call_of(2);
	struct weir_spool_reader r;
	struct weir_spool_record record;
	enum weir_spool_found last;
	size_t ends[3];
	weir_str file;
	int damaged;

	weir_str_init(&file, 1 << 20);
	sample_file(&file, ends);
	ok(read_all(weir_str_view(&file), &last, &damaged) == 3 && last == WEIR_SPOOL_END && !damaged, "three records come back as they were");
	memcpy(call.doubt.token, "abc-1", 6);
	call.doubt.counter = UINT64_MAX;
	call.doubt.deadline_ms = 42;
	weir_str_reset(&file);
	weir_str_puts(&file, WEIR_SPOOL_MAGIC);
	weir_spool_pack(&call, 7, 1, &file);
	ok(weir_spool_reader_init(&r, weir_str_view(&file)) && weir_spool_read(&r, mem, &record) == WEIR_SPOOL_RECORD, "a call in doubt");
	ok(record.seq == 7 && !strcmp(record.call.doubt.token, "abc-1") && record.call.doubt.counter == UINT64_MAX && record.call.doubt.deadline_ms == 42,
		"keeps token, number and deadline");
	ok(!weir_spool_reader_init(&r, WEIR_TEXT("WEIRSPL2 and more")), "another file is none");
	ok(weir_spool_reader_init(&r, WEIR_TEXT("WEIR")) && weir_spool_read(&r, mem, &record) == WEIR_SPOOL_END, "one cut off in its first bytes is empty");
	weir_str_free(&file);
}

static void torn(void)
{
	enum weir_spool_found last;
	size_t ends[3], wrong = 0;
	weir_str file;
	int damaged;

	weir_str_init(&file, 1 << 20);
	sample_file(&file, ends);
	for (size_t n = WEIR_SPOOL_MAGIC_LEN; n <= file.len; n++) {
		int whole = (n >= ends[0]) + (n >= ends[1]) + (n >= ends[2]);
		bool clean = n == WEIR_SPOOL_MAGIC_LEN || n == ends[0] || n == ends[1] || n == ends[2];

		wrong += read_all((weir_text){ file.buf, n }, &last, &damaged) != whole || last != (clean ? WEIR_SPOOL_END : WEIR_SPOOL_TORN) || damaged;
	}
	ok(!wrong, "cut off anywhere: the whole records come, the torn one doesn't");
	weir_str_reset(&file);
	sample_file(&file, ends);
	for (int i = 0; i < 5000; i++)
		weir_str_putc(&file, 0);
	ok(read_all(weir_str_view(&file), &last, &damaged) == 3 && last == WEIR_SPOOL_TORN, "zeros that a power cut left at the end are no records");
	weir_str_free(&file);
}

static void damage(void)
{
	enum weir_spool_found last;
	size_t ends[3], wrong = 0;
	weir_str file;
	int damaged;

	weir_str_init(&file, 1 << 20);
	sample_file(&file, ends);
	for (size_t at = WEIR_SPOOL_MAGIC_LEN; at < file.len; at++) {
		int before = (at >= ends[0]) + (at >= ends[1]);

		file.buf[at] ^= 0x20;
		/* The others come; damage before them is told as such, damage at the end is a torn record. */
		wrong += read_all(weir_str_view(&file), &last, &damaged) != 2 || damaged != (before < 2) ||
			 last != (before < 2 ? WEIR_SPOOL_END : WEIR_SPOOL_TORN);
		file.buf[at] ^= 0x20;
	}
	ok(!wrong, "any byte changed: that record doesn't come, the others do");
	sample_file(&file, ends);
	weir_str_add(&file, file.buf + WEIR_SPOOL_MAGIC_LEN, ends[0] - WEIR_SPOOL_MAGIC_LEN);
	ok(read_all(weir_str_view(&file), &last, &damaged) == 3, "a record that stands there again doesn't come again");
	weir_str_free(&file);
}

/* ------------------------------------------------------------ the writer */

static int files(const char *suffix)
{
	char names[20][WEIR_SPOOL_NAME_MAX];
	size_t n = 0;

	return weir_spool_list(dir, suffix, names, 20, &n) ? (int)n : -1;
}

/* Records of the newest file. */
static int records_of_newest(uint64_t *seq)
{
	char names[20][WEIR_SPOOL_NAME_MAX], path[200];
	struct weir_spool_reader r;
	struct weir_spool_record record;
	size_t count = 0;
	weir_str bytes;
	int n = 0, fd;

	if (!weir_spool_list(dir, ".spool", names, 20, &count) || !count)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", dir, names[count - 1]);
	fd = open(path, O_RDONLY);
	weir_str_init(&bytes, 1 << 24);
	if (fd < 0 || weir_spool_load(fd, &bytes) || !weir_spool_reader_init(&r, weir_str_view(&bytes)))
		n = -1;
	while (n >= 0 && weir_spool_read(&r, mem, &record) == WEIR_SPOOL_RECORD)
		n++;
	*seq = r.seq;
	close(fd);
	weir_str_free(&bytes);
	return n;
}

static bool append(weir_spool *s, size_t count)
{
	struct weir_call calls[4];
	bool kept;

	for (size_t i = 0; i < count; i++)
		calls[i] = call_of(1);
	kept = weir_spool_append(s, calls, count);
	for (size_t i = 0; i < count; i++)
		if (calls[i].kept != kept || calls[i].err != (kept ? WEIR_OK : WEIR_EUNAVAIL))
			return !kept;
	return kept;
}

static void append_to_newest(const char *bytes, size_t n)
{
	char names[20][WEIR_SPOOL_NAME_MAX], path[200];
	size_t count = 0;
	int fd;

	if (!weir_spool_list(dir, ".spool", names, 20, &count) || !count)
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, names[count - 1]);
	fd = open(path, O_WRONLY | O_APPEND);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		printf("Bail out! %s cannot be written\n", path);
	close(fd);
}

static weir_err mark_later(struct weir_call *call)
{
	call->nargs = 1;
	return WEIR_OK;
}

static weir_err cannot(struct weir_call *call)
{
	(void)call;
	return WEIR_ENOMEM;
}

static void writing(void)
{
	struct weir_fault fault;
	weir_spool *a = weir_spool_new(&conf, &fault), *b = weir_spool_new(&conf, &fault);
	struct weir_call calls[3] = { call_of(3), call_of(3), call_of(3) };
	struct weir_spool_figures figures;
	uint64_t seq = 0;

	ok(a && b && !files(".spool"), "a spool without anything to keep makes no file");
	ok(append(a, 2) && files(".spool") == 1 && records_of_newest(&seq) == 2 && seq == 2, "two calls in one file");
	ok(append(b, 1) && files(".spool") == 2, "a file that another process writes is left alone");
	weir_spool_release(b);
	weir_spool_free(a);
	a = weir_spool_new(&conf, &fault);
	ok(append(a, 1) && files(".spool") == 2 && records_of_newest(&seq) == 2 && seq == 2, "one that nobody holds is gone on with");
	weir_spool_release(a);
	append_to_newest("\x40\0\0\0half a record", 17);
	ok(append(a, 1) && files(".spool") == 2 && records_of_newest(&seq) == 3 && seq == 3, "a torn record at its end is cut off");
	calls[0].err = WEIR_OK;
	calls[1].question = true;
	calls[2].for_later = mark_later;
	ok(weir_spool_append(a, calls, 3) && !calls[0].kept && !calls[1].kept && calls[2].kept && records_of_newest(&seq) == 4,
		"what was executed and what only asks is not kept");
	ok(calls[2].nargs == 1, "what is kept is the call for later");
	ok(!weir_spool_survey(&conf, &figures) && figures.files == 2 && figures.records == 6 && figures.oldest_at_ms > 1500000000000 && !figures.refused,
		"the figures tell files, records and the oldest");
	weir_spool_free(a);
	weir_spool_free(b);
}

static void bounds(void)
{
	struct weir_conf small = conf;
	struct weir_fault fault;
	struct weir_spool_figures figures;
	struct rlimit old, limit;
	struct stat st;
	weir_spool *s;
	uint64_t seq = 0;
	int before;

	small.track_spool_max = 100;
	s = weir_spool_new(&small, &fault);
	ok(!append(s, 2), "beyond track.spool_max nothing is kept");
	ok(!weir_spool_survey(&conf, &figures) && figures.refused == 2 && figures.refused_at_ms > 1500000000000, "that is counted");
	weir_spool_free(s);
	small = conf;
	small.track_spool_disk_min = 100;
	s = weir_spool_new(&small, &fault);
	ok(!append(s, 1) && !weir_spool_survey(&conf, &figures) && figures.refused == 3, "nor when too little of the disk would stay free");
	weir_spool_free(s);

	/* A disk that is full in the middle of a record. */
	s = weir_spool_new(&conf, &fault);
	ok(append(s, 1), "a record before the disk is full");
	before = records_of_newest(&seq);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = (rlim_t)(weir_spool_survey(&conf, &figures) ? 0 : 700);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	while (append(s, 1))
		;
	setrlimit(RLIMIT_FSIZE, &old);
	ok(records_of_newest(&seq) >= before && seq >= (uint64_t)before, "what was kept is still there");
	before = records_of_newest(&seq);
	ok(append(s, 1) && records_of_newest(&seq) == before + 1, "and when there is room again the next record is whole");
	weir_spool_free(s);

	small = conf;
	small.track_spool_dir = "/dev/null/spool";
	s = weir_spool_new(&small, &fault);
	ok(s && !append(s, 1), "a directory that cannot be: refused, but no fault");
	weir_spool_free(s);
	small.track_spool_disk_min = 101;
	ok(!weir_spool_new(&small, &fault) && strstr(fault.text, "spool_disk_min"), "a setting that makes no sense is one");
	ok(!stat(dir, &st), "the directory is there");
}

static void remove_files(void)
{
	char names[20][WEIR_SPOOL_NAME_MAX], path[200];
	size_t count = 0;

	if (weir_spool_list(dir, "", names, 20, &count))
		while (count--) {
			snprintf(path, sizeof(path), "%s/%s", dir, names[count]);
			unlink(path);
		}
}

static void rolling(void)
{
	struct weir_fault fault;
	weir_spool *s = weir_spool_new(&conf, &fault);
	char *large = calloc(1, 1500 * 1024);
	weir_text arg = { large, 1500 * 1024 };
	struct weir_call call = call_of(1);
	bool good = large != NULL;

	remove_files();

	for (int i = 0; i < 3 && good; i++) {
		call.err = WEIR_EUNAVAIL;
		call.args = &arg;
		good = weir_spool_append(s, &call, 1);
	}
	ok(good && files(".spool") == 2, "large calls: the file is left when it has grown, the next one begins another");
	call = (struct weir_call){ .err = WEIR_EUNAVAIL, .for_later = cannot };
	ok(!weir_spool_append(s, &call, 1) && !call.kept && call.err == WEIR_EUNAVAIL, "a call that cannot be made into one for later is not kept");
	free(large);
	weir_spool_free(s);
}

enum { WRITERS = 4, CALLS = 150 };

/* A process that keeps its calls one by one, each in whichever file it finds; tells how many it could not. */
static int write_many(void)
{
	struct weir_fault fault;
	weir_spool *s = weir_spool_new(&conf, &fault);
	int failed = 0;

	for (int i = 0; s && i < CALLS; i++) {
		failed += !append(s, 1);
		if (i % 3 == 0)
			weir_spool_release(s);
	}
	weir_spool_free(s);
	return s && failed < 100 ? failed : 100;
}

/* As the worker: takes every file that nobody holds, and removes it; the number of its calls. */
static int take_all(int at)
{
	char names[64][WEIR_SPOOL_NAME_MAX];
	size_t count = 0;
	int calls = 0, fd;

	if (!weir_spool_list(dir, ".spool", names, 64, &count))
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct weir_spool_reader r;
		struct weir_spool_record record;
		weir_str bytes;

		fd = weir_spool_lock(at, names[i]);
		if (fd < 0)
			continue;
		weir_str_init(&bytes, 64 << 20);
		if (!weir_spool_load(fd, &bytes) && weir_spool_reader_init(&r, weir_str_view(&bytes)))
			while (weir_spool_read(&r, mem, &record) == WEIR_SPOOL_RECORD)
				calls++;
		unlinkat(at, names[i], 0);
		close(fd);
		weir_str_free(&bytes);
	}
	return calls;
}

static void crowd(void)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY), taken = 0, refused = 0, running = WRITERS, status;
	pid_t pid[WRITERS];

	remove_files();
	for (int i = 0; i < WRITERS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(write_many());
	}
	while (running) {
		taken += take_all(at);
		for (int i = 0; i < WRITERS; i++)
			if (pid[i] && waitpid(pid[i], &status, WNOHANG) == pid[i]) {
				pid[i] = 0;
				running--;
				refused += WIFEXITED(status) ? WEXITSTATUS(status) : 100;
			}
	}
	taken += take_all(at);
	close(at);
	ok(!refused, "of several processes at once, with another taking the files away, each keeps its calls");
	ok(taken == WRITERS * CALLS - refused, "and every call is in a file that was taken");
	printf("# %d refused, %d of %d taken\n", refused, taken, WRITERS * CALLS);
	ok(files(".begun") == 0, "nothing is left of beginning them");
}

static const weir_text project = { "p", 1 };

static bool recalls(const weir_recall *r, const char *device, int64_t at, int64_t timeout, const char *session)
{
	char id[WEIR_RECALL_ID_MAX];
	size_t len = 0;
	bool found = weir_recall_find(r, project, weir_text_of(device), at, timeout, id, &len);

	return session ? found && weir_text_is((weir_text){ id, len }, session) : !found;
}

static void recall(void)
{
	weir_recall *r = weir_recall_new(dir), *other = weir_recall_new(dir), *alone = weir_recall_new("/nowhere/at/all");
	weir_text d = WEIR_TEXT("device"), s = WEIR_TEXT("session-1");
	char name[16], id[WEIR_RECALL_ID_MAX];
	int found = 0;
	size_t len;
	FILE *f;

	ok(recalls(r, "device", 1000, 500, NULL), "nothing is known at first");
	weir_recall_note(r, project, d, s, 1000);
	ok(recalls(r, "device", 1499, 500, "session-1"), "a session is known within the timeout");
	ok(recalls(r, "device", 1500, 500, NULL), "and no longer");
	ok(recalls(r, "device", 500, 500, NULL) && recalls(r, "device", 501, 500, "session-1"), "nor for what is older than it by that");
	ok(!weir_recall_find(r, WEIR_TEXT("q"), d, 1000, 500, id, &len), "and not in another project");
	ok(recalls(other, "device", 1000, 500, "session-1"), "another process knows it as well");
	ok(recalls(alone, "device", 1000, 500, NULL), "one without the directory does not");
	weir_recall_note(alone, project, d, s, 1000);
	ok(recalls(alone, "device", 1000, 500, "session-1"), "but what it has seen itself");
	weir_recall_note(other, project, d, s, 900);
	ok(recalls(r, "device", 1499, 500, "session-1") && recalls(r, "device", 401, 500, "session-1"), "a late event makes it longer, not older");
	weir_recall_note(r, project, d, WEIR_TEXT("session-2"), 2000);
	ok(recalls(r, "device", 2000, 500, "session-2"), "the next session of a device is another");
	ok(recalls(r, "device", 1200, 500, "session-1"), "and the one before it is known for its time");
	weir_recall_free(other);
	other = weir_recall_new(dir);
	ok(recalls(other, "device", 2000, 500, "session-2"), "a process that begins knows what others have seen");
	snprintf(long_path, sizeof(long_path), "%s/recall", dir);
	f = fopen(long_path, "r+");
	for (int at = 0; f && !fseek(f, 0, SEEK_END) && at < ftell(f); at += 8) {
		fseek(f, at, SEEK_SET);
		fputc(7, f);
	}
	if (f)
		fclose(f);
	ok(recalls(other, "device", 2000, 500, NULL) && recalls(other, "device", 1000, 500, NULL), "a place that was not written whole is none");
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		weir_recall_note(r, project, weir_text_of(name), s, 3000 + i);
	}
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		found += recalls(r, name, 103000, 1000000, "session-1");
	}
	ok(found > 16000 && found <= 32768, "of very many the last ones are known");
	weir_recall_note(r, project, WEIR_TEXT("long"), WEIR_TEXT("0123456789012345678901234"), 200000);
	ok(recalls(r, "long", 200000, 500, NULL), "an id that is too long is not noted");
	weir_recall_free(r);
	weir_recall_free(other);
	weir_recall_free(alone);
}

int main(void)
{
	struct weir_fault fault;

	mem = weir_arena_new(64 << 20);
	if (!mem || !mkdtemp(dir) || setenv("WEIR_CONF", "/dev/null", 1) || weir_conf_load(&conf, NULL, &fault))
		return 1;
	conf.track_spool_dir = dir;
	conf.track_spool_disk_min = 0;
	form();
	torn();
	damage();
	writing();
	bounds();
	rolling();
	crowd();
	recall();
	remove_files();
	rmdir(dir);
	weir_conf_free(&conf);
	weir_arena_free(mem);
	return tap_done();
}
