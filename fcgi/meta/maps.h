#ifndef WEIR_META_MAPS_H
#define WEIR_META_MAPS_H
#include "base/conf.h"
#include "base/str.h"
#include "link/postgres.h"
/*
 * nginx's view of who may call from where: two maps made from the cors lists
 * of all projects, included by nginx/weir.conf.in.
 *
 *   $weir_allow_origin      key "CLIENT ORIGIN-HOST", the answer's Access-Control-Allow-Origin
 *   $weir_preflight_origin  key "ORIGIN-HOST", for the preflight, which names no client
 *
 * An entry counts as spec/ingest.md 2.2 reads it (scheme and "www." do not
 * matter, the port does), except that "*" parts are anchored and everything
 * else in an entry is literal.
 */

/* Appends the text of the file. Entries that no host name can equal are left out. */
WEIR_MUSTCHECK weir_err weir_maps_write(weir_pg *pg, weir_arena *mem, weir_str *out);

/*
 * Writes setting nginx.maps_file anew, by a temporary file beside it that is
 * moved into place, and runs nginx.reload_command when its content changed.
 * *changed (may be NULL) tells. WEIR_EBADREQ with *fault filled when the file
 * cannot be written or the command fails; nothing happens without the setting.
 */
WEIR_MUSTCHECK weir_err weir_maps_refresh(const struct weir_conf *conf, weir_pg *pg, weir_arena *mem, bool *changed,
	struct weir_fault *fault);
#endif
