#include "config.h"
#include "ingest/geo.h"
#include "base/log.h"
#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { FILES_MAX = 2, CHECK_MS = 1000, SYSTEMS_MAX = 1000000, PLACES = 256 };

/* What tells one version of a file from the next. */
struct version {
	struct timespec mtime;
	off_t size;
	ino_t inode;
};

struct file {
	char *path;
	MMDB_s db;
	struct version version;
	bool open, complained;
};

struct files {
	struct file v[FILES_MAX];
	size_t n;
};

/* What an entry of a city file says; the texts lie in the file. */
struct known_place {
	const MMDB_s *db;                /* NULL: nothing is known here */
	uint32_t offset;
	struct weir_place place;
};

struct weir_geo {
	struct files city, asn;
	struct known_place known[PLACES]; /* by offset: finding an entry is quick, taking it apart is not, and visitors share places */
	char *hosting_path;
	struct version hosting_version;
	uint32_t *hosting;
	size_t hosting_count;
	bool hosting_complained;
	int64_t checked_ms;
	bool checked;
};

/* True when the file is there and not the version at *v, which is then brought up to date. */
static bool changed(const char *path, struct version *v)
{
	struct stat st;
	struct version now;

	if (stat(path, &st))
		return false;
	now = (struct version){ st.st_mtim, st.st_size, st.st_ino };
	if (now.mtime.tv_sec == v->mtime.tv_sec && now.mtime.tv_nsec == v->mtime.tv_nsec && now.size == v->size && now.inode == v->inode)
		return false;
	*v = now;
	return true;
}

static void complain(bool *complained, const char *path, const char *why)
{
	if (!*complained)
		weir_log(LOG_WARNING, "geo", "file=%s error=\"%s\"", path, why);
	*complained = true;
}

/* True when it was opened anew. */
static bool refresh_file(struct file *f)
{
	MMDB_s db;
	int status;

	if (!changed(f->path, &f->version)) {
		if (!f->open)
			complain(&f->complained, f->path, "no such file");
		return false;
	}
	status = MMDB_open(f->path, MMDB_MODE_MMAP, &db);
	if (status != MMDB_SUCCESS) {
		f->complained = false;
		complain(&f->complained, f->path, MMDB_strerror(status));
		return false;
	}
	if (f->open)
		MMDB_close(&f->db);
	f->db = db;
	f->open = true;
	f->complained = false;
	return true;
}

/*
 * Lookups walk all over a file, and every page that they touch brings its
 * neighbours: without this each process would come to hold all of it.  The
 * pages stay in the kernel's cache, from which they are had again.
 */
static void let_go(const struct file *f)
{
	const void *content = f->db.file_content;

	if (f->open && madvise((void *)(uintptr_t)content, (size_t)f->db.file_size, MADV_DONTNEED))
		weir_log(LOG_DEBUG, "geo", "file=%s errno=%d", f->path, errno);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* "AS16509 some words", "16509", "# words"; anything else is skipped. */
static bool read_system(const char *line, uint32_t *asn)
{
	weir_text t = weir_text_trim(weir_text_of(line));
	uint64_t v;
	size_t n = 0;

	if (weir_text_starts(t, "AS") || weir_text_starts(t, "as"))
		t = (weir_text){ t.p + 2, t.n - 2 };
	while (n < t.n && weir_is_digit(t.p[n]))
		n++;
	if (weir_num_uint((weir_text){ t.p, n }, &v) || !v || v > UINT32_MAX)
		return false;
	*asn = (uint32_t)v;
	return true;
}

static bool load_hosting(FILE *in, uint32_t **list, size_t *count)
{
	size_t alloc = 0;
	char line[256];

	while (fgets(line, sizeof(line), in) && *count < SYSTEMS_MAX) {
		uint32_t asn;

		if (!read_system(line, &asn))
			continue;
		if (*count == alloc) {
			uint32_t *more;

			alloc = alloc ? alloc * 2 : 1024;
			if (!(more = realloc(*list, alloc * sizeof(*more))))
				return false;
			*list = more;
		}
		(*list)[(*count)++] = asn;
	}
	return !ferror(in);
}

static void refresh_hosting(weir_geo *g)
{
	uint32_t *list = NULL;
	size_t count = 0;
	FILE *in;

	if (!changed(g->hosting_path, &g->hosting_version)) {
		if (!g->hosting)
			complain(&g->hosting_complained, g->hosting_path, "no such file, or empty");
		return;
	}
	in = fopen(g->hosting_path, "re");
	if (!in || !load_hosting(in, &list, &count)) {
		free(list);
		complain(&g->hosting_complained, g->hosting_path, "cannot be read");
	} else {
		if (count)
			qsort(list, count, sizeof(*list), by_number);
		free(g->hosting);
		g->hosting = list;
		g->hosting_count = count;
		g->hosting_complained = false;
	}
	if (in)
		fclose(in);
}

void weir_geo_idle(const weir_geo *g)
{
	for (size_t i = 0; i < g->city.n; i++)
		let_go(&g->city.v[i]);
	for (size_t i = 0; i < g->asn.n; i++)
		let_go(&g->asn.v[i]);
}

static void refresh(weir_geo *g, int64_t now_ms)
{
	if (g->checked && now_ms - g->checked_ms < CHECK_MS && now_ms >= g->checked_ms)
		return;
	g->checked = true;
	g->checked_ms = now_ms;
	for (size_t i = 0; i < g->city.n; i++)
		if (refresh_file(&g->city.v[i]))
			memset(g->known, 0, sizeof(g->known));
	for (size_t i = 0; i < g->asn.n; i++)
		refresh_file(&g->asn.v[i]);
	weir_geo_idle(g);
	if (g->hosting_path)
		refresh_hosting(g);
}

static weir_err add_files(struct files *files, const char *setting, const char *list, struct weir_fault *fault)
{
	weir_text rest = weir_text_of(list), item;

	while (weir_text_next(&rest, ',', &item)) {
		if (!item.n)
			continue;
		if (files->n == FILES_MAX) {
			weir_fault_set(fault, "%s: at most %d files can be given", setting, FILES_MAX);
			return WEIR_EBADREQ;
		}
		if (!(files->v[files->n].path = strndup(item.p, item.n)))
			return WEIR_ENOMEM;
		files->n++;
	}
	return WEIR_OK;
}

weir_err weir_geo_open(const struct weir_conf *conf, weir_geo **out, struct weir_fault *fault)
{
	weir_geo *g = calloc(1, sizeof(*g));
	weir_err err;

	if (!g)
		return WEIR_ENOMEM;
	err = add_files(&g->city, "geo.city_file", conf->geo_city_file, fault);
	if (!err)
		err = add_files(&g->asn, "geo.asn_file", conf->geo_asn_file, fault);
	if (!err && g->asn.n &&
	    !(g->hosting_path = strdup(*conf->geo_hosting_file ? conf->geo_hosting_file : WEIR_DATADIR "/hosting-asn.txt")))
		err = WEIR_ENOMEM;
	if (err) {
		weir_geo_close(g);
		return err;
	}
	*out = g;
	return WEIR_OK;
}

static void close_files(struct files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		if (files->v[i].open)
			MMDB_close(&files->v[i].db);
		free(files->v[i].path);
	}
}

void weir_geo_close(weir_geo *g)
{
	if (!g)
		return;
	close_files(&g->city);
	close_files(&g->asn);
	free(g->hosting_path);
	free(g->hosting);
	free(g);
}

static bool to_sockaddr(weir_text ip, struct sockaddr_storage *out)
{
	char z[INET6_ADDRSTRLEN];
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (!ip.n || ip.n >= sizeof(z) || weir_text_is(ip, "127.0.0.1") || weir_text_is(ip, "::1"))
		return false;
	memcpy(z, ip.p, ip.n);
	z[ip.n] = '\0';
	if (inet_pton(AF_INET, z, &v4.sin_addr) == 1) {
		memcpy(out, &v4, sizeof(v4));
		return true;
	}
	if (inet_pton(AF_INET6, z, &v6.sin6_addr) == 1) {
		memcpy(out, &v6, sizeof(v6));
		return true;
	}
	return false;
}

/* The entry of the first file that knows the address. */
static bool look_up(struct files *files, weir_text ip, MMDB_entry_s *entry)
{
	struct sockaddr_storage address;

	memset(&address, 0, sizeof(address));
	if (!files->n || !to_sockaddr(ip, &address))
		return false;
	for (size_t i = 0; i < files->n; i++) {
		int error = MMDB_SUCCESS;
		MMDB_lookup_result_s result;
		struct sockaddr plain;
		const void *any = &address;

		if (!files->v[i].open)
			continue;
		memcpy(&plain, any, sizeof(plain));
		if (plain.sa_family == AF_INET6 && files->v[i].db.metadata.ip_version == 4)
			continue;
		result = MMDB_lookup_sockaddr(&files->v[i].db, any, &error);
		if (error == MMDB_SUCCESS && result.found_entry) {
			*entry = result.entry;
			return true;
		}
	}
	return false;
}

/* The value by the first of two paths that leads to one: GeoLite2 nests, DB-IP is flat. */
static bool value_at(MMDB_entry_s *entry, const char *const *nested, const char *const *flat, MMDB_entry_data_s *out)
{
	return (MMDB_aget_value(entry, out, nested) == MMDB_SUCCESS && out->has_data) ||
	       (flat && MMDB_aget_value(entry, out, flat) == MMDB_SUCCESS && out->has_data);
}

/* A view into the file; "" when there is none. */
static weir_text text_at(MMDB_entry_s *entry, const char *const *nested, const char *const *flat)
{
	MMDB_entry_data_s data;

	if (!value_at(entry, nested, flat, &data) || data.type != MMDB_DATA_TYPE_UTF8_STRING || !data.data_size)
		return WEIR_TEXT("");
	return (weir_text){ data.utf8_string, data.data_size };
}

static bool number_at(MMDB_entry_s *entry, const char *const *nested, const char *const *flat, double *out)
{
	MMDB_entry_data_s data;

	if (!value_at(entry, nested, flat, &data))
		return false;
	if (data.type == MMDB_DATA_TYPE_DOUBLE)
		*out = data.double_value;
	else if (data.type == MMDB_DATA_TYPE_FLOAT)
		*out = (double)data.float_value;
	else
		return false;
	return true;
}

#define PATH(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct weir_place *place_of(weir_geo *g, MMDB_entry_s *entry)
{
	struct known_place *k = &g->known[(entry->offset ^ entry->offset >> 8) % PLACES];
	struct weir_place *p = &k->place;

	if (k->db == entry->mmdb && k->offset == entry->offset)
		return p;
	k->db = entry->mmdb;
	k->offset = entry->offset;
	p->country = text_at(entry, PATH("country", "iso_code"), PATH("country_code"));
	p->city = text_at(entry, PATH("city", "names", "en"), PATH("city"));
	p->region = text_at(entry, PATH("subdivisions", "0", "names", "en"), PATH("state1"));
	if (p->country.n != 2)
		p->country = WEIR_TEXT("");
	p->longitude = p->latitude = 0;
	p->has_point = number_at(entry, PATH("location", "longitude"), PATH("longitude"), &p->longitude) &&
		       number_at(entry, PATH("location", "latitude"), PATH("latitude"), &p->latitude);
	return p;
}

weir_err weir_geo_place(weir_geo *g, weir_arena *a, weir_text ip, int64_t now_ms, struct weir_place *out)
{
	MMDB_entry_s entry;

	*out = (struct weir_place){ WEIR_TEXT(""), WEIR_TEXT(""), WEIR_TEXT(""), 0, 0, false };
	refresh(g, now_ms);
	if (!look_up(&g->city, ip, &entry))
		return WEIR_OK;
	*out = *place_of(g, &entry);
	/* The file may be another one before the row is written. */
	out->country = weir_text_dup(a, out->country);
	out->city = weir_text_dup(a, out->city);
	out->region = weir_text_dup(a, out->region);
	return out->country.p && out->city.p && out->region.p ? WEIR_OK : WEIR_ENOMEM;
}

weir_err weir_geo_network(weir_geo *g, weir_arena *a, weir_text ip, int64_t now_ms, struct weir_network *out)
{
	MMDB_entry_s entry;
	MMDB_entry_data_s data;

	*out = (struct weir_network){ 0, WEIR_TEXT(""), false };
	refresh(g, now_ms);
	if (!look_up(&g->asn, ip, &entry))
		return WEIR_OK;
	if (value_at(&entry, PATH("autonomous_system_number"), NULL, &data) && data.type == MMDB_DATA_TYPE_UINT32)
		out->asn = data.uint32;
	out->is_hosting = out->asn && g->hosting_count &&
			  bsearch(&out->asn, g->hosting, g->hosting_count, sizeof(*g->hosting), by_number);
	out->organization = weir_text_dup(a, text_at(&entry, PATH("autonomous_system_organization"), NULL));
	return out->organization.p ? WEIR_OK : WEIR_ENOMEM;
}
