#include "config.h"
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16 * 1024 };

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char data[];
};

struct defer {
	struct defer *next;
	void (*f)(void *);
	void *p;
};

struct weir_arena {
	struct block *head;
	struct defer *defers;
	size_t cap, total;
	int failed;
};

static struct block *block_new(struct weir_arena *a, size_t n)
{
	struct block *b;

	if (n > a->cap - a->total || n > SIZE_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + n);
	if (!b)
		return NULL;
	*b = (struct block){ .size = n };
	a->total += n;
	return b;
}

weir_arena *weir_arena_new(size_t cap)
{
	weir_arena *a = malloc(sizeof(*a));

	if (!a)
		return NULL;
	*a = (weir_arena){ .cap = cap };
	a->head = block_new(a, cap < BLOCK ? cap : BLOCK);
	if (!a->head) {
		free(a);
		return NULL;
	}
	return a;
}

void *weir_alloc(weir_arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct block *b = a->head;
	size_t at = (b->used + align - 1) & ~(align - 1);

	if (at > b->size || n > b->size - at) {
		struct block *fresh = block_new(a, n < BLOCK ? BLOCK : n);

		if (!fresh)
			fresh = block_new(a, n);
		if (!fresh) {
			a->failed = 1;
			return NULL;
		}
		fresh->next = b;
		a->head = b = fresh;
		at = 0;
	}
	b->used = at + n;
	return b->data + at;
}

char *weir_strndup(weir_arena *a, const char *s, size_t n)
{
	char *copy = n < SIZE_MAX ? weir_alloc(a, n + 1) : NULL;

	if (copy) {
		memcpy(copy, s, n);
		copy[n] = '\0';
	}
	return copy;
}

void *weir_alloc_n(weir_arena *a, size_t count, size_t size)
{
	void *p = size && count > SIZE_MAX / size ? NULL : weir_alloc(a, count * size);

	if (p)
		memset(p, 0, count * size);
	else
		a->failed = 1;
	return p;
}

weir_text weir_text_dup(weir_arena *a, weir_text t)
{
	char *copy = weir_strndup(a, t.n ? t.p : "", t.n);

	return (weir_text){ copy, copy ? t.n : 0 };
}

int weir_arena_failed(const weir_arena *a)
{
	return a->failed;
}

int weir_arena_defer(weir_arena *a, void (*f)(void *), void *p)
{
	struct defer *d = weir_alloc(a, sizeof(*d));

	if (!d) {
		f(p);
		return -1;
	}
	*d = (struct defer){ .next = a->defers, .f = f, .p = p };
	a->defers = d;
	return 0;
}

void weir_arena_reset(weir_arena *a)
{
	for (struct defer *d = a->defers; d; d = d->next)
		d->f(d->p);
	a->defers = NULL;
	while (a->head->next) {
		struct block *b = a->head;

		a->head = b->next;
		a->total -= b->size;
		free(b);
	}
	a->head->used = 0;
	a->failed = 0;
}

void weir_arena_free(weir_arena *a)
{
	if (!a)
		return;
	weir_arena_reset(a);
	free(a->head);
	free(a);
}
