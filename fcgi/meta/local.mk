# fcgi/meta: what an account is, over libpq; shared by weir-api and weirctl.
noinst_LIBRARIES += libweir_meta.a
libweir_meta_a_SOURCES =
libweir_meta_a_SOURCES += fcgi/meta/cohort_name.c fcgi/meta/cohort_name.h
libweir_meta_a_SOURCES += fcgi/meta/maps.c fcgi/meta/maps.h
libweir_meta_a_SOURCES += fcgi/meta/watch.c fcgi/meta/watch.h
libweir_meta_a_SOURCES += fcgi/meta/meta.h
libweir_meta_a_SOURCES += fcgi/meta/record.c fcgi/meta/record.h
libweir_meta_a_SOURCES += fcgi/meta/slug.c fcgi/meta/slug.h
libweir_meta_a_SOURCES += fcgi/meta/name.c fcgi/meta/name.h
libweir_meta_a_SOURCES += fcgi/meta/access.c fcgi/meta/access.h
libweir_meta_a_SOURCES += fcgi/meta/session.c fcgi/meta/session.h
libweir_meta_a_SOURCES += fcgi/meta/user.c fcgi/meta/user.h
libweir_meta_a_SOURCES += fcgi/meta/invite.c fcgi/meta/invite.h
libweir_meta_a_SOURCES += fcgi/meta/event_meta.c fcgi/meta/event_meta.h
libweir_meta_a_SOURCES += fcgi/meta/organization.c fcgi/meta/organization.h
libweir_meta_a_SOURCES += fcgi/meta/project.c fcgi/meta/project.h
libweir_meta_a_SOURCES += fcgi/meta/client.c fcgi/meta/client.h
libweir_meta_a_SOURCES += fcgi/meta/deletion.c fcgi/meta/deletion.h
libweir_meta_a_SOURCES += fcgi/meta/counts.c fcgi/meta/counts.h
nodist_libweir_meta_a_SOURCES = gen/records.h gen/slug_table.h
WEIR_META_LIBS = libweir_meta.a $(WEIR_LINK_LIBS)

BUILT_SOURCES += gen/records.h gen/slug_table.h
EXTRA_DIST += data/records.tsv data/slug.tsv tools/gen-records.awk tools/gen-slug.awk tools/make-slug.js
gen/records.h: data/records.tsv tools/gen-records.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-records.awk $(srcdir)/data/records.tsv > $@.tmp && mv $@.tmp $@
gen/slug_table.h: data/slug.tsv tools/gen-slug.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-slug.awk $(srcdir)/data/slug.tsv > $@.tmp && mv $@.tmp $@
