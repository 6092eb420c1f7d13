#!/bin/sh
# The unmodified SDK for node from npm, with a secret: what it sends is in ClickHouse afterwards; and the behaviour that
# the vectors recorded, with this server's answers in place of theirs wherever it gives such an answer.
. "$srcdir/tests/lib/instance.sh"
up
VECTORS=$(cd "$srcdir" && pwd)/tests/vectors/ingest.json
export VECTORS
node_test node-sdk.mjs
