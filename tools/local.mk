# tools: ./weir, its commands and what they install.
EXTRA_DIST += package.json package-lock.json tools/packages.txt \
	tools/weir.d/say.sh tools/weir.d/ports.sh tools/weir.d/packages.sh tools/weir.d/build.sh tools/weir.d/instance.sh \
	tools/weir.d/config.sh tools/weir.d/services.sh tools/weir.d/up.sh tools/weir.d/down.sh tools/weir.d/status.sh \
	tools/weir.d/logs.sh tools/weir.d/check.sh tools/weir.d/demo.sh tools/weir.d/demo.mjs tools/weir.d/bench.sh \
	tools/weir.d/first.sh tools/weir.d/site.sh tools/weir.d/supervise tools/weir.d/redis-sync
dist_doc_DATA += docs/quickstart.md docs/durability.md docs/deviations.md docs/robots.md docs/accounts.md
