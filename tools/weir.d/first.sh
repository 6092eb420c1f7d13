# The first organization, project, clients and user of an instance, by weirctl.

# Origins of the instance itself, so that a page put beside it may send events.
first_origins() { echo "$URL http://localhost:$HTTP_PORT $TLS_URL https://localhost:$TLS_PORT"; }

ctl() { "$WEIRCTL" "$@" --json 2>>"$LOG/up/create.log"; }

first_make() {
	: >"$LOG/up/create.log"
	(umask 077; first_all >"$CREDENTIALS.tmp") || die "this step failed: creating the first organization, project, clients and user" \
		"$(tail -n 3 "$LOG/up/create.log")" "its log: $LOG/up/create.log"
	mv "$CREDENTIALS.tmp" "$CREDENTIALS"
}

# In one piece or not at all: what exists from a run that was interrupted is taken up again.
first_all() {
	first_email=admin@example.com
	first_password=$(openssl rand -hex 12)
	first_user=$(ctl create user --email "$first_email" --password "$first_password" --first-name Weir --last-name Admin) || return 1
	first_org=$(ctl create organization --name "My organization" --owner "$(printf %s "$first_user" | jq -r .id)" | jq -r .id) || return 1
	set --
	for first_origin in $(first_origins); do set -- "$@" --cors "$first_origin"; done
	first_project=$(ctl create project --organization "$first_org" --name "My project" "$@" | jq -r .id) || return 1
	for first_type in write read root; do
		ctl create client --project "$first_project" --name "My $first_type client" --type "$first_type" |
			jq -c --arg type "$first_type" '{($type): {id, secret}}' || return 1
	done | jq -s --arg organizationId "$first_org" --arg projectId "$first_project" --arg email "$first_email" --arg password "$first_password" \
		'{organizationId: $organizationId, projectId: $projectId, clients: add, user: {email: $email, password: $password}}'
}

project_origins() {
	PGPASSWORD=$PG_PASSWORD psql -qAtX "$PG_URL" -v id="$(jq -r .projectId "$CREDENTIALS")" \
		<<-'SQL'
		SELECT array_to_string(cors, ' ') FROM projects WHERE id = :'id';
		SQL
}
