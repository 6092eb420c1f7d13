# fcgi/trpc: the protocol, the table of procedures and their input schemas, the handlers.
noinst_LIBRARIES += libweir_trpc.a
libweir_trpc_a_SOURCES = fcgi/trpc/api.h fcgi/trpc/call.h
libweir_trpc_a_SOURCES += fcgi/trpc/superjson.c fcgi/trpc/superjson.h
libweir_trpc_a_SOURCES += fcgi/trpc/jsfault.c fcgi/trpc/jsfault.h
libweir_trpc_a_SOURCES += fcgi/trpc/schema.c fcgi/trpc/schema.h
libweir_trpc_a_SOURCES += fcgi/trpc/issue.c fcgi/trpc/rules.c fcgi/trpc/check.h
libweir_trpc_a_SOURCES += fcgi/trpc/cors.c fcgi/trpc/cors.h
libweir_trpc_a_SOURCES += fcgi/trpc/reply.c fcgi/trpc/reply.h
libweir_trpc_a_SOURCES += fcgi/trpc/kept.c fcgi/trpc/kept.h
libweir_trpc_a_SOURCES += fcgi/trpc/rate.c fcgi/trpc/rate.h
libweir_trpc_a_SOURCES += fcgi/trpc/access.c fcgi/trpc/procedure.c fcgi/trpc/rpc.c
libweir_trpc_a_SOURCES += fcgi/trpc/reply_organization.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_auth.c fcgi/trpc/proc_organization.c fcgi/trpc/proc_project.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_member.c fcgi/trpc/proc_user.c fcgi/trpc/proc_totp.c fcgi/trpc/proc_password.c
libweir_trpc_a_SOURCES += fcgi/trpc/share.c fcgi/trpc/share.h fcgi/trpc/shared_report.c fcgi/trpc/shared_report.h
libweir_trpc_a_SOURCES += fcgi/trpc/qr.c fcgi/trpc/qr.h
libweir_trpc_a_SOURCES += fcgi/trpc/proc_chart.c fcgi/trpc/reply_chart.c fcgi/trpc/proc_funnel.c fcgi/trpc/proc_conversion.c fcgi/trpc/proc_cohort_chart.c fcgi/trpc/proc_sankey.c fcgi/trpc/proc_picker.c fcgi/trpc/chart.h fcgi/trpc/proc_event.c fcgi/trpc/ask.h
libweir_trpc_a_SOURCES += fcgi/trpc/profile.c fcgi/trpc/profile.h
libweir_trpc_a_SOURCES += fcgi/trpc/proc_overview.c fcgi/trpc/proc_journey.c fcgi/trpc/overview.h fcgi/trpc/place.c fcgi/trpc/place.h
libweir_trpc_a_SOURCES += fcgi/trpc/event.c fcgi/trpc/event.h fcgi/trpc/proc_pages.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_session.c fcgi/trpc/session.h fcgi/trpc/proc_profile.c fcgi/trpc/proc_realtime.c
libweir_trpc_a_SOURCES += fcgi/trpc/report_view.c fcgi/trpc/report_view.h
libweir_trpc_a_SOURCES += fcgi/trpc/proc_dashboard.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_report.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_reference.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_share.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_notification.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_import.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_conversation.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_widget.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_group.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_circle.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_cohort.c
libweir_trpc_a_SOURCES += fcgi/trpc/proc_gsc.c fcgi/trpc/proc_gsc_live.c
nodist_libweir_trpc_a_SOURCES = gen/schemas.c gen/schemas.h gen/procedures.h
WEIR_TRPC_LIBS = libweir_trpc.a $(WEIR_META_LIBS) $(WEIR_QUERY_LIBS) $(WEIR_INGEST_LIBS) $(QR_LIBS)

BUILT_SOURCES += gen/schemas.c gen/schemas.h gen/procedures.h
EXTRA_DIST += data/schemas.txt data/procedures.tsv tools/gen-schemas.awk tools/gen-procedures.awk
gen/schemas.c: data/schemas.txt tools/gen-schemas.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-schemas.awk $(srcdir)/data/schemas.txt > $@.tmp && mv $@.tmp $@
gen/schemas.h: data/schemas.txt tools/gen-schemas.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -v header=1 -f $(srcdir)/tools/gen-schemas.awk $(srcdir)/data/schemas.txt > $@.tmp && mv $@.tmp $@
gen/procedures.h: data/procedures.tsv tools/gen-procedures.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-procedures.awk $(srcdir)/data/procedures.tsv > $@.tmp && mv $@.tmp $@

# What this room and the two below it are tested with.
API_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
check_PROGRAMS += tests/unit/zone-t
tests_unit_zone_t_SOURCES = tests/unit/zone-t.c tests/lib/tap.h
tests_unit_zone_t_CPPFLAGS = $(API_TEST_CPPFLAGS)
tests_unit_zone_t_LDADD = $(WEIR_BASE_LIBS)
dist_check_SCRIPTS += tests/e2e/api-trpc.t tests/e2e/api-lists.t
EXTRA_DIST += tests/e2e/api-trpc.mjs tests/e2e/api-protocol.mjs tests/e2e/api-vectors.mjs tests/e2e/api-lists.mjs tests/e2e/share-reads.mjs tests/lib/api.mjs tests/vectors/queries.json tests/vectors/json-errors.json
dist_check_SCRIPTS += tests/e2e/charts.t tests/e2e/injection.t tests/e2e/limits.t tests/e2e/bounds.t tests/e2e/kept.t tests/e2e/rollups.t
EXTRA_DIST += tests/e2e/kept.mjs tests/e2e/bounds.mjs tests/lib/record-proxy.mjs tests/e2e/rollups.mjs
EXTRA_DIST += tests/e2e/injection.mjs tests/e2e/injection-world.mjs tests/e2e/injection-questions.mjs
EXTRA_DIST += tests/e2e/charts.mjs tests/e2e/journey.mjs tests/e2e/plan-vectors.mjs tests/lib/chart-model.mjs
dist_check_SCRIPTS += tests/e2e/accounts.t tests/e2e/roles.t tests/e2e/inputs.t
EXTRA_DIST += tests/e2e/roles.mjs tests/e2e/inputs.mjs tests/data/roles.tsv tests/data/roles.sql
EXTRA_DIST += tests/lib/accounts.mjs tests/lib/provider.mjs tests/e2e/accounts.mjs tests/e2e/accounts-organization.mjs tests/e2e/accounts-password.mjs \
	tests/e2e/accounts-totp.mjs tests/e2e/accounts-oauth.mjs tests/e2e/accounts-connect.mjs tests/e2e/accounts-share.mjs tests/e2e/accounts-user.mjs
check_PROGRAMS += tests/unit/schema-t
tests_unit_schema_t_SOURCES = tests/unit/schema-t.c tests/lib/tap.h
tests_unit_schema_t_CPPFLAGS = $(API_TEST_CPPFLAGS)
tests_unit_schema_t_LDADD = $(WEIR_TRPC_LIBS)
EXTRA_DIST += tests/data/schemas.json tools/make-schema-vectors.mjs
check_PROGRAMS += tests/unit/trpc-t
tests_unit_trpc_t_SOURCES = tests/unit/trpc-t.c tests/lib/tap.h
tests_unit_trpc_t_CPPFLAGS = $(API_TEST_CPPFLAGS)
tests_unit_trpc_t_LDADD = $(WEIR_TRPC_LIBS)

dist_check_SCRIPTS += tests/e2e/metadata.t tests/e2e/import-file.t tests/e2e/postgres-away.t tests/e2e/api-recent.t
EXTRA_DIST += tests/e2e/postgres-away.mjs tests/e2e/api-recent.mjs
dist_check_SCRIPTS += tests/sql/prisma.t
EXTRA_DIST += tests/sql/prisma.mjs
EXTRA_DIST += tests/e2e/import-file.mjs
EXTRA_DIST += tests/e2e/metadata.mjs tests/e2e/metadata-project.mjs tests/e2e/metadata-report.mjs tests/e2e/metadata-share.mjs tests/e2e/metadata-notice.mjs
EXTRA_DIST += tests/e2e/metadata-people.mjs tests/e2e/metadata-other.mjs tests/e2e/metadata-crowd.mjs tests/lib/metadata.mjs tests/lib/watch.mjs tests/lib/shapes.mjs tests/data/shapes.mjs tests/data/shapes-accounts.mjs

noinst_PROGRAMS += tests/bench/ask
tests_bench_ask_SOURCES = tests/bench/ask.c
tests_bench_ask_LDADD = $(WEIR_LINK_LIBS)
EXTRA_DIST += tests/bench/meta.sh tests/bench/meta.mjs tests/bench/data.sh tests/bench/data.mjs

if FUZZERS
noinst_PROGRAMS += tests/fuzz/rpc-fuzz tests/fuzz/schema-fuzz
tests_fuzz_rpc_fuzz_SOURCES = tests/fuzz/rpc-fuzz.c
tests_fuzz_rpc_fuzz_LDADD = $(WEIR_TRPC_LIBS)
tests_fuzz_rpc_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
tests_fuzz_schema_fuzz_SOURCES = tests/fuzz/schema-fuzz.c
tests_fuzz_schema_fuzz_LDADD = $(WEIR_TRPC_LIBS)
tests_fuzz_schema_fuzz_LDFLAGS = $(AM_LDFLAGS) $(LIBFUZZER)
endif
