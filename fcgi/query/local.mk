# fcgi/query: what a question is, in ClickHouse's SQL.
noinst_LIBRARIES += libweir_query.a
libweir_query_a_SOURCES =
libweir_query_a_SOURCES += fcgi/query/sql.c fcgi/query/sql.h
libweir_query_a_SOURCES += fcgi/query/rollup.c fcgi/query/rolling.c fcgi/query/rollup.h
libweir_query_a_SOURCES += fcgi/query/insight.c fcgi/query/insight_text.c fcgi/query/insight_window.c fcgi/query/insight.h fcgi/query/insight_module.h
libweir_query_a_SOURCES += fcgi/query/range.c fcgi/query/range.h
libweir_query_a_SOURCES += fcgi/query/field.c fcgi/query/field.h
libweir_query_a_SOURCES += fcgi/query/filter.c fcgi/query/filter.h
libweir_query_a_SOURCES += fcgi/query/report.c fcgi/query/chart.c fcgi/query/compute.c fcgi/query/metrics.c fcgi/query/chart.h
libweir_query_a_SOURCES += fcgi/query/rows.c fcgi/query/rows.h
libweir_query_a_SOURCES += fcgi/query/events.c fcgi/query/events.h
libweir_query_a_SOURCES += fcgi/query/entity.c fcgi/query/entity.h
libweir_query_a_SOURCES += fcgi/query/visits.c fcgi/query/overview.c fcgi/query/overview_top.c fcgi/query/overview.h
libweir_query_a_SOURCES += fcgi/query/journey.c fcgi/query/spikes.c fcgi/query/spikes.h
libweir_query_a_SOURCES += fcgi/query/realtime.c fcgi/query/realtime.h
libweir_query_a_SOURCES += fcgi/query/place.c fcgi/query/place.h
libweir_query_a_SOURCES += fcgi/query/sessions.c fcgi/query/sessions.h fcgi/query/pages.c fcgi/query/pages.h
libweir_query_a_SOURCES += fcgi/query/people.c fcgi/query/people.h
libweir_query_a_SOURCES += fcgi/query/formula.c fcgi/query/formula.h
libweir_query_a_SOURCES += fcgi/query/bucket.c fcgi/query/bucket.h
libweir_query_a_SOURCES += fcgi/query/plan.c fcgi/query/plan.h
libweir_query_a_SOURCES += fcgi/query/circle.c fcgi/query/circle.h
libweir_query_a_SOURCES += fcgi/query/group.c fcgi/query/group.h
libweir_query_a_SOURCES += fcgi/query/cohort.c fcgi/query/cohort.h
libweir_query_a_SOURCES += fcgi/query/pulse.c fcgi/query/pulse.h
libweir_query_a_SOURCES += fcgi/query/imported.c fcgi/query/imported.h
libweir_query_a_SOURCES += fcgi/query/search.c fcgi/query/search.h
libweir_query_a_SOURCES += fcgi/query/funnel.c fcgi/query/funnel.h
libweir_query_a_SOURCES += fcgi/query/retention.c fcgi/query/retention.h
libweir_query_a_SOURCES += fcgi/query/loyalty.c fcgi/query/loyalty.h
libweir_query_a_SOURCES += fcgi/query/sankey.c fcgi/query/sankey_graph.c fcgi/query/sankey.h
libweir_query_a_SOURCES += fcgi/query/picker.c fcgi/query/picker.h
libweir_query_a_SOURCES += fcgi/query/compile.c fcgi/query/compile.h
nodist_libweir_query_a_SOURCES = gen/countries.h
BUILT_SOURCES += gen/countries.h
EXTRA_DIST += data/countries.tsv tools/gen-countries.awk tools/make-countries.js
gen/countries.h: data/countries.tsv tools/gen-countries.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-countries.awk $(srcdir)/data/countries.tsv > $@.tmp && mv $@.tmp $@
WEIR_QUERY_LIBS = libweir_query.a $(WEIR_LINK_LIBS)

check_PROGRAMS += tests/unit/query-t
tests_unit_query_t_SOURCES = tests/unit/query-t.c tests/lib/tap.h
tests_unit_query_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_query_t_LDADD = $(WEIR_QUERY_LIBS)
