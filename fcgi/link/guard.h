#ifndef WEIR_LINK_GUARD_H
#define WEIR_LINK_GUARD_H
#include "base/address.h"
#include "base/conf.h"
#include <sys/socket.h>
/*
 * Where requests may go whose addresses users have entered: to public
 * addresses (base/address.h), and to the networks of the setting
 * notify.allow_private.  It judges the very address that is connected to,
 * after the name has been resolved, each time; a name that resolves to
 * another address later gains nothing.
 */
enum { WEIR_GUARD_NETWORKS = 64 };

struct weir_guard {
	struct weir_cidr allowed[WEIR_GUARD_NETWORKS];
	size_t networks;
};

/* False with *fault when the setting cannot be read. */
WEIR_MUSTCHECK bool weir_guard_init(struct weir_guard *g, const struct weir_conf *conf, struct weir_fault *fault);
bool weir_guard_allows(const struct weir_guard *g, const struct sockaddr *to);
#endif
