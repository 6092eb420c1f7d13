#!/bin/sh
# The unmodified @trpc/client, by httpLink and by httpBatchLink: from signing up to
# the answer of a chart.
. "$srcdir/tests/lib/instance.sh"
up
node_test trpc.mjs
