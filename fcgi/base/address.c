#include "config.h"
#include "base/address.h"

#include "base/num.h"

#include <arpa/inet.h>

weir_err weir_address_parse(weir_text t, uint8_t out[WEIR_ADDRESS_LEN])
{
	char z[INET6_ADDRSTRLEN];

	if (!t.n || t.n >= sizeof(z) || memchr(t.p, 0, t.n))
		return WEIR_EBADREQ;
	memcpy(z, t.p, t.n);
	z[t.n] = '\0';
	memcpy(out, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
	return inet_pton(AF_INET, z, out + 12) == 1 || inet_pton(AF_INET6, z, out) == 1 ? WEIR_OK : WEIR_EBADREQ;
}

weir_err weir_cidr_parse(weir_text t, struct weir_cidr *out)
{
	const char *slash = t.n ? memchr(t.p, '/', t.n) : NULL;
	weir_text ip = { t.p, slash ? (size_t)(slash - t.p) : t.n };
	bool v4 = ip.n && !memchr(ip.p, ':', ip.n);
	int64_t bits = v4 ? 32 : 128;

	if (weir_address_parse(ip, out->address))
		return WEIR_EBADREQ;
	if (slash && (weir_num_int((weir_text){ slash + 1, t.n - ip.n - 1 }, &bits) || bits < 0 || bits > (v4 ? 32 : 128)))
		return WEIR_EBADREQ;
	out->bits = (int)bits + (v4 ? 96 : 0);
	return WEIR_OK;
}

static bool equal_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	int bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, (size_t)bytes))
		return false;
	return !rest || ((a[bytes] ^ b[bytes]) & (0xff << (8 - rest)) & 0xff) == 0;
}

bool weir_cidr_has(const struct weir_cidr *network, const uint8_t address[WEIR_ADDRESS_LEN])
{
	return equal_bits(address, network->address, network->bits);
}

/* The leading bytes of a network, and how many bits of them count. */
struct block {
	uint8_t head[16];
	int bits;
};

/* IANA, IPv4 Special-Purpose Address Registry: what is not globally reachable; multicast and reserved space (RFC 1112). */
static const struct block v4_blocks[] = {
	{ { 0 }, 8 },               /* this network, RFC 791 */
	{ { 10 }, 8 },              /* private, RFC 1918 */
	{ { 100, 64 }, 10 },        /* shared (CGNAT), RFC 6598 */
	{ { 127 }, 8 },             /* loopback, RFC 1122 */
	{ { 169, 254 }, 16 },       /* link local, RFC 3927; the metadata services of clouds */
	{ { 172, 16 }, 12 },        /* private, RFC 1918 */
	{ { 192, 0, 0 }, 24 },      /* IETF protocol assignments, RFC 6890 */
	{ { 192, 0, 2 }, 24 },      /* documentation, RFC 5737 */
	{ { 192, 88, 99 }, 24 },    /* 6to4 relays, RFC 7526 */
	{ { 192, 168 }, 16 },       /* private, RFC 1918 */
	{ { 198, 18 }, 15 },        /* benchmarking, RFC 2544 */
	{ { 198, 51, 100 }, 24 },   /* documentation, RFC 5737 */
	{ { 203, 0, 113 }, 24 },    /* documentation, RFC 5737 */
	{ { 224 }, 4 },             /* multicast, RFC 5771 */
	{ { 240 }, 4 },             /* reserved, and broadcast */
};

/* Within 2000::/3, which is all of IPv6 that is in use (RFC 4291, RFC 3587): what is not globally reachable there. */
static const struct block v6_blocks[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },             /* IETF protocol assignments, Teredo among them, RFC 2928, RFC 4380 */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },       /* documentation, RFC 3849 */
	{ { 0x20, 0x02 }, 16 },                   /* 6to4, RFC 3056 */
	{ { 0x3f, 0xff, 0x00 }, 20 },             /* documentation, RFC 9637 */
};

static bool in_some(const struct block *blocks, size_t count, const uint8_t *address)
{
	for (size_t i = 0; i < count; i++)
		if (equal_bits(address, blocks[i].head, blocks[i].bits))
			return true;
	return false;
}

bool weir_address_is_public(const uint8_t address[WEIR_ADDRESS_LEN])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (!memcmp(address, mapped, sizeof(mapped)))
		return !in_some(v4_blocks, sizeof(v4_blocks) / sizeof(*v4_blocks), address + sizeof(mapped));
	return (address[0] & 0xe0) == 0x20 && !in_some(v6_blocks, sizeof(v6_blocks) / sizeof(*v6_blocks), address);
}
