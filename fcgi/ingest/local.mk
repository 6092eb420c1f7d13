# fcgi/ingest: what an event is, from the request to the rows.
noinst_LIBRARIES += libweir_ingest.a
libweir_ingest_a_SOURCES =
libweir_ingest_a_SOURCES += fcgi/ingest/event.c fcgi/ingest/event.h
libweir_ingest_a_SOURCES += fcgi/ingest/rowpack.c fcgi/ingest/rowpack.h
libweir_ingest_a_SOURCES += fcgi/ingest/session.c fcgi/ingest/session.h
libweir_ingest_a_SOURCES += fcgi/ingest/entry.h
WEIR_INGEST_LIBS = libweir_ingest.a $(WEIR_LINK_LIBS) $(PCRE2_LIBS) $(MMDB_LIBS) $(IDN2_LIBS) $(MSGPACK_LIBS)

# The scripts that Redis runs, as string constants.
REDIS_LUA = $(srcdir)/sql/redis/reap.lua $(srcdir)/sql/redis/track.lua
EXTRA_DIST += sql/redis/reap.lua sql/redis/track.lua tools/gen-lua.awk
BUILT_SOURCES += gen/redis_scripts.h
gen/redis_scripts.h: $(REDIS_LUA) tools/gen-lua.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-lua.awk $(REDIS_LUA) > $@.tmp && mv $@.tmp $@
