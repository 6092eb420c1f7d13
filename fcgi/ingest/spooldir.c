/* Spool files as their readers find them. */
#include "config.h"
#include "ingest/spool.h"

#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MAX = 512 * 1024 * 1024,
	STEP = 1024 * 1024,
	FILES_MAX = 100000
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* When a directory holds more than max names, those that come first in it; each look finds others when these are gone. */
bool weir_spool_list(const char *dir, const char *suffix, char (*names)[WEIR_SPOOL_NAME_MAX], size_t max, size_t *count)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	*count = 0;
	if (!d)
		return errno == ENOENT;
	while (*count < max && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (e->d_name[0] == '.' || n >= WEIR_SPOOL_NAME_MAX || !weir_text_ends((weir_text){ e->d_name, n }, suffix))
			continue;
		memcpy(names[(*count)++], e->d_name, n + 1);
	}
	closedir(d);
	qsort(names, *count, sizeof(*names), by_name);
	return true;
}

int weir_spool_lock(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return -1;
	/* It may have been replayed and removed between both steps. */
	if (!flock(fd, LOCK_EX | LOCK_NB) && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink)
		return fd;
	close(fd);
	return -1;
}

int weir_spool_load(int fd, weir_str *out)
{
	struct stat st;
	char *piece;
	ssize_t n = -1;

	if (fstat(fd, &st) || st.st_size < 0 || st.st_size > FILE_MAX)
		return -1;
	weir_str_reserve(out, (size_t)st.st_size + 1);
	piece = malloc(STEP);
	if (!piece)
		return -1;
	for (off_t at = 0; at < st.st_size; at += n) {
		n = pread(fd, piece, STEP, at);
		if (n <= 0)
			break;
		weir_str_add(out, piece, (size_t)n);
	}
	free(piece);
	return n < 0 && st.st_size ? -1 : weir_str_err(out) ? -1 : 0;
}

/* ------------------------------------------------------------ figures */

/* The heads of the records of a file, without their payloads: length and sequence number. */
static int64_t count_records(int fd, int64_t size)
{
	int64_t at = WEIR_SPOOL_MAGIC_LEN, n = 0;
	uint8_t head[WEIR_SPOOL_HEAD_LEN];

	while (at + WEIR_SPOOL_HEAD_LEN <= size && pread(fd, head, sizeof(head), at) == (ssize_t)sizeof(head)) {
		int64_t length = head[0] | head[1] << 8 | head[2] << 16 | (int64_t)head[3] << 24;

		at += WEIR_SPOOL_HEAD_LEN + length;
		n += at <= size;
	}
	return n;
}

/* The time in a file's name is that of its first record. */
static int64_t begun_at(const char *name)
{
	const char *dash = strchr(name, '-');
	int64_t ms;

	return dash && !weir_num_int((weir_text){ name, (size_t)(dash - name) }, &ms) ? ms : 0;
}

static void survey_file(int dir, const char *name, int64_t *files, int64_t *bytes, int64_t *records, int64_t *oldest)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int64_t n = 0, at;
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st)) {
		n = count_records(fd, st.st_size);
		*files += 1;
		*bytes += st.st_size;
		*records += n;
	}
	close(fd);
	at = begun_at(name);
	if (n && at && (!*oldest || at < *oldest))
		*oldest = at;
}

static void read_page(int dir, struct weir_spool_figures *out)
{
	int fd = openat(dir, "state", O_RDONLY | O_CLOEXEC);
	struct weir_spool_page page;

	if (fd >= 0 && pread(fd, &page, sizeof(page), 0) == (ssize_t)sizeof(page)) {
		out->refused = (int64_t)atomic_load(&page.refused);
		out->refused_at_ms = atomic_load(&page.refused_at_ms);
	}
	if (fd >= 0)
		close(fd);
}

weir_err weir_spool_survey(const struct weir_conf *conf, struct weir_spool_figures *out)
{
	int dir = open(conf->track_spool_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = dir >= 0 ? fdopendir(dir) : NULL;
	struct dirent *e;
	int64_t ignored = 0, bad_bytes = 0;

	*out = (struct weir_spool_figures){ 0 };
	if (dir < 0)
		return errno == ENOENT ? WEIR_ENOTFOUND : WEIR_EUNAVAIL;
	if (!d) {
		close(dir);
		return WEIR_EUNAVAIL;
	}
	while ((e = readdir(d))) {
		weir_text name = weir_text_of(e->d_name);

		if (weir_text_ends(name, ".spool"))
			survey_file(dir, e->d_name, &out->files, &out->bytes, &out->records, &out->oldest_at_ms);
		else if (weir_text_ends(name, ".bad"))
			survey_file(dir, e->d_name, &out->bad_files, &bad_bytes, &out->bad_records, &ignored);
	}
	read_page(dir, out);
	closedir(d);
	return WEIR_OK;
}
