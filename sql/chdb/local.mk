# sql/chdb: weir-chdb, the embedded ClickHouse engine behind ClickHouse's HTTP interface.
CHDB_SOURCES = \
	sql/chdb/lex.c sql/chdb/lex.h sql/chdb/statement.c sql/chdb/statement.h sql/chdb/engine.c sql/chdb/engine.h \
	sql/chdb/place.c sql/chdb/place.h sql/chdb/spool.c sql/chdb/spool.h sql/chdb/body.c sql/chdb/body.h \
	sql/chdb/request.c sql/chdb/request.h sql/chdb/formats.c sql/chdb/formats.h sql/chdb/errors.c sql/chdb/errors.h \
	sql/chdb/call.c sql/chdb/call.h sql/chdb/desk.c sql/chdb/desk.h sql/chdb/output.c sql/chdb/output.h \
	sql/chdb/run.c sql/chdb/run.h sql/chdb/pool.c sql/chdb/pool.h sql/chdb/auth.c sql/chdb/auth.h \
	sql/chdb/listen.c sql/chdb/listen.h sql/chdb/hangup.c sql/chdb/hangup.h sql/chdb/http.c sql/chdb/http.h
pkglibexec_PROGRAMS += weir-chdb
# The base is compiled into it once more: libchdb does not load into a process
# with the address sanitizer, so this program is built without.
weir_chdb_SOURCES = sql/chdb/main.c $(CHDB_SOURCES) $(libweir_base_a_SOURCES)
nodist_weir_chdb_SOURCES = gen/settings.h
weir_chdb_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/sql/chdb $(MHD_CFLAGS)
weir_chdb_CFLAGS = $(WARN_CFLAGS) -pthread
weir_chdb_LDFLAGS = -pthread
dist_man_MANS += man/weir-chdb.8
weir_chdb_LDADD = $(MHD_LIBS) $(JSONC_LIBS) $(CRYPTO_LIBS) $(ARGON2_LIBS) $(ZLIB_LIBS) -ldl -lm

# What of it works without an engine, for tests (with sanitizers, if there are any).
noinst_LIBRARIES += libweir_chdb.a
libweir_chdb_a_SOURCES = \
	sql/chdb/lex.c sql/chdb/statement.c sql/chdb/spool.c sql/chdb/body.c sql/chdb/request.c sql/chdb/formats.c \
	sql/chdb/errors.c sql/chdb/auth.c
libweir_chdb_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/sql/chdb
check_PROGRAMS += tests/unit/chdb-t
tests_unit_chdb_t_SOURCES = tests/unit/chdb-t.c tests/lib/tap.h
tests_unit_chdb_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib -I$(srcdir)/sql/chdb
tests_unit_chdb_t_LDADD = libweir_chdb.a $(WEIR_BASE_LIBS) $(ZLIB_LIBS)

if FUZZERS
noinst_PROGRAMS += tests/fuzz/statement-fuzz
tests_fuzz_statement_fuzz_SOURCES = tests/fuzz/statement-fuzz.c
tests_fuzz_statement_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/sql/chdb
tests_fuzz_statement_fuzz_LDADD = libweir_chdb.a $(WEIR_BASE_LIBS) $(ZLIB_LIBS)
tests_fuzz_statement_fuzz_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

# weir-chdb against curl and against ClickHouse's own JavaScript client.
dist_check_SCRIPTS += tests/e2e/chdb-curl.t tests/e2e/chdb-client.t
EXTRA_DIST += tests/e2e/chdb-client.mjs
