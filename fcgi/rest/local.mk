# fcgi/rest: the HTTP interface beside tRPC.
noinst_LIBRARIES += libweir_rest.a
libweir_rest_a_SOURCES = fcgi/rest/rest.c fcgi/rest/rest.h
libweir_rest_a_SOURCES += fcgi/rest/health.c fcgi/rest/health.h
libweir_rest_a_SOURCES += fcgi/rest/metrics.c
libweir_rest_a_SOURCES += fcgi/rest/oauth.c fcgi/rest/oauth.h fcgi/rest/connect.c fcgi/rest/connect.h fcgi/rest/back.c fcgi/rest/back.h
libweir_rest_a_SOURCES += fcgi/rest/route.c fcgi/rest/route.h fcgi/rest/answer.c fcgi/rest/answer.h
libweir_rest_a_SOURCES += fcgi/rest/manage_project.c fcgi/rest/manage_client.c fcgi/rest/manage_reference.c fcgi/rest/manage_person.c fcgi/rest/openapi.c
libweir_rest_a_SOURCES += fcgi/rest/query.c fcgi/rest/query.h
libweir_rest_a_SOURCES += fcgi/rest/export_events.c fcgi/rest/export_format.c fcgi/rest/export_format.h
libweir_rest_a_SOURCES += fcgi/rest/insights.c fcgi/rest/insights.h fcgi/rest/insights_people.c fcgi/rest/insights_search.c fcgi/rest/insights_report.c
libweir_rest_a_SOURCES += fcgi/rest/bridge.c fcgi/rest/bridge.h fcgi/rest/export_charts.c
nodist_libweir_rest_a_SOURCES = gen/routes.h
WEIR_REST_LIBS = libweir_rest.a $(WEIR_TRPC_LIBS)

BUILT_SOURCES += gen/routes.h
EXTRA_DIST += data/routes.tsv tools/gen-routes.awk
gen/routes.h: data/routes.tsv tools/gen-routes.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-routes.awk $(srcdir)/data/routes.tsv > $@.tmp && mv $@.tmp $@

dist_check_SCRIPTS += tests/e2e/manage.t tests/e2e/export.t tests/e2e/insights.t tests/e2e/person.t
EXTRA_DIST += tests/e2e/manage.mjs tests/e2e/export.mjs tests/e2e/insights.mjs tests/e2e/person.mjs tests/e2e/rest-vectors.mjs tests/lib/mcp.mjs

check_PROGRAMS += tests/unit/rest-t
tests_unit_rest_t_SOURCES = tests/unit/rest-t.c tests/lib/tap.h
tests_unit_rest_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_rest_t_LDADD = $(WEIR_REST_LIBS)
