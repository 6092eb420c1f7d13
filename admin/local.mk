# admin: weirctl, the operator's command.
sbin_PROGRAMS += weirctl
weirctl_SOURCES = admin/weirctl.c admin/ctl.h admin/commands.c admin/settings.c \
	admin/migrate.c admin/migrate.h admin/migrate_pg.c admin/migrate_ch.c admin/template.c admin/template.h \
	admin/create.c admin/change.c admin/accounts.c admin/accounts.h admin/delete.c admin/person.c admin/rows.c admin/rows.h admin/site.c \
	admin/deadletter.c admin/doctor.c admin/doctor.h admin/doctor_servers.c admin/doctor_site.c admin/doctor_jobs.c admin/doctor_spool.c \
	admin/mail.c admin/explain.c admin/insights.c fcgi/insight_run.c fcgi/insight_run.h admin/openpanel.c admin/openpanel_copy.c admin/openpanel.h
nodist_weirctl_SOURCES = gen/migrations_postgres.h gen/migrations_clickhouse.h gen/site_text.h gen/postgres_schema.h gen/postgres_catalogue.h
weirctl_LDADD = $(WEIR_TRPC_LIBS)

BUILT_SOURCES += gen/postgres_schema.h gen/postgres_catalogue.h
EXTRA_DIST += tests/data/openpanel.sql
EXTRA_DIST += tools/gen-lines.awk data/postgres-catalogue.sql
gen/postgres_schema.h: data/postgres-schema.tsv tools/gen-lines.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-lines.awk $(srcdir)/data/postgres-schema.tsv > $@.tmp && mv $@.tmp $@
gen/postgres_catalogue.h: data/postgres-catalogue.sql tools/gen-text.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-text.awk $(srcdir)/data/postgres-catalogue.sql > $@.tmp && mv $@.tmp $@
BUILT_SOURCES += gen/site_text.h
EXTRA_DIST += tools/gen-text.awk
gen/site_text.h: nginx/weir.conf.in tools/gen-text.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-text.awk $(srcdir)/nginx/weir.conf.in > $@.tmp && mv $@.tmp $@

check_PROGRAMS += tests/unit/template-t
tests_unit_template_t_SOURCES = tests/unit/template-t.c admin/template.c tests/lib/tap.h
tests_unit_template_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) -I$(srcdir)/tests/lib
tests_unit_template_t_LDADD = $(WEIR_BASE_LIBS)
dist_check_SCRIPTS += tests/admin/weirctl.t tests/admin/change.t tests/admin/openpanel.t
dist_check_SCRIPTS += tests/admin/explain.t
dist_check_SCRIPTS += tests/admin/manual.t

# The manual's list and the sample file are what the program says.
dist_man_MANS += man/weirctl.8
man_MANS = man/weir.conf.5
pkgdata_DATA = weir.conf.sample
CLEANFILES += man/weir.conf.5 weir.conf.sample gen/settings.mdoc
EXTRA_DIST += man/weir.conf.5.in tools/gen-manual.awk
gen/settings.mdoc: weirctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) gen && WEIR_CONF=/dev/null ./weirctl$(EXEEXT) settings --manual > $@.tmp && mv $@.tmp $@
man/weir.conf.5: man/weir.conf.5.in gen/settings.mdoc tools/gen-manual.awk
	$(AM_V_GEN)$(MKDIR_P) man && $(AWK) -v LIST=gen/settings.mdoc -v SYSCONFDIR='$(sysconfdir)' -v PKGDATADIR='$(pkgdatadir)' \
		-f $(srcdir)/tools/gen-manual.awk $(srcdir)/man/weir.conf.5.in > $@.tmp && mv $@.tmp $@
weir.conf.sample: weirctl$(EXEEXT)
	$(AM_V_GEN)WEIR_CONF=/dev/null ./weirctl$(EXEEXT) settings --sample > $@.tmp && mv $@.tmp $@
