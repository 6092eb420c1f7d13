#include "config.h"
#include "base/clock.h"
#include "base/zone.h"
#include "tap.h"

/* Offsets known from the tz database, at both edges of their changes. */
static const struct {
	const char *zone, *utc;
	int offset;
} rows[] = {
	{ "UTC", "2026-03-29T01:00:00.000Z", 0 },
	{ "Europe/Stockholm", "2026-03-29T00:59:59.999Z", 3600 },
	{ "Europe/Stockholm", "2026-03-29T01:00:00.000Z", 7200 },
	{ "Europe/Stockholm", "2026-10-25T00:59:59.000Z", 7200 },
	{ "Europe/Stockholm", "2026-10-25T01:00:00.000Z", 3600 },
	{ "Europe/Stockholm", "2055-07-01T00:00:00.000Z", 7200 },
	{ "Europe/Stockholm", "2055-12-01T00:00:00.000Z", 3600 },
	{ "America/New_York", "2026-03-08T06:59:59.000Z", -18000 },
	{ "America/New_York", "2026-03-08T07:00:00.000Z", -14400 },
	{ "America/New_York", "2050-01-01T00:00:00.000Z", -18000 },
	{ "Asia/Kolkata", "2026-06-01T00:00:00.000Z", 19800 },
	{ "Australia/Lord_Howe", "2026-01-01T00:00:00.000Z", 39600 },
	{ "Australia/Lord_Howe", "2026-06-01T00:00:00.000Z", 37800 },
	{ "Australia/Sydney", "2060-01-01T00:00:00.000Z", 39600 },
};

/* In July. */
static const struct {
	const char *zone;
	int offset;
} many[] = {
	{ "Europe/Stockholm", 7200 }, { "Europe/London", 3600 }, { "Asia/Tokyo", 32400 }, { "Asia/Kolkata", 19800 }, { "Asia/Kathmandu", 20700 },
	{ "America/New_York", -14400 }, { "America/Chicago", -18000 }, { "America/Denver", -21600 }, { "America/Los_Angeles", -25200 },
	{ "Pacific/Auckland", 43200 }, { "Africa/Cairo", 10800 },
};
enum { MANY = sizeof(many) / sizeof(*many) };

int main(void)
{
	const int64_t july = 1784116800000; /* 2026-07-15T12:00:00Z */
	int good = 0;
	weir_arena *mem = weir_arena_new(8 * 1024 * 1024);
	const struct weir_zone *zone;
	int64_t ms;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s at %s", rows[i].zone, rows[i].utc);
		ok(!weir_clock_parse(weir_text_of(rows[i].utc), &ms) && !weir_zone_load(mem, weir_text_of(rows[i].zone), &zone)
			&& weir_zone_offset(zone, ms) == rows[i].offset, name);
	}
	ok(weir_zone_load(mem, WEIR_TEXT("Mars/Olympus"), &zone) == WEIR_ENOTFOUND, "no such zone");
	ok(weir_zone_load(mem, WEIR_TEXT("../../../etc/passwd"), &zone) == WEIR_ENOTFOUND, "no way out of the directory");
	ok(weir_zone_load(mem, WEIR_TEXT("Europe"), &zone) == WEIR_ENOTFOUND, "a directory is no zone");
	/* More zones than are kept, and the first ones again. */
	for (size_t i = 0; i < 2 * MANY; i++)
		good += !weir_zone_load(mem, weir_text_of(many[i % MANY].zone), &zone) && weir_zone_offset(zone, july) == many[i % MANY].offset;
	ok(good == 2 * MANY, "each of many zones is itself, however often it is asked for");
	weir_arena_free(mem);
	return tap_done();
}
