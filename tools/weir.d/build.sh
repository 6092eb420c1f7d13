# Configure, compile and install, out of tree and below build/:
#   build/plain      the build that instances run, installed into build/inst
#   build/sanitized  the build of ./weir check
# Both know libchdb in node_modules.  The tests bring programs of their own: WEIR_INST names
# a directory with sbin/ and libexec/weir/, and then nothing is installed and nothing built.
BUILD=$WEIR_TOP/build
INST=${WEIR_INST:-$BUILD/inst}
WEIRCTL=$INST/sbin/weirctl
LIBEXEC=$INST/libexec/weir

# What the build reads; a file newer than the stamp of the last good build makes a new one.
build_is_current() {
	[ -f "$1/.built" ] || return 1
	newer=$(cd "$WEIR_TOP" && find configure.ac Makefile.am fcgi admin sql nginx data m4 tests/local.mk package-lock.json \
		tools/*.awk -newer "$1/.built" -type f -print 2>/dev/null | head -n 1)
	[ -z "$newer" ]
}

# configure runs once per directory; afterwards make runs it again when that is needed.
build_configure() {
	cd "$WEIR_TOP" || return 1
	if [ ! -x configure ] || [ -n "$(find configure.ac m4 -newer configure -print | head -n 1)" ]; then
		mkdir -p build-aux && autoreconf -fi || return 1
	fi
	dir=$1
	shift
	mkdir -p "$dir" && cd "$dir" || return 1
	[ -f Makefile ] || "$WEIR_TOP/configure" --prefix="$INST" --with-libchdb="$LIBCHDB_DIR" "$@"
}

build_make() {
	make_dir=$1
	shift
	make -C "$make_dir" -j"$(nproc)" "$@"
}

# build_plain LOGDIR: the programs of an instance.
build_plain() {
	build_is_current "$BUILD/plain" && [ -x "$WEIRCTL" ] && return 0
	mkdir -p "$BUILD" 2>/dev/null && [ -w "$BUILD" ] || die "this user may not write to $WEIR_TOP, where the build goes" \
		"clone the repository into a directory of this user's own"
	(
		flock 8
		touch "$BUILD/.start"
		step "$1/configure.log" "the last lines name what configure missed" "Configuring" \
			build_configure "$BUILD/plain" CFLAGS="-O2 -g"
		step "$1/build.log" "the first line with 'error:' in the log says what the compiler refused" "Building the programs" \
			build_make "$BUILD/plain" install
		mv "$BUILD/.start" "$BUILD/plain/.built"
	) 8>"$BUILD/.lock" || exit 1
}
