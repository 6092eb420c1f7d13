# For tests that want a whole instance: ./weir up makes it in $T/i, from the
# programs of this build, and ./weir down ends it with the test.
#
#	. "$srcdir/tests/lib/instance.sh"
#	up [OPTIONS]        $WEIR_INSTANCE is its JSON object; of NAME reads one member (of .url)
#	node_test FILE      runs tests/e2e/FILE against it
. "$srcdir/tests/lib/harness.sh"
need jq curl node setpriv

WEIR=$(cd "$srcdir" && pwd)/weir
WEIR_INST=$T/inst
WEIR_NPM=${LIBCHDB_DIR%/@chdb/*}
[ -f "$LIBCHDB_DIR/libchdb.so" ] && [ -d "$WEIR_NPM/@openpanel/web" ] || skip_or_fail "the npm packages are not in $WEIR_NPM"
mkdir -p "$WEIR_INST/sbin" "$WEIR_INST/libexec/weir"
for instance_prog in weirctl weir-track weir-api weir-worker weir-chdb; do
	instance_path=$(prog $instance_prog) || { echo "$instance_path"; exit 0; }
	case $instance_prog in
	weirctl) ln -s "$instance_path" "$WEIR_INST/sbin/" ;;
	*) ln -s "$instance_path" "$WEIR_INST/libexec/weir/" ;;
	esac
done
WEIRCTL=$WEIR_INST/sbin/weirctl
WEIR_INSTANCE=$T/instance.json
export WEIR_INST WEIR_NPM WEIRCTL WEIR_INSTANCE WEIR

up() {
	"$WEIR" up --dir "$T/i" --port "${UP_PORT:=$(free_port)}" --json "$@" >"$WEIR_INSTANCE" 2>"$T/log/up.log" || {
		echo "Bail out! weir up failed"
		sed 's/^/# /' "$T/log/up.log"
		exit 1
	}
	WEIR_CONF=$T/i/weir.conf
}

of() { jq -r "$1" "$WEIR_INSTANCE"; }

node_test() {
	WEIR_T=$T "${NODE_BIN:-node}" "$(cd "$srcdir" && pwd)/tests/e2e/$1"
}

instance_cleanup() {
	instance_status=$?
	[ "$instance_status" = 0 ] || for instance_log in "$T"/i/log/*.log; do
		echo "# == $instance_log"
		tail -n 30 "$instance_log" | sed 's/^/# /'
	done
	[ ! -d "$T/i" ] || "$WEIR" down --dir "$T/i" >/dev/null 2>&1
	(exit "$instance_status")
	cleanup
}
trap instance_cleanup EXIT
