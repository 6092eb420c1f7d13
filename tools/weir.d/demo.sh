# ./weir demo: a believable mix of visits, sent through the front door.

command_demo() {
	demo_visitors=200 demo_rest=
	while [ $# -gt 0 ]; do
		case $1 in
		--visitors) option_wants "a number" "$@"; demo_visitors=$2; shift ;;
		--visitors=*) demo_visitors=${1#--visitors=} ;;
		--dir) option_wants "a directory" "$@"; demo_rest="--dir $2"; shift ;;
		--dir=*) demo_rest=$1 ;;
		*) usage_error "no option $1" ;;
		esac
		shift
	done
	case $demo_visitors in
	'' | *[!0-9]* | 0 | ???????*) usage_error "--visitors wants a number from 1 to 999999" ;;
	esac
	# shellcheck disable=SC2086 # no white space in an instance's directory
	instance_of_options $demo_rest
	instance_urls
	service_runs nginx || die "the instance in $DIR is not running" "./weir up starts it"
	node "$WEIR_LIB/demo.mjs" "$TRACK_URL" "$(jq -r .clients.write.id "$CREDENTIALS")" "$(jq -r .clients.write.secret "$CREDENTIALS")" "$demo_visitors"
}
