#!/bin/sh
# How long after its 200 an event can be queried, at low load and with the
# default settings.  The aim: 99 of 100 within 2 s.
#
#	srcdir=. builddir=BUILD LIBCHDB_DIR=DIR tests/bench/latency.sh [EVENTS [MILLISECONDS BETWEEN TWO]]
. "$srcdir/tests/bench/setup.sh"
need node
bench_servers 2
start_worker
worker_is_there() { [ -n "$(redis get '{weir:0}:owner')" ]; }
wait_for 20 worker_is_there || exit 1
URL=$URL CH_URL=$CH_URL CLIENT=$CLIENT node "$srcdir/tests/bench/latency.mjs" "${1:-300}" "${2:-150}"
