#include "config.h"
#include "query/chart.h"

#include <float.h>
#include <math.h>

/* The reference's rounding: half goes up, after a nudge by the smallest step. */
double weir_round(double v, int decimals)
{
	double scale = pow(10, decimals);

	return isfinite(v) ? floor((v + DBL_EPSILON) * scale + 0.5) / scale : v;
}

void weir_metrics_add(struct weir_metrics_sum *m, const struct weir_point *points, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (points[i].null)
			continue;
		m->sum += points[i].count;
		m->nonzero += points[i].count != 0;
		if (!m->count || points[i].count < m->min)
			m->min = points[i].count;
		if (!m->count || points[i].count > m->max)
			m->max = points[i].count;
		m->count++;
	}
}

struct weir_metrics weir_metrics_of(const struct weir_metrics_sum *m)
{
	return (struct weir_metrics){ weir_round(m->sum, 2), m->nonzero ? weir_round(m->sum / (double)m->nonzero, 2) : 0, m->min, m->max };
}

struct weir_change weir_change_of(double current, double previous)
{
	struct weir_change c = { .value = previous };
	double ratio = current > previous ? current / previous : previous / current;

	c.state = current > previous ? "positive" : current < previous ? "negative" : "neutral";
	c.diff = weir_round((ratio - 1) * 100, 1);
	c.has_diff = current != previous && isfinite(c.diff);
	return c;
}
