#!/bin/sh
# The unmodified browser tracker in Debian's Chromium, over TLS: from an allowed
# origin everything arrives, from a foreign one nothing is stored.
. "$srcdir/tests/lib/instance.sh"
. "$srcdir/tests/lib/site.sh"
need_site
up --origin "https://shop.test:$SITE_PORT"
page browser.html
start_site
node_test browser.mjs
