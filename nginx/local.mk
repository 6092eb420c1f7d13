# nginx: the site, the units that run the daemons, and the same for Apache.
sitedir = $(pkgdatadir)/nginx
dist_site_DATA = nginx/weir.conf.in nginx/apache.conf.in
dist_check_SCRIPTS += tests/nginx/site.t tests/nginx/units.t

# The browser tracker, from a package that is not part of this one.
if OPENPANEL_WEB
staticdir = $(pkgdatadir)/static
nodist_static_DATA = static/op1.js static/op1-replay.js
CLEANFILES += $(nodist_static_DATA)
static/op1.js: $(OPENPANEL_WEB_DIR)/dist/src/tracker.global.js
	$(AM_V_GEN)$(MKDIR_P) static && cp $(OPENPANEL_WEB_DIR)/dist/src/tracker.global.js $@
static/op1-replay.js: $(OPENPANEL_WEB_DIR)/dist/src/replay.global.js
	$(AM_V_GEN)$(MKDIR_P) static && cp $(OPENPANEL_WEB_DIR)/dist/src/replay.global.js $@
endif

UNITS = nginx/systemd/weir-track@.service nginx/systemd/weir-api@.service nginx/systemd/weir-worker.service nginx/systemd/weir-chdb.service
EXTRA_DIST += nginx/systemd/weir-track@.service.in nginx/systemd/weir-api@.service.in nginx/systemd/weir-worker.service.in \
	nginx/systemd/weir-chdb.service.in nginx/systemd/weir-track.socket nginx/systemd/weir-api.socket
EXTRA_DIST += nginx/systemd/weir.conf
if SYSTEMD
sysusersdir = $(prefix)/lib/sysusers.d
sysusers_DATA = nginx/systemd/weir.conf
systemdsystemunit_DATA = $(UNITS) nginx/systemd/weir-track.socket nginx/systemd/weir-api.socket
endif
CLEANFILES += $(UNITS)
$(UNITS): Makefile
	$(AM_V_GEN)$(MKDIR_P) nginx/systemd && $(SED) -e 's|@pkglibexecdir[@]|$(pkglibexecdir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' \
		"$(srcdir)/$@.in" > "$@.tmp" && mv "$@.tmp" "$@"
nginx/systemd/weir-track@.service: $(srcdir)/nginx/systemd/weir-track@.service.in
nginx/systemd/weir-api@.service: $(srcdir)/nginx/systemd/weir-api@.service.in
nginx/systemd/weir-worker.service: $(srcdir)/nginx/systemd/weir-worker.service.in
nginx/systemd/weir-chdb.service: $(srcdir)/nginx/systemd/weir-chdb.service.in
