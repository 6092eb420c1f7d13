#!/bin/sh
# What others write into PostgreSQL, past weir-api and weirctl, is noticed by responders and nginx all the same.
. "$srcdir/tests/lib/harness.sh"
start_pg; start_redis; start_chdb; migrate
setting nginx.maps_file "$T/maps.conf"
setting nginx.reload_command "echo reload >>$T/reloads"
ID=aaaaaaaa-1111-4111-8111-111111111111
gen() { redis-cli -u "$REDIS_URL" get '{weir:0}:gen'; }
sql "INSERT INTO organizations (id, name) VALUES ('o', 'O');
	INSERT INTO projects (id, name, \"organizationId\", cors) VALUES ('p', 'P', 'o', '{https://one.example}');
	INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$ID', 'c', 'write', 'p', 'o')" >/dev/null
start_worker
start_track 1
start_nginx

plan 9
check "the worker writes the maps" wait_for 10 grep -q "$ID one.example" "$T/maps.conf"
track() { # STATUS ORIGIN NAME
	ask "$1" POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"$3\"}}" -H "openpanel-client-id: $ID" -H "origin: $2" -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
}
check "the project's origin may send" track 200 https://one.example first
check "another may not" track 401 https://two.example second
before=$(gen)
sql "UPDATE projects SET cors = '{https://two.example}' WHERE id = 'p'" >/dev/null
gen_moved() { test "$(gen)" -gt "$before"; }
check "a change by psql is noticed within seconds" wait_for 5 gen_moved
check "nginx's map follows" wait_for 5 grep -q "$ID two.example" "$T/maps.conf"
check "and nginx is told" wait_for 5 grep -q reload "$T/reloads"
check "the new origin may send" wait_for 5 track 200 https://two.example third
check "the old one may not" wait_for 5 track 401 https://one.example fourth
sql "DELETE FROM clients WHERE id = '$ID'" >/dev/null
check "a client that was deleted is refused" wait_for 5 track 401 https://two.example fifth
