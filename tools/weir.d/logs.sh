# ./weir logs [NAME]: the end of every log, or one log as it grows.

command_logs() {
	instance_of_options "$@"
	if [ -z "$option_rest" ]; then
		for logs_file in "$LOG"/*.log; do
			[ -s "$logs_file" ] || continue
			echo "== ${logs_file##*/}"
			tail -n 8 "$logs_file"
		done
		return
	fi
	logs_file=$LOG/$option_rest.log
	[ -f "$logs_file" ] || die "there is no log named $option_rest" "there are: $(cd "$LOG" && ls ./*.log | sed 's#^\./##; s/\.log$//' | tr '\n' ' ')"
	tail -n 100 -f "$logs_file"
}
