#include "config.h"
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One run of bytes: in memory (p), or at offset of the file (p is NULL). */
struct part {
	struct part *next;
	const char *p;
	uint64_t offset;
	size_t n, done;
	void *owner;
	void (*release)(void *);
};

struct weir_spool {
	struct part *first, *last;
	const char *dir;
	size_t mem_max;
	uint64_t mem, waiting, total, file_size, file_max;
	int fd;
};

struct weir_spool *weir_spool_new(const char *dir, size_t mem_max, uint64_t file_max)
{
	struct weir_spool *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->dir = dir;
	s->mem_max = mem_max;
	s->file_max = file_max;
	s->fd = -1;
	return s;
}

static void drop_first(struct weir_spool *s)
{
	struct part *part = s->first;

	s->first = part->next;
	if (!s->first)
		s->last = NULL;
	if (part->p)
		s->mem -= part->n;
	if (part->release)
		part->release(part->owner);
	free(part);
	/* All of the file has been read: begin it again, so that it does not grow with the answer. */
	if (!s->first && s->fd >= 0 && !ftruncate(s->fd, 0))
		s->file_size = 0;
}

void weir_spool_clear(struct weir_spool *s)
{
	while (s->first)
		drop_first(s);
	s->waiting = 0;
}

void weir_spool_free(struct weir_spool *s)
{
	if (!s)
		return;
	weir_spool_clear(s);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static void append(struct weir_spool *s, struct part *part)
{
	if (s->last)
		s->last->next = part;
	else
		s->first = part;
	s->last = part;
	s->waiting += part->n;
	s->total += part->n;
}

static weir_err write_file(struct weir_spool *s, weir_text data)
{
	size_t done = 0;

	if (s->fd < 0)
		s->fd = open(s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return WEIR_EUNAVAIL;
	while (done < data.n) {
		ssize_t n = pwrite(s->fd, data.p + done, data.n - done, (off_t)(s->file_size + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return WEIR_EUNAVAIL;
		done += (size_t)n;
	}
	return WEIR_OK;
}

bool weir_spool_is_full(const struct weir_spool *s)
{
	return s->mem >= s->mem_max || s->file_size;
}

weir_err weir_spool_add(struct weir_spool *s, weir_text data)
{
	/* Once the file is in use, it goes on until it has been read up: parts stay few. */
	bool to_file = weir_spool_is_full(s) || data.n > s->mem_max;
	struct part *part;
	weir_err err;

	if (!data.n)
		return WEIR_OK;
	if (to_file && s->file_size + data.n > s->file_max)
		return WEIR_ELIMIT;
	part = calloc(1, sizeof(*part) + (to_file ? 0 : data.n));
	if (!part)
		return WEIR_ENOMEM;
	part->n = data.n;
	if (to_file) {
		err = write_file(s, data);
		if (err) {
			free(part);
			return err;
		}
		part->offset = s->file_size;
		s->file_size += data.n;
	} else {
		memcpy(part + 1, data.p, data.n);
		part->p = (const char *)(part + 1);
		s->mem += data.n;
	}
	append(s, part);
	return WEIR_OK;
}

weir_err weir_spool_take(struct weir_spool *s, weir_text data, void *owner, void (*release)(void *))
{
	struct part *part = data.n ? calloc(1, sizeof(*part)) : NULL;

	if (!part) {
		release(owner);
		return data.n ? WEIR_ENOMEM : WEIR_OK;
	}
	*part = (struct part){ .p = data.p, .n = data.n, .owner = owner, .release = release };
	s->mem += data.n;
	append(s, part);
	return WEIR_OK;
}

ssize_t weir_spool_read(struct weir_spool *s, char *out, size_t max)
{
	size_t got = 0;

	while (s->first && got < max) {
		struct part *part = s->first;
		size_t n = part->n - part->done < max - got ? part->n - part->done : max - got;
		ssize_t r;

		if (part->p) {
			memcpy(out + got, part->p + part->done, n);
			r = (ssize_t)n;
		} else {
			r = pread(s->fd, out + got, n, (off_t)(part->offset + part->done));
			if (r < 0 && errno == EINTR)
				continue;
			if (r <= 0)
				return -1;
		}
		part->done += (size_t)r;
		got += (size_t)r;
		s->waiting -= (uint64_t)r;
		if (part->done == part->n)
			drop_first(s);
	}
	return (ssize_t)got;
}

uint64_t weir_spool_waiting(const struct weir_spool *s)
{
	return s->waiting;
}

uint64_t weir_spool_total(const struct weir_spool *s)
{
	return s->total;
}
