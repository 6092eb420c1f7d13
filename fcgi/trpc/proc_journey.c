#include "config.h"
#include "trpc/chart.h"

#include "base/clock.h"
#include "query/sankey.h"
#include "query/spikes.h"
#include "trpc/overview.h"

/* overview.userJourney and overview.getReferrerSpikes (spec/queries.md 14.8, 15). */

weir_err weir_do_overview_user_journey(struct weir_call *c)
{
	struct weir_overview_ask o;
	struct weir_sankey_graph graph;
	weir_err err = weir_overview_read(c, &o);

	if (!err)
		err = weir_page_journey(&o, json_object_get_int64(weir_jsonr_get(c->in, "steps")), &graph);
	if (!err)
		weir_reply_graph(c, &graph);
	return err;
}

/* What a spike says of itself: of others less. */
static void put_spike(struct weir_call *c, const struct weir_spikes *spikes, const struct weir_spike *s, bool whole)
{
	if (whole)
		weir_put_stamp(c, "date", spikes->buckets.texts[s->bucket]);
	weir_sj_str(c->out, "referrer_name", s->referrer);
	weir_sj_num(c->out, "sessions", s->sessions);
	if (whole)
		weir_sj_num(c->out, "baseline", weir_round(s->baseline, 2));
	weir_sj_num(c->out, "ratio", weir_round(s->ratio, 2));
	if (!whole)
		return;
	weir_sj_num(c->out, "share", weir_round(s->share, 4));
	weir_sj_bool(c->out, "isNew", s->is_new);
}

weir_err weir_do_overview_referrer_spikes(struct weir_call *c)
{
	struct weir_overview_ask o;
	struct weir_spikes *spikes = weir_alloc(c->meta.mem, sizeof(*spikes));
	weir_err err = spikes ? weir_overview_read(c, &o) : WEIR_ENOMEM;

	if (!err)
		err = weir_referrer_spikes(&o, spikes);
	if (err)
		return err;
	weir_sj_arr(c->out, NULL);
	for (size_t i = 0; i < spikes->count; i++) {
		weir_sj_obj(c->out, NULL);
		weir_put_stamp(c, "anchorDate", spikes->buckets.texts[spikes->items[i].best.bucket]);
		weir_sj_arr(c->out, "spikes");
		weir_sj_obj(c->out, NULL);
		put_spike(c, spikes, &spikes->items[i].best, true);
		weir_sj_arr(c->out, "others");
		for (size_t k = 0; k < spikes->items[i].other_count; k++) {
			weir_sj_obj(c->out, NULL);
			put_spike(c, spikes, &spikes->items[i].others[k], false);
			weir_sj_end(c->out);
		}
		weir_sj_end(c->out);
		weir_sj_end(c->out);
		weir_sj_end(c->out);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	return WEIR_OK;
}
