#ifndef WEIR_LINK_NO_ROUTE_H
#define WEIR_LINK_NO_ROUTE_H
#include "link/req.h"

/* Answers r with 404 and {"message":"Route METHOD:PATH not found","error":"Not Found","statusCode":404} (spec/ingest.md 0.2). */
void weir_req_no_route(struct weir_req *r);
#endif
