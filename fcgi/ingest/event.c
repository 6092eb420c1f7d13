/* The event row as MessagePack and as JSON. */
#include "config.h"
#include "ingest/event.h"

#include "ingest/rowpack.h"

#include <math.h>

/* Without id and project there is nothing to store. */
WEIR_ROW_FUNCTIONS(weir_event, WEIR_EVENT_COLUMNS, 7)
