#ifndef WEIR_INGEST_GEO_H
#define WEIR_INGEST_GEO_H
#include "base/arena.h"
#include "base/conf.h"
/*
 * Where an address is (spec/ingest.md 5.4), from MaxMind-format files:
 * geo.city_file (one file, or two for IPv4 and IPv6; GeoLite2's nested and
 * DB-IP's flat layout), geo.asn_file (autonomous systems) and
 * geo.hosting_file (a text list of systems that are data centres; by default
 * the installed data/hosting-asn.txt, read only when there is a geo.asn_file).
 * Files are mapped, so workers share their memory; a file that changes on disk is
 * opened again within a few seconds.  A file that is missing or broken is
 * logged once and answers nothing.
 */
struct weir_place {
	weir_text country, city, region; /* "" when not known */
	double longitude, latitude;
	bool has_point;
};

struct weir_network {
	uint32_t asn;                    /* 0 when not known */
	weir_text organization;
	bool is_hosting;
};

typedef struct weir_geo weir_geo;

/* WEIR_EBADREQ with *fault when a setting makes no sense (three files); a missing file is no error. */
WEIR_MUSTCHECK weir_err weir_geo_open(const struct weir_conf *conf, weir_geo **out, struct weir_fault *fault);
void weir_geo_close(weir_geo *g);
/* Both fill *out with nothing for an empty, local, invalid or unknown address. Texts live in the arena. */
WEIR_MUSTCHECK weir_err weir_geo_place(weir_geo *g, weir_arena *a, weir_text ip, int64_t now_ms, struct weir_place *out);
WEIR_MUSTCHECK weir_err weir_geo_network(weir_geo *g, weir_arena *a, weir_text ip, int64_t now_ms, struct weir_network *out);
/* For a process that nothing arrives at: the pages of the files that lookups have brought are no longer its own. */
void weir_geo_idle(const weir_geo *g);
#endif
