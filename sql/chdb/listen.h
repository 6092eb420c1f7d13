#ifndef WEIR_CHDB_LISTEN_H
#define WEIR_CHDB_LISTEN_H
#include "base/conf.h"
/* A listening socket from a setting: HOST:PORT, [ADDRESS]:PORT or unix:PATH. */
enum { WEIR_LISTEN_NAME = 160 };

/* *fd is open on success; name gets the address in the same form, with the port in fact taken. */
WEIR_MUSTCHECK weir_err weir_listen(const char *address, int *fd, char name[WEIR_LISTEN_NAME], struct weir_fault *fault);
#endif
