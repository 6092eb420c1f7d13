# fcgi/link: one client per outside system.
noinst_LIBRARIES += libweir_link.a
libweir_link_a_SOURCES =
libweir_link_a_SOURCES += fcgi/link/http.c fcgi/link/http.h
libweir_link_a_SOURCES += fcgi/link/usage.c fcgi/link/usage.h fcgi/link/no_route.c fcgi/link/no_route.h
libweir_link_a_SOURCES += fcgi/link/cookie.c fcgi/link/cookie.h
libweir_link_a_SOURCES += fcgi/link/req.c fcgi/link/req_loop.c fcgi/link/req_decode.c fcgi/link/req_send.c fcgi/link/req_wire.h fcgi/link/req_later.c fcgi/link/req.h
libweir_link_a_SOURCES += fcgi/link/redis.c fcgi/link/redis.h fcgi/link/redis_server.c
libweir_link_a_SOURCES += fcgi/link/postgres.c fcgi/link/postgres.h fcgi/link/pg_known.c fcgi/link/pg_known.h
libweir_link_a_SOURCES += fcgi/link/clickhouse.c fcgi/link/clickhouse.h
libweir_link_a_SOURCES += fcgi/link/keys.c fcgi/link/keys.h
libweir_link_a_SOURCES += fcgi/link/generation.c fcgi/link/generation.h
libweir_link_a_SOURCES += fcgi/link/ch_request.c fcgi/link/ch_request.h fcgi/link/ch_transfer.c fcgi/link/ch_transfer.h
libweir_link_a_SOURCES += fcgi/link/smtp.c fcgi/link/smtp.h fcgi/link/smtp_easy.h
libweir_link_a_SOURCES += fcgi/link/guard.c fcgi/link/guard.h
libweir_link_a_SOURCES += fcgi/link/fetch.c fcgi/link/fetch.h
libweir_link_a_SOURCES += fcgi/link/outbound.c fcgi/link/outbound.h
libweir_link_a_SOURCES += fcgi/link/changes.c fcgi/link/changes.h fcgi/link/answers.c fcgi/link/answers.h
libweir_link_a_SOURCES += fcgi/link/rolled.c fcgi/link/rolled.h
libweir_link_a_SOURCES += fcgi/link/limit.c fcgi/link/limit.h
WEIR_LINK_LIBS = libweir_link.a $(WEIR_BASE_LIBS) $(FCGI_LIBS) $(HIREDIS_LIBS) $(PQ_LIBS) $(CURL_LIBS) $(ZLIB_LIBS)

noinst_PROGRAMS += tests/e2e/clickhouse
tests_e2e_clickhouse_SOURCES = tests/e2e/clickhouse.c tests/lib/tap.h
tests_e2e_clickhouse_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_e2e_clickhouse_LDADD = $(WEIR_LINK_LIBS)
dist_check_SCRIPTS += tests/e2e/clickhouse.t
