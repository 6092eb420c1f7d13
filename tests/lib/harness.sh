# The vocabulary of the end-to-end tests: real servers of a test's own, on
# loopback ports and unix sockets that nobody else has, gone when the test ends.
#
#	. "$srcdir/tests/lib/harness.sh"
#	start_pg; start_redis; start_chdb; migrate
#	start_track 2; start_worker; start_nginx
#	plan 2
#	check "a page view is accepted"  ask 200 POST /track '{"type":"track", ...}' -H "openpanel-client-id: $ID"
#	check "it is in ClickHouse"      wait_for 10 ch_is 1 "SELECT count() FROM events"
#
# A verb that starts something sets a variable with its address and writes the
# setting into $T/weir.conf, which WEIR_CONF names, so that the order of the
# verbs is the order of the needs.
#
#	start_pg            PG_URL      start_redis  REDIS_URL    start_chdb  CH_URL
#	start_track [N]     TRACK_SOCK  start_api [N] API_SOCK    start_worker
#	start_nginx         URL (http://127.0.0.1:PORT; /track, /trpc, /api/..., /healthcheck)
#	start_fault_proxy URL   PROXY_URL, FAULT_URL;  fault KIND   what happens to its requests from now on
#	migrate             weirctl migrate;  add_clients ID...   clients of a project p
#	setting KEY VALUE   one more line of weir.conf (before the program starts)
#	start NAME CMD...   any other program, its output in $T/log/NAME.log; pid_of NAME, alive NAME, stop NAME [SIGNAL]
#	ask STATUS METHOD PATH [BODY [CURL OPTIONS...]]   prints the body, fails on another status
#	sql TEXT, ch TEXT   answers as tab separated lines;  sql_is WANT TEXT, ch_is WANT TEXT
#	wait_for SECONDS CMD...   until CMD succeeds; fails at the deadline
#	need PROGRAM...     skips the test when one is missing (fails when WEIR_NO_SKIP is set)
#
# T is the test's directory.  Ports lie below the range that the kernel hands
# out, and a port that a test has taken is marked in a directory that all tests
# share, so that tests may run side by side.
: "${srcdir:=.}" "${builddir:=.}"
. "$srcdir/tests/lib/tap.sh"
. "$srcdir/tools/weir.d/ports.sh"
PATH=$PATH:/usr/sbin:/usr/local/sbin
# The tarball's own check is content with the unit tests.
[ "${WEIR_TESTS:-all}" = all ] || skip_all "only the $WEIR_TESTS tests are wanted"
T=$(mktemp -d "${TMPDIR:-/tmp}/weir-t.XXXXXX") || exit 1
chmod 755 "$T"
mkdir "$T/log" "$T/pid"
WEIR_CONF=$T/weir.conf
export T WEIR_CONF
{ echo "track.spool_dir = $T/spool"; echo "api.cache = no"; } >"$WEIR_CONF" # many tests write rows into ClickHouse by themselves

skip_or_fail() {
	[ -z "${WEIR_NO_SKIP:-}" ] || { echo "Bail out! $1"; exit 1; }
	skip_all "$1"
}

need() {
	for need_one in "$@"; do
		command -v "$need_one" >/dev/null 2>&1 || skip_or_fail "$need_one is not installed"
	done
}

# Programs lie in the build tree, some as libtool-free binaries in folders.
prog() {
	for prog_dir in . fcgi admin sql/chdb; do
		[ -x "$builddir/$prog_dir/$1" ] && { (cd "$builddir/$prog_dir" && echo "$PWD/$1"); return 0; }
	done
	skip_or_fail "$1 is not built"
}

free_port() {
	free=$(port_choose)
	echo "$free" >>"$T/ports"
	echo "$free"
}

wait_for() {
	wait_end=$(($(date +%s) + $1))
	shift
	until "$@" >"$T/wait.out" 2>&1; do
		if [ "$(date +%s)" -gt "$wait_end" ]; then
			echo "still failing at the deadline: $*"
			cat "$T/wait.out"
			return 1
		fi
		sleep 0.05
	done
}

setting() { printf '%s = %s\n' "$1" "$2" >>"$WEIR_CONF"; }

start() {
	start_name=$1
	shift
	"$@" >>"$T/log/$start_name.log" 2>&1 </dev/null &
	echo $! >"$T/pid/$start_name"
}

pid_of() { cat "$T/pid/$1"; }
alive() { kill -0 "$(pid_of "$1")" 2>/dev/null; }

# Waits for the end, so that a restart finds the socket and the data free.
stop() {
	[ -f "$T/pid/$1" ] || return 0
	stop_pid=$(pid_of "$1")
	kill -"${2:-TERM}" "$stop_pid" 2>/dev/null
	wait "$stop_pid" 2>/dev/null
	rm -f "$T/pid/$1"
}

# ready NAME SECONDS CMD...: what was started answers, or its log is shown and the test ends.
ready() {
	ready_name=$1 ready_secs=$2
	shift 2
	ready_end=$(($(date +%s) + ready_secs))
	until "$@" >/dev/null 2>&1; do
		if ! alive "$ready_name" || [ "$(date +%s)" -gt "$ready_end" ]; then
			echo "Bail out! $ready_name did not start"
			sed 's/^/# /' "$T/log/$ready_name.log" | tail -n 40
			exit 1
		fi
		sleep 0.05
	done
}

cleanup() {
	cleanup_status=$?
	trap '' EXIT INT TERM HUP
	for cleanup_pid in "$T"/pid/*; do
		[ -f "$cleanup_pid" ] && kill "$(cat "$cleanup_pid")" 2>/dev/null
	done
	cleanup_end=$(($(date +%s) + 20))
	for cleanup_pid in "$T"/pid/*; do
		[ -f "$cleanup_pid" ] || continue
		while kill -0 "$(cat "$cleanup_pid")" 2>/dev/null; do
			[ "$(date +%s)" -lt "$cleanup_end" ] || kill -9 "$(cat "$cleanup_pid")" 2>/dev/null
			sleep 0.05
		done
	done
	# Everything a test starts has $T in its command line or was a child of that; nothing may outlive the test.
	cleanup_left=$(pgrep -f "$T/" || :)
	if [ -n "$cleanup_left" ]; then
		echo "# left behind:"
		ps -o pid=,args= -p "$(echo $cleanup_left | tr ' ' ,)" | sed 's/^/#   /'
		kill -9 $cleanup_left 2>/dev/null
		cleanup_status=1
	fi
	# A supervisor starts again what a sanitizer ended, so no answer need show it.
	cleanup_reports=$(grep -lE '(Address|Leak|UndefinedBehavior|Thread)Sanitizer|: runtime error: ' "$T"/log/*.log "$T"/i/log/*.log 2>/dev/null)
	for cleanup_report in $cleanup_reports; do
		echo "# a sanitizer reports in ${cleanup_report##*/}:"
		grep -E -A 30 -m 1 'Sanitizer|: runtime error: ' "$cleanup_report" | sed 's/^/#   /'
		cleanup_status=1
	done
	[ ! -f "$T/ports" ] || while read -r cleanup_port; do port_unmark "$cleanup_port"; done <"$T/ports"
	if [ -n "${WEIR_KEEP:-}" ]; then echo "# kept: $T"; else rm -rf "$T"; fi
	exit "$cleanup_status"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

. "$srcdir/tests/lib/servers.sh"
