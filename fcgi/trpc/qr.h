#ifndef WEIR_TRPC_QR_H
#define WEIR_TRPC_QR_H
#include "base/arena.h"
#include "base/err.h"
/* A text as a QR code (by libqrencode), for the src of an <img>: "data:image/svg+xml;base64,...", 240 wide, a margin of one square. */
WEIR_MUSTCHECK weir_err weir_qr_data_url(weir_arena *mem, weir_text text, weir_text *url);
#endif
