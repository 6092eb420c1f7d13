/* A chunk of a recorded visit as MessagePack and as JSON. */
#include "config.h"
#include "ingest/replayrow.h"

#include "ingest/rowpack.h"

WEIR_ROW_FUNCTIONS(weir_replay_row, WEIR_REPLAY_COLUMNS, 4)
