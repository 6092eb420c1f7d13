# fcgi/query: what a question is, in ClickHouse's SQL.
noinst_LIBRARIES += libweir_query.a
libweir_query_a_SOURCES =
libweir_query_a_SOURCES += fcgi/query/sql.c fcgi/query/sql.h
libweir_query_a_SOURCES += fcgi/query/range.c fcgi/query/range.h
libweir_query_a_SOURCES += fcgi/query/field.c fcgi/query/field.h
libweir_query_a_SOURCES += fcgi/query/filter.c fcgi/query/filter.h
libweir_query_a_SOURCES += fcgi/query/chart.c fcgi/query/metrics.c fcgi/query/chart.h
libweir_query_a_SOURCES += fcgi/query/rows.c fcgi/query/rows.h
libweir_query_a_SOURCES += fcgi/query/events.c fcgi/query/events.h
libweir_query_a_SOURCES += fcgi/query/circle.c fcgi/query/circle.h
libweir_query_a_SOURCES += fcgi/query/group.c fcgi/query/group.h
libweir_query_a_SOURCES += fcgi/query/cohort.c fcgi/query/cohort.h
libweir_query_a_SOURCES += fcgi/query/pulse.c fcgi/query/pulse.h
libweir_query_a_SOURCES += fcgi/query/search.c fcgi/query/search.h
WEIR_QUERY_LIBS = libweir_query.a $(WEIR_LINK_LIBS)
