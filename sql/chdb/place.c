#include "config.h"
#include "place.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DYING_MS = 10000 };

struct weir_place {
	int lock;
	char path[PATH_MAX], config[PATH_MAX + 32];
};

/*
 * Caches and pools for a small machine; the engine's own defaults are for one
 * with 64 GiB (5 GiB for an index cache).  The log tables of a server
 * (query_log and its kin) do not exist in the embedded engine.
 */
static const struct {
	const char *key;
	int64_t value;
} small[] = {
	{ "index_mark_cache_size", 8 << 20 }, { "primary_index_cache_size", 32 << 20 }, { "uncompressed_cache_size", 0 },
	{ "index_uncompressed_cache_size", 0 }, { "query_condition_cache_size", 8 << 20 }, { "compiled_expression_cache_size", 8 << 20 },
	{ "compiled_expression_cache_elements_size", 1000 }, { "vector_similarity_index_cache_size", 8 << 20 },
	{ "text_index_tokens_cache_size", 8 << 20 }, { "text_index_header_cache_size", 8 << 20 },
	{ "text_index_postings_cache_size", 8 << 20 }, { "iceberg_metadata_files_cache_size", 0 }, { "parquet_metadata_cache_size", 0 },
	{ "mmap_cache_size", 256 }, { "max_thread_pool_size", 1000 }, { "max_thread_pool_free_size", 16 },
	{ "max_io_thread_pool_size", 16 }, { "max_io_thread_pool_free_size", 2 }, { "max_format_parsing_thread_pool_size", 16 },
	{ "max_format_parsing_thread_pool_free_size", 2 }, { "max_prefixes_deserialization_thread_pool_size", 16 },
	{ "max_prefixes_deserialization_thread_pool_free_size", 2 }, { "max_active_parts_loading_thread_pool_size", 4 },
	{ "max_outdated_parts_loading_thread_pool_size", 2 }, { "max_unexpected_parts_loading_thread_pool_size", 2 },
	{ "max_parts_cleaning_thread_pool_size", 2 }, { "load_marks_threadpool_pool_size", 4 }, { "prefetch_threadpool_pool_size", 4 },
	{ "threadpool_local_fs_reader_pool_size", 8 }, { "threadpool_remote_fs_reader_pool_size", 1 }, { "threadpool_writer_pool_size", 4 },
	{ "background_pool_size", 2 }, { "background_merges_mutations_concurrency_ratio", 2 }, { "background_common_pool_size", 1 },
	{ "background_move_pool_size", 1 }, { "background_fetches_pool_size", 1 }, { "background_schedule_pool_size", 4 },
};

void weir_place_write_config(const struct weir_conf *conf, FILE *out)
{
	fputs("<!-- Written by weir-chdb at every start from weir.conf; changes here are lost. -->\n<clickhouse>\n", out);
	fprintf(out, "\t<max_server_memory_usage>%" PRId64 "</max_server_memory_usage>\n", conf->chdb_memory_max);
	fprintf(out, "\t<mark_cache_size>%" PRId64 "</mark_cache_size>\n", conf->chdb_mark_cache);
	for (size_t i = 0; i < sizeof(small) / sizeof(*small); i++)
		fprintf(out, "\t<%s>%" PRId64 "</%s>\n", small[i].key, small[i].value, small[i].key);
	fputs("\t<merge_tree>\n", out);
	if (conf->chdb_fsync)
		fputs("\t\t<fsync_after_insert>1</fsync_after_insert>\n\t\t<fsync_part_directory>1</fsync_part_directory>\n", out);
	fputs("\t\t<number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>\n"
		"\t\t<number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>\n"
		"\t</merge_tree>\n</clickhouse>\n", out);
}

static weir_err make_dir(const char *path, struct weir_fault *fault)
{
	char part[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(part)) {
		weir_fault_set(fault, "chdb.path is too long");
		return WEIR_EBADREQ;
	}
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i])
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0750) && errno != EEXIST) {
			weir_fault_set(fault, "the data directory %.300s cannot be made: %s", part, strerror(errno));
			return WEIR_EUNAVAIL;
		}
	}
	return WEIR_OK;
}

/* A process that was killed holds its locks until the last of its threads is gone. */
static bool is_dying(const char *pid)
{
	char file[64], text[512];
	const char *end;
	FILE *in;
	size_t n;

	snprintf(file, sizeof(file), "/proc/%.20s/stat", pid);
	in = fopen(file, "re");
	if (!in)
		return true;
	n = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	text[n] = '\0';
	end = strrchr(text, ')'); /* "12 (name) Z ..." */
	return !end || strchr("ZX", end[2]);
}

/* Waits for the lock as long as its holder is on its way out, DYING_MS at most. pid gets the holder. */
static bool wait_lock(struct weir_place *p, char *pid, size_t size)
{
	const struct timespec step = { 0, 20000000 };
	int64_t until = weir_monotonic_ms() + DYING_MS;
	ssize_t n;

	while (flock(p->lock, LOCK_EX | LOCK_NB)) {
		n = pread(p->lock, pid, size - 1, 0);
		pid[n > 0 ? (size_t)n : 0] = '\0';
		pid[strcspn(pid, "\n")] = '\0';
		if (!*pid || !is_dying(pid) || weir_monotonic_ms() >= until)
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

static weir_err take_lock(struct weir_place *p, struct weir_fault *fault)
{
	char file[PATH_MAX + 32], pid[32] = "";
	int len;

	snprintf(file, sizeof(file), "%s/weir-chdb.lock", p->path);
	p->lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (p->lock < 0) {
		weir_fault_set(fault, "%.300s cannot be opened: %s", file, strerror(errno));
		return WEIR_EUNAVAIL;
	}
	if (!wait_lock(p, pid, sizeof(pid))) {
		weir_fault_set(fault, "the data directory %.300s is in use by another weir-chdb, process %s; stop that one first, or set "
			"chdb.path to a directory of its own", p->path, *pid ? pid : "(unknown)");
		return WEIR_ECONFLICT;
	}
	len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(p->lock, 0) || pwrite(p->lock, pid, (size_t)len, 0) != len) {
		weir_fault_set(fault, "%.300s cannot be written: %s", file, strerror(errno));
		return WEIR_EUNAVAIL;
	}
	return WEIR_OK;
}

static weir_err write_config(struct weir_place *p, const struct weir_conf *conf, struct weir_fault *fault)
{
	FILE *out;
	bool bad;

	snprintf(p->config, sizeof(p->config), "%s/weir-chdb.xml", p->path);
	out = fopen(p->config, "we");
	if (out) {
		weir_place_write_config(conf, out);
		bad = ferror(out) != 0;
		bad = fclose(out) || bad;
	}
	if (!out || bad) {
		weir_fault_set(fault, "%.300s cannot be written: %s", p->config, strerror(errno));
		return WEIR_EUNAVAIL;
	}
	return WEIR_OK;
}

weir_err weir_place_open(const struct weir_conf *conf, struct weir_place **out, struct weir_fault *fault)
{
	struct weir_place *p = calloc(1, sizeof(*p));
	weir_err err;

	if (!p) {
		weir_fault_set(fault, "out of memory");
		return WEIR_ENOMEM;
	}
	p->lock = -1;
	err = make_dir(conf->chdb_path, fault);
	if (!err && !realpath(conf->chdb_path, p->path)) {
		weir_fault_set(fault, "the data directory %.300s: %s", conf->chdb_path, strerror(errno));
		err = WEIR_EUNAVAIL;
	}
	if (!err)
		err = take_lock(p, fault);
	if (!err)
		err = write_config(p, conf, fault);
	/* The engine takes bare names of tables for files in the working directory. */
	if (!err && chdir(p->path)) {
		weir_fault_set(fault, "the data directory %.300s cannot be entered: %s", p->path, strerror(errno));
		err = WEIR_EUNAVAIL;
	}
	if (err) {
		weir_place_close(p);
		return err;
	}
	*out = p;
	return WEIR_OK;
}

void weir_place_close(struct weir_place *p)
{
	if (!p)
		return;
	if (p->lock >= 0)
		close(p->lock); /* lets the lock go */
	free(p);
}

const char *weir_place_path(const struct weir_place *p)
{
	return p->path;
}

const char *weir_place_config(const struct weir_place *p)
{
	return p->config;
}

bool weir_place_is_fresh(const struct weir_place *p)
{
	char metadata[PATH_MAX + 32];
	struct stat st;

	snprintf(metadata, sizeof(metadata), "%s/metadata", p->path);
	return stat(metadata, &st) && errno == ENOENT;
}
