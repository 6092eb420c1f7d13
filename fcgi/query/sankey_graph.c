#include "config.h"
#include "query/sankey.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Counted steps into nodes and links (spec/queries.md 12, steps 6 to 9). */

enum { BEST = 3, NODES_MAX = BEST * 30000, SUFFIX_MAX = 32 };

struct step {
	weir_text source, target;
	int64_t at;
	double count;
};

struct builder {
	weir_arena *mem;
	struct weir_sankey_graph *g;
	struct step *steps;
	size_t step_count;
	double total;
	weir_err err;
};

static size_t lines_in(weir_text t)
{
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++)
		n += t.p[i] == '\n';
	return n;
}

/* name::stepN or name::final */
static weir_text id_of(weir_arena *mem, weir_text name, int64_t step)
{
	char suffix[SUFFIX_MAX];
	int n = step ? snprintf(suffix, sizeof(suffix), "::step%lld", (long long)step) : snprintf(suffix, sizeof(suffix), "::final");
	char *p = n > 0 ? weir_alloc(mem, name.n + (size_t)n + 1) : NULL;

	if (!p)
		return (weir_text){ NULL, 0 };
	if (name.n)
		memcpy(p, name.p, name.n);
	memcpy(p + name.n, suffix, (size_t)n + 1);
	return (weir_text){ p, name.n + (size_t)n };
}

static size_t find(const struct weir_sankey_graph *g, weir_text label, int64_t step)
{
	for (size_t i = 0; i < g->node_count; i++)
		if (g->nodes[i].step == step && weir_text_eq(g->nodes[i].label, label))
			return i;
	return g->node_count;
}

static size_t add_node(struct builder *b, weir_text label, int64_t step, size_t color, double value)
{
	size_t at = find(b->g, label, step);

	if (at == b->g->node_count) {
		b->g->nodes[b->g->node_count++] = (struct weir_sankey_node){ .id = id_of(b->mem, label, step), .label = label, .color = color,
			.step = step };
		if (!b->g->nodes[at].id.p)
			b->err = WEIR_ENOMEM;
	}
	b->g->nodes[at].value += value;
	return at;
}

static weir_err read_steps(struct builder *b, weir_text rows)
{
	weir_text line;
	weir_err err = WEIR_OK;

	b->steps = weir_alloc_n(b->mem, lines_in(rows) + 1, sizeof(*b->steps));
	if (!b->steps)
		return WEIR_ENOMEM;
	while (!err && weir_rows_next(&rows, &line)) {
		struct step *s = &b->steps[b->step_count++];

		err = weir_rows_text(b->mem, &line, &s->source);
		if (!err)
			err = weir_rows_text(b->mem, &line, &s->target);
		if (!err)
			err = weir_rows_int(&line, &s->at);
		if (!err)
			err = weir_rows_number(&line, &s->count);
	}
	return err;
}

/* The first rows, at position 0, are the entries. */
static weir_err add_entries(struct builder *b)
{
	for (size_t i = 0; i < b->step_count && b->steps[i].at == 0; i++) {
		b->total += b->steps[i].count;
		b->g->nodes[add_node(b, b->steps[i].target, 1, i, b->steps[i].count)].entry = true;
	}
	return b->err;
}

/* From the nodes of one step to those of the next. */
static void grow(struct builder *b, int64_t step)
{
	size_t nodes = b->g->node_count;

	for (size_t i = 0; i < nodes; i++) {
		for (size_t k = 0; k < b->step_count && b->g->nodes[i].step == step; k++) {
			const struct step *s = &b->steps[k];

			if (s->at != step || !weir_text_eq(s->source, b->g->nodes[i].label) || weir_text_eq(s->source, s->target))
				continue;
			b->g->links[b->g->link_count++] = (struct weir_sankey_link){ i, add_node(b, s->target, step + 1, b->g->nodes[i].color, s->count),
				s->count, true };
		}
	}
}

/* Thin links go, then nodes that none is left of; what a node is worth is what comes in. */
static void thin(struct builder *b)
{
	struct weir_sankey_graph *g = b->g;
	double least = ceil(b->total * 0.25 / 100);

	for (size_t i = 0; i < g->node_count; i++)
		if (!g->nodes[i].entry)
			g->nodes[i].value = 0;
	for (size_t i = 0; i < g->link_count; i++) {
		struct weir_sankey_link *l = &g->links[i];

		l->kept = l->value >= least;
		if (!l->kept)
			continue;
		g->nodes[l->source].kept = true;
		if (!g->nodes[l->target].entry) {
			g->nodes[l->target].kept = true;
			g->nodes[l->target].value += l->value;
		}
	}
}

static bool is_terminal(const struct weir_sankey_graph *g, size_t node)
{
	for (size_t i = 0; i < g->link_count; i++)
		if (g->links[i].kept && g->links[i].source == node)
			return false;
	return g->nodes[node].kept;
}

/* Ends of the same name become one, at the last of their steps. */
static void merge_ends(struct builder *b)
{
	struct weir_sankey_graph *g = b->g;

	for (size_t i = 0; i < g->node_count; i++) {
		bool merged = false;

		if (!is_terminal(g, i))
			continue;
		for (size_t k = i + 1; k < g->node_count; k++) {
			if (!is_terminal(g, k) || !weir_text_eq(g->nodes[k].label, g->nodes[i].label))
				continue;
			g->nodes[i].value += g->nodes[k].value;
			if (g->nodes[k].step > g->nodes[i].step)
				g->nodes[i].step = g->nodes[k].step;
			g->nodes[k].kept = false;
			for (size_t n = 0; n < g->link_count; n++)
				if (g->links[n].target == k)
					g->links[n].target = i;
			merged = true;
		}
		if (merged)
			g->nodes[i].id = id_of(b->mem, g->nodes[i].label, 0);
		if (!g->nodes[i].id.p)
			b->err = WEIR_ENOMEM;
	}
	/* Links that have become the same. */
	for (size_t i = 0; i < g->link_count; i++)
		for (size_t k = i + 1; k < g->link_count && g->links[i].kept; k++)
			if (g->links[k].kept && g->links[k].source == g->links[i].source && g->links[k].target == g->links[i].target) {
				g->links[i].value += g->links[k].value;
				g->links[k].kept = false;
			}
}

static int by_step(const void *a, const void *b)
{
	const struct weir_sankey_node *x = *(struct weir_sankey_node *const *)a, *y = *(struct weir_sankey_node *const *)b;

	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x < y ? -1 : x > y;
}

/* Keeps what is kept, nodes by step and value; links follow their nodes. */
static weir_err settle(struct builder *b)
{
	struct weir_sankey_graph *g = b->g;
	const struct weir_sankey_node **order = weir_alloc_n(b->mem, g->node_count + 1, sizeof(struct weir_sankey_node *));
	struct weir_sankey_node *nodes = weir_alloc_n(b->mem, g->node_count + 1, sizeof(*nodes));
	size_t *place = weir_alloc_n(b->mem, g->node_count + 1, sizeof(*place)), n = 0, links = 0;

	if (!order || !nodes || !place)
		return WEIR_ENOMEM;
	for (size_t i = 0; i < g->node_count; i++)
		if (g->nodes[i].kept)
			order[n++] = &g->nodes[i];
	if (n)
		qsort(order, n, sizeof(*order), by_step);
	for (size_t i = 0; i < n; i++) {
		nodes[i] = *order[i];
		nodes[i].share = b->total > 0 ? nodes[i].value / b->total * 100 : 0;
		place[order[i] - g->nodes] = i;
	}
	for (size_t i = 0; i < g->link_count; i++)
		if (g->links[i].kept)
			g->links[links++] = (struct weir_sankey_link){ place[g->links[i].source], place[g->links[i].target], g->links[i].value, true };
	g->nodes = nodes;
	g->node_count = n;
	g->link_count = links;
	return b->err;
}

weir_err weir_sankey_graph(weir_arena *mem, weir_text rows, int64_t steps, bool merge, struct weir_sankey_graph *g)
{
	struct builder b = { .mem = mem, .g = g };
	size_t room = lines_in(rows) + 1;
	weir_err err;

	*g = (struct weir_sankey_graph){ .node_count = 0 };
	if (room > NODES_MAX)
		return WEIR_ELIMIT;
	g->nodes = weir_alloc_n(mem, room, sizeof(*g->nodes));
	g->links = weir_alloc_n(mem, room, sizeof(*g->links));
	if (!g->nodes || !g->links)
		return WEIR_ENOMEM;
	err = read_steps(&b, rows);
	if (!err)
		err = add_entries(&b);
	for (int64_t step = 1; step < steps && !err; step++) {
		grow(&b, step);
		err = b.err;
	}
	if (err)
		return err;
	thin(&b);
	if (merge)
		merge_ends(&b);
	return settle(&b);
}

weir_err weir_sankey_name(weir_arena *mem, weir_text rows, struct weir_sankey_graph *g)
{
	weir_text *names = weir_alloc_n(mem, g->node_count + 1, sizeof(*names)), line, label, name;
	weir_err err = names ? WEIR_OK : WEIR_ENOMEM;

	while (!err && weir_rows_next(&rows, &line)) {
		err = weir_rows_text(mem, &line, &label);
		if (!err)
			err = weir_rows_text(mem, &line, &name);
		for (size_t i = 0; i < g->node_count && !err; i++)
			if (weir_text_eq(g->nodes[i].label, label))
				names[i] = name;
	}
	for (size_t i = 0; i < g->node_count && !err; i++) {
		g->nodes[i].label = names[i];
		g->nodes[i].id = id_of(mem, names[i], g->nodes[i].step);
		err = g->nodes[i].id.p ? WEIR_OK : WEIR_ENOMEM;
	}
	return err;
}
