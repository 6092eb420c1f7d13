# ./weir down: everything stops, in the order in which nothing waits for another.

command_down() {
	instance_of_options "$@"
	exec 7>"$DIR/lock"
	flock 7
	down_count=0
	for down_service in nginx weir-track weir-api weir-worker weir-chdb redis-sync redis postgres; do
		service_runs "$down_service" || continue
		service_stop "$down_service"
		down_count=$((down_count + 1))
	done
	if [ "$down_count" = 0 ]; then say "Nothing was running in $DIR."; else say "Stopped. ./weir up starts it again; nothing is lost."; fi
}
