#include "config.h"
#include "engine.h"

#include "base/log.h"
#include "place.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* libchdb brings no header with it; these are the functions of its C interface that are used here. */
#define API(X)                                                                                                    \
	X(void, chdb_set_signal_handlers_enabled, (int))                                                           \
	X(void **, chdb_connect, (int, char **))                                                                   \
	X(void, chdb_close_conn, (void **))                                                                        \
	X(weir_result *, chdb_query_n, (void *, const char *, size_t, const char *, size_t))                       \
	X(weir_result *, chdb_query_with_params_n, (void *, const char *, size_t, const char *, size_t,            \
		const char *const *, const size_t *, const char *const *, const size_t *, size_t))                 \
	X(weir_result *, chdb_stream_query_n, (void *, const char *, size_t, const char *, size_t))                \
	X(weir_result *, chdb_stream_query_with_params_n, (void *, const char *, size_t, const char *, size_t,     \
		const char *const *, const size_t *, const char *const *, const size_t *, size_t))                 \
	X(weir_result *, chdb_stream_fetch_result, (void *, weir_result *))                                        \
	X(void, chdb_stream_cancel_query, (void *, weir_result *))                                                 \
	X(void, chdb_destroy_query_result, (weir_result *))                                                        \
	X(char *, chdb_result_buffer, (weir_result *))                                                             \
	X(size_t, chdb_result_length, (weir_result *))                                                             \
	X(const char *, chdb_result_error, (weir_result *))                                                        \
	X(uint64_t, chdb_result_rows_read, (weir_result *))                                                        \
	X(uint64_t, chdb_result_storage_rows_read, (weir_result *))                                                \
	X(uint64_t, chdb_result_storage_bytes_read, (weir_result *))                                               \
	X(uint64_t, chdb_result_rows_written, (weir_result *))                                                     \
	X(uint64_t, chdb_result_bytes_written, (weir_result *))

static struct {
#define X(type, name, args) type (*name) args;
	API(X)
#undef X
} api;

static struct {
	void *library;
	struct weir_place *place;
	weir_session *keeper; /* the engine lives as long as one session does */
	char path_arg[PATH_MAX + 16], config_arg[PATH_MAX + 32];
	char version[64], timezone[64];
} engine;

struct weir_session {
	void **conn;
};

static bool load_symbols(const char *path, struct weir_fault *fault)
{
	static const char *const names[] = {
#define X(type, name, args) #name,
		API(X)
#undef X
	};
	void *const places[] = {
#define X(type, name, args) &api.name,
		API(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		void *f = dlsym(engine.library, names[i]);

		if (!f) {
			weir_fault_set(fault, "%.300s is not a libchdb that weir-chdb can use: it has no %s", path, names[i]);
			return false;
		}
		memcpy(places[i], &f, sizeof(f)); /* ISO C has no cast from object to function pointers */
	}
	return true;
}

static weir_err load_library(const char *path, struct weir_fault *fault)
{
	engine.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!engine.library) {
		weir_fault_set(fault, "libchdb cannot be loaded: %.250s. It comes with npm's @chdb/lib-linux-x64-gnu (or -arm64-gnu); name the "
			"file in chdb.library, or configure Weir --with-libchdb=DIR", dlerror());
		return WEIR_EUNAVAIL;
	}
	return load_symbols(path, fault) ? WEIR_OK : WEIR_EUNAVAIL;
}

weir_session *weir_session_open(void)
{
	char name[] = "clickhouse";
	char *argv[] = { name, engine.path_arg, engine.config_arg };
	weir_session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conn = api.chdb_connect(3, argv);
	if (!s->conn || !*s->conn) {
		free(s);
		return NULL;
	}
	return s;
}

void weir_session_close(weir_session *s)
{
	if (!s)
		return;
	api.chdb_close_conn(s->conn);
	free(s);
}

/* Runs one of our own statements; false and a line in the log when it fails. */
static bool run_own(const char *sql, char *out, size_t size)
{
	weir_result *r = weir_session_query(engine.keeper, weir_text_of(sql), "TabSeparatedRaw", NULL);
	const char *error = r ? weir_result_error(r) : "out of memory";
	weir_text data;

	if (error) {
		weir_log(LOG_ERR, "engine", "statement=\"%s\" error=\"%s\"", sql, error);
	} else if (out) {
		data = weir_text_trim(weir_result_data(r));
		snprintf(out, size, "%.*s", (int)data.n, data.p);
	}
	weir_result_free(r);
	return !error;
}

/*
 * In the process that creates a data directory the engine never starts its
 * clean-up tasks, and DROP ... SYNC then hangs for ever.  So a fresh directory
 * is opened twice: the first time it only gets its metadata folder.
 */
static bool first_run(void)
{
	bool done;

	engine.keeper = weir_session_open();
	if (!engine.keeper)
		return false;
	done = run_own("CREATE DATABASE IF NOT EXISTS weir_first_run", NULL, 0) && run_own("DROP DATABASE weir_first_run", NULL, 0);
	weir_session_close(engine.keeper);
	engine.keeper = NULL;
	return done;
}

static weir_err start(struct weir_fault *fault)
{
	api.chdb_set_signal_handlers_enabled(0); /* its handlers turn a crash into a hang */
	if (weir_place_is_fresh(engine.place) && !first_run()) {
		weir_fault_set(fault, "the engine cannot create its files in %.300s; its message stands above", weir_place_path(engine.place));
		return WEIR_EUNAVAIL;
	}
	engine.keeper = weir_session_open();
	if (!engine.keeper) {
		weir_fault_set(fault, "the engine does not start on %.300s; its message stands above", weir_place_path(engine.place));
		return WEIR_EUNAVAIL;
	}
	if (!run_own("SELECT version()", engine.version, sizeof(engine.version)) ||
	    !run_own("SELECT timezone()", engine.timezone, sizeof(engine.timezone))) {
		weir_fault_set(fault, "the engine started but does not answer; its message stands above");
		return WEIR_EUNAVAIL;
	}
	return WEIR_OK;
}

weir_err weir_engine_open(const struct weir_conf *conf, struct weir_fault *fault)
{
	char path[PATH_MAX];
	weir_err err;

	if (*conf->chdb_library)
		snprintf(path, sizeof(path), "%s", conf->chdb_library);
	else
		snprintf(path, sizeof(path), "%s/libchdb.so", WEIR_LIBCHDB_DIR);
	err = weir_place_open(conf, &engine.place, fault);
	if (err)
		return err;
	err = load_library(path, fault);
	if (!err) {
		snprintf(engine.path_arg, sizeof(engine.path_arg), "--path=%s", weir_place_path(engine.place));
		snprintf(engine.config_arg, sizeof(engine.config_arg), "--config-file=%s", weir_place_config(engine.place));
		err = start(fault);
	}
	if (err)
		weir_engine_close();
	return err;
}

void weir_engine_close(void)
{
	weir_session_close(engine.keeper);
	engine.keeper = NULL;
	/* The library stays loaded: threads of it may still be on their way out. */
	weir_place_close(engine.place);
	engine.place = NULL;
}

const char *weir_engine_version(void)
{
	return engine.version;
}

const char *weir_engine_timezone(void)
{
	return engine.timezone;
}

weir_result *weir_session_query(weir_session *s, weir_text sql, const char *format, const struct weir_params *params)
{
	if (params && params->count)
		return api.chdb_query_with_params_n(*s->conn, sql.p, sql.n, format, strlen(format), params->names, params->name_lens,
			params->values, params->value_lens, params->count);
	return api.chdb_query_n(*s->conn, sql.p, sql.n, format, strlen(format));
}

weir_result *weir_session_stream(weir_session *s, weir_text sql, const char *format, const struct weir_params *params)
{
	if (params && params->count)
		return api.chdb_stream_query_with_params_n(*s->conn, sql.p, sql.n, format, strlen(format), params->names,
			params->name_lens, params->values, params->value_lens, params->count);
	return api.chdb_stream_query_n(*s->conn, sql.p, sql.n, format, strlen(format));
}

weir_result *weir_session_fetch(weir_session *s, weir_result *stream)
{
	return api.chdb_stream_fetch_result(*s->conn, stream);
}

void weir_session_cancel(weir_session *s, weir_result *stream)
{
	api.chdb_stream_cancel_query(*s->conn, stream);
}

const char *weir_result_error(weir_result *r)
{
	return api.chdb_result_error(r);
}

weir_text weir_result_data(weir_result *r)
{
	const char *p = api.chdb_result_buffer(r);

	return (weir_text){ p, p ? api.chdb_result_length(r) : 0 };
}

struct weir_counts weir_result_counts(weir_result *r)
{
	return (struct weir_counts){
		.read_rows = api.chdb_result_storage_rows_read(r),
		.read_bytes = api.chdb_result_storage_bytes_read(r),
		.written_rows = api.chdb_result_rows_written(r),
		.written_bytes = api.chdb_result_bytes_written(r),
		.result_rows = api.chdb_result_rows_read(r),
	};
}

void weir_result_free(weir_result *r)
{
	if (r)
		api.chdb_destroy_query_result(r);
}
