# What ./weir tells the person in front of it: steps, progress, failures.
# Everything goes to standard error; standard output belongs to results.

say() { printf '%s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
	printf 'weir: %s\n' "$1" >&2
	shift
	for die_line in "$@"; do printf '      %s\n' "$die_line" >&2; done
	exit 1
}
usage_error() {
	printf 'weir %s: %s; ./weir help tells more\n' "$weir_command" "$1" >&2
	exit 2
}

# option_wants WHAT "$@": an option stands first and its value behind it.
option_wants() { [ $# -gt 2 ] || usage_error "$2 wants $1"; }

# step LOG HINT TITLE CMD...: runs CMD with its output in LOG and shows that it
# goes on.  When it fails: which step, the end of its log, where that is, what to do.
step() {
	step_log=$1 step_hint=$2 step_title=$3
	shift 3
	mkdir -p "$(dirname "$step_log")"
	step_start=$(date +%s)
	printf '==> %s' "$step_title" >&2
	: >"$step_log"
	"$@" >>"$step_log" 2>&1 </dev/null &
	step_pid=$!
	trap 'kill "$step_pid" 2>/dev/null; wait "$step_pid"; printf "\n" >&2; exit 130' INT TERM
	step_ticks=0
	while kill -0 "$step_pid" 2>/dev/null; do
		sleep 0.1
		step_ticks=$((step_ticks + 1))
		# A dot every three seconds, and after each minute the time and where it is.
		if [ $((step_ticks % 600)) = 0 ]; then
			printf ' %d min: %s\n   ' $((step_ticks / 600)) "$(tail -n 1 "$step_log" | cut -c 1-70)" >&2
		elif [ $((step_ticks % 30)) = 0 ]; then
			printf '.' >&2
		fi
	done
	step_status=0
	wait "$step_pid" || step_status=$?
	trap - INT TERM
	step_secs=$(($(date +%s) - step_start))
	if [ "$step_status" = 0 ]; then
		if [ "$step_secs" -gt 0 ]; then printf ' %d s\n' "$step_secs" >&2; else printf ' done\n' >&2; fi
		return 0
	fi
	printf ' FAILED after %d s\n' "$step_secs" >&2
	tail -n 15 "$step_log" | sed 's/^/    | /' >&2
	die "this step failed: $step_title" "its log: $step_log" "$step_hint"
}
