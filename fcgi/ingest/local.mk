# fcgi/ingest: what an event is, from the request to the rows.
noinst_LIBRARIES += libweir_ingest.a
libweir_ingest_a_SOURCES =
libweir_ingest_a_SOURCES += fcgi/ingest/event.c fcgi/ingest/event.h
libweir_ingest_a_SOURCES += fcgi/ingest/rowpack.c fcgi/ingest/rowpack.h
libweir_ingest_a_SOURCES += fcgi/ingest/session.c fcgi/ingest/session.h
libweir_ingest_a_SOURCES += fcgi/ingest/entry.h
WEIR_INGEST_LIBS = libweir_ingest.a $(WEIR_LINK_LIBS) $(PCRE2_LIBS) $(MMDB_LIBS) $(IDN2_LIBS) $(MSGPACK_LIBS)
