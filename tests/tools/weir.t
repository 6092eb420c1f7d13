#!/bin/sh
# ./weir's command lines: what makes no sense is said so, with status 2, before anything is installed, built or made.
. "$srcdir/tests/lib/harness.sh"
WEIR=$(cd "$srcdir" && pwd)/weir
plan 13

refused() { # TEXT COMMAND LINE
	want=$1
	shift
	"$WEIR" "$@" --dir "$T/i" >"$T/out" 2>"$T/err" </dev/null
	same 2 $? && same "" "$(cat "$T/out")" && { grep -q -- "$want" "$T/err" || { cat "$T/err"; return 1; }; } && [ ! -e "$T/i" ]
}
check "a command that there is not" refused "no command named 'start'" start
check "an option that there is not" refused "no option --frobnicate" up --frobnicate
for port in 0 080 65536 99999 100000 x -1; do
	check "port $port" refused "--port wants a number from 1 to 65535" up --port "$port"
done
check "an origin without its scheme" refused "--origin wants http://HOST" up --origin www.example.com
unfinished() {
	for line in "up --dir" "up --port" "up --origin" "status --dir" "demo --dir" "demo --visitors" "bench --events"; do
		# shellcheck disable=SC2086
		said=$("$WEIR" $line 2>&1 </dev/null)
		same 2 $? || return 1
		case $said in
		"weir ${line%% *}: ${line##* } wants a"*) ;;
		*) echo "$line: $said"; return 1 ;;
		esac
	done
}
check "an option without its value" unfinished
help() { "$WEIR" up --help >"$T/one" && "$WEIR" help | diff -u - "$T/one" && "$WEIR" status -h | diff -u - "$T/one" && grep -q "weir up" "$T/one"; }
check "--help behind a command is help" help
nowhere() { ! "$WEIR" status --dir "$T/none" 2>"$T/err" && grep -q "there is no instance in $T/none" "$T/err" && grep -q "weir up --dir" "$T/err"; }
check "a directory without an instance" nowhere
