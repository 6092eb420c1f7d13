#ifndef WEIR_LINK_LIMIT_H
#define WEIR_LINK_LIMIT_H
#include "base/arena.h"
#include "base/conf.h"
#include "link/redis.h"
/* How often something has happened within a fixed window, counted in Redis for all processes together. */
struct weir_limit {
	int64_t count;         /* this time included; 0 when Redis is away: better unlimited than locked out */
	int64_t left_ms;       /* of the window */
};
/* Counts it once more. what and whose name the counter; the window begins with the first time. */
WEIR_MUSTCHECK weir_err weir_limit_count(weir_redis *redis, const struct weir_conf *conf, weir_arena *mem, const char *what, weir_text whose,
	int seconds, struct weir_limit *limit);
#endif
