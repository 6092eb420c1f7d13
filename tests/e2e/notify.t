#!/bin/sh
# Notification rules, from an event to the dashboard, webhooks, Slack, Discord and mail.
. "$srcdir/tests/lib/harness.sh"
need jq node openssl
start_pg; start_redis; start_chdb; migrate
HOOK_PORT=$(free_port)
MAIL_PORT=$(free_port)
start sink "${NODE_BIN:-node}" "$srcdir/tests/lib/sink.mjs" "$HOOK_PORT" "$MAIL_PORT" "$T/sink.json"
: >"$T/sink.json"
ready sink 20 curl -s -o /dev/null "http://127.0.0.1:$HOOK_PORT/ok/ready"
setting session.timeout 3s
setting session.reaper_interval 200ms
setting worker.batch_age 100ms
# A Redis that is slow to answer is waited for: what goes to the spool waits there for its responder, and then for a worker.
setting redis.timeout 30s
setting notify.allow_private 127.0.0.1
setting notify.webhook_secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
setting notify.retry 100ms
setting notify.attempts 4
setting smtp.url "smtp://127.0.0.1:$MAIL_PORT"
setting smtp.tls off
setting smtp.from 'Weir Tests <weir@example.com>'

ID=aaaaaaaa-1111-4111-8111-111111111111
hook() { echo "http://127.0.0.1:$HOOK_PORT$1"; }
# integration NUMBER CONFIG, rule NUMBER NAME APP MAIL TEMPLATE CONFIG, link INTEGRATION RULE
integration() { sql "INSERT INTO integrations (id, name, config, \"organizationId\") VALUES ('00000000-0000-4000-8000-0000000000$1', 'i$1', '$2', 'o')"; }
rule() {
	sql "INSERT INTO notification_rules (id, name, \"projectId\", \"sendToApp\", \"sendToEmail\", template, config)
		VALUES ('00000000-0000-4000-9000-0000000000$1', '$2', 'p', $3, $4, $5, '$6')"
}
link() { sql "INSERT INTO \"_IntegrationToNotificationRule\" VALUES ('00000000-0000-4000-8000-0000000000$1', '00000000-0000-4000-9000-0000000000$2')"; }
events() { printf '{"type":"%s","events":[%s]}' "$1" "$2"; }
sql "INSERT INTO organizations (id, name) VALUES ('o', 'O');
	INSERT INTO projects (id, name, \"organizationId\", cors, filters) VALUES ('p', 'Pärk', 'o', '{*}',
		'[{\"type\":\"event\",\"name\":\"noise\",\"segment\":\"event\",\"filters\":[]},
		  {\"type\":\"event\",\"name\":\"*\",\"segment\":\"event\",\"filters\":[{\"name\":\"path\",\"operator\":\"startsWith\",\"value\":[\"/admin\"]}]}]');
	INSERT INTO projects (id, name, \"organizationId\") VALUES ('other', 'Other', 'o');
	INSERT INTO clients (id, name, type, \"projectId\", \"organizationId\") VALUES ('$ID', 'c', 'write', 'p', 'o');
	INSERT INTO users (id, email) VALUES ('u1', 'owner@example.com'), ('u2', 'guest@example.com'), ('u3', 'busy@example.com'), ('u4', 'nobody@example.com');
	INSERT INTO members (role, email, \"userId\", \"organizationId\") VALUES ('org:owner', 'owner@example.com', 'u1', 'o'),
		('org:member', 'guest@example.com', 'u2', 'o'), ('org:member', 'busy@example.com', 'u3', 'o'), ('org:member', 'nobody@example.com', 'u4', 'o');
	INSERT INTO project_access (\"projectId\", \"organizationId\", \"userId\", level) VALUES ('other', 'o', 'u2', 'read')" >/dev/null || exit 1
integration 01 "{\"type\":\"webhook\",\"url\":\"$(hook /ok/plain)\",\"headers\":{\"X-Own\":\"yes\",\"Content-Length\":\"1\",\"Webhook-Id\":\"mine\"},\"mode\":\"message\"}"
integration 02 "{\"type\":\"webhook\",\"url\":\"$(hook /fail/2/again)\",\"headers\":{}}"
integration 03 "{\"type\":\"webhook\",\"url\":\"http://127.0.0.2:$HOOK_PORT/ok/private\",\"headers\":{}}"
integration 04 "{\"type\":\"webhook\",\"url\":\"$(hook /status/404/gone)\",\"headers\":{}}"
integration 05 "{\"type\":\"webhook\",\"url\":\"$(hook "/status/302/moved?to=http://127.0.0.2:$HOOK_PORT/ok/inner")\",\"headers\":{}}"
integration 06 "{\"type\":\"slack\",\"incoming_webhook\":{\"url\":\"$(hook /ok/slack)\"}}"
integration 07 "{\"type\":\"discord\",\"url\":\"$(hook /ok/discord)\"}"
integration 08 "{\"type\":\"webhook\",\"url\":\"$(hook /ok/js)\",\"headers\":{},\"mode\":\"javascript\",\"javascriptTemplate\":\"(p) => p\"}"
integration 09 "{}"
integration 10 "{\"type\":\"webhook\",\"url\":\"file:///etc/passwd\",\"headers\":{}}"
integration 11 "{\"type\":\"webhook\",\"url\":\"$(hook /fail/99/forever)\",\"headers\":{}}"
integration 12 "{\"type\":\"webhook\",\"url\":\"$(hook /large)\",\"headers\":{}}"
rule 01 Sale true true "'\$EVENT_NAME by {{profileId}}: {{properties.cart.total}} (\$RULE_NAME, {{ properties.none }}{{rule_name}})'" \
	"$(events events '{"name":"buy","segment":"event","filters":[{"name":"properties.cart.total","operator":"gte","value":[10]}]}')"
for i in 01 02 03 04 05 06 07 08 09 10 11 12; do link $i 01; done
rule 02 'Path' true false NULL "$(events funnel '{"name":"screen_view","filters":[{"name":"path","operator":"is","value":["/one"]}]},{"name":"screen_view","filters":[{"name":"path","operator":"is","value":["/two"]}]}')"
rule 03 'Second' true false "''" "$(events events '{"name":"never"},{"name":"tick"},{"name":"*","filters":[{"name":"name","operator":"is","value":["tick"]}]}')"
integration 13 "{\"type\":\"webhook\",\"url\":\"$(hook /ok/tick)\",\"headers\":{}}"
link 13 03
rule 04 'Named' true false "'{{profile.firstName}}/{{profile.properties.tier}}'" "$(events events '{"name":"hello"}')"
integration 14 "{\"type\":\"webhook\",\"url\":\"$(hook /hold)\",\"headers\":{}}"
rule 05 'Slow' false false NULL "$(events events '{"name":"slow"}')"
link 14 05

start subscriber redis-cli -u "$REDIS_URL" subscribe notification:created
start_worker
start_track 2
start_nginx
wait_for 20 grep -q 'rules=5' "$T/log/worker.log" || { echo 'Bail out! the rules were not read'; exit 1; }

plan 53
UA='Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
track() { # DEVICE NAME [PROPERTIES [MORE]]
	track_properties=${3:-\{\}}
	ask 200 POST /track "{\"type\":\"track\",\"payload\":{\"name\":\"$2\",\"properties\":$(echo "$track_properties" | jq -c ". + {__deviceId: \"$1\"}")${4:+,$4}}}" \
		-H "openpanel-client-id: $ID" -H 'origin: https://x.example' -H "x-request-id: $RANDOM" -A "$UA"
}
# sunk FILTER: the requests for which the jq filter holds, as JSON lines
sunk() { jq -c "select($1)" "$T/sink.json"; }
sunk_is() { same "$1" "$(sunk "$2" | wc -l)"; }
check "an event below the rule's limit" track d1 buy '{"cart":{"total":9}}' '"profileId":"u-7"'
check "an event that the rule wants" track d1 buy '{"cart":{"total":12.5},"nul":"a"}' '"profileId":"u-7"'
check "makes one row for the dashboard" wait_for 20 sql_is 1 "SELECT count(*) FROM notifications"
TITLE='buy by u-7: 12.5 (Sale, Sale)'
check "with the template's title" sql_is "$TITLE" "SELECT title FROM notifications"
check "and the project's name" sql_is 'Project: Pärk' "SELECT message FROM notifications"
check "its flags, rule and no integration" sql_is "t	f	00000000-0000-4000-9000-000000000001	" \
	"SELECT \"sendToApp\", \"sendToEmail\", \"notificationRuleId\", \"integrationId\" FROM notifications"
check "and the event as payload" sql_is "event	buy	u-7	12.5	p" \
	"SELECT payload->>'type', payload#>>'{event,name}', payload#>>'{event,profileId}', payload#>>'{event,properties,cart.total}', payload#>>'{event,projectId}' FROM notifications"
published() { grep -q '"json"' "$T/log/subscriber.log"; }
check "the dashboard is told" wait_for 10 published
word() { grep '"json"' "$T/log/subscriber.log" | head -n 1; }
check "with the row as superjson" same "$TITLE|null|[\"Date\"]|true" "$(word | jq -r '[.json.title, (.json.isReadAt | tojson), (.meta.values.createdAt | tojson), (.json.createdAt | endswith("Z") | tojson)] | join("|")')"
check "whose id is the row's" sql_is "$(word | jq -r .json.id)" "SELECT id FROM notifications"

check "a webhook arrives" wait_for 10 sunk_is 1 '.url == "/ok/plain"'
plain() { sunk '.url == "/ok/plain"'; }
check "as JSON of title and message" same "{\"title\":\"$TITLE\",\"message\":\"Project: Pärk\"}" "$(plain | jq -r .body)"
check "with its own header, not those of the transport" same 'yes application/json' "$(plain | jq -r '.headers | .["x-own"] + " " + .["content-type"]')"
signed() {
	key=$(printf %s MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | openssl base64 -d -A | od -An -tx1 | tr -d ' \n')
	want=$(plain | jq -j '.headers["webhook-id"] + "." + .headers["webhook-timestamp"] + "." + .body' | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
	same "v1,$want" "$(plain | jq -r '.headers["webhook-signature"]')"
}
check "signed as Standard Webhooks has it" signed
check "a webhook that fails twice is told a third time" wait_for 20 sunk_is 3 '.url == "/fail/2/again"'
check "each time with the same id" same 1 "$(sunk '.url == "/fail/2/again"' | jq -r '.headers["webhook-id"]' | sort -u | wc -l)"
check "one that always fails is told as often as the setting says" wait_for 20 grep -q 'attempts=4 error="given up: HTTP status 500"' "$T/log/worker.log"
check "and no more" sunk_is 4 '.url == "/fail/99/forever"'
check "one that is not found is given up at once" wait_for 10 grep -q 'given up: HTTP status 404' "$T/log/worker.log"
check "a private address is not connected to" wait_for 10 grep -q 'target=00000000-0000-4000-8000-000000000003.*not public' "$T/log/worker.log"
check "a redirect is not followed" wait_for 10 grep -q 'given up: HTTP status 302' "$T/log/worker.log"
check "so that nothing has come by either way" sunk_is 0 '.url == "/ok/private" or .url == "/ok/inner"'
check "no other scheme than HTTP is spoken" wait_for 10 grep -q 'target=00000000-0000-4000-8000-000000000010.*its URL or a header' "$T/log/worker.log"
check "an integration that was never set up is told in the log" wait_for 10 grep -q 'target=00000000-0000-4000-8000-000000000009.*not set up' "$T/log/worker.log"
check "a long answer does no harm" sunk_is 1 '.url == "/large"'
check "Slack gets a text" same "{\"text\":\"$TITLE\\nProject: Pärk\"}" "$(sunk '.url == "/ok/slack"' | jq -r .body)"
check "Discord gets a content that calls nobody" same "$TITLE
Project: Pärk|[]" "$(sunk '.url == "/ok/discord"' | jq -r '.body | fromjson | .content + "|" + (.allowed_mentions.parse | tojson)')"
check "a JavaScript template is not run: the payload comes with title and message" same 'buy' "$(sunk '.url == "/ok/js"' | jq -r '.body | fromjson | .payload.event.name')"

mails() { same "$1" "$(sunk '.kind == "mail"' | jq -r '.to[0]' | sort | tr '\n' ' ')"; }
check "mail goes to the members who may see the project, after a refusal for now too" wait_for 20 mails 'RCPT TO:<busy@example.com> RCPT TO:<owner@example.com> '
letter() { sunk '.kind == "mail" and (.to[0] | contains("owner"))' | jq -r .data; }
check "with the title as subject" same "$TITLE" "$(letter | sed -n 's/^Subject: //p' | tr -d '\r')"
check "and both texts in it" same "$TITLE

Project: Pärk" "$(letter | tr -d '\r' | sed '1,/^$/d' | openssl base64 -d | tr -d '\r')"
check "an address that is refused for good is given up" wait_for 10 grep -q 'given up: SMTP' "$T/log/worker.log"

# A session of both steps in order, one the other way round.
funnel() {
	track f1 screen_view '{"__path":"https://x.example/one"}' && track f1 screen_view '{"__path":"https://x.example/two"}' &&
		track f2 screen_view '{"__path":"https://x.example/two"}' && track f2 screen_view '{"__path":"https://x.example/one"}'
}
funnel >/dev/null || echo '# the funnel events were not taken'
check "a funnel rule fires when the session has ended, for the session that took its steps" \
	wait_for 30 sql_is 'Funnel "Path" completed	funnel	/one,/two' \
	"SELECT title, payload->>'type', (SELECT string_agg(e->>'path', ',') FROM jsonb_array_elements(payload->'funnel') e) FROM notifications WHERE \"notificationRuleId\" = '00000000-0000-4000-9000-000000000002'"
ended() { ch_is 2 "SELECT count() FROM events WHERE name = 'session_end' AND device_id IN ('f1', 'f2')"; }
check "and for no other" wait_for 20 ended

# The profile's name for a title.
ch "INSERT INTO profiles (id, project_id, is_external, first_name, properties, created_at, last_seen_at)
	VALUES ('u-9', 'p', true, 'Ada', {'tier':'gold'}, now64(3), now64(3))"
track d9 hello '{}' '"profileId":"u-9"' >/dev/null
check "a title may name the profile" wait_for 20 sql_is 'Ada/gold' "SELECT title FROM notifications WHERE \"notificationRuleId\" = '00000000-0000-4000-9000-000000000004'"

# A receiver that does not answer.
track d3 slow >/dev/null
check "a receiver that does not answer is told" wait_for 20 sunk_is 1 '.url == "/hold"'
track d3 after >/dev/null
check "events are stored meanwhile" wait_for 20 ch_is 1 "SELECT count() FROM events WHERE name = 'after'"
waiting() { same "$1" "$(redis-cli -u "$REDIS_URL" zcard '{weir:0}:notify')"; }
check "while its notification waits in Redis" waiting 1
touch "$T/sink.json.release"
check "until it has answered" wait_for 30 waiting 0

# Killed again and again while events come in.
N=60
pound() {
	for i in $(seq $N); do
		track "k$((i % 7))" tick "{\"n\":$i}" >/dev/null || return 1
		if [ $((i % 12)) = 0 ]; then
			stop worker KILL
			start worker "$WORKER_BIN"
		fi
	done
}
check "events are taken while the worker is killed again and again" pound
# ticks_of COUNT: so many events of the rule, each told once everywhere
ticks_of() {
	sql_is "$1	$1	$1" "SELECT count(*), count(DISTINCT payload#>>'{event,id}'), count(DISTINCT payload#>>'{event,properties,n}')
		FROM notifications WHERE \"notificationRuleId\" = '00000000-0000-4000-9000-000000000003'" &&
		same "$1" "$(sunk '.url == "/ok/tick"' | jq -r '.headers["webhook-id"]' | sort -u | wc -l)" &&
		same 0 "$(redis-cli -u "$REDIS_URL" zcard '{weir:0}:notify')" && same 0 "$(redis-cli -u "$REDIS_URL" hlen '{weir:0}:notify:jobs')"
}
check "each of them notifies once, and no job is left" wait_for 90 ticks_of $N

# What is imported is of the past.
SECRET=sec_0123456789abcdef0123
HASH=$("${NODE_BIN:-node}" -e 'const c = require("crypto"), s = "00112233445566778899aabbccddeeff"; console.log(`${s}.${c.scryptSync(process.argv[1], s, 32).toString("hex")}`)' "$SECRET")
ROOT=bbbbbbbb-1111-4111-8111-111111111111
sql "INSERT INTO clients (id, name, secret, type, \"projectId\", \"organizationId\") VALUES ('$ROOT', 'r', '$HASH', 'root', 'p', 'o')"
check "an event that a rule would want is imported" ask 200 POST /import/events '[{"name":"tick","created_at":"2026-08-01T10:00:00Z","properties":{"n":"imported"}}]' \
	-H "openpanel-client-id: $ROOT" -H "openpanel-client-secret: $SECRET"
settled() { ch_is 1 "SELECT count() FROM events WHERE name = 'tick' AND isNotNull(imported_at)" && same 0 "$(redis-cli -u "$REDIS_URL" xlen '{weir:0}:events')"; }
wait_for 20 settled || echo '# the imported event was not stored'
check "and notifies nobody" ticks_of $N

# For hosts that have no daemons.
stop worker
# Ends of sessions may wait there as well.
queued() { redis-cli -u "$REDIS_URL" xlen '{weir:0}:events'; }
once_waits() { once_before=$(queued) && track d4 tick '{"n":"once"}' && same $((once_before + 1)) "$(queued)"; }
check "without a worker an event waits" once_waits
check "--once notifies as well" "$WORKER_BIN" --once
check "of what it has stored" ticks_of 61

# Without leave no address of the host's own networks is reached, however it is written.
setting notify.allow_private ''
rule 06 'Inside' false false NULL "$(events events '{"name":"inside"}')"
i=20
for url in http://127.0.0.1 http://localhost http://[::1] http://[::ffff:127.0.0.1] http://2130706433 http://0x7f.1 http://0.0.0.0 http://169.254.169.254 http://10.0.0.1; do
	integration $i "{\"type\":\"webhook\",\"url\":\"$url:$HOOK_PORT/inside\",\"headers\":{}}"
	link $i 06
	i=$((i + 1))
done
start_worker
track d5 inside >/dev/null
refused() { same 9 "$(grep -c 'target=00000000-0000-4000-8000-0000000000[23][0-9].*not public' "$T/log/worker.log")"; }
check "by default no private address is connected to" wait_for 20 refused
check "and none was asked" sunk_is 0 '.url == "/inside"'

check "weirctl sends a test message" "$WEIRCTL" mail somebody@example.com
check "which arrives" sunk_is 1 '.kind == "mail" and (.to[0] | contains("somebody"))'
mail_fails() { # STATUS ADDRESS TEXT
	"$WEIRCTL" mail "$2" >"$T/mail.out" 2>&1
	same "$1" $? && grep -q "$3" "$T/mail.out"
}
check "it tells what the server says to an address that is none of its own" mail_fails 1 nobody@example.com 550
check "what is no address is not even tried" mail_fails 2 'a@b>c' 'no address'
setting smtp.url "smtp://127.0.0.1:$(free_port)"
check "and when the server is away" mail_fails 4 somebody@example.com 'smtp://127.0.0.1'
