# admin: weirctl, the operator's command.
sbin_PROGRAMS += weirctl
weirctl_SOURCES = admin/weirctl.c admin/ctl.h admin/commands.c admin/settings.c \
	admin/migrate.c admin/migrate.h admin/migrate_pg.c admin/migrate_ch.c admin/template.c admin/template.h \
	admin/create.c admin/rows.c admin/rows.h admin/site.c \
	admin/deadletter.c admin/doctor.c admin/doctor.h admin/doctor_servers.c
nodist_weirctl_SOURCES = gen/migrations_postgres.h gen/migrations_clickhouse.h gen/site_text.h
weirctl_LDADD = libweir_meta.a $(WEIR_INGEST_LIBS)

BUILT_SOURCES += gen/site_text.h
EXTRA_DIST += tools/gen-text.awk
gen/site_text.h: nginx/weir.conf.in tools/gen-text.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-text.awk $(srcdir)/nginx/weir.conf.in > $@.tmp && mv $@.tmp $@

check_PROGRAMS += tests/unit/template-t
tests_unit_template_t_SOURCES = tests/unit/template-t.c admin/template.c tests/lib/tap.h
tests_unit_template_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) -I$(srcdir)/tests/lib
tests_unit_template_t_LDADD = $(WEIR_BASE_LIBS)
dist_check_SCRIPTS += tests/admin/weirctl.t
