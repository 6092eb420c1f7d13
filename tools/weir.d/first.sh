# The first organization, project, clients and user of an instance, by weirctl.

# Origins of the instance itself, so that a page put beside it may send events.
first_origins() { echo "$URL http://localhost:$HTTP_PORT $TLS_URL https://localhost:$TLS_PORT"; }

ctl() { "$WEIRCTL" "$@" --json 2>>"$LOG/up/create.log"; }

first_make() {
	: >"$LOG/up/create.log"
	(umask 077; first_all >"$CREDENTIALS.tmp") || die "this step failed: creating the first organization, project, clients and user" \
		"$(tail -n 3 "$LOG/up/create.log")" "its log: $LOG/up/create.log"
	mv "$CREDENTIALS.tmp" "$CREDENTIALS"
	rm -f "$CREDENTIALS.password"
}

# In one piece or not at all: what exists from a run that was interrupted is taken up again.
first_all() {
	first_email=admin@example.com
	# Kept until all is there, so that a run after an interrupted one can still tell it.
	[ -s "$CREDENTIALS.password" ] || openssl rand -hex 12 >"$CREDENTIALS.password"
	first_password=$(cat "$CREDENTIALS.password")
	first_user=$(ctl list users | jq -r --arg email "$first_email" '.[] | select(.email == $email) | .id')
	[ -n "$first_user" ] || first_user=$(ctl create user --email "$first_email" --password-stdin \
		--first-name Weir --last-name Admin <"$CREDENTIALS.password" | jq -r .id) || return 1
	first_org=$(ctl list organizations | jq -r '.[0].id // empty')
	[ -n "$first_org" ] || first_org=$(ctl create organization --name "My organization" --owner "$first_user" | jq -r .id) || return 1
	set --
	for first_origin in $(first_origins); do set -- "$@" --cors "$first_origin"; done
	first_project=$(ctl list projects | jq -r '.[0].id // empty')
	[ -n "$first_project" ] || first_project=$(ctl create project --organization "$first_org" --name "My project" "$@" | jq -r .id) || return 1
	for first_type in write read root; do
		ctl create client --project "$first_project" --name "My $first_type client" --type "$first_type" |
			jq -c --arg type "$first_type" '{($type): {id, secret}}' || return 1
	done | jq -s --arg organizationId "$first_org" --arg projectId "$first_project" --arg email "$first_email" --arg password "$first_password" \
		'{organizationId: $organizationId, projectId: $projectId, clients: add, user: {email: $email, password: $password}}'
}

project_origins() {
	PGPASSWORD=$PG_PASSWORD psql -qAtX "$PG_URL" -v id="$(jq -r .projectId "$CREDENTIALS")" \
		<<-'SQL'
		SELECT array_to_string(cors, E'\n              ') FROM projects WHERE id = :'id';
		SQL
}

# project_allow "ORIGIN ...": further sites whose pages may send events to the first project.
# The responders and nginx know it at once: by the counter of changes and by the maps.
project_allow() {
	allow_new=$(PGPASSWORD=$PG_PASSWORD psql -qAtX "$PG_URL" -v id="$(jq -r .projectId "$CREDENTIALS")" -v origins="$1" <<-'SQL'
		UPDATE projects p SET cors = cors || n.origins, "updatedAt" = CURRENT_TIMESTAMP
		FROM (SELECT array_agg(DISTINCT rtrim(o, '/')) AS origins FROM unnest(string_to_array(trim(:'origins'), ' ')) o
			WHERE o <> '' AND rtrim(o, '/') <> ALL (SELECT unnest(cors) FROM projects WHERE id = :'id')) n
		WHERE p.id = :'id' AND n.origins IS NOT NULL RETURNING array_to_string(n.origins, ' ');
		SQL
	) || die "this step failed: allowing $1 to send events" "the server's log: $LOG/postgres.log"
	[ -n "$allow_new" ] || return 0
	say "==> Pages of $allow_new may send events now"
	REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h 127.0.0.1 -p "$REDIS_PORT" INCR '{weir:0}:gen' >/dev/null
	"$WEIRCTL" nginx-maps >>"$LOG/up/site.log" 2>&1 || note "nginx learns of it from the worker: $(tail -n 1 "$LOG/up/site.log")"
}
