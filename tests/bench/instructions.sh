#!/bin/sh
# Where the CPU instructions of an event go in weir-track, counted by callgrind: a
# table with the steps of instructions.tsv, and the functions that take most by themselves.
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/instructions.sh [SECONDS]
#
# One weir-track under valgrind behind nginx, without worker.  What is done once
# (settings, databases of places, the client's row) is over before counting begins.
. "$srcdir/tests/bench/setup.sh"
need valgrind callgrind_annotate callgrind_control spawn-fcgi
seconds=${1:-15}
TRACK=$(prog weir-track) || { echo "$TRACK"; exit 0; }
start_pg
start_redis
setting redis.url "unix://$T/redis/sock"
setting redis.timeout 30s
start_chdb
migrate
bench_project
[ -z "${GEO_CITY_FILE:-}" ] || setting geo.city_file "$GEO_CITY_FILE"
start track spawn-fcgi -n -s "$T/track.sock" -M 0666 -- "$(command -v valgrind)" --tool=callgrind --callgrind-out-file="$T/callgrind.out" "$TRACK"
ready track 60 test -S "$T/track.sock"
start_nginx
first=$(load /track 5 1 0) || exit 1
next=$(field "$first" next)
[ "$(field "$first" ok)" -gt 0 ] || { echo "refused: $first" >&2; exit 1; }
callgrind_control --zero "$(pid_of track)" >"$T/log/callgrind.log" 2>&1 || { cat "$T/log/callgrind.log"; exit 1; }
measured=$(load /track "$seconds" 1 "$next") || exit 1
callgrind_control --dump "$(pid_of track)" >>"$T/log/callgrind.log" 2>&1 || { cat "$T/log/callgrind.log"; exit 1; }
events=$(field "$measured" requests)
stop track
profile=$(ls "$T"/callgrind.out.1)
callgrind_annotate --auto=no --inclusive=yes --threshold=100 "$profile" >"$T/inclusive" 2>>"$T/log/callgrind.log"

# Lines "instructions name" of what callgrind_annotate prints.
costs() {
	sed -n 's/^ *\([0-9,]*\) *([ 0-9.]*%) *\([^ ].*\)$/\1 \2/p' "$1" | awk '{ gsub(",", "", $1); n = $1; sub(/^[^ ]* /, ""); sub(/ \[.*$/, ""); sub(/^.*:/, ""); print n, $0 }'
}
costs "$T/inclusive" >"$T/inclusive.costs"
# What a function takes without those that it calls: the line after calls= has the cost of the callee.
awk '/^ob=/ { ob = $1; sub(/^ob=/, "", ob); if (NF > 1) { file[ob] = $2; sub(/^.*\//, "", file[ob]) } next }
	/^fn=/ { id = $1; sub(/^fn=/, "", id); if (NF > 1) { n = $0; sub(/^fn=[^ ]* /, "", n); name[id] = n } of[id] = ob; next }
	/^c?fn=|^cfi=|^cob=|^f[ile]=/ { if (/^cfn=/ && NF > 1) { id2 = $1; sub(/^cfn=/, "", id2); n = $0; sub(/^cfn=[^ ]* /, "", n); name[id2] = n } next }
	/^calls=/ { skip = 1; next }
	/^[-+*0-9]/ { if (!skip) own[id] += $2; skip = 0 }
	END { for (id in own) print own[id], name[id] (name[id] ~ /^0x/ ? " in " file[of[id]] : "") }' "$profile" >"$T/own.costs"
echo "$events events, one by one; instructions of weir-track per event"
awk -v events="$events" -F '\t' '
	FNR == NR { split($0, w, " "); name = substr($0, length(w[1]) + 2); sub(/\x27[0-9]+$/, "", name)
		if (name == "PROGRAM TOTALS") total = w[1]; else if (w[1] > cost[name]) cost[name] = w[1]; next }
	/^#/ || !NF { next }
	{ sum = 0; n = split($2, f, " "); for (i = 1; i <= n; i++) { minus = sub(/^-/, "", f[i]); sum += (minus ? -1 : 1) * cost[f[i]] }
		known += sum; printf "%-10s %8d  %5.1f %%   %s\n", $1, sum / events, sum * 100 / total, $3 }
	END { printf "%-10s %8d  %5.1f %%   %s\n", "rest", (total - known) / events, (total - known) * 100 / total, "what lies between: routes, times, answer, log"
		printf "%-10s %8d\n", "all", total / events }' "$T/inclusive.costs" "$srcdir/tests/bench/instructions.tsv"
echo "functions that take most by themselves:"
sort -rn "$T/own.costs" | head -n 15 | awk -v events="$events" '{ n = $1; sub(/^[^ ]* /, ""); printf "  %8d  %s\n", n / events, $0 }'
[ -z "${BENCH_KEEP:-}" ] || { cp "$profile" "$BENCH_KEEP"; cp "$T/inclusive.costs" "$BENCH_KEEP.costs"; }
