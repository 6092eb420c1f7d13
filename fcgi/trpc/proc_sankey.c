#include "config.h"
#include "trpc/chart.h"

#include "query/sankey.h"

/* chart.sankey (spec/queries.md 12). */

/* Colours of the dashboard's charts, by rank. */
static const char *const colors[] = {
	"#2563EB", "#ff7557", "#7fe1d8", "#f8bc3c", "#b3596e", "#72bef4", "#ffb27a", "#0f7ea0", "#3ba974", "#febbb2", "#cb80dc", "#5cb7af",
	"#7856ff",
};

void weir_reply_graph(struct weir_call *c, const struct weir_sankey_graph *g)
{
	weir_sj_obj(c->out, NULL);
	weir_sj_arr(c->out, "nodes");
	for (size_t i = 0; i < g->node_count; i++) {
		const struct weir_sankey_node *n = &g->nodes[i];

		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "id", n->id);
		weir_sj_str(c->out, "label", n->label);
		weir_sj_strz(c->out, "nodeColor", colors[n->color % (sizeof(colors) / sizeof(*colors))]);
		weir_sj_num(c->out, "percentage", n->share);
		weir_sj_num(c->out, "value", n->value);
		weir_sj_int(c->out, "step", n->step);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_arr(c->out, "links");
	for (size_t i = 0; i < g->link_count; i++) {
		weir_sj_obj(c->out, NULL);
		weir_sj_str(c->out, "source", g->nodes[g->links[i].source].id);
		weir_sj_str(c->out, "target", g->nodes[g->links[i].target].id);
		weir_sj_num(c->out, "value", g->links[i].value);
		weir_sj_end(c->out);
	}
	weir_sj_end(c->out);
	weir_sj_end(c->out);
}

weir_err weir_do_chart_sankey(struct weir_call *c)
{
	struct weir_sankey_graph graph;
	struct weir_report report;
	struct weir_sankey sankey;
	struct weir_plan plan;
	weir_err err = weir_call_report(c, &report);

	if (!err)
		err = weir_sankey_of(&report, &sankey);
	if (err)
		return err;
	weir_plan_init(&plan, &report.ask);
	err = weir_sankey_compile(&sankey, &plan);
	if (!err)
		err = weir_plan_run(&plan);
	if (!err)
		err = weir_sankey_read(&sankey, &plan, &graph);
	weir_plan_free(&plan);
	if (!err)
		weir_reply_graph(c, &graph);
	return err;
}
