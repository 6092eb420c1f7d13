/* The writer of spool files. */
#include "config.h"
#include "ingest/spool.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	ADOPT_MAX = 256 * 1024,        /* a file of another that is gone on with */
	ADOPT_LOOKS = 8,               /* newest files that are looked at for that */
	MEASURE_MS = 1000,             /* how long the size of all files is believed */
	APPEND_MAX = 256 * 1024 * 1024,/* one write */
	FILES_MAX = 100000,            /* names of one look at the directory */
	READ_MAX = 512 * 1024 * 1024,  /* a file */
	SCRATCH_MAX = 16 * 1024 * 1024,
	TOKEN_BYTES = 8,
	PAGE = 4096,
	LOG_MS = 1000
};

struct weir_spool {
	const struct weir_conf *conf;
	int dir, fd;                   /* -1 while not open */
	uint64_t seq;                  /* of the last record in the file */
	off_t size;                    /* of the file */
	int64_t used, measured_ms;     /* bytes of all files; monotonic */
	int64_t logged_ms;
	weir_str out;
	struct weir_spool_page *page, own;
};

static void complain(weir_spool *s, const char *what)
{
	int64_t now = weir_monotonic_ms();

	if (s->logged_ms && now - s->logged_ms < LOG_MS)
		return;
	s->logged_ms = now;
	weir_log(LOG_ERR, "spool", "dir=%s error=\"%s: %s\"", s->conf->track_spool_dir, what, strerror(errno));
}

/* ------------------------------------------------------------ opening, closing */

static void map_page(weir_spool *s)
{
	int fd = openat(s->dir, "state", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	void *at = MAP_FAILED;

	/* Room on the disk now, so that a full one can't end the process later. */
	if (fd >= 0 && !posix_fallocate(fd, 0, PAGE))
		at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at != MAP_FAILED)
		s->page = at;
}

static bool open_dir(weir_spool *s)
{
	if (s->dir >= 0)
		return true;
	if (mkdir(s->conf->track_spool_dir, 0750) && errno != EEXIST) {
		complain(s, "cannot make the directory");
		return false;
	}
	s->dir = open(s->conf->track_spool_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0) {
		complain(s, "cannot open the directory");
		return false;
	}
	if (s->page == &s->own)
		map_page(s);
	return true;
}

weir_spool *weir_spool_new(const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_spool *s;

	if (!conf->track_spool_dir[0] || conf->track_spool_max < 0 || conf->track_spool_disk_min < 0 || conf->track_spool_disk_min > 100) {
		weir_fault_set(fault, "track.spool_dir must name a directory, track.spool_max not be negative, track.spool_disk_min be 0 to 100");
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		weir_fault_set(fault, "out of memory");
		return NULL;
	}
	s->conf = conf;
	s->dir = s->fd = -1;
	s->page = &s->own;
	weir_str_init(&s->out, APPEND_MAX);
	if (!open_dir(s))
		weir_log(LOG_WARNING, "spool", "dir=%s without it, events are refused while Redis is away", conf->track_spool_dir);
	return s;
}

void weir_spool_free(weir_spool *s)
{
	if (!s)
		return;
	weir_spool_release(s);
	if (s->page != &s->own)
		munmap(s->page, PAGE);
	if (s->dir >= 0)
		close(s->dir);
	weir_str_free(&s->out);
	free(s);
}

struct weir_spool_page *weir_spool_page(weir_spool *s)
{
	return s->page;
}

bool weir_spool_waits(const weir_spool *s)
{
	char name[1][WEIR_SPOOL_NAME_MAX];
	size_t count = 0;

	return weir_spool_list(s->conf->track_spool_dir, ".spool", name, 1, &count) && count;
}

void weir_spool_release(weir_spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* ------------------------------------------------------------ the file */

/* Goes on with a file of a process that is gone; a record that it could not end is cut off. */
static bool adopt(weir_spool *s, const char *name)
{
	struct weir_spool_reader r;
	struct weir_spool_record record;
	enum weir_spool_found found = WEIR_SPOOL_DAMAGED;
	weir_arena *mem = weir_arena_new(SCRATCH_MAX);
	struct stat st;
	weir_str bytes;
	int fd = weir_spool_lock(s->dir, name);

	weir_str_init(&bytes, ADOPT_MAX);
	if (mem && fd >= 0 && !fstat(fd, &st) && st.st_size >= WEIR_SPOOL_MAGIC_LEN && st.st_size <= ADOPT_MAX && !weir_spool_load(fd, &bytes) &&
		weir_spool_reader_init(&r, weir_str_view(&bytes)))
		while ((found = weir_spool_read(&r, mem, &record)) == WEIR_SPOOL_RECORD)
			weir_arena_reset(mem);
	if (found == WEIR_SPOOL_END || (found == WEIR_SPOOL_TORN && !ftruncate(fd, (off_t)record.at))) {
		s->fd = fd;
		s->seq = r.seq;
		s->size = found == WEIR_SPOOL_END ? st.st_size : (off_t)record.at;
	} else if (fd >= 0) {
		close(fd);
	}
	weir_str_free(&bytes);
	weir_arena_free(mem);
	return s->fd >= 0;
}

static bool adopt_one(weir_spool *s)
{
	char (*names)[WEIR_SPOOL_NAME_MAX] = calloc(FILES_MAX, sizeof(*names));
	size_t count = 0;

	if (names && weir_spool_list(s->conf->track_spool_dir, ".spool", names, FILES_MAX, &count))
		for (size_t i = 0; i < ADOPT_LOOKS && i < count && s->fd < 0; i++)
			if (adopt(s, names[count - 1 - i]))
				break;
	free(names);
	return s->fd >= 0;
}

/* It gets its name when it is locked: whoever looks for files would else have the lock in between. */
static bool begin(weir_spool *s)
{
	char name[WEIR_SPOOL_NAME_MAX], begun[WEIR_SPOOL_NAME_MAX], token[2 * TOKEN_BYTES + 1];
	uint8_t random[TOKEN_BYTES];

	weir_random(random, sizeof(random));
	weir_hex(random, sizeof(random), token);
	snprintf(name, sizeof(name), "%013lld-%s.spool", (long long)weir_now_ms(), token);
	snprintf(begun, sizeof(begun), "%013lld-%s" WEIR_SPOOL_BEGUN, (long long)weir_now_ms(), token);
	s->fd = openat(s->dir, begun, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
	if (s->fd < 0)
		return false;
	s->seq = 0;
	s->size = WEIR_SPOOL_MAGIC_LEN;
	if (!flock(s->fd, LOCK_EX | LOCK_NB) && write(s->fd, WEIR_SPOOL_MAGIC, WEIR_SPOOL_MAGIC_LEN) == WEIR_SPOOL_MAGIC_LEN &&
	    !renameat(s->dir, begun, s->dir, name) && !fsync(s->dir))
		return true;
	weir_spool_release(s);
	unlinkat(s->dir, begun, 0);
	return false;
}

static bool open_file(weir_spool *s)
{
	return s->fd >= 0 || adopt_one(s) || begin(s);
}

/* ------------------------------------------------------------ room */

/* What is the same size whatever waits: weir_spool_page, ingest/recall.h. */
static bool is_fixed(const char *name)
{
	return !strcmp(name, "state") || !strcmp(name, "recall");
}

static int64_t measure(weir_spool *s)
{
	DIR *d = opendir(s->conf->track_spool_dir);
	int64_t sum = 0;
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && !is_fixed(e->d_name) && !fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode))
			sum += st.st_size;
	if (d)
		closedir(d);
	return sum;
}

static bool has_room(weir_spool *s, size_t more)
{
	int64_t now = weir_monotonic_ms();
	struct statvfs fs;
	double after;

	if (!s->measured_ms || now - s->measured_ms >= MEASURE_MS) {
		s->used = measure(s);
		s->measured_ms = now;
	}
	errno = ENOSPC;
	if (s->used > s->conf->track_spool_max || (int64_t)more > s->conf->track_spool_max - s->used) {
		complain(s, "track.spool_max is reached");
		return false;
	}
	if (fstatvfs(s->dir, &fs) || !fs.f_blocks)
		return true; /* the write itself will tell */
	after = (double)fs.f_bavail * (double)fs.f_frsize - (double)more;
	if (after * 100 >= (double)s->conf->track_spool_disk_min * (double)fs.f_blocks * (double)fs.f_frsize)
		return true;
	errno = ENOSPC;
	complain(s, "less than track.spool_disk_min percent of the disk would stay free");
	return false;
}

/* ------------------------------------------------------------ writing */

/* All of it on the disk, or nothing of it in the file. */
static bool write_out(weir_spool *s)
{
	const char *p = s->out.buf;
	size_t left = s->out.len;

	while (left) {
		ssize_t n = write(s->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		p += n;
		left -= (size_t)n;
	}
	if (!left && !fdatasync(s->fd)) {
		s->size += (off_t)s->out.len;
		s->used += (int64_t)s->out.len;
		return true;
	}
	complain(s, "cannot write");
	/* What failed once may have lost pages: the file is left to those who read it, cut where it was whole. */
	if (ftruncate(s->fd, s->size) || fdatasync(s->fd))
		complain(s, "cannot cut a file off where it was whole");
	weir_spool_release(s);
	return false;
}

static bool is_meant(const struct weir_call *call)
{
	return call->err == WEIR_EUNAVAIL && !call->question;
}

/* The number of records in s->out; *made tells whether all of them could be made. */
static size_t pack(weir_spool *s, struct weir_call *calls, size_t count, uint64_t seq, bool *made)
{
	int64_t now = weir_now_ms();
	size_t n = 0;

	*made = true;
	weir_str_reset(&s->out);
	for (size_t i = 0; i < count; i++) {
		if (!is_meant(&calls[i]))
			continue;
		if (calls[i].for_later && calls[i].for_later(&calls[i]))
			*made = false;
		calls[i].for_later = NULL;
		weir_spool_pack(&calls[i], ++seq, now, &s->out);
		n++;
	}
	return n;
}

bool weir_spool_append(weir_spool *s, struct weir_call *calls, size_t count)
{
	bool good = open_dir(s) && open_file(s), made;
	size_t n = pack(s, calls, count, good ? s->seq : 0, &made);

	if (!n)
		return true;
	if (s->dir >= 0 && !good)
		complain(s, "cannot begin a file");
	good = good && made && !weir_str_err(&s->out) && has_room(s, s->out.len) && write_out(s);
	if (!good) {
		atomic_fetch_add(&s->page->refused, n);
		atomic_store(&s->page->refused_at_ms, weir_now_ms());
		return false;
	}
	s->seq += n;
	for (size_t i = 0; i < count; i++)
		if (is_meant(&calls[i])) {
			calls[i].kept = true;
			calls[i].err = WEIR_OK;
		}
	if (s->size >= WEIR_SPOOL_ROLL)
		weir_spool_release(s);
	return true;
}
