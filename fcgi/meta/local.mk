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
libweir_meta_a_SOURCES += fcgi/meta/recent.c fcgi/meta/recent.h
libweir_meta_a_SOURCES += fcgi/meta/user.c fcgi/meta/user.h
libweir_meta_a_SOURCES += fcgi/meta/invite.c fcgi/meta/invite.h
libweir_meta_a_SOURCES += fcgi/meta/member.c fcgi/meta/member.h
libweir_meta_a_SOURCES += fcgi/meta/event_meta.c fcgi/meta/event_meta.h
libweir_meta_a_SOURCES += fcgi/meta/organization.c fcgi/meta/organization.h
libweir_meta_a_SOURCES += fcgi/meta/project.c fcgi/meta/project.h
libweir_meta_a_SOURCES += fcgi/meta/client.c fcgi/meta/client.h
libweir_meta_a_SOURCES += fcgi/meta/deletion.c fcgi/meta/deletion.h
libweir_meta_a_SOURCES += fcgi/meta/counts.c fcgi/meta/counts.h
libweir_meta_a_SOURCES += fcgi/meta/mail.c fcgi/meta/mail.h
libweir_meta_a_SOURCES += fcgi/meta/secret.c fcgi/meta/secret.h
libweir_meta_a_SOURCES += fcgi/meta/totp.c fcgi/meta/totp.h
libweir_meta_a_SOURCES += fcgi/meta/sign_in.c fcgi/meta/sign_in.h
libweir_meta_a_SOURCES += fcgi/meta/share.c fcgi/meta/share.h
libweir_meta_a_SOURCES += fcgi/meta/jws.c fcgi/meta/jws.h
libweir_meta_a_SOURCES += fcgi/meta/oauth.c fcgi/meta/oauth.h fcgi/meta/oauth_form.h fcgi/meta/oauth_user.c fcgi/meta/oidc.c
libweir_meta_a_SOURCES += fcgi/meta/reset.c fcgi/meta/reset.h
libweir_meta_a_SOURCES += fcgi/meta/unsubscribe.c fcgi/meta/unsubscribe.h
libweir_meta_a_SOURCES += fcgi/meta/dashboard.c fcgi/meta/dashboard.h
libweir_meta_a_SOURCES += fcgi/meta/report.c fcgi/meta/report.h
libweir_meta_a_SOURCES += fcgi/meta/reference.c fcgi/meta/reference.h
libweir_meta_a_SOURCES += fcgi/meta/shared.c fcgi/meta/shared.h
libweir_meta_a_SOURCES += fcgi/meta/widget.c fcgi/meta/widget.h
libweir_meta_a_SOURCES += fcgi/meta/rule.c fcgi/meta/rule.h
libweir_meta_a_SOURCES += fcgi/meta/integration.c fcgi/meta/integration.h
libweir_meta_a_SOURCES += fcgi/meta/import.c fcgi/meta/import.h
libweir_meta_a_SOURCES += fcgi/meta/insight.c fcgi/meta/insight_store.c fcgi/meta/insight.h
libweir_meta_a_SOURCES += fcgi/meta/cohort.c fcgi/meta/cohort.h
libweir_meta_a_SOURCES += fcgi/meta/conversation.c fcgi/meta/conversation.h
libweir_meta_a_SOURCES += fcgi/meta/gsc.c fcgi/meta/gsc_google.c fcgi/meta/gsc.h
libweir_meta_a_SOURCES += fcgi/meta/slack.c fcgi/meta/slack.h
nodist_libweir_meta_a_SOURCES = gen/records.h gen/slug_table.h gen/mails.h
WEIR_META_LIBS = libweir_meta.a $(WEIR_LINK_LIBS) $(JOSE_LIBS)

BUILT_SOURCES += gen/records.h gen/slug_table.h gen/mails.h
EXTRA_DIST += data/records.tsv data/slug.tsv tools/gen-records.awk tools/gen-slug.awk tools/make-slug.js
gen/records.h: data/records.tsv tools/gen-records.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-records.awk $(srcdir)/data/records.tsv > $@.tmp && mv $@.tmp $@
gen/slug_table.h: data/slug.tsv tools/gen-slug.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-slug.awk $(srcdir)/data/slug.tsv > $@.tmp && mv $@.tmp $@
EXTRA_DIST += data/mails.txt tools/gen-mails.awk
gen/mails.h: data/mails.txt tools/gen-mails.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-mails.awk $(srcdir)/data/mails.txt > $@.tmp && mv $@.tmp $@
