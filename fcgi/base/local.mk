# fcgi/base: text, memory, JSON, time, hashes, settings, log. No I/O but settings and log.
noinst_LIBRARIES += libweir_base.a
libweir_base_a_SOURCES = \
	fcgi/base/err.c fcgi/base/err.h fcgi/base/text.c fcgi/base/text.h fcgi/base/arena.c fcgi/base/arena.h \
	fcgi/base/str.c fcgi/base/str.h fcgi/base/jsonw.c fcgi/base/jsonw.h fcgi/base/jsonr.c fcgi/base/jsonr.h \
	fcgi/base/utf8.c fcgi/base/utf8.h fcgi/base/num.c fcgi/base/num.h fcgi/base/clock.c fcgi/base/clock.h \
	fcgi/base/hash.c fcgi/base/hash.h fcgi/base/id.c fcgi/base/id.h fcgi/base/cache.c fcgi/base/cache.h \
	fcgi/base/jsonscan.c fcgi/base/jsonscan.h fcgi/base/zone.c fcgi/base/zone.h fcgi/base/log.c fcgi/base/log.h fcgi/base/conf.c fcgi/base/conf.h
nodist_libweir_base_a_SOURCES = gen/settings.h
libweir_base_a_SOURCES += fcgi/base/clock_js.c
libweir_base_a_SOURCES += fcgi/base/jsonadapt.c fcgi/base/jsonadapt.h
libweir_base_a_SOURCES += fcgi/base/address.c fcgi/base/address.h
libweir_base_a_SOURCES += fcgi/base/jsonsplit.c fcgi/base/jsonsplit.h
libweir_base_a_SOURCES += fcgi/base/seal.c fcgi/base/seal.h
libweir_base_a_SOURCES += fcgi/base/totp.c fcgi/base/totp.h
libweir_base_a_SOURCES += fcgi/base/csv.c fcgi/base/csv.h
WEIR_BASE_LIBS = libweir_base.a $(JSONC_LIBS) $(CRYPTO_LIBS) $(ARGON2_LIBS) -lm

BUILT_SOURCES += gen/settings.h
EXTRA_DIST += data/settings.tsv tools/gen-settings.awk
gen/settings.h: data/settings.tsv tools/gen-settings.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-settings.awk $(srcdir)/data/settings.tsv > $@.tmp && mv $@.tmp $@
