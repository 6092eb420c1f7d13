#!/bin/sh
# weirctl against real servers: create and list, dead letters, doctor, settings, help and exit statuses.
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
need jq redis-cli
start_pg
start_redis
start_chdb
setting redis.shards 2
plan 60

ctl() { "$WEIRCTL" "$@"; }
status() { want=$1; shift; "$@" >"$T/out" 2>&1; got=$?; [ "$got" = "$want" ] || { cat "$T/out"; echo "status $got instead of $want"; return 1; }; }
says() { says_text=$1; shift; "$@" 2>&1 | tee "$T/said" | grep -q -- "$says_text" || { cat "$T/said"; return 1; }; }
json() { json_filter=$1; shift; "$@" --json >"$T/json" 2>"$T/err"; jq -e "$json_filter" "$T/json" >/dev/null || { cat "$T/json" "$T/err"; return 1; }; }

# ---- the command line
check "version" says '^weirctl [0-9]' ctl version
check "version as JSON" json '.version' ctl version
every_command() { ctl help | sed -n 's/^  \([a-z-]*\( [a-z]*\)\?\)  .*/\1/p' | while read -r one; do ctl help $one | grep -q "^usage: weirctl $one" || { echo "$one"; exit 1; }; done && [ "$(ctl help | grep -c '^  [a-z]')" -gt 12 ]; }
check "help explains every command" every_command
check "help as JSON" json 'length > 12 and all(.[]; .name and .summary and .help and (.options | map(.name) | index("json")))' ctl help
check "of one command" json '.name == "create client" and (.options[] | select(.name == "secret") | .value == "TEXT")' ctl help create client
text_is() { want=$("$WEIRCTL" "$@"); same "$want" "$("$WEIRCTL" "$@" --json | jq -r .text)"; }
check "the sample as JSON" text_is settings --sample
check "nginx's site as JSON" env WEIR_NGINX_MAPS_FILE=/etc/nginx/weir-maps.conf sh -c "'$WEIRCTL' nginx-site >'$T/site' && '$WEIRCTL' nginx-site --json | jq -j .text | diff -u '$T/site' -"
check "the statements as JSON" json '(.postgres | length) == 2 and (.clickhouse[0].sql | test("CREATE TABLE IF NOT EXISTS events")) and .status == 0' ctl migrate --sql
complaint() { # STATUS TEXT ARGUMENTS: what fails says so in JSON as well
	want=$1 text=$2
	shift 2
	"$WEIRCTL" --json "$@" >"$T/out" 2>/dev/null
	same "$want" $? && jq -e --arg text "$text" --argjson status "$want" '.status == $status and (.error | contains($text))' "$T/out" >/dev/null || { cat "$T/out"; return 1; }
}
check "a wrong usage as JSON" complaint 2 "create client wants --project" create client
check "a server that is away as JSON" env WEIR_POSTGRES_URL=postgresql://127.0.0.1:1/x sh -c "'$WEIRCTL' list users --json 2>/dev/null | jq -e '.status == 4 and (.error | length) > 0'"
check "--help is help" says '^usage: weirctl migrate' ctl migrate --help
check "no command at all" status 2 ctl
check "an unknown command" status 2 ctl frobnicate
check "an unknown option" status 2 ctl migrate --frobnicate
check "an operand too many" status 2 ctl migrate now
check "an unknown setting in weir.conf" status 3 env WEIR_CONF=/dev/null WEIR_REDIS_SHARDS=x "$WEIRCTL" settings
bad_conf() { echo 'no.such = 1' >"$T/bad.conf"; status 3 ctl -c "$T/bad.conf" settings && grep -q 'bad.conf:1' "$T/out"; }
check "it is told with its line" bad_conf
check "a server that is away" status 4 env WEIR_POSTGRES_URL=postgresql://127.0.0.1:1/x "$WEIRCTL" list users
check "settings show no secret" says '^postgres.url = (set)$' ctl settings
check "settings as JSON" json '.["redis.shards"] == "2"' ctl settings

# ---- before the migrations
unready() { json '.wrong > 0 and ([.findings[].advice] | index("run: weirctl migrate") != null)' ctl doctor; }
check "doctor says that the migrations are missing" unready
migrate

# ---- create, list
check "a user" json '.id and .email == "ann@example.com" and (.password | length) >= 16 and (has("secret") | not)' ctl create user --email ann@example.com
check "the address is taken" status 1 ctl create user --email Ann@Example.com
short() { printf 'short\n' | ctl create user --email b@example.com --password-stdin; }
check "a password that is too short" status 2 short
check "an organization" json '.id == "acme-co" and .name == "Acme Co"' ctl create organization --name 'Acme Co' --owner ann@example.com --timezone Europe/Stockholm
owner() { sql_is "org:admin" "SELECT role FROM members WHERE \"organizationId\" = 'acme-co'"; }
check "its owner administers it" owner
check "an owner who is nobody" status 1 ctl create organization --name X --owner nobody
check "a project" json '.id == "shop" and .cors == ["https://shop.example", "https://*.shop.example"] and .types == ["website"]' \
	ctl create project --organization acme-co --name Shop --cors https://shop.example/ --cors 'https://*.shop.example' --type website
check "a project of nobody" status 1 ctl create project --organization nowhere --name Shop
check "a project without a name" status 2 ctl create project --organization acme-co
before=$(redis-cli -u "$REDIS_URL" get '{weir:1}:gen'; redis-cli -u "$REDIS_URL" get '{weir:0}:gen')
check "a client" json '.projectId == "shop" and .type == "write" and (.secret | test("^sec_[0-9a-f]{20}$"))' ctl create client --project shop --name Web
bumped() { after=$(redis-cli -u "$REDIS_URL" get '{weir:1}:gen'; redis-cli -u "$REDIS_URL" get '{weir:0}:gen'); [ "$before" != "$after" ]; }
check "the responders are told" bumped
hashed() { sql_is t "SELECT secret ~ '^[0-9a-f]{32}\\.[0-9a-f]{64}$' FROM clients WHERE name = 'Web'"; }
check "only its secret's hash is kept" hashed
check "a client with id and secret of one's own" json '.id == "11111111-1111-4111-8111-111111111111" and .secret == "mine" and .projectId == null' \
	ctl create client --organization acme-co --type root --id 11111111-1111-4111-8111-111111111111 --secret mine
check "the same id again" status 1 ctl create client --organization acme-co --id 11111111-1111-4111-8111-111111111111
check "a type that there is not" status 2 ctl create client --project shop --type admin
check "lists" json 'length == 2 and (.[0] | has("secret") | not)' ctl list clients --organization acme-co
check "a list for people" says '^shop  Shop' ctl list projects
check "a list that there is not" status 2 ctl list things

# ---- dead letters
check "no dead letters" says 'no dead letters' ctl deadletter list
dead() { redis-cli -u "$REDIS_URL" XADD "{weir:$1}:dead" "$2" k n ev broken id 5-0 at 1700000000000 table events error "Code: 27. Cannot parse" >/dev/null; }
for i in $(seq 1 130); do printf 'XADD {weir:0}:dead %d-0 k n ev broken id 5-0 at 1700000000000 table events error "Code: 27. Cannot parse"\n' "$i"; done |
	redis-cli -u "$REDIS_URL" >/dev/null
dead 1 7-7
check "a list names them and why" says 'Code: 27. Cannot parse' ctl deadletter list
check "and tells when it is not all of them" says '50 of 131 are shown' ctl deadletter list
check "all of both streams" json 'length == 131 and .[130].id == "7-7"' ctl deadletter list --count 1000
check "one of them" json 'length == 1 and .[0].id == "7-7" and .[0].table == "events"' ctl deadletter show 7-7
check "one that there is not" status 1 ctl deadletter show 8-8
drop() { json '.dropped == 1' ctl deadletter drop 130-0 && same 129 "$(redis-cli -u "$REDIS_URL" XLEN '{weir:0}:dead')"; }
check "one is dropped" drop
check "neither ids nor --all" status 2 ctl deadletter replay
replay() { json '.replayed == 130' ctl deadletter replay --all && same "0 0 129 1" "$(for k in '{weir:0}:dead' '{weir:1}:dead' '{weir:0}:events' '{weir:1}:events'; do redis-cli -u "$REDIS_URL" XLEN "$k"; done | xargs)"; }
check "all are sent again" replay

# ---- doctor
waiting() { json '[.findings[] | select(.subject == "queue" or .subject == "worker")] | (map(select(.found | test("130 events wait"))) | length == 1) and (map(select(.found | test("nobody serves stream"))) | length == 2)' ctl doctor; }
check "doctor sees the queue and that no worker runs" waiting
redis-cli -u "$REDIS_URL" config set appendonly no >/dev/null
aof() { json '[.findings[] | select(.subject == "redis" and .state == "wrong")] | length == 1 and (.[0].advice | test("appendonly yes"))' ctl doctor; }
check "doctor sees that Redis keeps nothing" aof

finds() { # SUBJECT STATE TEXT: a finding; all but the good ones come with advice
	"$WEIRCTL" doctor --json >"$T/json" 2>"$T/err"
	jq -e --arg subject "$1" --arg state "$2" --arg text "$3" 'any(.findings[]; .subject == $subject and .state == $state and (.found | test($text))
		and (.advice == null) == ($state == "ok"))' "$T/json" >/dev/null || { cat "$T/json" "$T/err"; return 1; }
}
chmod 644 "$WEIR_CONF"
check "doctor sees that everybody may read the passwords" finds files warning "$WEIR_CONF may be read by everybody"
chmod 600 "$WEIR_CONF"
setting geo.city_file "$WEIRCTL"
check "and a database of places that is none" finds files wrong "geo.city_file: .*invalid metadata|geo.city_file: .*MaxMind"
setting nginx.track_socket "$T/none.sock"
check "a responder that has no socket" finds responders warning "weir-track: nginx.track_socket: .*/none.sock is not there"
node -e 'const s = require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))' "$T/stale.sock"
setting nginx.api_socket "$T/stale.sock"
check "a responder that is dead" finds responders wrong "weir-api: .*/stale.sock: Connection refused"
setting nginx.maps_file "$T/maps.conf"
setting nginx.certificate "$T/cert.pem"
setting nginx.static_dir "$T"
certificate() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$1" -subj /CN=x -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null; }
check "a certificate that is not there" finds nginx wrong "nginx.certificate: $T/cert.pem: No such file"
certificate 90
check "one that is good" finds nginx ok "is good for (89|90) days"
certificate 5
check "one that ends soon" finds nginx warning "is good for [45] days"
check "the tracker that is not there" finds nginx warning "nginx.static_dir: $T/op1.js: No such file"
psql -qX "$PG_URL" -c "CREATE ROLE reader LOGIN" -c "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
setting postgres.url "postgresql://reader@127.0.0.1:$PG_PORT/weir"
check "a user who may not write" finds postgres wrong "user reader may not read and write [0-9]+ tables"
disks() { json '[.findings[] | select(.subject == "disk") | .found] | length >= 1 and all(.[]; test("^(ClickHouse|Redis|PostgreSQL|this machine), /.*: [0-9.]+ GB free"))' ctl doctor; }
check "the room on each disk is told once" disks
