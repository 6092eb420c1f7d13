/* Any text as a user agent: the parts are there, and the cache gives what the rules gave. */
#include "config.h"
#include "ingest/agent.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct weir_agent *x, const struct weir_agent *y)
{
	return weir_text_eq(x->os, y->os) && weir_text_eq(x->os_version, y->os_version) && weir_text_eq(x->browser, y->browser) &&
	       weir_text_eq(x->browser_version, y->browser_version) && weir_text_eq(x->device, y->device) &&
	       weir_text_eq(x->brand, y->brand) && weir_text_eq(x->model, y->model) && x->is_server == y->is_server;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static weir_arena *a;
	static weir_agents *agents;
	const void *p = data;
	weir_text ua = { p, size };
	struct weir_agent one, two;

	if (!a) {
		a = weir_arena_new(8 << 20);
		agents = weir_agents_new(16);
	}
	weir_arena_reset(a);
	if (weir_agent_parse(agents, a, ua, 1, &one) || weir_agent_parse(agents, a, ua, 1, &two) || !same(&one, &two) || !one.device.n)
		abort();
	(void)weir_agent_device(agents, ua, ua);
	return 0;
}
