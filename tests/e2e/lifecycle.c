/* The session vectors and the rules beyond them, against a real Redis; lifecycle.t starts it. */
#include "config.h"

#include "lifecycle.h"

int tap_n, tap_bad;
struct weir_conf conf;
weir_deliverer *deliverer;
weir_redis *redis;
weir_arena *mem;

int main(int argc, char **argv)
{
	struct weir_fault fault = { "" };

	if (argc != 2 || weir_conf_load(&conf, NULL, &fault)) {
		printf("Bail out! %s\n", argc == 2 ? fault.text : "usage: lifecycle VECTORS");
		return 1;
	}
	mem = weir_arena_new(64 << 20);
	deliverer = weir_deliverer_new(&conf, &fault);
	redis = weir_redis_new(&conf, &fault);
	if (!mem || !deliverer || !redis) {
		printf("Bail out! %s\n", fault.text);
		return 1;
	}
	vectors(argv[1]);
	closing();
	boundary();
	salts();
	servers();
	several();
	refusals();
	backdated();
	skipping();
	page_times();
	agreement();
	together();
	answered();
	weir_redis_free(redis);
	weir_deliverer_free(deliverer);
	weir_arena_free(mem);
	weir_conf_free(&conf);
	return tap_done();
}
