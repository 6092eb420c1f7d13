# fcgi: sources, programs and data of this room.
pkglibexec_PROGRAMS += weir-api
weir_api_SOURCES = fcgi/api.c
weir_api_LDADD = $(WEIR_REST_LIBS)
dist_man_MANS += man/weir-api.8

pkglibexec_PROGRAMS += weir-track
weir_track_SOURCES = fcgi/track.c
weir_track_LDADD = $(WEIR_INGEST_LIBS)
dist_man_MANS += man/weir-track.8
pkglibexec_PROGRAMS += weir-worker
weir_worker_SOURCES = fcgi/worker.c fcgi/worker.h fcgi/jobs.c fcgi/jobs.h fcgi/deletion.c fcgi/deletion.h fcgi/cohorts.c fcgi/cohorts.h fcgi/imports.c fcgi/imports.h \
	fcgi/rollups.c fcgi/rollups.h fcgi/insights.c fcgi/insights.h fcgi/insight_run.c fcgi/insight_run.h fcgi/erasure.c fcgi/erasure.h fcgi/gsc.c fcgi/gsc.h
weir_worker_LDADD = $(WEIR_QUERY_LIBS) $(WEIR_INGEST_LIBS) $(WEIR_META_LIBS)
dist_man_MANS += man/weir-worker.8

# The daily insights.
dist_check_SCRIPTS += tests/e2e/daily-insights.t tests/e2e/insights-worker.t
EXTRA_DIST += tests/e2e/daily-insights.mjs tests/e2e/insights-worker.mjs tests/lib/insight-model.mjs tests/lib/insight-world.mjs
