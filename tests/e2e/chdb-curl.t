#!/bin/sh
# weir-chdb as curl sees it: queries, inserts, settings, errors, refusals, durability, lock, users, stopping.
. "$srcdir/tests/lib/harness.sh"
need curl gzip
setting chdb.stop_timeout 20s
start_chdb
plan 79
U=$CH_URL/

# get 'URL ARGUMENTS' [CURL OPTIONS]: body on standard output, status in $T/status, headers in $T/headers.
get() {
	get_args=$1
	shift
	curl -sS -m 60 -o "$T/body" -D "$T/headers" -w '%{http_code}' "$@" "$U${get_args:+?$get_args}" >"$T/status" || return 1
	cat "$T/body"
}
status_is() { same "$1" "$(cat "$T/status")"; }
# answer WANT ARGUMENTS [CURL OPTIONS]: this text with status 200.
answer() {
	answer_want=$1
	shift
	answer_got=$(get "$@") || return 1
	same "$answer_want" "$answer_got" && status_is 200
}
# fails STATUS CODE NAME ARGUMENTS [CURL OPTIONS]: an error in ClickHouse's form.
fails() {
	fails_status=$1 fails_code=$2 fails_name=$3
	shift 3
	get "$@" || return 1
	status_is "$fails_status" || return 1
	tr '\n' ' ' <"$T/body" | grep -q "^Code: $fails_code\. DB::Exception: .*($fails_name) (version [0-9.]*) \$" || { echo "not error $fails_code $fails_name"; return 1; }
	header_is X-ClickHouse-Exception-Code "$fails_code"
}
# Checks run in a subshell, which cannot wait for the server; its data directory must be free again.
end() {
	end_pid=$(pid_of chdb)
	kill -"$1" "$end_pid"
	wait_for 30 eval "! grep -qs '^State:.[^Z]' /proc/$end_pid/status"
}
header() { tr -d '\r' <"$T/headers" | sed -n "s/^$1: //Ip" | tail -n 1; }
header_is() { same "$2" "$(header "$1")"; }
header_like() { case $(header "$1") in $2) ;; *) echo "$1: $(header "$1")"; return 1 ;; esac; }
q() { get "$2" --data-binary "$1"; }

# ---- the plain things ----
check "ping" same "Ok." "$(curl -sS "$U"ping)"
check "replicas_status" same "Ok." "$(curl -sS "$U"replicas_status)"
check "a bare GET is a health check" answer "Ok." ""
kept() { same "1 0 0" "$(curl -sS -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects}\n' "$U"ping "$U" "$U?query=SELECT+1" | xargs)"; }
check "a health check leaves its connection open" kept
check "an unknown path is 404" same 404 "$(curl -sS -o "$T/body" -w '%{http_code}' "$U"nowhere)"
check "a query in the URL" answer 1 "query=SELECT%201"
check "a query in the body" answer 2 "" -d "SELECT 2"
check "both are one text, with a line feed between" answer 3 "query=SELECT" -d "3"
check "query id is echoed" eval 'answer 1 "query=SELECT+1&query_id=abc-1" && header_is X-ClickHouse-Query-Id abc-1'
check "or made" eval 'answer 1 "query=SELECT+1" && header_like X-ClickHouse-Query-Id "????????-????-????-????-????????????"'
check "the other headers" eval 'header_is X-ClickHouse-Format TabSeparated && header_like X-ClickHouse-Timezone "?*" &&
	header_like X-ClickHouse-Server-Display-Name "?*" && header_is Content-Type "text/tab-separated-values; charset=UTF-8" &&
	header_like X-ClickHouse-Summary "{\"read_rows\":\"1\",\"read_bytes\":\"1\",\"written_rows\":\"0\",*}"'
check "FORMAT decides the type" eval 'answer "{\"a\":1}" "" -d "SELECT 1 AS a FORMAT JSONEachRow" &&
	header_is Content-Type "application/x-ndjson; charset=UTF-8" && header_is X-ClickHouse-Format JSONEachRow'
check "default_format too" eval 'answer "{\"a\":1}" "default_format=JSONEachRow" -d "SELECT 1 AS a" && header_is X-ClickHouse-Format JSONEachRow'
check "and the header of that name" answer '{"a":1}' "" -H "X-ClickHouse-Format: JSONEachRow" -d "SELECT 1 AS a"
check "FORMAT in the statement is stronger" answer '[1]' "default_format=JSON" -d "SELECT 1 FORMAT JSONCompactEachRow"
check "parameters" answer "[5, \"it's\", [1,2]]" "param_a=5&param_b=it%27s&param_c=%5B1,2%5D" -d "SELECT {a:UInt8}, {b:String}, {c:Array(UInt8)} FORMAT JSONCompactEachRow"
check "parameters are unescaped as a server does it" answer 3 "param_b=a%5Ctb" -d "SELECT length({b:String})"
check "a parameter that is missing" fails 500 456 UNKNOWN_QUERY_PARAMETER "" -d "SELECT {a:UInt8}"
check "SHOW, DESCRIBE, EXPLAIN, EXISTS" eval 'answer system "" -d "SHOW DATABASES LIKE '\''system'\''" && get "" -d "DESCRIBE TABLE system.one" | grep -q UInt8 &&
	get "" -d "EXPLAIN SELECT 1" | grep -q Expression && answer 1 "" -d "EXISTS TABLE system.one"'

# ---- settings of one query ----
check "a setting from the URL" answer 7 "max_block_size=7" -d "SELECT getSetting('max_block_size')"
check "does not stay" eval 'get "" -d "SELECT getSetting('\''max_block_size'\'')" | grep -vq "^7$"'
check "session_timezone" answer "2020-01-01 09:00:00" "session_timezone=Asia/Tokyo" -d "SELECT toDateTime(1577836800)"
check "SET lives as long as its request" eval 'get "" -d "SET max_block_size = 9" && get "" -d "SELECT getSetting('\''max_block_size'\'')" | grep -vq "^9$"'
check "SETTINGS in a statement" answer 3 "" -d "SELECT getSetting('max_block_size') SETTINGS max_block_size = 3"
check "an unknown setting" fails 404 115 UNKNOWN_SETTING "no_such_setting=1" -d "SELECT 1"
check "a setting that is no name" fails 404 115 UNKNOWN_SETTING "a%27b=1" -d "SELECT 1"
check "max_execution_time" fails 408 159 TIMEOUT_EXCEEDED "max_execution_time=1" -d "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))"
check "max_memory_usage" fails 500 241 MEMORY_LIMIT_EXCEEDED "max_memory_usage=10000000" -d "SELECT groupArray(number) FROM numbers(10000000) FORMAT Null"

# Every thread of the pool gets to run one of each.
leftovers() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		get "" -d "SELECT throwIf(number = 70000), number FROM numbers(100000) FORMAT JSON" >"$T/o" && status_is 500 && answer 1 "" -d "SELECT 1" || return 1
	done
}
check "what a failed query had written does not come out with the next" leftovers

# ---- writing ----
check "DDL" eval 'q "CREATE DATABASE d" && status_is 200 && q "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a" database=d && status_is 200'
check "INSERT with VALUES in the statement" eval 'q "INSERT INTO d.t VALUES (1, '\''a;b'\''), (1 + 1, concat('\''c'\'', '\''--d'\''));" && status_is 200'
check "INSERT in the URL, data in the body, empty lines and SQL in the data" eval 'printf "{\"a\":3,\"s\":\"x\"}\n\n{\"a\":4,\"s\":\"y\"}\n\n" >"$T/d" &&
	get "database=d&query=INSERT+INTO+t+(a,s)+FORMAT+JSONEachRow" --data-binary "@$T/d" && status_is 200'
check "its summary" header_like X-ClickHouse-Summary '*"written_rows":"2"*'
check "data behind the statement in the body" eval 'printf "INSERT INTO d.t FORMAT TSV\n5\tz\n\n; DROP TABLE d.t\n" >"$T/d"; ! answer "" "" --data-binary "@$T/d" && status_is 400 &&
	printf "INSERT INTO d.t FORMAT TSV\n5\tz; DROP TABLE d.t\n" >"$T/d" && answer "" "" --data-binary "@$T/d"'
check "INSERT ... SELECT" answer "" "" -d "INSERT INTO d.t SELECT number + 6, 's' FROM numbers(2)"
check "all rows are there as they were sent" answer "1	a;b
2	c--d
3	x
4	y
5	z; DROP TABLE d.t
6	s
7	s" "database=d" -d "SELECT * FROM t ORDER BY a"
check "data in gzip" eval 'printf "8\tgz\n" | gzip >"$T/d.gz" && answer "" "query=INSERT+INTO+d.t+FORMAT+TSV" -H "Content-Encoding: gzip" --data-binary "@$T/d.gz" &&
	answer gz "" -d "SELECT s FROM d.t WHERE a = 8"'
check "broken gzip" fails 500 354 ZLIB_INFLATE_FAILED "query=INSERT+INTO+d.t+FORMAT+TSV" -H "Content-Encoding: gzip" -d "nonsense"
check "gzip that is cut off" eval 'head -c 15 "$T/d.gz" >"$T/cut" && fails 500 354 ZLIB_INFLATE_FAILED "query=INSERT+INTO+d.t+FORMAT+TSV" -H "Content-Encoding: gzip" --data-binary "@$T/cut"'
check "an unknown encoding" fails 501 48 NOT_IMPLEMENTED "" -H "Content-Encoding: br" -d "SELECT 1"
check "Native goes in as it came out" eval 'get "" -d "SELECT number + 100 AS a, toString(number) AS s FROM numbers(70000) FORMAT Native" >"$T/native" &&
	answer "" "query=INSERT+INTO+d.t+(a,s)+FORMAT+Native" --data-binary "@$T/native" && answer 70000 "" -d "SELECT count() FROM d.t WHERE a >= 100 AND toString(a - 100) = s"'
check "bad data says where" fails 400 27 CANNOT_PARSE_INPUT_ASSERTION_FAILED "query=INSERT+INTO+d.t+FORMAT+JSONEachRow" -d '{"a":"x"}'
check "and not how it is read" eval '! grep -qE "/proc/|INFILE" "$T/body"'
check "a form" answer "7 x" "" -F "query=SELECT concat({n:String}, ' ', {m:String})" -F param_n=7 -F param_m=x

# ---- a token makes a repeated INSERT do nothing, in the table and in what depends on it ----
dedup() {
	q "CREATE TABLE d.e (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100" &&
		q "CREATE TABLE d.f (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple() SETTINGS non_replicated_deduplication_window = 100" &&
		q "CREATE MATERIALIZED VIEW d.v TO d.f AS SELECT count() AS n FROM d.e" || return 1
	for token in one one two; do
		answer "" "insert_deduplication_token=$token&deduplicate_blocks_in_dependent_materialized_views=1&query=INSERT+INTO+d.e+FORMAT+TSV" -d '1' || return 1
	done
	answer "2	2" "" -d "SELECT (SELECT count() FROM d.e), (SELECT sum(n) FROM d.f)"
}
check "insert_deduplication_token" dedup

# ---- what is refused ----
check "an empty query" fails 400 62 SYNTAX_ERROR "" -d " "
check "two statements" fails 400 62 SYNTAX_ERROR "" -d "SELECT 1; SELECT 2"
check "but not a closing semicolon" answer 1 "" -d "SELECT 1; ; -- end"
check "an unknown table" fails 404 60 UNKNOWN_TABLE "" -d "SELECT * FROM d.nope"
check "an unknown database" fails 404 81 UNKNOWN_DATABASE "database=nope" -d "SELECT 1"
check "an unknown format" fails 404 73 UNKNOWN_FORMAT "" -d "SELECT 1 FORMAT Nope"
check "a syntax error names its place" eval 'fails 400 62 SYNTAX_ERROR "" -d "SELECT 1 FROM" && ! grep -q "weir " "$T/body"'
check "GET does not write" eval 'fails 500 164 READONLY "query=DROP+TABLE+d.t" && grep -q "method GET implies readonly" "$T/body"'
check "readonly=1 does not write" fails 500 164 READONLY "readonly=1" -d "DROP TABLE d.t"
check "files of the host" eval 'for s in "SELECT * FROM file('\''/etc/passwd'\'', LineAsString)" "SELECT file('\''/etc/passwd'\'')" "SELECT * FROM default.\`/etc/passwd\`" \
	"SELECT 1 INTO OUTFILE '\''/tmp/x'\''" "INSERT INTO d.t FROM INFILE '\''/etc/passwd'\'' FORMAT TSV" "SELECT * FROM '\''/etc/passwd'\''" "exit"; do
	! get "" -d "$s" >"$T/o" || status_is 200 && { echo "let through: $s"; return 1; }; ! grep -q root: "$T/o" || return 1; done'
check "other servers" fails 403 497 ACCESS_DENIED "" -d "INSERT INTO d.t SELECT * FROM url('http://127.0.0.1:1/', TSV)"
check "another method" same 405 "$(curl -sS -o "$T/body" -w '%{http_code}' -X PUT "$U")"

# ---- results ----
check "a large result in parts, with one header" eval 'get "" -d "SELECT number FROM numbers(400000) FORMAT CSVWithNames" >"$T/o" && same 400001 "$(wc -l <"$T/o")" && same 1 "$(grep -c number "$T/o")"'
check "and as one document" eval 'get "" -d "SELECT number FROM numbers(200000) FORMAT JSONCompact" >"$T/o" && same 1 "$(grep -c meta "$T/o")" && grep -q "\"rows\": 200000" "$T/o"'
check "gzip out on demand" eval 'get "enable_http_compression=1" -H "Accept-Encoding: gzip" -d "SELECT number FROM numbers(500000)" >"$T/o" && header_is Content-Encoding gzip &&
	same 500000 "$(gzip -dc "$T/o" | wc -l)"'
check "not without the setting" eval 'get "" -H "Accept-Encoding: gzip" -d "SELECT 1" && header_is Content-Encoding ""'
broken() {
	curl -sS -m 30 -o "$T/o" -D "$T/headers" "$U" -d "SELECT number, throwIf(number = 5000000) FROM numbers(10000000)" && { echo "curl saw nothing wrong"; return 1; }
	tag=$(header X-ClickHouse-Exception-Tag)
	tail -c 1000 "$T/o" | tr -d '\r' >"$T/tail"
	grep -q "^Code: 395. DB::Exception: .*FUNCTION_THROW_IF_VALUE_IS_NON_ZERO" "$T/tail" && grep -q "^[0-9]* $tag\$" "$T/tail" && grep -q "^__exception__\$" "$T/tail"
}
check "an error in the middle breaks the answer off and says why" broken
check "wait_end_of_query makes it a status" fails 500 395 FUNCTION_THROW_IF_VALUE_IS_NON_ZERO "wait_end_of_query=1" -d "SELECT number, throwIf(number = 3000000) FROM numbers(10000000)"

# ---- side by side ----
SLOW="SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"
running() { answer "$1" "" -d "SELECT count() FROM system.processes WHERE query LIKE 'SELECT count() FROM numbers(1000000000000)%'"; }
curl -sS -m 60 -o "$T/slow" "$U?query_id=slow-one" -d "$SLOW" &
slow=$!
check "a long query runs while others answer" wait_for 10 running 1
check "KILL QUERY by the id that the client gave" eval 'get "" -d "KILL QUERY WHERE query_id = '\''slow-one'\''" | grep -q slow-one && wait_for 10 running 0 && wait_for 10 grep -q "Code: 394" "$T/slow"'
curl -sS -m 60 -o "$T/slow" "$U" -d "$SLOW" &
slow=$!
check "a client that goes away ends its query" eval 'wait_for 10 running 1 && kill '$slow' && wait_for 10 running 0'
slow_reader() {
	curl -sS -m 60 --limit-rate 20k -o /dev/null "$U" -d "SELECT repeat('x', 1000) FROM numbers(100000)" &
	reader=$!
	for i in 1 2 3 4 5 6 7 8 9; do answer 1 "" -d "SELECT 1" || return 1; done
	wait_for 20 answer 0 "" -d "SELECT count() FROM system.processes WHERE query LIKE 'SELECT repeat%'"
	slow_result=$?
	kill $reader
	return $slow_result
}
check "a client that reads slowly holds up no query" slow_reader

# ---- stopping and starting ----
check "a second process is told who has the directory" eval '! "$CHDB_BIN" >"$T/second" 2>&1 && grep -q "in use by another weir-chdb, process $(pid_of chdb)" "$T/second"'
kill9() {
	q "CREATE TABLE d.k (a UInt64) ENGINE = MergeTree ORDER BY a" || return 1
	(i=0; while curl -sS -f -m 10 -o /dev/null "$U?query=INSERT+INTO+d.k+FORMAT+TSV" -d "$i"; do i=$((i + 1)); echo $i >"$T/acked"; done) 2>/dev/null &
	wait_for 20 eval '[ "$(cat "$T/acked" 2>/dev/null || echo 0)" -gt 30 ]' || return 1
	end KILL
	run_chdb
	got=$(get "" -d "SELECT count() FROM d.k WHERE a < $(cat "$T/acked")")
	same "$(cat "$T/acked")" "$got"
}
check "what was answered 200 survives kill -9" kill9
check "and the tokens too" answer "2" "" -d "SELECT count() FROM d.e"
check "also for a repeated INSERT" eval 'answer "" "insert_deduplication_token=two&deduplicate_blocks_in_dependent_materialized_views=1&query=INSERT+INTO+d.e+FORMAT+TSV" -d 1 && answer 2 "" -d "SELECT count() FROM d.e"'
sigterm() {
	curl -sS -m 60 -o "$T/long" "$U?function_sleep_max_microseconds_per_block=10000000" -d "SELECT sleep(2), 'done'" &
	long=$!
	wait_for 10 answer 1 "" -d "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleep%'" || return 1
	end TERM && wait $long && same "0	done" "$(cat "$T/long")"
}
check "SIGTERM lets a running query end" sigterm
setting chdb.user weir
setting chdb.password sesame
run_chdb
check "without a password nothing is answered" eval 'fails 401 194 REQUIRED_PASSWORD "" -d "SELECT 1" && header_like WWW-Authenticate "Basic*"'
check "nor with a wrong one" fails 403 516 AUTHENTICATION_FAILED "" -u weir:wrong -d "SELECT 1"
check "basic, headers, URL" eval 'answer 1 "" -u weir:sesame -d "SELECT 1" && answer 1 "" -H "X-ClickHouse-User: weir" -H "X-ClickHouse-Key: sesame" -d "SELECT 1" &&
	answer 1 "user=weir&password=sesame" -d "SELECT 1"'
check "ping asks for none" same "Ok." "$(curl -sS "$U"ping)"

end TERM
setting chdb.connections 1
setting chdb.queue_max 0
run_chdb
# When the short query came first, the long one was refused: again.
occupy() {
	kill -0 "$(cat "$T/slow.pid" 2>/dev/null)" 2>/dev/null && return
	curl -sS -m 60 -o "$T/slow" -u weir:sesame "$U" -d "$SLOW" &
	echo $! >"$T/slow.pid"
}
full() { occupy; fails 503 202 TOO_MANY_SIMULTANEOUS_QUERIES "" -u weir:sesame -d "SELECT 1"; }
check "more queries than may wait are refused" wait_for 10 full
kill "$(cat "$T/slow.pid")"
check "-t checks the settings" eval '"$CHDB_BIN" -t && ! WEIR_CHDB_CONNECTIONS=0 "$CHDB_BIN" -t'
missing() {
	WEIR_CHDB_LIBRARY=$T/none.so WEIR_CHDB_PATH=$T/other "$CHDB_BIN" >"$T/missing" 2>&1
	same 1 $? && grep -q "npm.*chdb.library" "$T/missing"
}
check "a missing library is said to be missing" missing
