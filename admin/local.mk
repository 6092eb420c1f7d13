# admin: weirctl, the operator's command.
sbin_PROGRAMS += weirctl
weirctl_SOURCES = admin/weirctl.c admin/ctl.h admin/commands.c admin/settings.c \
	admin/migrate.c admin/migrate.h admin/migrate_pg.c admin/migrate_ch.c admin/template.c admin/template.h
nodist_weirctl_SOURCES = gen/migrations_postgres.h gen/migrations_clickhouse.h
weirctl_LDADD = $(WEIR_LINK_LIBS)

check_PROGRAMS += tests/unit/template-t
tests_unit_template_t_SOURCES = tests/unit/template-t.c admin/template.c tests/lib/tap.h
tests_unit_template_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) -I$(srcdir)/tests/lib
tests_unit_template_t_LDADD = $(WEIR_BASE_LIBS)
