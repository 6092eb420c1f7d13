# tests: TAP from C programs (unit/*-t.c), shell and node (*.t) against real servers.
UNIT_LIBS = $(WEIR_BASE_LIBS)
check_PROGRAMS += tests/unit/seal-t
tests_unit_seal_t_SOURCES = tests/unit/seal-t.c tests/lib/tap.h
tests_unit_seal_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_seal_t_LDADD = $(WEIR_BASE_LIBS)
check_PROGRAMS += tests/unit/base-t
tests_unit_base_t_SOURCES = tests/unit/base-t.c tests/lib/tap.h
tests_unit_base_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_base_t_LDADD = $(UNIT_LIBS)
EXTRA_DIST += tests/lib/tap.sh tests/lib/harness.sh tests/lib/servers.sh
EXTRA_DIST += tests/lib/tap.sh

# The rules of the house, checked on the sources.
dist_check_SCRIPTS += tests/house/floors.t tests/house/headers.t tests/house/banned.t tests/house/size.t tests/house/vectors.t
EXTRA_DIST += tests/house/vectors.mjs tests/vectors/coverage.tsv
TEST_CPPFLAGS = $(JSONC_CFLAGS) $(PQ_CFLAGS) $(HIREDIS_CFLAGS) $(MSGPACK_CFLAGS) $(MMDB_CFLAGS) $(MHD_CFLAGS) $(CURL_CFLAGS) $(PCRE2_CFLAGS) $(FCGI_CFLAGS)
AM_TESTS_ENVIRONMENT += TEST_CPPFLAGS='$(TEST_CPPFLAGS)'; export TEST_CPPFLAGS;

check_PROGRAMS += tests/unit/enrich-t
tests_unit_enrich_t_SOURCES = tests/unit/enrich-t.c tests/lib/tap.h
tests_unit_enrich_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_enrich_t_LDADD = $(WEIR_INGEST_LIBS)
EXTRA_DIST += tests/vectors/ingest.json
check_PROGRAMS += tests/unit/bot-t
tests_unit_bot_t_SOURCES = tests/unit/bot-t.c tests/lib/tap.h
tests_unit_bot_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_bot_t_LDADD = $(WEIR_INGEST_LIBS)
check_PROGRAMS += tests/unit/visitor-t
tests_unit_visitor_t_SOURCES = tests/unit/visitor-t.c tests/lib/tap.h
tests_unit_visitor_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_visitor_t_LDADD = $(WEIR_INGEST_LIBS)
check_PROGRAMS += tests/unit/geo-t
tests_unit_geo_t_SOURCES = tests/unit/geo-t.c tests/lib/tap.h
tests_unit_geo_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_geo_t_LDADD = $(WEIR_INGEST_LIBS)

EXTRA_PROGRAMS += tests/bench/enrich
tests_bench_enrich_SOURCES = tests/bench/enrich.c
tests_bench_enrich_LDADD = $(WEIR_INGEST_LIBS)

if FUZZERS
LIBFUZZER = -fsanitize=fuzzer
noinst_PROGRAMS += tests/fuzz/track-fuzz tests/fuzz/url-fuzz tests/fuzz/flatten-fuzz tests/fuzz/agent-fuzz tests/fuzz/date-fuzz \
	tests/fuzz/bot-fuzz
tests_fuzz_track_fuzz_SOURCES = tests/fuzz/track-fuzz.c
tests_fuzz_track_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_track_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_url_fuzz_SOURCES = tests/fuzz/url-fuzz.c
tests_fuzz_url_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_url_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_flatten_fuzz_SOURCES = tests/fuzz/flatten-fuzz.c
tests_fuzz_flatten_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_flatten_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_agent_fuzz_SOURCES = tests/fuzz/agent-fuzz.c
tests_fuzz_agent_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_agent_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_bot_fuzz_SOURCES = tests/fuzz/bot-fuzz.c
tests_fuzz_bot_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_bot_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_date_fuzz_SOURCES = tests/fuzz/date-fuzz.c
tests_fuzz_date_fuzz_LDADD = $(WEIR_BASE_LIBS)
tests_fuzz_date_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
endif

# weir-track against a Redis and a PostgreSQL of its own.
dist_check_SCRIPTS += tests/e2e/track-batch.t tests/e2e/track-group.t tests/e2e/track-kept.t tests/e2e/track-http.t tests/e2e/track-away.t tests/e2e/spool.t tests/e2e/durable.t tests/e2e/doubt.t tests/e2e/track-bots.t tests/e2e/import.t
EXTRA_DIST += tests/lib/track.sh tests/e2e/track-batch.mjs tests/e2e/track-http.mjs tests/e2e/track-kept.mjs tests/lib/fcgi.mjs tests/lib/redis.mjs tests/lib/harness.mjs
check_PROGRAMS += tests/unit/track-input-t
tests_unit_track_input_t_SOURCES = tests/unit/track-input-t.c tests/lib/tap.h
tests_unit_track_input_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_track_input_t_LDADD = $(WEIR_INGEST_LIBS)
EXTRA_DIST += tests/unit/track-input.tsv

# The scripts of sql/redis, called directly.
dist_check_SCRIPTS += tests/e2e/lifecycle.t
noinst_PROGRAMS += tests/e2e/lifecycle
tests_e2e_lifecycle_SOURCES = tests/e2e/lifecycle.c tests/e2e/lifecycle.h tests/e2e/lifecycle-agreement.c tests/e2e/lifecycle-rules.c \
	tests/e2e/lifecycle-spool.c tests/e2e/lifecycle-together.c tests/e2e/lifecycle-vectors.c tests/e2e/lifecycle-world.c tests/lib/tap.h
tests_e2e_lifecycle_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_e2e_lifecycle_LDADD = $(WEIR_INGEST_LIBS)

dist_check_SCRIPTS += tests/tools/weir.t
# Whole instances, made by ./weir up from the programs of this build.
dist_check_SCRIPTS += tests/e2e/browser.t tests/e2e/browser-replay.t tests/e2e/node-sdk.t tests/e2e/storm.t tests/e2e/trpc.t tests/e2e/cgi.t
EXTRA_DIST += tests/e2e/browser-replay.html tests/e2e/browser-replay.mjs tests/e2e/node-sdk.mjs tests/e2e/storm.mjs tests/e2e/storm-faults.mjs \
	tests/e2e/storm-traffic.mjs tests/lib/browser.mjs tests/lib/fault-proxy.mjs tests/lib/random.mjs tests/lib/site.sh
EXTRA_DIST += tests/e2e/browser.html tests/e2e/browser.mjs tests/e2e/trpc.mjs tests/lib/instance.sh \
	tests/bench/memory.sh tests/bench/pour.mjs
# What ingestion is measured with; ./weir bench ingest runs it.
noinst_PROGRAMS += tests/bench/empty-responder tests/bench/load
tests_bench_empty_responder_SOURCES = tests/bench/empty-responder.c
tests_bench_empty_responder_LDADD = $(FCGI_LIBS)
tests_bench_load_SOURCES = tests/bench/load.c
tests_bench_load_LDADD = $(WEIR_BASE_LIBS)
EXTRA_DIST += tests/bench/ingest.sh tests/bench/setup.sh tests/bench/batch.sh tests/bench/mixed.sh tests/bench/backlog.sh tests/bench/latency.sh \
	tests/bench/sankey.sh tests/bench/latency.mjs tests/bench/instructions.sh tests/bench/instructions.tsv

# Profiles and groups.
dist_check_SCRIPTS += tests/e2e/people.t tests/e2e/people-track.t tests/e2e/people-away.t tests/e2e/people-backfill.t
noinst_PROGRAMS += tests/e2e/people
tests_e2e_people_SOURCES = tests/e2e/people.c tests/lib/tap.h
tests_e2e_people_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_e2e_people_LDADD = $(WEIR_INGEST_LIBS)

# The spool.
check_PROGRAMS += tests/unit/spool-t
tests_unit_spool_t_SOURCES = tests/unit/spool-t.c tests/lib/tap.h
tests_unit_spool_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_spool_t_LDADD = $(WEIR_INGEST_LIBS)
EXTRA_DIST += tests/fuzz/corpus tests/lib/redis-proxy.mjs tests/lib/spool-poison.mjs
if FUZZERS
noinst_PROGRAMS += tests/fuzz/name-fuzz tests/fuzz/headers-fuzz tests/fuzz/maps-fuzz
tests_fuzz_name_fuzz_SOURCES = tests/fuzz/name-fuzz.c
tests_fuzz_name_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_name_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_headers_fuzz_SOURCES = tests/fuzz/headers-fuzz.c
tests_fuzz_headers_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_headers_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_maps_fuzz_SOURCES = tests/fuzz/maps-fuzz.c
tests_fuzz_maps_fuzz_LDADD = $(WEIR_META_LIBS)
tests_fuzz_maps_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
noinst_PROGRAMS += tests/fuzz/spool-fuzz
tests_fuzz_spool_fuzz_SOURCES = tests/fuzz/spool-fuzz.c
tests_fuzz_spool_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_spool_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
endif
