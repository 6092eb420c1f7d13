#!/bin/sh
# What weir-track answers, and what then lies in Redis.
. "$srcdir/tests/lib/track.sh"
exec_node track-http.mjs
