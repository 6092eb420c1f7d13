#!/bin/sh
# PostgreSQL goes away under load, in three ways, and comes back: what is asked meanwhile is refused in order, what was
# answered is kept, the same responders go on, and no connection is left over.
. "$srcdir/tests/lib/harness.sh"
need node curl psql pgrep jq
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -d "$WEIR_NPM/@trpc/client" ] && [ -d "$WEIR_NPM/superjson" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
start_pg; start_redis; start_chdb; migrate
responders=4
start_api $responders; start_nginx
SOURCE=$(cd "$srcdir" && pwd)
LOAD=$T/load
export SOURCE WEIR_NPM URL CH_URL PG_URL REDIS_URL LOAD
before=$(children_of api | sort | tr '\n' ' ')
start load "${NODE_BIN:-node}" "$SOURCE/tests/e2e/postgres-away.mjs"
plan 18

told() { jq -r "$1" "$LOAD.json"; }
more() { told_now=$(told ".$1") || return 1; [ "$told_now" -ge "$2" ] || { cat "$LOAD.json"; return 1; }; }
check "sixteen clients ask and change things" wait_for 60 more accepted 300

# The plans that the responders' connections keep are of no use then.
accepted=$(told .accepted)
check "a table changes its form under them" psql -qX -v ON_ERROR_STOP=1 "$PG_URL" -c 'ALTER TABLE reports ALTER COLUMN unit TYPE varchar(99)'
check "and they go on" wait_for 60 more accepted $((accepted + 300))

# away NAME SIGNAL
away() {
	refused=$(told .refused)
	# What a killed server leaves behind has to notice that first.
	orphans=$(pgrep -P "$(pid_of pg)" | tr '\n' ' ')
	stop pg "$2"
	gone() { for orphan in $orphans; do ! kill -0 "$orphan" 2>/dev/null || return 1; done; }
	wait_for 30 gone
	check "$1: what is asked meanwhile is refused" wait_for 60 more refused $((refused + 60))
	run_pg
	accepted=$(told .accepted)
	check "$1: it goes on when PostgreSQL is back" wait_for 60 more accepted $((accepted + 300))
	same_responders() { same "$before" "$(children_of api | sort | tr '\n' ' ')"; }
	check "$1: by the same responders" same_responders
}
away "PostgreSQL is restarted" INT
away "PostgreSQL is stopped at once" QUIT
away "PostgreSQL is killed" KILL

touch "$LOAD.stop"
wait "$(pid_of load)" && status=0 || status=$?
check "the clients end" same 0 "$status"
check "every refusal was a 503 with a sentence for people" same "[]" "$(jq -c .strange "$LOAD.json")"
check "none took longer than a connection may take to be given up" sh -c "[ \"$(told .longest)\" -lt 15000 ] || { cat '$LOAD.json'; exit 1; }"
check "a change that was answered is there" same "[]" "$(jq -c .lost "$LOAD.json")"
# By name, for other programs (the worker, psql) connect as well.
connections() { psql -qAtX "$PG_URL" -c "SELECT count(*) <= $responders, count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity WHERE application_name = 'weir'"; }
few() { same "t|0" "$(connections)"; }
check "each responder has one connection, and nothing is left open in it" wait_for 20 few
check "the log says why" grep -q 'postgres connect error=' "$T/log/api.log"
