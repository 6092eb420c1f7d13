#ifndef WEIR_CHDB_PLACE_H
#define WEIR_CHDB_PLACE_H
#include "base/conf.h"
/*
 * The data directory: made when it is missing (mode 0750), held by one process
 * (an flock on weir-chdb.lock, which holds the number of the process), with
 * the engine's configuration in weir-chdb.xml, written anew from the settings
 * at every start.
 */
struct weir_place;

/* WEIR_ECONFLICT when another process holds it; *fault names that process. Release with weir_place_close. */
WEIR_MUSTCHECK weir_err weir_place_open(const struct weir_conf *conf, struct weir_place **out, struct weir_fault *fault);
void weir_place_close(struct weir_place *p);
/* Absolute paths, valid until close. */
const char *weir_place_path(const struct weir_place *p);
const char *weir_place_config(const struct weir_place *p);
/* No engine has ever run in it. */
bool weir_place_is_fresh(const struct weir_place *p);
/* The configuration the engine gets, for -t and for tests. */
void weir_place_write_config(const struct weir_conf *conf, FILE *out);
#endif
