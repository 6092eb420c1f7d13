#include "config.h"
#include "link/guard.h"

#include <netinet/in.h>

bool weir_guard_init(struct weir_guard *g, const struct weir_conf *conf, struct weir_fault *fault)
{
	weir_text list = weir_text_of(conf->notify_allow_private), item;

	g->networks = 0;
	while (weir_text_next(&list, ',', &item)) {
		if (!item.n)
			continue;
		if (g->networks == WEIR_GUARD_NETWORKS || weir_cidr_parse(item, &g->allowed[g->networks++])) {
			weir_fault_set(fault, "notify.allow_private: \"%.*s\" is no address or network (at most %d)", (int)item.n, item.p,
				WEIR_GUARD_NETWORKS);
			return false;
		}
	}
	return true;
}

bool weir_guard_allows(const struct weir_guard *g, const struct sockaddr *to)
{
	uint8_t address[WEIR_ADDRESS_LEN] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (to->sa_family == AF_INET)
		memcpy(address + 12, &((const struct sockaddr_in *)(const void *)to)->sin_addr, 4);
	else if (to->sa_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)(const void *)to)->sin6_addr, 16);
	else
		return false;
	for (size_t i = 0; i < g->networks; i++)
		if (weir_cidr_has(&g->allowed[i], address))
			return true;
	return weir_address_is_public(address);
}
