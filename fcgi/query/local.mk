# fcgi/query: what a question is, in ClickHouse's SQL.
noinst_LIBRARIES += libweir_query.a
libweir_query_a_SOURCES =
libweir_query_a_SOURCES += fcgi/query/sql.c fcgi/query/sql.h
libweir_query_a_SOURCES += fcgi/query/range.c fcgi/query/range.h
libweir_query_a_SOURCES += fcgi/query/field.c fcgi/query/field.h
libweir_query_a_SOURCES += fcgi/query/filter.c fcgi/query/filter.h
libweir_query_a_SOURCES += fcgi/query/report.c fcgi/query/chart.c fcgi/query/compute.c fcgi/query/metrics.c fcgi/query/chart.h
libweir_query_a_SOURCES += fcgi/query/rows.c fcgi/query/rows.h
libweir_query_a_SOURCES += fcgi/query/events.c fcgi/query/events.h
libweir_query_a_SOURCES += fcgi/query/formula.c fcgi/query/formula.h
libweir_query_a_SOURCES += fcgi/query/bucket.c fcgi/query/bucket.h
libweir_query_a_SOURCES += fcgi/query/plan.c fcgi/query/plan.h
libweir_query_a_SOURCES += fcgi/query/funnel.c fcgi/query/funnel.h
libweir_query_a_SOURCES += fcgi/query/retention.c fcgi/query/retention.h
libweir_query_a_SOURCES += fcgi/query/sankey.c fcgi/query/sankey_graph.c fcgi/query/sankey.h
libweir_query_a_SOURCES += fcgi/query/picker.c fcgi/query/picker.h
libweir_query_a_SOURCES += fcgi/query/compile.c fcgi/query/compile.h
WEIR_QUERY_LIBS = libweir_query.a $(WEIR_LINK_LIBS)

check_PROGRAMS += tests/unit/query-t
tests_unit_query_t_SOURCES = tests/unit/query-t.c tests/lib/tap.h
tests_unit_query_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_query_t_LDADD = $(WEIR_QUERY_LIBS)
