/* The row of a robot as MessagePack and as JSON. */
#include "config.h"
#include "ingest/botrow.h"

#include "ingest/rowpack.h"

WEIR_ROW_FUNCTIONS(weir_bot_row, WEIR_BOT_COLUMNS, 2)
