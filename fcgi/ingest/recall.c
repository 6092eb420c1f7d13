/* Sessions seen last. */
#include "config.h"
#include "ingest/recall.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SETS = 4096, WAYS = 4, NAME_MAX_BYTES = 4096, ID_WORDS = WEIR_RECALL_ID_MAX / 8 };

/* As it lies in the file: a line of the processor's cache. */
enum { W_FIRST, W_LAST, W_NAME, W_NAME_TOO, W_ID, W_SUM = W_ID + ID_WORDS, WORDS };
struct place {
	_Atomic uint64_t word[WORDS];
};

struct visit {
	uint64_t word[WORDS];
};

struct weir_recall {
	struct place (*set)[WAYS];
	bool shared;
};

#define TABLE_BYTES (SETS * WAYS * sizeof(struct place))

/* ------------------------------------------------------------ opening, closing */

static void map(weir_recall *r, const char *dir)
{
	char path[NAME_MAX_BYTES];
	void *at = MAP_FAILED;
	int fd, n = snprintf(path, sizeof(path), "%s/recall", dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return;
	/* Room on the disk now, so that a full one can't end the process later. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd >= 0 && !(errno = posix_fallocate(fd, 0, (off_t)TABLE_BYTES)))
		at = mmap(NULL, TABLE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		weir_log(LOG_WARNING, "recall", "file=%s error=\"%s\" each process remembers sessions for itself", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	r->shared = at != MAP_FAILED;
	if (r->shared)
		r->set = at;
}

weir_recall *weir_recall_new(const char *dir)
{
	weir_recall *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	map(r, dir);
	if (!r->set)
		r->set = calloc(SETS, sizeof(*r->set));
	if (r->set)
		return r;
	free(r);
	return NULL;
}

void weir_recall_free(weir_recall *r)
{
	if (!r)
		return;
	if (r->shared)
		munmap(r->set, TABLE_BYTES);
	else
		free(r->set);
	free(r);
}

/* ------------------------------------------------------------ places */

/* Mixes a word into a digest; the constants and shifts are those of MurmurHash3's finalizer. */
static uint64_t mix(uint64_t h, uint64_t word)
{
	h ^= word;
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static uint64_t mix_text(uint64_t h, weir_text t)
{
	h = mix(h, t.n);
	for (size_t at = 0; at < t.n; at += 8) {
		uint64_t word = 0;

		memcpy(&word, t.p + at, t.n - at < 8 ? t.n - at : 8);
		h = mix(h, word);
	}
	return h;
}

/* Never 0, so that a place of zeros is free. */
static uint64_t sum_of(const struct visit *v)
{
	uint64_t h = 1;

	for (size_t i = 0; i < W_SUM; i++)
		h = mix(h, v->word[i]);
	return h | 1;
}

static void name(struct visit *v, weir_text project, weir_text device)
{
	v->word[W_NAME] = mix_text(mix_text(2, project), device);
	v->word[W_NAME_TOO] = mix_text(mix_text(3, device), project);
}

/* False for a free one. */
static bool read_place(const struct place *p, struct visit *v)
{
	for (size_t i = 0; i < WORDS; i++)
		v->word[i] = atomic_load_explicit(&p->word[i], memory_order_relaxed);
	return v->word[W_SUM] && v->word[W_SUM] == sum_of(v);
}

static void write_place(struct place *p, struct visit *v)
{
	v->word[W_SUM] = sum_of(v);
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(&p->word[i], v->word[i], memory_order_relaxed);
}

static bool same(const struct visit *a, const struct visit *b, size_t from, size_t words)
{
	return !memcmp(&a->word[from], &b->word[from], words * sizeof(a->word[0]));
}

/* ------------------------------------------------------------ noting, finding */

void weir_recall_note(weir_recall *r, weir_text project, weir_text device, weir_text session, int64_t event_ms)
{
	struct visit v = { { 0 } }, other;
	struct place *set, *place = NULL;
	uint64_t oldest = UINT64_MAX;

	if (!device.n || !session.n || session.n > WEIR_RECALL_ID_MAX || event_ms <= 0)
		return;
	v.word[W_FIRST] = v.word[W_LAST] = (uint64_t)event_ms;
	memcpy(&v.word[W_ID], session.p, session.n);
	name(&v, project, device);
	set = r->set[v.word[W_NAME] % SETS];
	for (size_t i = 0; i < WAYS; i++) {
		bool taken = read_place(&set[i], &other);

		if (taken && same(&v, &other, W_NAME, 2 + ID_WORDS)) {
			v.word[W_FIRST] = v.word[W_FIRST] < other.word[W_FIRST] ? v.word[W_FIRST] : other.word[W_FIRST];
			v.word[W_LAST] = v.word[W_LAST] > other.word[W_LAST] ? v.word[W_LAST] : other.word[W_LAST];
			place = &set[i];
			break;
		}
		if ((taken ? other.word[W_LAST] : 0) < oldest) {
			oldest = taken ? other.word[W_LAST] : 0;
			place = &set[i];
		}
	}
	if (place)
		write_place(place, &v);
}

/* How far the time lies from the visit; 0 within it. */
static int64_t gap(const struct visit *v, int64_t at)
{
	int64_t first = (int64_t)v->word[W_FIRST], last = (int64_t)v->word[W_LAST];

	return at < first ? first - at : at > last ? at - last : 0;
}

bool weir_recall_find(const weir_recall *r, weir_text project, weir_text device, int64_t event_ms, int64_t timeout_ms,
	char id[WEIR_RECALL_ID_MAX], size_t *len)
{
	struct visit wanted = { { 0 } }, v, best = { { 0 } };
	const struct place *set;
	int64_t least = timeout_ms;

	if (!device.n)
		return false;
	name(&wanted, project, device);
	set = r->set[wanted.word[W_NAME] % SETS];
	for (size_t i = 0; i < WAYS; i++) {
		if (!read_place(&set[i], &v) || !same(&v, &wanted, W_NAME, 2))
			continue;
		/* Of two at the same distance the later one. */
		if (gap(&v, event_ms) < least || (gap(&v, event_ms) == least && least < timeout_ms && v.word[W_LAST] > best.word[W_LAST])) {
			least = gap(&v, event_ms);
			best = v;
		}
	}
	if (least == timeout_ms)
		return false;
	memcpy(id, &best.word[W_ID], WEIR_RECALL_ID_MAX);
	*len = strnlen(id, WEIR_RECALL_ID_MAX);
	return true;
}
