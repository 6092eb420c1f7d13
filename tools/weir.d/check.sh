# ./weir check: every test, against real servers of its own.
#
# build/sanitized runs them all under the address and undefined-behaviour
# sanitizers; make distcheck shows that the tarball builds, installs and
# uninstalls outside the clone; build/fuzz lets every fuzz target run for a
# while.  The last line is "N passed, N failed".

command_check() {
	check_dist=yes
	check_fuzz=yes
	while [ $# -gt 0 ]; do
		case $1 in
		--no-dist) check_dist= ;;
		--no-fuzz) check_fuzz= ;;
		*) usage_error "no option $1" ;;
		esac
		shift
	done
	check_logs=$BUILD/log
	check_started=$(date +%s)
	mkdir -p "$check_logs"
	# From here on a thing that is missing is a failure, not a test that is left out.
	export WEIR_NO_SKIP=1 VERBOSE=1
	# What tests choose at random is the same each time, so that two runs can be compared; by hand it is another each time.
	export STORM_SEED="${STORM_SEED:-15}" WEIR_SEED="${WEIR_SEED:-15}" CHART_SEED="${CHART_SEED:-15}" INSIGHT_SEED="${INSIGHT_SEED:-15}"
	# A pointer to what a function left on its stack is found wherever it is used.
	export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1}"
	packages_ensure check "$check_logs"
	npm_ensure check "$check_logs"
	step "$check_logs/configure.log" "the last lines name what configure missed" "Configuring with sanitizers" \
		build_configure "$BUILD/sanitized" --enable-werror --enable-sanitizers CFLAGS="-O1 -g"
	step "$check_logs/build.log" "the first line with 'error:' in the log says what the compiler refused" "Building with sanitizers" \
		build_make "$BUILD/sanitized" all
	step "$check_logs/build-tests.log" "the first line with 'error:' in the log says what the compiler refused" "Building the tests" \
		build_make "$BUILD/sanitized" check TESTS=
	say "==> Running the tests"
	rm -rf "$BUILD/sanitized/tests/"*/*.trs
	check_status=0
	# A test that hangs must not hang the rest: ten minutes are enough for the longest.
	make -C "$BUILD/sanitized" -j"$(nproc)" -k check LOG_COMPILER='timeout -k 30 600' T_LOG_COMPILER='timeout -k 30 600' || check_status=$?
	check_count "$BUILD/sanitized"
	if [ "$check_status" != 0 ] && [ "$check_failed" = 0 ]; then
		echo "make check failed without a failing test (status $check_status)"
		check_failed=1
	fi
	[ -z "$check_dist" ] || check_distcheck
	[ -z "$check_fuzz" ] || check_fuzzers
	echo
	[ "$check_failed" = 0 ] || check_tell "$BUILD/sanitized"
	echo "took $((($(date +%s) - check_started) / 60)) min $((($(date +%s) - check_started) % 60)) s; logs in $BUILD/sanitized/tests and $check_logs"
	[ "$check_skipped" = 0 ] || echo "$check_skipped skipped"
	echo "$check_passed passed, $check_failed failed"
	[ "$check_failed" = 0 ] && [ "$check_passed" -gt 0 ]
}

# The results that the TAP driver left, one line per check.
check_count() {
	check_results=$(find "$1/tests" -name '*.trs' -exec cat {} + | grep '^:test-result:' || :)
	check_passed=$(printf '%s\n' "$check_results" | grep -c 'result: PASS' || :)
	check_failed=$(printf '%s\n' "$check_results" | grep -cE 'result: (FAIL|ERROR|XPASS)' || :)
	check_skipped=$(printf '%s\n' "$check_results" | grep -c 'result: SKIP' || :)
}

# What failed, once more at the end, where people look first.
check_tell() {
	for check_trs in "$1"/tests/*/*.trs; do
		grep -qE '^:test-result: (FAIL|ERROR|XPASS)' "$check_trs" || continue
		echo "==> ${check_trs#"$1"/}" | sed 's/\.trs$//'
		# A test that fails tells why below; what a sanitizer says has more lines.
		awk '/^not ok/ { left = 8 } /^Bail out|^# a sanitizer|^# left behind/ { left = 24 } left-- > 0' "${check_trs%.trs}.log" | cut -c1-400 | head -n 60 |
			grep . || tail -n 20 "${check_trs%.trs}.log"
	done
}

# The tests have run; from the tarball the unit tests are enough.
check_distcheck() {
	say "==> Building, installing and removing from the tarball (make distcheck)"
	if make -C "$BUILD/sanitized" -j"$(nproc)" distcheck WEIR_TESTS=unit \
		AM_DISTCHECK_CONFIGURE_FLAGS="--enable-werror --with-libchdb=$LIBCHDB_DIR" >"$check_logs/distcheck.log" 2>&1; then
		echo "ok - make distcheck"
		check_passed=$((check_passed + 1))
	else
		echo "not ok - make distcheck; the end of its log $check_logs/distcheck.log:"
		tail -n 60 "$check_logs/distcheck.log"
		check_failed=$((check_failed + 1))
	fi
}

# Each target runs FUZZ_SECONDS (60) on what it finds interesting; a crash leaves its input in the log folder and in base64 in the
# log.  FUZZ_SEED (15) makes two runs start alike; 0 is another one each time.
check_fuzzers() {
	step "$check_logs/fuzz-configure.log" "the last lines name what configure missed" "Configuring the fuzz targets" \
		build_configure "$BUILD/fuzz" --enable-sanitizers --enable-fuzzers CC=clang CFLAGS="-O1 -g"
	step "$check_logs/fuzz-build.log" "the first line with 'error:' in the log says what the compiler refused" "Building the fuzz targets" \
		build_make "$BUILD/fuzz" all
	say "==> Fuzzing for ${FUZZ_SECONDS:-60} s each"
	fuzz_targets=$(find "$BUILD/fuzz/tests/fuzz" -maxdepth 1 -type f -name '*-fuzz' -perm -100 | sort)
	printf '%s\n' "$fuzz_targets" | xargs -P "$(nproc)" -I '{}' sh -c '
		log=$1/$(basename "$2").log
		# What it finds goes into the first folder; the seeds are only read.
		seeds=$4/$(basename "$2" -fuzz) found=$1/corpus/$(basename "$2" -fuzz)
		mkdir -p "$found"
		rm -f "$1/$(basename "$2")"-*
		[ -d "$seeds" ] || seeds=
		if timeout -k 10 120 "$2" "$found" ${seeds:+"$seeds"} -seed="$5" -max_total_time="$3" -timeout=10 -rss_limit_mb=2048 -max_len=8192 \
			-artifact_prefix="$1/$(basename "$2")-" >"$log" 2>&1; then
			echo "ok - $(basename "$2"): $(grep -o "Done [0-9]* runs" "$log" | tail -n 1)"
		else
			echo "not ok - $(basename "$2"); the end of its log $log:"
			tail -n 30 "$log"
			echo "# the input, in base64:"
			cat "$1/$(basename "$2")"-* </dev/null 2>/dev/null | base64 | sed "s/^/# /"
		fi' sh "$check_logs" '{}' "${FUZZ_SECONDS:-60}" "$WEIR_TOP/tests/fuzz/corpus" "${FUZZ_SEED:-15}" >"$check_logs/fuzz.txt"
	cat "$check_logs/fuzz.txt"
	check_passed=$((check_passed + $(grep -c '^ok' "$check_logs/fuzz.txt" || :)))
	check_failed=$((check_failed + $(grep -c '^not ok' "$check_logs/fuzz.txt" || :)))
	[ -n "$fuzz_targets" ] || { echo "not ok - there are no fuzz targets"; check_failed=$((check_failed + 1)); }
}
