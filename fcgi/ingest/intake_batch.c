/* POST /track/batch: many bodies of POST /track at once, each with an answer of its own. */
#include "config.h"
#include "ingest/pass.h"

#include "base/jsonsplit.h"
#include "ingest/answer.h"
#include "ingest/body.h"

#include <stdlib.h>

enum {
	ITEMS_MAX = 1000,
	ISSUES_MAX = 32 * 1024,
	BODY_JSON = WEIR_JSONR_REFUSE_PROTO | WEIR_JSONR_DROP_SURROGATES | WEIR_JSONR_SMALL
};

/* A body on its way, and what it is answered. */
struct item {
	weir_text text;              /* {NULL, 0}: longer than a body may be */
	struct pass_parcel x;
	bool waits;                  /* is to be delivered */
	int status;
	weir_text answer;
	bool json;                   /* the answer is a JSON text, not a sentence */
};

struct batch {
	weir_intake *in;
	struct weir_req *r;
	struct item **item;          /* each by itself, since few batches are full */
	size_t count;
	bool overfull;
	const struct pass *first;    /* of the bodies that could be read */
	struct pass_sight sight;
};

/* ------------------------------------------------------------------ bodies */

static weir_err add(void *ctx, size_t index, weir_text element)
{
	struct batch *b = ctx;
	struct item *i;

	b->overfull = index >= ITEMS_MAX;
	if (b->overfull)
		return WEIR_ELIMIT;
	i = b->item[index] = weir_alloc(b->r->mem, sizeof(*i));
	if (!i)
		return WEIR_ENOMEM;
	*i = (struct item){ .text = element.p ? weir_text_dup(b->r->mem, element) : element };
	b->count = index + 1;
	return element.p && !i->text.p ? WEIR_ENOMEM : WEIR_OK;
}

/* An array, or one body a line. False: the answer has been made. */
static bool take_apart(struct batch *b, weir_text body, bool lines)
{
	weir_jsonsplit split;
	weir_err err;

	weir_jsonsplit_init(&split, (size_t)b->in->conf->track_body_max, add, b);
	err = weir_jsonsplit_feed(&split, body);
	if (!err)
		err = weir_jsonsplit_end(&split);
	if (!err && !lines && !weir_jsonsplit_is_array(&split))
		weir_answer_error(b->r, 400, "Error", WEIR_TEXT("body/ Invalid input: expected array, received object"));
	else if (b->overfull)
		weir_answer_error(b->r, 400, "Error", WEIR_TEXT("body/ Too big: expected array to have <=1000 items"));
	else if (err == WEIR_ENOMEM)
		pass_unavailable(b->r, err);
	else if (err)
		weir_answer_body_error(b->r, 400, "Body is not valid JSON but content-type is set to 'application/json'");
	else {
		weir_jsonsplit_free(&split);
		return true;
	}
	weir_jsonsplit_free(&split);
	return false;
}

/* ------------------------------------------------------- one after the other */

/* Takes the answer that was made for one body out of the request's. */
static void capture(struct batch *b, struct item *i)
{
	struct weir_req *r = b->r;

	i->status = r->status;
	i->answer = weir_text_dup(r->mem, weir_str_view(r->out));
	i->json = r->content_type && !strncmp(r->content_type, "application/json", strlen("application/json"));
	r->status = 200;
	r->content_type = "application/json; charset=utf-8";
	weir_str_reset(r->out);
	weir_str_reset(r->head);
}

/* Up to the delivery of an event; other types are served at once. False: the answer has been made. */
static bool bring(struct batch *b, struct item *i)
{
	json_object *body = NULL;
	weir_str issues;
	weir_err err = i->text.p ? weir_jsonr_parse(b->r->mem, i->text, BODY_JSON, &body, NULL) : WEIR_ELIMIT;
	bool through;

	if (err == WEIR_ELIMIT)
		weir_answer_body_error(b->r, 413, "Request body is too large");
	else if (err == WEIR_EBADREQ)
		weir_answer_body_error(b->r, 400, "Body is not valid JSON but content-type is set to 'application/json'");
	else if (err)
		pass_unavailable(b->r, err);
	if (err)
		return false;
	if (b->first) {
		pass_look_again(b->first, body, &i->x.p);
	} else {
		pass_look(b->in, b->r, body, &i->x.p);
		i->x.p.batch = &b->sight;
		b->first = &i->x.p;
	}
	weir_str_init(&issues, ISSUES_MAX);
	through = pass_track_read(&i->x.p, false, &issues) && pass_track_admit(&i->x.p);
	weir_str_free(&issues);
	if (!through || i->x.p.input.type != WEIR_TRACK_EVENT) {
		if (through)
			pass_track_serve(&i->x.p);
		return false;
	}
	return pass_event_see(&i->x.p) && pass_event_identify(&i->x.p);
}

static int by_time(const void *a, const void *b)
{
	const struct pass_parcel *x = *(struct pass_parcel *const *)a, *y = *(struct pass_parcel *const *)b;

	if (x->d.event_ms != y->d.event_ms)
		return x->d.event_ms < y->d.event_ms ? -1 : 1;
	return x < y ? -1 : x > y;
}

/*
 * Those that wait are delivered, in the order of their times, so that visits
 * come to be as they were; once more when clients have changed meanwhile.
 */
static void deliver_all(struct batch *b)
{
	struct pass_parcel **waiting = weir_alloc_n(b->r->mem, b->count + 1, sizeof(*waiting));
	size_t n = 1;

	for (int attempt = 0; waiting && n && attempt < PASS_ATTEMPTS; attempt++) {
		n = 0;
		if (attempt)
			weir_clients_forget(b->in->clients);
		for (size_t k = 0; k < b->count; k++) {
			struct item *i = b->item[k];

			if (!i->waits || (attempt && !pass_parcel_is_stale(&i->x)))
				continue;
			if (attempt && !pass_admit_ingest(&i->x.p)) {
				capture(b, i);
				i->waits = false;
				continue;
			}
			if (attempt)
				pass_parcel_make(&i->x);
			waiting[n++] = &i->x;
		}
		qsort(waiting, n, sizeof(*waiting), by_time);
		if (n)
			pass_parcels_deliver(b->in, b->r->mem, waiting, n);
	}
	for (size_t k = 0; k < b->count; k++)
		if (b->item[k]->waits) {
			struct pass_parcel *x = &b->item[k]->x;

			pass_event_answer(&x->p, waiting ? x->err : WEIR_ENOMEM, x->why, &x->receipt);
			capture(b, b->item[k]);
		}
}

/* ------------------------------------------------------------------ the answer */

/* When all are refused alike (a wrong client, nothing to keep events in) the whole is, so that the sender behaves as with one. */
static bool refused_alike(const struct batch *b)
{
	for (size_t k = 0; k < b->count; k++)
		if ((b->item[k]->status != 401 && b->item[k]->status != 503) || b->item[k]->status != b->item[0]->status)
			return false;
	return b->count > 0;
}

static void put_item(weir_json *j, size_t index, const struct item *i)
{
	weir_json_obj(j, NULL);
	weir_json_uint(j, "index", index);
	weir_json_int(j, "status", i->status);
	if (i->json)
		weir_json_raw(j, "body", i->answer);
	else
		weir_json_str(j, "body", i->answer);
	weir_json_end(j);
}

static void answer(struct batch *b)
{
	size_t accepted = 0;
	weir_json j;

	if (refused_alike(b) && b->item[0]->status == 503) {
		weir_answer_unavailable(b->r, "Temporarily unavailable, please try again");
		return;
	}
	for (size_t k = 0; k < b->count; k++)
		accepted += b->item[k]->status < 300;
	b->r->status = refused_alike(b) ? b->item[0]->status : 200;
	weir_json_init(&j, b->r->out);
	weir_json_obj(&j, NULL);
	weir_json_uint(&j, "accepted", accepted);
	weir_json_uint(&j, "rejected", b->count - accepted);
	weir_json_arr(&j, "results");
	for (size_t k = 0; k < b->count; k++)
		put_item(&j, k, b->item[k]);
	weir_json_end(&j);
	weir_json_end(&j);
	if (weir_json_done(&j))
		weir_answer_error(b->r, 500, "Error", WEIR_TEXT("The answer could not be written"));
}

void weir_intake_batch(weir_intake *in, struct weir_req *r)
{
	struct batch b = { .in = in, .r = r, .item = weir_alloc_n(r->mem, ITEMS_MAX, sizeof(struct item *)) };
	weir_text body;
	bool lines;

	if (!b.item) {
		pass_unavailable(r, WEIR_ENOMEM);
		return;
	}
	if (!weir_body_text(r, (size_t)in->conf->track_batch_max, &body, &lines) || !take_apart(&b, body, lines))
		return;
	for (size_t k = 0; k < b.count; k++) {
		struct item *i = b.item[k];

		i->waits = bring(&b, i);
		if (i->waits)
			pass_parcel_make(&i->x);
		else
			capture(&b, i);
	}
	deliver_all(&b);
	answer(&b);
}
