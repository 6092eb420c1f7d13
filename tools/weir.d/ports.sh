# Loopback ports.  A port that was handed out is marked for an hour in a
# directory that all instances and tests of a user share, so that two that start
# at the same time do not choose the same one.
PORT_MARKS=${TMPDIR:-/tmp}/weir-ports.$(id -u)

# The listening sockets of this machine, as /proc has them: hexadecimal, state 0A.
port_listens() {
	grep -qi ":$(printf %04X "$1") [0-9A-F]*:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

port_mark() {
	mkdir -p "$PORT_MARKS" 2>/dev/null
	mkdir "$PORT_MARKS/$1" 2>/dev/null && return 0
	[ -n "$(find "$PORT_MARKS/$1" -maxdepth 0 -mmin +60 2>/dev/null)" ] || return 1
	touch "$PORT_MARKS/$1"
}

# port_choose [WISH]: the wish when it is free, else one below the range that the kernel hands out.
port_choose() {
	if [ -n "${1:-}" ] && [ "$1" -le 65535 ] && ! port_listens "$1" && port_mark "$1"; then
		echo "$1"
		return 0
	fi
	while :; do
		port_try=$(od -An -N2 -tu2 /dev/urandom)
		port_try=$((15000 + port_try % 16000))
		if ! port_listens "$port_try" && port_mark "$port_try"; then
			echo "$port_try"
			return 0
		fi
	done
}

port_unmark() { rmdir "$PORT_MARKS/$1" 2>/dev/null || :; }
