# fcgi/rest: the HTTP interface beside tRPC.
noinst_LIBRARIES += libweir_rest.a
libweir_rest_a_SOURCES = fcgi/rest/rest.c fcgi/rest/rest.h
libweir_rest_a_SOURCES += fcgi/rest/health.c fcgi/rest/health.h
libweir_rest_a_SOURCES += fcgi/rest/metrics.c
libweir_rest_a_SOURCES += fcgi/rest/oauth.c fcgi/rest/oauth.h
WEIR_REST_LIBS = libweir_rest.a $(WEIR_META_LIBS) $(WEIR_INGEST_LIBS)
