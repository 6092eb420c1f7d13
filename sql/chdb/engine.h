#ifndef WEIR_CHDB_ENGINE_H
#define WEIR_CHDB_ENGINE_H
#include "base/conf.h"
/*
 * The embedded ClickHouse engine: libchdb.so, loaded at run time by its path,
 * so that everything else builds and runs without it.
 *
 * One engine per process and one process per data directory (a lock file there
 * says who).  A session is one connection of the engine: what SET and USE do
 * stays in it.  A session belongs to one thread at a time; sessions of
 * different threads run side by side.  Threads that call in here need a stack
 * of 256 KiB at least (the engine dies at 64 KiB); WEIR_ENGINE_STACK is safe.
 *
 * Results belong to the caller: weir_result_free, from any thread.  The text
 * of an error is the engine's own ("Code: 60. DB::Exception: ...").
 */
enum { WEIR_ENGINE_STACK = 4 << 20 };

typedef struct weir_session weir_session;
typedef struct weir_result weir_result;

struct weir_params {
	size_t count;
	const char **names, **values;
	size_t *name_lens, *value_lens;
};

struct weir_counts {
	uint64_t read_rows, read_bytes, written_rows, written_bytes, result_rows;
};

/*
 * Loads the library, takes the lock, writes the engine's configuration into
 * the data directory and starts it.  *fault says what is wrong and what to do.
 */
WEIR_MUSTCHECK weir_err weir_engine_open(const struct weir_conf *conf, struct weir_fault *fault);
/* All sessions must be closed. */
void weir_engine_close(void);
/* "26.5.1.1" and "Etc/UTC", of the running engine. */
const char *weir_engine_version(void);
const char *weir_engine_timezone(void);

/* NULL when the engine refuses. */
weir_session *weir_session_open(void);
void weir_session_close(weir_session *s);

/* Runs the statement to its end. NULL only on out of memory. params may be NULL. */
weir_result *weir_session_query(weir_session *s, weir_text sql, const char *format, const struct weir_params *params);
/* Starts a SELECT whose rows weir_session_fetch then brings in parts, until a part without rows. */
weir_result *weir_session_stream(weir_session *s, weir_text sql, const char *format, const struct weir_params *params);
weir_result *weir_session_fetch(weir_session *s, weir_result *stream);
/* Gives a stream up before its end. */
void weir_session_cancel(weir_session *s, weir_result *stream);

/* NULL when it went well. Valid until weir_result_free. */
const char *weir_result_error(weir_result *r);
weir_text weir_result_data(weir_result *r);
/* Of a result without error. */
struct weir_counts weir_result_counts(weir_result *r);
void weir_result_free(weir_result *r);
#endif
