# tests: TAP from C programs (unit/*-t.c), shell and node (*.t) against real servers.
UNIT_LIBS = $(WEIR_BASE_LIBS)
check_PROGRAMS += tests/unit/base-t
tests_unit_base_t_SOURCES = tests/unit/base-t.c tests/lib/tap.h
tests_unit_base_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_base_t_LDADD = $(UNIT_LIBS)
EXTRA_DIST += tests/lib/tap.sh tests/lib/harness.sh tests/lib/servers.sh
