# ./weir status: what runs, since when, its memory, and the events that wait.

command_status() {
	instance_of_options "$@"
	instance_urls
	[ -z "$option_json" ] || { status_object; return; }
	printf '%-12s %-9s %8s %-20s %9s %9s\n' program state pid since memory restarts
	status_down=0
	for status_service in $SERVICES; do
		status_line "$status_service" || status_down=1
	done
	echo
	status_queue
	return "$status_down"
}

status_line() {
	if ! service_runs "$1"; then
		printf '%-12s %-9s\n' "$1" "stopped"
		return 1
	fi
	line_pids=$(service_pids "$1" | tr '\n' ' ')
	line_pid=${line_pids%% *}
	line_state=runs
	service_answers "$1" || line_state=silent
	line_count=$(printf '%s' "$line_pids" | wc -w)
	[ "$line_count" -le 1 ] || line_pid="$line_count x"
	printf '%-12s %-9s %8s %-20s %6s MB %9s\n' "$1" "$line_state" "$line_pid" \
		"$(date -d "@$(tail -n 1 "$RUN/$1.starts")" '+%Y-%m-%d %H:%M:%S')" "$(memory_mb "$1")" \
		"$(($(wc -l <"$RUN/$1.starts") - 1))"
	[ "$line_state" = runs ]
}

# Resident memory of a program with its children (PostgreSQL's and nginx's too), pages that
# several share counted once: their proportional share, where the kernel tells it.
memory_mb() {
	memory_tree "$(cat "$RUN/$1.pid" 2>/dev/null)" | while read -r memory_pid; do
		cat "/proc/$memory_pid/smaps_rollup" 2>/dev/null
	done | awk '/^Pss:/ { kb += $2 } END { printf "%.1f", kb / 1024 }'
}

memory_tree() {
	[ -n "$1" ] || return 0
	echo "$1"
	for memory_child in $(pgrep -P "$1"); do memory_tree "$memory_child"; done
}

status_queue() {
	if ! status_ready=$(curl -sS -m 5 "http://127.0.0.1:$HTTP_PORT/healthz/ready" 2>/dev/null) ||
		! printf '%s' "$status_ready" | jq -e . >/dev/null 2>&1; then
		echo "events that wait: not known (weir-api does not answer)"
		return
	fi
	printf '%s' "$status_ready" | jq -r 'if .ready then "events that wait: \(.queueDepth)" + (if .queueDepth > 0 then ", the oldest for \(.oldestEventAgeMs / 1000) s" else "" end)
		else "events that wait: not known (\(.reason))" end,
		(.spool | select(.) | select(.records > 0) | "calls in the spool, which Redis did not take yet: \(.records), the oldest for \(.oldestAgeMs / 1000) s"),
		(.spool | select(.) | select(.badRecords > 0) | "calls that Redis refuses: \(.badRecords) (weirctl doctor says more)")'
}

status_object() {
	for status_service in $SERVICES; do
		if service_runs "$status_service"; then
			service_pids "$status_service" | jq -nc --arg name "$status_service" --argjson since "$(tail -n 1 "$RUN/$status_service.starts")" \
				--argjson restarts "$(($(wc -l <"$RUN/$status_service.starts") - 1))" --argjson mb "$(memory_mb "$status_service")" \
				'{($name): {running: true, pids: [inputs], since: $since, restarts: $restarts, memoryMb: $mb}}'
		else
			jq -nc --arg name "$status_service" '{($name): {running: false, pids: []}}'
		fi
	done | jq -s --arg dir "$DIR" --argjson health "$(curl -s -m 5 "http://127.0.0.1:$HTTP_PORT/healthz/ready" | jq -c . 2>/dev/null || echo null)" \
		'{dir: $dir, programs: add, health: $health}'
}
