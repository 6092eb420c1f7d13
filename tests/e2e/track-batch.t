#!/bin/sh
# POST /track/batch: what it answers, and what then lies in Redis.
. "$srcdir/tests/lib/track.sh"
exec_node track-batch.mjs
