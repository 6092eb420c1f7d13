#ifndef WEIR_BASE_ADDRESS_H
#define WEIR_BASE_ADDRESS_H
#include "base/err.h"
#include "base/text.h"
#include <stdint.h>
/*
 * IP addresses and networks as 16 bytes in network order; an IPv4 address is
 * ::ffff:a.b.c.d, so that one form serves both families.
 */
enum { WEIR_ADDRESS_LEN = 16 };

struct weir_cidr {
	uint8_t address[WEIR_ADDRESS_LEN];
	int bits; /* of the 128 */
};

/* An address as text, "192.0.2.1" or "2001:db8::1"; WEIR_EBADREQ for anything else. */
WEIR_MUSTCHECK weir_err weir_address_parse(weir_text t, uint8_t out[WEIR_ADDRESS_LEN]);
/* An address, or a network "10.0.0.0/8"; WEIR_EBADREQ for anything else. */
WEIR_MUSTCHECK weir_err weir_cidr_parse(weir_text t, struct weir_cidr *out);
bool weir_cidr_has(const struct weir_cidr *network, const uint8_t address[WEIR_ADDRESS_LEN]);

/*
 * Whether the address may belong to a host of the public Internet: false for
 * what the registries of IANA list as not globally reachable (RFC 6890 and its
 * successors): this host, private and shared (CGNAT) networks, loopback, link
 * local (the metadata service of clouds among them), documentation,
 * benchmarking, multicast, reserved; and for IPv6 forms that carry an IPv4
 * address (mapped, translated, 6to4, Teredo) whatever they carry, but for a
 * mapped one, which is the IPv4 address.
 */
bool weir_address_is_public(const uint8_t address[WEIR_ADDRESS_LEN]);
#endif
