# fcgi/ingest: what an event is, from the request to the rows.
noinst_LIBRARIES += libweir_ingest.a
libweir_ingest_a_SOURCES =
libweir_ingest_a_SOURCES += fcgi/ingest/event.c fcgi/ingest/event.h
libweir_ingest_a_SOURCES += fcgi/ingest/rowpack.c fcgi/ingest/rowpack.h
libweir_ingest_a_SOURCES += fcgi/ingest/replayrow.c fcgi/ingest/replayrow.h
libweir_ingest_a_SOURCES += fcgi/ingest/session.c fcgi/ingest/session.h
libweir_ingest_a_SOURCES += fcgi/ingest/entry.h
libweir_ingest_a_SOURCES += fcgi/ingest/pairs.c fcgi/ingest/pairs.h
libweir_ingest_a_SOURCES += fcgi/ingest/flatten.c fcgi/ingest/flatten.h
libweir_ingest_a_SOURCES += fcgi/ingest/url.c fcgi/ingest/url.h
libweir_ingest_a_SOURCES += fcgi/ingest/url_host.c fcgi/ingest/url_host.h
libweir_ingest_a_SOURCES += fcgi/ingest/url_idn.c fcgi/ingest/url_idn.h
libweir_ingest_a_SOURCES += fcgi/ingest/page.c
libweir_ingest_a_SOURCES += fcgi/ingest/origin.c fcgi/ingest/origin.h
libweir_ingest_a_SOURCES += fcgi/ingest/visitor.c fcgi/ingest/visitor.h
libweir_ingest_a_SOURCES += fcgi/ingest/geo.c fcgi/ingest/geo.h
libweir_ingest_a_SOURCES += fcgi/ingest/suspicion.c fcgi/ingest/suspicion.h
libweir_ingest_a_SOURCES += fcgi/ingest/name_rule.c fcgi/ingest/name_rule.h
libweir_ingest_a_SOURCES += fcgi/ingest/format.c fcgi/ingest/format.h
libweir_ingest_a_SOURCES += fcgi/ingest/referrer.c fcgi/ingest/referrer.h
libweir_ingest_a_SOURCES += fcgi/ingest/agent.c fcgi/ingest/agent.h fcgi/ingest/agent_rules.c fcgi/ingest/agent_rules.h
libweir_ingest_a_SOURCES += fcgi/ingest/answer.c fcgi/ingest/answer.h
libweir_ingest_a_SOURCES += fcgi/ingest/auth.c fcgi/ingest/auth.h
libweir_ingest_a_SOURCES += fcgi/ingest/body.c fcgi/ingest/body.h
libweir_ingest_a_SOURCES += fcgi/ingest/client.c fcgi/ingest/client.h
libweir_ingest_a_SOURCES += fcgi/ingest/compose.c fcgi/ingest/compose.h
libweir_ingest_a_SOURCES += fcgi/ingest/deliver.c fcgi/ingest/deliver.h
libweir_ingest_a_SOURCES += fcgi/ingest/digest.c fcgi/ingest/digest.h
libweir_ingest_a_SOURCES += fcgi/ingest/intake.c fcgi/ingest/intake.h fcgi/ingest/intake_event.c
libweir_ingest_a_SOURCES += fcgi/ingest/pass.c fcgi/ingest/pass.h
libweir_ingest_a_SOURCES += fcgi/ingest/umami.c fcgi/ingest/umami.h fcgi/ingest/import.c fcgi/ingest/import.h fcgi/ingest/import_row.c fcgi/ingest/import_row.h fcgi/ingest/intake_import.c
libweir_ingest_a_SOURCES += fcgi/ingest/legacy.c fcgi/ingest/legacy.h fcgi/ingest/intake_legacy.c
libweir_ingest_a_SOURCES += fcgi/ingest/intake_parcel.c fcgi/ingest/intake_batch.c fcgi/ingest/intake_replay.c
libweir_ingest_a_SOURCES += fcgi/ingest/track_input.c fcgi/ingest/track_input.h
libweir_ingest_a_SOURCES += fcgi/ingest/match.c fcgi/ingest/match.h
libweir_ingest_a_SOURCES += fcgi/ingest/outbox.c fcgi/ingest/outbox.h
libweir_ingest_a_SOURCES += fcgi/ingest/spool.c fcgi/ingest/spool.h fcgi/ingest/spooldir.c
libweir_ingest_a_SOURCES += fcgi/ingest/spoolfile.c fcgi/ingest/spoolfile.h fcgi/ingest/call.h
libweir_ingest_a_SOURCES += fcgi/ingest/recall.c fcgi/ingest/recall.h
libweir_ingest_a_SOURCES += fcgi/ingest/respool.c fcgi/ingest/respool.h
libweir_ingest_a_SOURCES += fcgi/ingest/changed.c fcgi/ingest/changed.h
libweir_ingest_a_SOURCES += fcgi/ingest/scripts.c fcgi/ingest/scripts.h
WEIR_INGEST_LIBS = libweir_ingest.a $(WEIR_LINK_LIBS) $(PCRE2_LIBS) $(MMDB_LIBS) $(IDN2_LIBS) $(MSGPACK_LIBS)

# The scripts that Redis runs, as string constants.
REDIS_LUA = $(srcdir)/sql/redis/reap.lua $(srcdir)/sql/redis/row.lua $(srcdir)/sql/redis/track.lua \
	$(srcdir)/sql/redis/changed.lua $(srcdir)/sql/redis/answer.lua $(srcdir)/sql/redis/keep.lua $(srcdir)/sql/redis/rolled.lua
EXTRA_DIST += sql/redis/changed.lua sql/redis/answer.lua sql/redis/keep.lua sql/redis/rolled.lua
EXTRA_DIST += sql/redis/reap.lua sql/redis/row.lua sql/redis/track.lua tools/gen-lua.awk
BUILT_SOURCES += gen/redis_scripts.h
gen/redis_scripts.h: $(REDIS_LUA) tools/gen-lua.awk
	$(AM_V_GEN)$(MKDIR_P) gen && $(AWK) -f $(srcdir)/tools/gen-lua.awk $(REDIS_LUA) > $@.tmp && mv $@.tmp $@

# Referrers: our own rows win over upstream's; sorted for bsearch.
BUILT_SOURCES += gen/referrers.h
EXTRA_DIST += data/referrers-own.tsv data/referrers.tsv tools/gen-referrers.awk tools/gen-referrers-c.awk tools/referrers.mjs
gen/referrers.h: data/referrers-own.tsv data/referrers.tsv tools/gen-referrers.awk tools/gen-referrers-c.awk
	$(AM_V_GEN)$(MKDIR_P) gen && LC_ALL=C $(AWK) -f $(srcdir)/tools/gen-referrers.awk $(srcdir)/data/referrers-own.tsv \
		$(srcdir)/data/referrers.tsv > $@.rows && LC_ALL=C sort -t '	' -k 1,1 -k 2,2 $@.rows > $@.sorted && \
		LC_ALL=C $(AWK) -f $(srcdir)/tools/gen-referrers-c.awk $@.sorted > $@.tmp && rm -f $@.rows $@.sorted && mv $@.tmp $@

# User agents: patterns and names as tables.
BUILT_SOURCES += gen/agent_rules_data.h
AGENT_TABLES = data/agent-names.tsv data/agent-maps.tsv data/agent-own.tsv data/agent-rules.tsv
EXTRA_DIST += $(AGENT_TABLES) tools/gen-agent.awk tools/agent-rules.mjs
gen/agent_rules_data.h: $(AGENT_TABLES) tools/gen-agent.awk
	$(AM_V_GEN)$(MKDIR_P) gen && (cd $(srcdir) && LC_ALL=C $(AWK) -f tools/gen-agent.awk $(AGENT_TABLES)) > $@.tmp && mv $@.tmp $@

# Robots: names and types as a table, their patterns as a few that find its rows.
libweir_ingest_a_SOURCES += fcgi/ingest/bot.c fcgi/ingest/bot.h fcgi/ingest/botrow.c fcgi/ingest/botrow.h fcgi/ingest/intake_bot.c
BUILT_SOURCES += gen/bot_rows.h
BOT_TABLES = data/bots-own.tsv data/bots.tsv
EXTRA_DIST += $(BOT_TABLES) tools/gen-bots.awk tools/bots.mjs
dist_pkgdata_DATA += data/hosting-asn.txt
gen/bot_rows.h: $(BOT_TABLES) tools/gen-bots.awk
	$(AM_V_GEN)$(MKDIR_P) gen && (cd $(srcdir) && LC_ALL=C $(AWK) -f tools/gen-bots.awk $(BOT_TABLES)) > $@.tmp && mv $@.tmp $@

# The worker: from the stream to ClickHouse.
libweir_ingest_a_SOURCES += fcgi/ingest/native.c fcgi/ingest/native.h
libweir_ingest_a_SOURCES += fcgi/ingest/tables.c fcgi/ingest/tables.h
libweir_ingest_a_SOURCES += fcgi/ingest/rows.c fcgi/ingest/rows.h
libweir_ingest_a_SOURCES += fcgi/ingest/entryrows.c fcgi/ingest/entryrows.h
libweir_ingest_a_SOURCES += fcgi/ingest/net.c fcgi/ingest/net.h
libweir_ingest_a_SOURCES += fcgi/ingest/refusal.c fcgi/ingest/refusal.h
libweir_ingest_a_SOURCES += fcgi/ingest/stream.c fcgi/ingest/stream.h
libweir_ingest_a_SOURCES += fcgi/ingest/owner.c fcgi/ingest/owner.h
libweir_ingest_a_SOURCES += fcgi/ingest/pagelist.c fcgi/ingest/pagelist.h
libweir_ingest_a_SOURCES += fcgi/ingest/pagetime.c fcgi/ingest/pagetime.h
libweir_ingest_a_SOURCES += fcgi/ingest/dues.c fcgi/ingest/dues.h
libweir_ingest_a_SOURCES += fcgi/ingest/batch.c fcgi/ingest/batch.h
libweir_ingest_a_SOURCES += fcgi/ingest/stored.c fcgi/ingest/stored.h
libweir_ingest_a_SOURCES += fcgi/ingest/rebuild.c fcgi/ingest/rebuild.h
libweir_ingest_a_SOURCES += fcgi/ingest/batchname.c fcgi/ingest/batchname.h
libweir_ingest_a_SOURCES += fcgi/ingest/sending.c fcgi/ingest/sending.h
libweir_ingest_a_SOURCES += fcgi/ingest/store.c fcgi/ingest/store.h
libweir_ingest_a_SOURCES += fcgi/ingest/shard.c fcgi/ingest/shard.h
libweir_ingest_a_SOURCES += fcgi/ingest/heartbeat.c fcgi/ingest/heartbeat.h
libweir_ingest_a_SOURCES += fcgi/ingest/salts.c fcgi/ingest/salts.h
libweir_ingest_a_SOURCES += fcgi/ingest/deadletter.c fcgi/ingest/deadletter.h
REDIS_LUA += $(srcdir)/sql/redis/pages.lua $(srcdir)/sql/redis/hold.lua $(srcdir)/sql/redis/pending.lua $(srcdir)/sql/redis/settle.lua $(srcdir)/sql/redis/replay.lua
EXTRA_DIST += sql/redis/pages.lua sql/redis/hold.lua sql/redis/pending.lua sql/redis/settle.lua sql/redis/replay.lua
REDIS_LUA += $(srcdir)/sql/redis/outbox.lua $(srcdir)/sql/redis/outbox_end.lua $(srcdir)/sql/redis/asked.lua $(srcdir)/sql/redis/respool.lua \
	$(srcdir)/sql/redis/group.lua
EXTRA_DIST += sql/redis/outbox.lua sql/redis/outbox_end.lua sql/redis/asked.lua sql/redis/respool.lua sql/redis/group.lua

# The worker: what it does from time to time.
libweir_ingest_a_SOURCES += fcgi/ingest/turn.c fcgi/ingest/turn.h
libweir_ingest_a_SOURCES += fcgi/ingest/purge.c fcgi/ingest/purge.h fcgi/ingest/sweep.c fcgi/ingest/sweep.h
libweir_ingest_a_SOURCES += fcgi/ingest/person.c fcgi/ingest/person.h fcgi/ingest/persons.c fcgi/ingest/persons.h fcgi/ingest/keep.c fcgi/ingest/keep.h
libweir_ingest_a_SOURCES += fcgi/ingest/vacuum.c fcgi/ingest/vacuum.h
REDIS_LUA += $(srcdir)/sql/redis/turn.lua $(srcdir)/sql/redis/forget.lua $(srcdir)/sql/redis/vacuum.lua
EXTRA_DIST += sql/redis/turn.lua sql/redis/forget.lua sql/redis/vacuum.lua
check_PROGRAMS += tests/unit/jobs-t
tests_unit_jobs_t_SOURCES = tests/unit/jobs-t.c tests/lib/tap.h
tests_unit_jobs_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_jobs_t_LDADD = $(WEIR_INGEST_LIBS)

# The worker: a filler of streams for its tests.
noinst_PROGRAMS += tests/lib/push
tests_lib_push_SOURCES = tests/lib/push.c
tests_lib_push_LDADD = $(WEIR_INGEST_LIBS)
noinst_PROGRAMS += tests/lib/rows
tests_lib_rows_SOURCES = tests/lib/rows.c
tests_lib_rows_LDADD = $(WEIR_INGEST_LIBS)
dist_check_SCRIPTS += tests/e2e/worker-rows.t tests/e2e/page-time.t tests/e2e/sessions.t
EXTRA_DIST += tests/e2e/sessions.mjs
dist_check_SCRIPTS += tests/e2e/worker-chaos.t tests/e2e/worker-refusal.t tests/e2e/worker-lease.t tests/e2e/worker-two.t tests/e2e/worker-watch.t tests/e2e/deletion.t tests/e2e/jobs.t
noinst_PROGRAMS += tests/bench/blocks
tests_bench_blocks_SOURCES = tests/bench/blocks.c
tests_bench_blocks_LDADD = $(WEIR_INGEST_LIBS)
EXTRA_DIST += tests/bench/flush.sh
check_PROGRAMS += tests/unit/worker-t
tests_unit_worker_t_SOURCES = tests/unit/worker-t.c tests/lib/tap.h
tests_unit_worker_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_worker_t_LDADD = $(WEIR_INGEST_LIBS)
if FUZZERS
noinst_PROGRAMS += tests/fuzz/entry-fuzz
tests_fuzz_entry_fuzz_SOURCES = tests/fuzz/entry-fuzz.c
tests_fuzz_entry_fuzz_LDADD = $(WEIR_INGEST_LIBS)
tests_fuzz_entry_fuzz_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

# Profiles and groups.
libweir_ingest_a_SOURCES += fcgi/ingest/people.c fcgi/ingest/people.h
libweir_ingest_a_SOURCES += fcgi/ingest/peoplebase.c fcgi/ingest/peoplebase.h
libweir_ingest_a_SOURCES += fcgi/ingest/peoplerows.c fcgi/ingest/peoplerows.h
libweir_ingest_a_SOURCES += fcgi/ingest/peopleflush.c fcgi/ingest/peopleflush.h
libweir_ingest_a_SOURCES += fcgi/ingest/peoplescript.c fcgi/ingest/peoplescript.h
libweir_ingest_a_SOURCES += fcgi/ingest/peoplesend.c fcgi/ingest/peoplesend.h
libweir_ingest_a_SOURCES += fcgi/ingest/backfill.c fcgi/ingest/backfill.h fcgi/ingest/eventsupdate.c fcgi/ingest/eventsupdate.h
libweir_ingest_a_SOURCES += fcgi/ingest/touches.c fcgi/ingest/touches.h
libweir_ingest_a_SOURCES += fcgi/ingest/intake_people.c
REDIS_LUA += $(srcdir)/sql/redis/people.lua
EXTRA_DIST += sql/redis/people.lua
# Notifications.
libweir_ingest_a_SOURCES += fcgi/ingest/rules.c fcgi/ingest/rules.h
libweir_ingest_a_SOURCES += fcgi/ingest/notice.c fcgi/ingest/notice.h
libweir_ingest_a_SOURCES += fcgi/ingest/notice_text.c fcgi/ingest/notice_text.h
libweir_ingest_a_SOURCES += fcgi/ingest/webhook.c fcgi/ingest/webhook.h
libweir_ingest_a_SOURCES += fcgi/ingest/notify.c fcgi/ingest/notify.h
libweir_ingest_a_SOURCES += fcgi/ingest/notify_app.c fcgi/ingest/notify_app.h
libweir_ingest_a_SOURCES += fcgi/ingest/notify_expand.c fcgi/ingest/notify_expand.h
REDIS_LUA += $(srcdir)/sql/redis/notify.lua
EXTRA_DIST += sql/redis/notify.lua
check_PROGRAMS += tests/unit/notify-t
tests_unit_notify_t_SOURCES = tests/unit/notify-t.c tests/lib/tap.h
tests_unit_notify_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/lib
tests_unit_notify_t_LDADD = $(WEIR_INGEST_LIBS)
dist_check_SCRIPTS += tests/e2e/notify.t tests/e2e/filters.t
EXTRA_DIST += tests/lib/sink.mjs
