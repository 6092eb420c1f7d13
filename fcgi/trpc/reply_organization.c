#include "config.h"
#include "trpc/reply.h"

#include "base/clock.h"

/* An organization's subscription, as far as it can be told from its row (spec/trpc-metadata.md 4.0). */

static const int64_t DAY_MS = 86400000;

struct subscription {
	weir_text status;
	int64_t starts, ends, canceled, exceeded;   /* ms; INT64_MIN: not set */
	bool yearly;
	int64_t now;
};

static bool is_set(int64_t ms)
{
	return ms != INT64_MIN;
}

static const char *state_of(const struct subscription *s)
{
	static const char *const as_is[] = { "past_due", "unpaid", "incomplete", "canceled" };

	if (!s->status.n || weir_text_is(s->status, "trialing"))
		return is_set(s->ends) && s->ends > s->now ? "trialing" : "trial_expired";
	if (weir_text_is(s->status, "active")) {
		if (is_set(s->canceled))
			return "canceling";
		return is_set(s->ends) && s->ends <= s->now ? "expired" : "active";
	}
	for (size_t i = 0; i < sizeof(as_is) / sizeof(*as_is); i++)
		if (weir_text_is(s->status, as_is[i]))
			return as_is[i];
	return "expired";
}

static bool one_of(const char *word, const char *words)
{
	weir_text rest = weir_text_of(words), item;

	while (weir_text_next(&rest, ' ', &item))
		if (weir_text_is(item, word))
			return true;
	return false;
}

static int64_t chart_end(const struct subscription *s)
{
	if (!is_set(s->ends))
		return s->now + DAY_MS;
	return is_set(s->exceeded) && s->exceeded < s->ends ? s->exceeded : s->ends;
}

/* Of a yearly subscription the month that runs: from the day it began on to the day before in the next month. */
static int64_t period(const struct subscription *s, bool end)
{
	struct weir_civil now = weir_civil_of(s->now), at = { .year = now.year, .month = now.month };

	if (!is_set(s->starts))
		return INT64_MIN;
	if (!s->yearly)
		return end ? s->ends : s->starts;
	at.day = weir_civil_of(s->starts).day - end;
	at.month += end;
	return weir_civil_ms(&at);
}

static struct subscription subscription_of(const struct weir_call *c, const PGresult *res, int row)
{
	return (struct subscription){
		.status = weir_pg_text(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_STATUS),
		.starts = weir_pg_time(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_STARTS_AT),
		.ends = weir_pg_time(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_ENDS_AT),
		.canceled = weir_pg_time(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_CANCELED_AT),
		.exceeded = weir_pg_time(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_PERIOD_EVENTS_COUNT_EXCEEDED_AT),
		.yearly = weir_text_is(weir_pg_text(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_INTERVAL), "year"),
		.now = c->meta.now_ms,
	};
}

static bool has_subscription(const char *state)
{
	return one_of(state, "active canceling past_due unpaid incomplete");
}

bool weir_reply_is_subscribed(const struct weir_call *c, const PGresult *res, int row)
{
	struct subscription s = subscription_of(c, res, row);
	const char *state = c->meta.conf->api_self_hosted ? "self_hosted" : state_of(&s);

	return has_subscription(state) && !one_of(state, "canceling");
}

bool weir_reply_is_active(const struct weir_call *c, const PGresult *res, int row)
{
	struct subscription s = subscription_of(c, res, row);

	return c->meta.conf->api_self_hosted || one_of(state_of(&s), "active");
}

void weir_reply_organization(struct weir_call *c, const PGresult *res, int row)
{
	bool self = c->meta.conf->api_self_hosted;
	struct subscription s = subscription_of(c, res, row);
	const char *state = self ? "self_hosted" : state_of(&s);
	struct weir_instead status = { WEIR_ORGANIZATION_SUBSCRIPTION_STATUS,
		self ? WEIR_TEXT("active") : s.status.n ? s.status : WEIR_TEXT("trialing") };

	weir_reply_record(c->out, c->meta.mem, &weir_record_organization, res, row, 0, &status);
	weir_sj_strz(c->out, "subscriptionState", state);
	weir_sj_bool(c->out, "hasSubscription", has_subscription(state));
	weir_sj_str(c->out, "slug", weir_pg_text(res, row, WEIR_ORGANIZATION_ID));
	weir_sj_date(c->out, "subscriptionChartEndDate", self ? INT64_MIN : chart_end(&s));
	weir_sj_bool(c->out, "isActive", one_of(state, "active self_hosted"));
	weir_sj_bool(c->out, "isTrial", one_of(state, "trialing"));
	weir_sj_bool(c->out, "isCanceled", one_of(state, "canceled"));
	weir_sj_bool(c->out, "isWillBeCanceled", one_of(state, "canceling"));
	weir_sj_bool(c->out, "isExpired", one_of(state, "expired trial_expired"));
	weir_sj_bool(c->out, "isExceeded", !self && weir_pg_int(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_PERIOD_EVENTS_COUNT)
		> weir_pg_int(res, row, WEIR_ORGANIZATION_SUBSCRIPTION_PERIOD_EVENTS_LIMIT));
	weir_sj_date(c->out, "subscriptionCurrentPeriodStart", period(&s, false));
	weir_sj_date(c->out, "subscriptionCurrentPeriodEnd", period(&s, true));
}
