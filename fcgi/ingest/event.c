/* The event row as MessagePack and as JSON. */
#include "config.h"
#include "ingest/event.h"

#include "ingest/rowpack.h"

#include <math.h>

/* Without id and project there is nothing to store. */
WEIR_ROW_FUNCTIONS(weir_event, WEIR_EVENT_COLUMNS, 7)

bool weir_event_packed_id(weir_text in, uint8_t id[16])
{
	struct weir_unpack u;

	weir_unpack_init(&u, NULL, in);
	if (!weir_unpack_array(&u))
		return false;
	weir_unpack_uuid(&u, id);
	return !u.bad;
}
