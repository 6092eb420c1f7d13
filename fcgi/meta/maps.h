#ifndef WEIR_META_MAPS_H
#define WEIR_META_MAPS_H
#include "base/conf.h"
#include "base/str.h"
#include "link/postgres.h"
/*
 * nginx's view of who may call from where: maps made from the cors lists of
 * all projects, included by nginx/weir.conf.in.
 *
 *   $weir_allow_origin      key "CLIENT HOST", the answer's Access-Control-Allow-Origin
 *   $weir_preflight_origin  key "HOST", for the preflight, which names no client
 *
 * each with a second map for the entries that hold a "*".  An entry counts as
 * ingest/origin.h reads it.  A client that may send from anywhere
 * (ignoreCorsAndSecret) counts as one with the entry "*".
 */

/* Appends the text of the file; with pg NULL, one without entries. Entries that no host name can equal are left out. */
WEIR_MUSTCHECK weir_err weir_maps_write(weir_pg *pg, weir_arena *mem, weir_str *out);

/*
 * Appends the line of one entry, if it belongs into the map that is written
 * (wild: the one of expressions).  client is empty for the preflight's maps.
 * False when host is none: nothing is written then.
 */
bool weir_maps_line(weir_str *out, weir_text client, weir_text host, bool wild);

/*
 * Writes a file anew by a temporary one beside it that is moved into place,
 * unless it holds the text already. *changed tells. WEIR_EBADREQ with *fault
 * filled when it cannot be written.
 */
WEIR_MUSTCHECK weir_err weir_maps_replace(const char *path, const weir_str *text, bool *changed, struct weir_fault *fault);

/*
 * Writes setting nginx.maps_file anew and runs nginx.reload_command when its
 * content changed.  *changed (may be NULL) tells. WEIR_EBADREQ with *fault
 * filled when the file cannot be written or the command fails; nothing happens
 * without the setting.
 */
WEIR_MUSTCHECK weir_err weir_maps_refresh(const struct weir_conf *conf, weir_pg *pg, weir_arena *mem, bool *changed,
	struct weir_fault *fault);
#endif
