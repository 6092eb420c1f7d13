#include "config.h"
#include "body.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

enum weir_coding weir_coding_of(const char *header)
{
	weir_text t = weir_text_trim(weir_text_of(header));

	if (!t.n || weir_text_eq_nocase(t, WEIR_TEXT("identity")))
		return WEIR_CODING_NONE;
	if (weir_text_eq_nocase(t, WEIR_TEXT("gzip")) || weir_text_eq_nocase(t, WEIR_TEXT("x-gzip")))
		return WEIR_CODING_GZIP;
	if (weir_text_eq_nocase(t, WEIR_TEXT("deflate")))
		return WEIR_CODING_DEFLATE;
	return WEIR_CODING_UNKNOWN;
}

void weir_body_init(struct weir_body *b)
{
	*b = (struct weir_body){ .fd = -1 };
}

static void unmap(struct weir_body *b)
{
	if (b->map)
		munmap(b->map, b->mapped);
	b->map = NULL;
	b->mapped = 0;
}

void weir_body_free(struct weir_body *b)
{
	unmap(b);
	if (b->fd >= 0)
		close(b->fd);
	weir_body_init(b);
}

static weir_err need_fd(struct weir_body *b)
{
	if (b->fd < 0)
		b->fd = memfd_create("weir-chdb", MFD_CLOEXEC);
	return b->fd < 0 ? WEIR_ENOMEM : WEIR_OK;
}

weir_err weir_body_add(struct weir_body *b, weir_text data)
{
	weir_err err = need_fd(b);

	if (err)
		return err;
	unmap(b);
	while (data.n) {
		ssize_t n = write(b->fd, data.p, data.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return WEIR_ENOMEM;
		data.p += n;
		data.n -= (size_t)n;
		b->n += (uint64_t)n;
	}
	return WEIR_OK;
}

weir_err weir_body_map(struct weir_body *b, weir_text *out)
{
	*out = (weir_text){ "", 0 };
	if (!b->n)
		return WEIR_OK;
	if (!b->map) {
		void *p = mmap(NULL, b->n, PROT_READ, MAP_SHARED, b->fd, 0);

		if (p == MAP_FAILED)
			return WEIR_ENOMEM;
		b->map = p;
		b->mapped = b->n;
	}
	*out = (weir_text){ b->map, b->mapped };
	return WEIR_OK;
}

static weir_err unpack_all(z_stream *z, uint64_t max, struct weir_body *out)
{
	char buf[65536];
	weir_err err;
	int rc;

	do {
		z->next_out = (unsigned char *)buf;
		z->avail_out = sizeof(buf);
		rc = inflate(z, Z_NO_FLUSH);
		if (rc != Z_OK && rc != Z_STREAM_END)
			return WEIR_EBADREQ; /* broken, or cut off: inflate cannot go on */
		if (out->n + (sizeof(buf) - z->avail_out) > max)
			return WEIR_ELIMIT;
		err = weir_body_add(out, (weir_text){ buf, sizeof(buf) - z->avail_out });
		if (err)
			return err;
		/* A gzip file may be several members one after the other. */
		if (rc == Z_STREAM_END && z->avail_in) {
			if (inflateReset(z) != Z_OK)
				return WEIR_EINTERNAL;
			rc = Z_OK;
		}
	} while (rc != Z_STREAM_END);
	return WEIR_OK;
}

weir_err weir_body_unpack(struct weir_body *in, enum weir_coding coding, uint64_t max, struct weir_body *out)
{
	/* 15 + 16: gzip; 15: zlib, which is what HTTP calls deflate. */
	int bits = coding == WEIR_CODING_GZIP ? 15 + 16 : 15;
	z_stream z = { .zalloc = Z_NULL };
	weir_text packed;
	weir_err err = weir_body_map(in, &packed);

	if (err)
		return err;
	if (packed.n > UINT32_MAX)
		return WEIR_ELIMIT;
	if (!packed.n)
		return WEIR_OK;
	if (inflateInit2(&z, bits) != Z_OK)
		return WEIR_ENOMEM;
	z.next_in = (unsigned char *)in->map;
	z.avail_in = (uInt)packed.n;
	err = unpack_all(&z, max, out);
	inflateEnd(&z);
	return err;
}

weir_err weir_body_path(struct weir_body *b, char out[WEIR_BODY_PATH])
{
	weir_err err = need_fd(b);

	snprintf(out, WEIR_BODY_PATH, "/proc/self/fd/%d", b->fd);
	return err;
}
