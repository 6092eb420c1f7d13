#ifndef WEIR_REST_BACK_H
#define WEIR_REST_BACK_H
#include "meta/meta.h"
#include "link/req.h"
/* Back to the dashboard, for those who come from another service. */

/* A redirect there; an empty address is the root. */
void weir_back_to(struct weir_req *r, weir_text to);
/* To the page where people sign in, with a text for them (NULL: "An error occurred") and an id for whoever reads the log. */
void weir_back_fail(const struct weir_meta *m, struct weir_req *r, const char *why);
/* The address of a page of the dashboard, of its path's segments; in the arena. */
weir_text weir_back_page(const struct weir_meta *m, const weir_text *segments, size_t count);
#endif
