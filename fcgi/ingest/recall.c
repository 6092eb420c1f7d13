/* Sessions seen last. */
#include "config.h"
#include "ingest/recall.h"

#include "base/hash.h"

#include <stdlib.h>

enum { SETS = 512, WAYS = 4, DEVICE_MAX = 40, SESSION_MAX = 32 };

struct place {
	int64_t last_ms;              /* of its last event; 0 for a free place */
	uint64_t project;             /* digest of its name */
	uint8_t device_len, session_len;
	char device[DEVICE_MAX], session[SESSION_MAX];
};

struct weir_recall {
	struct place place[SETS][WAYS];
};

weir_recall *weir_recall_new(void)
{
	return calloc(1, sizeof(weir_recall));
}

void weir_recall_free(weir_recall *r)
{
	free(r);
}

static bool holds(const struct place *p, uint64_t project, weir_text device)
{
	return p->last_ms && p->project == project && p->device_len == device.n && !memcmp(p->device, device.p, device.n);
}

void weir_recall_note(weir_recall *r, weir_text project, weir_text device, weir_text session, int64_t event_ms)
{
	uint64_t digest = weir_fnv1a(project);
	struct place *set, *p;

	if (!device.n || device.n > DEVICE_MAX || !session.n || session.n > SESSION_MAX || event_ms <= 0)
		return;
	set = p = r->place[(weir_fnv1a(device) ^ digest) % SETS];
	for (size_t i = 0; i < WAYS; i++) {
		if (holds(&set[i], digest, device)) {
			p = &set[i];
			break;
		}
		if (set[i].last_ms < p->last_ms)
			p = &set[i];
	}
	/* A late event doesn't make a session older. */
	if (holds(p, digest, device) && p->last_ms > event_ms)
		event_ms = p->last_ms;
	p->last_ms = event_ms;
	p->project = digest;
	p->device_len = (uint8_t)device.n;
	p->session_len = (uint8_t)session.n;
	memcpy(p->device, device.p, device.n);
	memcpy(p->session, session.p, session.n);
}

weir_text weir_recall_find(const weir_recall *r, weir_text project, weir_text device, int64_t event_ms, int64_t timeout_ms)
{
	uint64_t digest = weir_fnv1a(project);
	const struct place *set = r->place[(weir_fnv1a(device) ^ digest) % SETS];

	for (size_t i = 0; i < WAYS; i++)
		if (device.n && holds(&set[i], digest, device) && event_ms - set[i].last_ms < timeout_ms)
			return (weir_text){ set[i].session, set[i].session_len };
	return (weir_text){ NULL, 0 };
}
