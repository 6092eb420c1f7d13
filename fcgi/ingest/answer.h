#ifndef WEIR_INGEST_ANSWER_H
#define WEIR_INGEST_ANSWER_H
#include "link/req.h"
/*
 * The answers of the ingestion endpoints, in the exact forms that SDKs know
 * (spec/ingest.md 0.1, 0.2).  Each sets status, type and body of the request's
 * answer, replacing what was there.
 */

/* {"status":S,"error":E,"message":M}; error NULL leaves that key out. */
void weir_answer_error(struct weir_req *r, int status, const char *error, weir_text message);
/* What the body parser says: 400, 413 and 415 of class FastifyError. */
void weir_answer_body_error(struct weir_req *r, int status, const char *message);
/* 401 of the endpoints that are not for SDKs: {"error":"Unauthorized","message":M}. */
void weir_answer_unauthorized(struct weir_req *r, const char *message);
/* 503 with Retry-After; nothing was kept and the sender may try again. */
void weir_answer_unavailable(struct weir_req *r, const char *message);
/* {"deviceId","sessionId"} and, when it is not NULL, "message". */
void weir_answer_ids(struct weir_req *r, weir_text device_id, weir_text session_id, const char *message);
/* 202 {"bot":{"name","type"}}: what a robot sends is no event. */
void weir_answer_bot(struct weir_req *r, const char *name, const char *type);

/* The CORS headers of every answer on a host whose web server adds none of its own. */
void weir_answer_cors(struct weir_req *r);
/* OPTIONS: 204 for a preflight, else 400. */
void weir_answer_preflight(struct weir_req *r);
#endif
