#!/bin/sh
# systemd takes the units: no key that it does not know, no unit that it cannot find.
. "$srcdir/tests/lib/harness.sh"
command -v systemd-analyze >/dev/null || skip_all "systemd is not installed"
plan 2

mkdir "$T/units"
for unit in "$srcdir"/nginx/systemd/*; do
	name=${unit##*/}
	# The programs need not be installed for this.
	sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|; s|@sysconfdir@|/etc|' "$unit" >"$T/units/${name%.in}"
done
verify() {
	systemd-analyze verify --man=no "$T/units/weir-track.socket" "$T/units/weir-api.socket" "$T/units/weir-track@1.service" "$T/units/weir-api@1.service" \
		"$T/units/weir-worker.service" "$T/units/weir-chdb.service" >"$T/said" 2>&1
	verify_status=$?
	# What other units of this machine lack is not our concern.
	! grep weir "$T/said" && [ "$verify_status" = 0 ]
}
check "systemd-analyze finds nothing to say" verify
workers() { grep -qx 'StandardInput=socket' "$T/units/weir-track@.service" && grep -qx 'StandardInput=socket' "$T/units/weir-api@.service"; }
check "the responders get their socket as standard input" workers
