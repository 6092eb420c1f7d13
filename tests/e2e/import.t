#!/bin/sh
# POST /import/events: arrays of any length, good rows stored once, bad ones told by their place.
. "$srcdir/tests/lib/harness.sh"
need jq node
plan 25
start_pg; start_redis; start_chdb; migrate
setting track.import_max 40M
start_track 1
start_nginx
sed -i "s|client_max_body_size 16m|client_max_body_size 64m|" "$T/nginx/nginx.conf"
kill -HUP "$(pid_of nginx)"
ROOT=22222222-1111-4111-8111-111111111111
WRITE=11111111-1111-4111-8111-111111111111
SECRET=sec_0123456789abcdef0123
HASH=$(node -e 'const c = require("crypto"), s = "00112233445566778899aabbccddeeff"; console.log(`${s}.${c.scryptSync(process.argv[1], s, 32).toString("hex")}`)' "$SECRET")
sql "INSERT INTO organizations (id, name) VALUES ('org', 'Org');
	INSERT INTO projects (id, name, \"organizationId\") VALUES ('shop', 'Shop', 'org');
	INSERT INTO clients (id, name, secret, type, \"projectId\", \"organizationId\") VALUES
		('$ROOT', 'r', '$HASH', 'root', 'shop', 'org'), ('$WRITE', 'w', '$HASH', 'write', 'shop', 'org')"

# import STATUS FILE [CURL OPTIONS...]: prints the answer.
import() {
	import_want=$1 import_file=$2
	shift 2
	import_got=$(curl -sS -m 120 -o "$T/answer" -w '%{http_code}' -X POST "$URL/import/events" -H "content-type: ${IMPORT_TYPE:-application/json}" \
		-H "openpanel-client-id: ${IMPORT_CLIENT:-$ROOT}" -H "openpanel-client-secret: $SECRET" --data-binary "@$import_file" "$@")
	cat "$T/answer"
	[ "$import_got" = "$import_want" ] || { echo "status $import_got instead of $import_want"; return 1; }
}
answer_is() { same "$1" "$(jq -c "$2" "$T/answer")"; }

cat >"$T/rows.json" <<'JSON'
 [
 {"name":"screen_view","created_at":"2026-08-01T10:00:00.123Z","project_id":"other","path":"/a","device_id":"d1","session_id":"s1","profile_id":"p1",
  "properties":{"a":{"b":[1,"z"]},"n":4,"empty":""},"country":"SE","longitude":18.5,"latitude":59.25,"groups":["g1","g2"],"duration":1500,"revenue":"12","nonsense":[1,{"]":"}"}]},
 {"name":"bad time","created_at":"yesterday"},
 {"id":"6f9619ff-8b86-4011-b42d-00c04fc964ff","name":"with id","created_at":"2026-08-01 10:00:01"},
 {"name":"bad revenue","created_at":"2026-08-01 10:00:00","revenue":1.5},
 "no object", 5,
 {"name":"bad country","created_at":"2026-08-01 10:00:00","country":"SWE"},
 {"name":"no time"},
 {"name":"lone \ud800 surrogate","created_at":1785578402000}
 ]
JSON
check "good rows are stored, the others told" import 200 "$T/rows.json"
check "both counts" answer_is '[3,0,6]' '[.imported, .existing, .failed]'
check "each bad row by its place and reason" answer_is \
	'[[1,"created_at: is no time that can be read"],[3,"revenue: expected a whole number that is not negative"],[4,"expected an object, received string"],[5,"expected an object, received number"],[6,"country: expected two letters"],[7,"created_at: is missing"]]' \
	'[.errors[] | [.index, .reason]]'
check "columns, milliseconds and flat properties" ch_is "$(printf "screen_view\tshop\t/a\td1\ts1\tp1\t2026-08-01 10:00:00.123\tSE\t18.5\t59.25\t['g1','g2']\t1500\t12\t{'a.b.0':'1','a.b.1':'z','n':'4'}\t1")" \
	"SELECT name, project_id, path, device_id, session_id, profile_id, created_at, country, longitude, latitude, groups, duration, revenue, properties, imported_at IS NOT NULL FROM events WHERE name = 'screen_view'"
check "a row's own id" ch_is "with id" "SELECT name FROM events WHERE id = '6f9619ff-8b86-4011-b42d-00c04fc964ff'"
check "a lone surrogate blocks nobody" ch_is "lone  surrogate" "SELECT name FROM events WHERE created_at = '2026-08-01 10:00:02.000'"
check "the same again" import 200 "$T/rows.json"
check "stores nothing twice" answer_is '[0,3,6]' '[.imported, .existing, .failed]'
check "in the table either" ch_is 3 "SELECT count() FROM events"

node -e '
	const out = ["["];
	for (let i = 0; i < 50000; i++) out.push(`${i ? "," : ""}${JSON.stringify({ name: "many", created_at: new Date(1700000000000 + i * 60000).toISOString(), properties: { i, text: "x".repeat(200) } })}`);
	out.push("]");
	require("fs").writeFileSync(process.argv[1], out.join("\n"));' "$T/many.json"
check "fifty thousand rows over many months" import 200 "$T/many.json"
check "all of them" ch_is 50000 "SELECT count() FROM events WHERE name = 'many'"
# Under sanitizers memory that was given back is kept aside, so only the order of magnitude is looked at.
resident() { awk '/VmHWM/ { print $2 }' "/proc/$(children_of track)/status"; }
echo "# weir-track was at most $(resident) KB"

cut_short() { head -c 3000000 "$T/many.json" >"$T/short.json"; import 400 "$T/short.json"; }
check "an array that breaks off" cut_short
check "says what is stored all the same" answer_is true '(.existing + .imported) > 1000 and .failed == 0'
printf '[{"name":"a","created_at":"2026-08-02"} {"name":"b"}]' >"$T/comma.json"
check "an array without its comma" import 400 "$T/comma.json"
printf '{}' >"$T/object.json"
check "no array" import 500 "$T/object.json"
check "in the words that importers know" answer_is '{"status":500,"error":"TypeError","message":"request.body.map is not a function"}' .
printf '{"name":"l","created_at":"2026-08-03"}\n{"name":"l","created_at":"2026-08-03"}\n' >"$T/lines.json"
IMPORT_TYPE=application/x-ndjson
check "one object a line" import 200 "$T/lines.json"
IMPORT_TYPE=
check "are two events, however equal" answer_is '[2,0,0]' '[.imported, .existing, .failed]'
printf '[]' >"$T/none.json"
check "an empty array" import 200 "$T/none.json"
head -c 45000000 /dev/zero | tr '\0' ' ' >"$T/huge.json"
check "more than track.import_max" import 413 "$T/huge.json"
IMPORT_TYPE=text/csv
check "another type of body" import 415 "$T/rows.json"
IMPORT_TYPE= IMPORT_CLIENT=$WRITE
check "a write client may not" import 401 "$T/rows.json"
IMPORT_CLIENT=
stop chdb
printf '[{"name":"away","created_at":"2026-08-04"}]' >"$T/away.json"
check "ClickHouse away" import 503 "$T/away.json"
run_chdb
check "and back: the same import again" import 200 "$T/away.json"
check "stored once" ch_is 1 "SELECT count() FROM events WHERE name = 'away'"
