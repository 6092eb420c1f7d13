/* Places and networks out of databases that the test writes: one entry for 8.0.0.0/8 each. */
#include "config.h"
#include "ingest/geo.h"
#include "base/str.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static weir_arena *arena;
static char dir[] = "/tmp/weir-geo-XXXXXX";

static const char *at(const char *name)
{
	static char path[32][128];
	static int turn;

	turn = (turn + 1) % 32;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static const char *in_sources(const char *name)
{
	static char path[4096];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/%s", srcdir ? srcdir : ".", name);
	return path;
}

/* ---- the MaxMind format, as much of it as is needed ---- */

static void put_text(weir_str *s, const char *z)
{
	weir_str_putc(s, 2 << 5 | (int)strlen(z)); /* shorter than 29 bytes */
	weir_str_puts(s, z);
}

static void put_map(weir_str *s, int pairs)
{
	weir_str_putc(s, 7 << 5 | pairs);
}

static void put_double(weir_str *s, double v)
{
	unsigned char raw[8];
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	for (int i = 0; i < 8; i++)
		raw[i] = (unsigned char)(bits >> (56 - 8 * i));
	weir_str_putc(s, 3 << 5 | 8);
	weir_str_add(s, raw, sizeof(raw));
}

static void put_uint(weir_str *s, int type, unsigned v)
{
	weir_str_putc(s, type << 5 | 4);
	for (int i = 24; i >= 0; i -= 8)
		weir_str_putc(s, (int)(v >> i & 255));
}

/* Eight nodes that lead the addresses 8.x.x.x to the first byte of the data, then 16 zero bytes. */
static void put_tree(weir_str *s)
{
	enum { NODES = 8, NOTHING = NODES, DATA = NODES + 16 };

	for (int i = 0; i < NODES; i++) {
		int bit = 8 >> (7 - i) & 1, on = i == NODES - 1 ? DATA : i + 1;
		int record[2] = { bit ? NOTHING : on, bit ? on : NOTHING };

		for (int k = 0; k < 2; k++) {
			weir_str_putc(s, 0);
			weir_str_putc(s, 0);
			weir_str_putc(s, record[k]);
		}
	}
	for (int i = 0; i < 16; i++)
		weir_str_putc(s, 0);
}

static void put_metadata(weir_str *s)
{
	weir_str_puts(s, "\xab\xcd\xefMaxMind.com");
	put_map(s, 9);
	put_text(s, "node_count");
	put_uint(s, 6, 8);
	put_text(s, "record_size");
	weir_str_add(s, "\xa1\x18", 2); /* uint16 24 */
	put_text(s, "ip_version");
	weir_str_add(s, "\xa1\x04", 2);
	put_text(s, "database_type");
	put_text(s, "Test");
	put_text(s, "languages");
	weir_str_add(s, "\x00\x04", 2); /* an empty array */
	put_text(s, "binary_format_major_version");
	weir_str_add(s, "\xa1\x02", 2);
	put_text(s, "binary_format_minor_version");
	weir_str_add(s, "\xa0", 1);
	put_text(s, "build_epoch");
	weir_str_add(s, "\x01\x02\x01", 3); /* uint64 1 */
	put_text(s, "description");
	put_map(s, 0);
}

static bool write_file(const char *path, weir_text text)
{
	FILE *out = fopen(at("new"), "we");

	return out && fwrite(text.p, 1, text.n, out) == text.n && !fclose(out) && !rename(at("new"), path);
}

static bool write_database(const char *path, void (*put_entry)(weir_str *s))
{
	weir_str s;
	bool good;

	weir_str_init(&s, 1 << 16);
	put_tree(&s);
	put_entry(&s);
	put_metadata(&s);
	good = !weir_str_err(&s) && write_file(path, weir_str_view(&s));
	weir_str_free(&s);
	return good;
}

static void nested_entry(weir_str *s)
{
	put_map(s, 4);
	put_text(s, "country");
	put_map(s, 1);
	put_text(s, "iso_code");
	put_text(s, "US");
	put_text(s, "city");
	put_map(s, 1);
	put_text(s, "names");
	put_map(s, 1);
	put_text(s, "en");
	put_text(s, "Mountain View");
	put_text(s, "subdivisions");
	weir_str_add(s, "\x01\x04", 2); /* an array of one */
	put_map(s, 1);
	put_text(s, "names");
	put_map(s, 1);
	put_text(s, "en");
	put_text(s, "California");
	put_text(s, "location");
	put_map(s, 2);
	put_text(s, "longitude");
	put_double(s, -122.5);
	put_text(s, "latitude");
	put_double(s, 37.25);
}

static void flat_entry(weir_str *s)
{
	put_map(s, 3);
	put_text(s, "country_code");
	put_text(s, "DE");
	put_text(s, "city");
	put_text(s, "Bonn");
	put_text(s, "state1");
	put_text(s, "NRW");
}

static void system_entry(weir_str *s)
{
	put_map(s, 2);
	put_text(s, "autonomous_system_number");
	put_uint(s, 6, 16509);
	put_text(s, "autonomous_system_org");
	put_text(s, "x");
}

static bool place_is(weir_geo *g, const char *ip, int64_t now_ms, const char *country, const char *city, const char *region)
{
	struct weir_place p;

	return !weir_geo_place(g, arena, weir_text_of(ip), now_ms, &p) && weir_text_is(p.country, country) &&
	       weir_text_is(p.city, city) && weir_text_is(p.region, region);
}

static void places(void)
{
	struct weir_conf conf = { .geo_city_file = at("city.mmdb"), .geo_asn_file = "", .geo_hosting_file = "" };
	struct weir_fault fault;
	struct weir_place p;
	weir_geo *g = NULL;

	ok(!weir_geo_open(&conf, &g, &fault), "a missing file is no error");
	ok(place_is(g, "8.8.8.8", 1000, "", "", ""), "and answers nothing");
	ok(write_database(at("city.mmdb"), nested_entry), "a database is written");
	ok(place_is(g, "8.8.8.8", 1900, "", "", ""), "the file is looked at once a second");
	ok(place_is(g, "8.8.8.8", 7000, "US", "Mountain View", "California"), "then it is found");
	ok(!weir_geo_place(g, arena, WEIR_TEXT("8.1.2.3"), 7000, &p) && p.has_point && p.longitude == -122.5 && p.latitude == 37.25, "the point");
	ok(place_is(g, "9.8.8.8", 7000, "", "", ""), "an address that is not in it");
	weir_geo_idle(g);
	ok(place_is(g, "8.8.8.9", 7000, "US", "Mountain View", "California"), "found after nothing arrived for a while");
	ok(place_is(g, "2001:db8::1", 7000, "", "", ""), "an IPv6 address in an IPv4 database");
	ok(place_is(g, "8.8.8", 7000, "", "", "") && place_is(g, "", 7000, "", "", "") && place_is(g, "127.0.0.1", 7000, "", "", ""),
	   "what is no public address");
	ok(write_database(at("city.mmdb"), flat_entry) && place_is(g, "8.8.8.8", 20000, "DE", "Bonn", "NRW"), "a new file with the flat layout");
	ok(!weir_geo_place(g, arena, WEIR_TEXT("8.8.8.8"), 20000, &p) && !p.has_point, "without a point");
	ok(write_file(at("city.mmdb"), WEIR_TEXT("nonsense")) && place_is(g, "8.8.8.8", 40000, "DE", "Bonn", "NRW"), "a broken file leaves the old one in use");
	weir_geo_close(g);
	conf.geo_city_file = "a, b, c";
	ok(weir_geo_open(&conf, &g, &fault) == WEIR_EBADREQ && strstr(fault.text, "geo.city_file"), "three files are one too many");
}

static void networks(void)
{
	struct weir_conf conf = { .geo_city_file = "", .geo_asn_file = at("asn.mmdb"), .geo_hosting_file = at("hosting.txt") };
	struct weir_fault fault;
	struct weir_network n;
	weir_geo *g = NULL;

	ok(write_database(at("asn.mmdb"), system_entry) && write_file(at("hosting.txt"), WEIR_TEXT("# data centres\nAS20473 Some words\n16509\n")),
	   "systems are written");
	ok(!weir_geo_open(&conf, &g, &fault) && !weir_geo_network(g, arena, WEIR_TEXT("8.8.8.8"), 1000, &n) && n.asn == 16509 && n.is_hosting,
	   "a system of a data centre");
	ok(write_file(at("hosting.txt"), WEIR_TEXT("AS20473\n")) && !weir_geo_network(g, arena, WEIR_TEXT("8.8.8.8"), 20000, &n) &&
	   n.asn == 16509 && !n.is_hosting, "no longer in the list");
	weir_geo_close(g);
	conf.geo_hosting_file = in_sources("data/hosting-asn.txt");
	ok(!weir_geo_open(&conf, &g, &fault) && !weir_geo_network(g, arena, WEIR_TEXT("8.8.8.8"), 1000, &n) && n.is_hosting, "the list that is installed");
	ok(!weir_geo_network(g, arena, WEIR_TEXT("9.9.9.9"), 20000, &n) && !n.asn, "an address without a system");
	weir_geo_close(g);
}

int main(void)
{
	arena = weir_arena_new(1 << 20);
	if (!arena || !mkdtemp(dir))
		return 1;
	places();
	networks();
	unlink(at("city.mmdb"));
	unlink(at("asn.mmdb"));
	unlink(at("hosting.txt"));
	rmdir(dir);
	weir_arena_free(arena);
	return tap_done();
}
