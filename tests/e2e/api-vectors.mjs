// The recorded answers of tests/vectors/queries.json for what weir-api answers now:
// chart.chart and event.events on the data set GV1.
import { readFileSync } from "node:fs";
import { ok, is } from "../lib/harness.mjs";
import { sql, insert, ch } from "../lib/api.mjs";

export const { fixtures, vectors: all } = JSON.parse(readFileSync(new URL("../vectors/queries.json", import.meta.url), "utf8"));

// What differs on purpose, why, and what is answered instead: the sums of the series by their names, or the events.
const BETTER = {
	"gv1/filter-screen_view-col-isNull-numeric": ["a number is never empty: nothing matches, where the reference fails", {}],
	"gv1/filter-screen_view-profile-id-is": ["columns of the profile can be filtered by", { screen_view: 6 }],
	"gv1/filter-screen_view-has_profile-isNot-true": ["the operator counts", { screen_view: 2 }],
	"gv1/filter-screen_view-has_profile-bool": ["true is true, as text or as boolean", { screen_view: 12 }],
	"gv1/filter-purchase-lt-missing-property": ["a property that is missing is not zero", {}],
	"gv1/filter-purchase-gt-bad-value": ["a bound that is no number matches nothing, where the reference fails", {}],
	"gv1/breakdown-one_event_per_user-property": ["works, where the reference fails", { "purchase eur": 2, "purchase usd": 1 }],
	"gv1/breakdown-properties_items_name": ["labels are text, not arrays", { purchase: 2, "purchase Coat": 1, "purchase Hat, Scarf": 1 }],
	"gv1/filter-screen_view-profile-prop-wildcard": ["profile wildcards match nothing, where the reference fails", {}],
	"gv1/segment-one_event_per_user-aggregate": ["works, where the reference fails", { purchase: 3 }],
	"gv1/breakdown-properties_items_name-aggregate": ["labels are text, not arrays", { purchase: 2, "purchase Coat": 1, "purchase Hat, Scarf": 1 }],
	"gv1/formula-ratio": ["a division by zero is a gap, not a zero", { "(C) A/B*100": [null, 100, null, 100, null, null], "(A) purchase": 4, "(B) signup": 3 }],
	"gv1/formula-invalid": ["a formula that means nothing draws gaps", { "(A) purchase": 4, "(B) A+Z": [null] }],
	"gv1/funnel-profile-window-720h": ["a later signup at the purchase's own millisecond does not undo the one a week before", { none: [5, 2, 2] }],
	"gv1/funnel-same-event-twice": ["a repeated step completes", { none: [9, 4] }],
	"gv1/funnel-profile-email-filter": ["columns of the profile can be filtered by", { none: [0, 0] }],
	"gv1/conversion-profile-week": ["weeks start on Monday", { conversion: [["2026-03-02", 2, 2]] }],
	"gv1/conversion-breakdown-empty-value": ["a breakdown does not split the sequence", { "(not set)": [["2026-03-01", 9, 4]] }],
	"gv1/retention-week-on": ["weeks start on Monday", { "Weighted Average": [3, 0, 1, 1, 1], "2026-03-02": [3, 0, 1, 1, 1] }],
	"gv1/retention-filter-country": ["weeks start on Monday", { "Weighted Average": [1, 0, 1, 0, 0], "2026-03-02": [1, 0, 1, 0, 0] }],
	"gv1/retention-filter-cohort": ["weeks start on Monday", { "Weighted Average": [2, 0, 0, 1, 1], "2026-03-02": [2, 0, 0, 1, 1] }],
	"gv1/picker-values-purchase-properties.items.*.name": ["what is offered with a wildcard has values", ["Coat", "Hat", "Scarf "]],
	"gv1/getProfiles-week": ["weeks start on Monday, as in the chart", ["da1", "u1", "u2", "u3"]],
	"gv1/sankey-after": ["ends that stand alone are shown", { "session_start::step1 screen_view::step2": 9, "screen_view::step2 purchase::step3": 3, "screen_view::step2 session_end::final": 2, "screen_view::step2 signup::step3": 2, "purchase::step3 revenue::step4": 1, "purchase::step3 session_end::final": 1, "purchase::step3 signup::step4": 1, "signup::step3 purchase::step4": 1, "signup::step3 session_end::final": 1 }],
	"gv1/sankey-before": ["ends that stand alone are shown", { "session_start::step1 screen_view::step2": 3, "screen_view::step1 signup::step2": 1, "screen_view::step2 purchase::step3": 3, "signup::step2 purchase::step3": 1 }],
	"gv1/sankey-after-include": ["ends that stand alone are shown", { "screen_view::step1 purchase::step2": 3, "screen_view::step1 signup::step2": 2, "purchase::step2 signup::step3": 1, "signup::step2 purchase::step3": 1 }],
	"gv1/conversion-profile-filter-without-profile-breakdown": ["works, where the reference fails", { conversion: [["2026-03-02 00:00:00", 1, 1], ["2026-03-05 00:00:00", 1, 1], ["2026-03-08 00:00:00", 1, 0], ["2026-03-16 00:00:00", 1, 1], ["2026-03-30 00:00:00", 1, 0]] }],
	"gv1/sankey-profile-filter": ["works, where the reference fails", { "screen_view::step1 purchase::step2": 2, "screen_view::step1 signup::step2": 2, "purchase::step2 session_end::step3": 1, "purchase::step2 signup::step3": 1, "signup::step2 purchase::step3": 1, "signup::step2 session_end::step3": 1, "purchase::step3 revenue::step4": 1 }],
	"gv1/retention-profile-filter": ["works, where the reference fails", { "Weighted Average": [2, 0, 1, 0, 1], "2026-03-02": [2, 0, 1, 0, 1] }],
	"gv1/events-page2-cursor": ["the cursor is not cut to seconds, and a page between two dates is full",
		fixtures.GV1.events.filter((e) => e.created_at < "2026-03-05 09:00:00.010").map((e) => `${e.created_at.replace(" ", "T")}Z ${e.name} ${e.profile_id}`).sort()],
};

export async function load() {
	const gv1 = fixtures.GV1;
	await insert("events", gv1.events);
	await ch("ALTER TABLE session_replay_chunks REMOVE TTL"); // these recordings are older than thirty days
	for (const [table, rows] of [["profiles", gv1.profilesOld], ["profiles", gv1.profiles], ["groups", gv1.groups.slice(0, 3)], ["groups", gv1.groups.slice(3)], ["cohort_members", gv1.cohort_members], ["sessions", gv1.sessions], ["session_replay_chunks", gv1.session_replay_chunks]])
		await insert(table, rows);
	for (const c of gv1.cohorts)
		sql(`INSERT INTO cohorts (id, name, "projectId") VALUES ('${c.id}', '${c.name}', 'gv1')`);
	for (const m of gv1.event_meta)
		sql(`INSERT INTO event_meta (name, conversion, color, icon, "projectId") VALUES ('${m.name}', ${m.conversion}, '${m.color}', '${m.icon}', 'gv1')`);
}

const num = (p) => (p === undefined ? undefined : p);

// The condensed form in which the vectors hold an answer.
function condense({ series, metrics }) {
	return {
		series: series.map((s) => ({
			id: s.id, names: s.names, event: s.event, metrics: s.metrics, points: s.data.length, first: s.data[0]?.date, last: s.data.at(-1)?.date,
			nonzero: s.data.filter((d) => d.count !== 0 || d.previous?.value).map((d) => (d.previous === undefined ? [d.date, d.count] : [d.date, d.count, num(d.previous)])),
		})),
		metrics,
	};
}

// An unknown country is "" here, two NUL characters there; those filled-in series say nothing.
const nul = (v) => JSON.stringify(v).includes("\\u0000");
export const sorted = (v) => (Array.isArray(v) ? v.map(sorted) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => [k, sorted(x)])) : v);
const bySum = (list) => [...list].sort((a, b) => b.metrics.sum - a.metrics.sum || (JSON.stringify(a.names) < JSON.stringify(b.names) ? -1 : 1));

function expected(v) {
	if (!v.expected) return { series: [] }; // the reference fails
	return { ...v.expected, series: v.expected.series.filter((s) => !nul(s.names)) };
}

// The last bucket is filled here like all others, when the range reaches into it.
const LAST = {
	minute: (day) => `${day} 23:59:00`, hour: (day) => `${day} 23:00:00`, day: (day) => `${day} 00:00:00`, month: (day) => `${day.slice(0, 8)}01`,
	week: (day) => { const d = new Date(day); d.setUTCDate(d.getUTCDate() - ((d.getUTCDay() + 6) % 7)); return d.toISOString().slice(0, 10); },
};
const change = (now, was) => {
	const diff = now === was ? null : Math.round(((now > was ? now / was : was / now) - 1 + Number.EPSILON) * 1000) / 10;
	return { diff: Number.isFinite(diff) ? diff : null, state: now > was ? "positive" : now < was ? "negative" : "neutral", value: was };
};

function filled(want, { interval, endDate, previous }) {
	if (!endDate || !want.metrics) return want;
	const last = endDate.length > 10 ? `${endDate.slice(0, 16)}:00` : LAST[interval](endDate);
	const series = want.series.map((s) => {
		if (s.last >= last) return s;
		const metrics = { ...s.metrics, min: Math.min(s.metrics.min, 0) };
		if (previous && s.metrics.previous) metrics.previous = { ...s.metrics.previous, min: change(metrics.min, Math.min(s.metrics.previous.min.value, 0)) };
		return { ...s, metrics, points: s.points + 1, last };
	});
	const min = series.length ? Math.min(want.metrics.min, ...series.map((s) => s.metrics.min)) : want.metrics.min;
	return { ...want, series, metrics: { ...want.metrics, min } };
}

async function chart(me, v) {
	const got = condense(await me.one.chart[v.procedure.slice("chart.".length)].query(v.input));
	const want = v.procedure === "chart.chart" ? filled(expected(v), v.input) : expected(v);
	got.series = bySum(got.series);
	return [sorted(got), sorted({ ...want, series: bySum(want.series) })];
}

// What a correction is compared by.
const VIEWS = {
	"event.events": (got) => got.names,
	"chart.funnel": (got) => got.current && Object.fromEntries(got.current.map((s) => [s.id, s.steps.map((t) => t.count)])),
	"chart.conversion": (got) => got.current && Object.fromEntries(got.current.map((s) => [s.id, s.data.map((d) => [d.date, d.total, d.conversions])])),
	"chart.cohort": (got) => Array.isArray(got) ? Object.fromEntries(got.map((r) => [r.cohort_interval, r.values])) : got,
	"chart.sankey": (got) => got.links && Object.fromEntries(got.links.map((l) => [`${l.source} ${l.target}`, l.value])),
	"chart.values": (got) => got.values,
	"chart.getProfiles": (got) => got,
};
// A series with gaps is told by its points.
const gaps = (s) => s.nonzero.some(([, count]) => count === null);
const sums = ({ series }) => series && Object.fromEntries(series.map((s) => [s.names.join(" "), gaps(s) ? s.nonzero.map(([, count]) => count) : s.metrics.sum]));

const dates = (input) => {
	const { startDate, endDate, ...rest } = input;
	return { ...rest, ...(startDate && { startDate: new Date(startDate) }), ...(endDate && { endDate: new Date(endDate) }) };
};

async function events(me, v) {
	const { data, meta } = await me.one.event.events.query(dates(v.input));
	if (v.expected.data) {
		const item = JSON.parse(JSON.stringify(data));
		return [sorted({ data: item, meta }), sorted(JSON.parse(JSON.stringify(v.expected).replaceAll("\\u0000", "")))];
	}
	const names = data.map((e) => `${e.createdAt.toISOString()} ${e.name} ${e.profileId}`);
	const want = v.expected.names;
	// Events of one moment may stand in any order there.
	return [{ count: data.length, names: names.sort(), next: meta.next }, { count: v.expected.count, names: [...want].sort(), next: v.expected.next }];
}

// Other procedures: the answer as it is, or the sentence of a refusal.
async function plain(me, v) {
	const [router, name] = v.procedure.split(".");
	const json = (x) => JSON.parse(JSON.stringify(x));
	if (v.error && !v.referenceDefect) return me.one[router][name].query(v.input).then((x) => ["an answer", x], (e) => [e.message, v.error]);
	return [sorted(ties(json(await me.one[router][name].query(v.input)))), sorted(ties(v.expected))];
}

// Funnels that weigh the same stand in any order.
const weight = (s) => s.steps.reduce((sum, t) => sum + t.count, 0);
const ties = (answer) => answer?.current?.[0]?.steps ? { ...answer, current: [...answer.current].sort((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1)) } : answer;

// Long rows are recorded as their length and what is not zero.
async function retention(me, v) {
	const [got, want = "an error"] = await plain(me, v);
	if (!Array.isArray(want)) return [got, want];
	const short = got.map((row, i) => (want[i]?.n === undefined ? row : { cohort_interval: row.cohort_interval, sum: row.sum, n: row.values.length, nonzero: row.values.map((x, k) => [k, x]).filter(([, x]) => x) }));
	return [sorted(short), want];
}

// Profiles by their ids, which stand in any order.
async function profiles(me, v) {
	const [got, want] = await plain(me, v);
	return [got.map((p) => p.id).sort(), [...want].sort()];
}

const RUNS = { "chart.chart": chart, "chart.aggregate": chart, "event.events": events, "chart.funnel": plain, "chart.conversion": plain, "chart.cohort": retention, "chart.sankey": plain, "chart.properties": plain, "chart.values": plain, "chart.getProfiles": profiles, "chart.getFunnelProfiles": profiles };

// The fixture RETENTION: what the reference's own tests assert, each vector in its own words.
const SAID = {
	"retention/weighted-average-first": (rows) => [[rows[0].cohort_interval, rows[0].percentages[0]], ["Weighted Average", 1]],
	"retention/first-touch": (rows, want) => [[rows.slice(1).map((r) => r.cohort_interval), rows.slice(1).reduce((a, r) => a + r.sum, 0)], [want.cohortDates, want.sumOfSizes]],
	"retention/any-event": (rows, want) => [rows.slice(1).map((r) => r.sum), want.sums],
	"retention/cross-event": (rows, want) => [rows, want],
};

async function retentionFixture(me) {
	const { projectId } = await me.one.onboarding.project.mutate({ organization: "Retention", project: "retention", domain: null, website: false, app: false, backend: true });
	await insert("events", fixtures.RETENTION.events.map((e) => ({ ...e, project_id: projectId, device_id: `dev-${e.profile_id}` })));
	await insert("cohort_members", ["ru1", "ru4"].map((id) => ({ project_id: projectId, cohort_id: "retention-cohort-rc", profile_id: `retention-${id}`, matched_at: "2024-03-04 00:00:00", version: 1 })));
	for (const v of all) {
		if (v.fixture !== "RETENTION" || !v.input.startDate) continue;
		const rows = await me.one.chart.cohort.query({ firstEvent: ["*"], secondEvent: ["*"], ...v.input, projectId, range: "custom" });
		const [got, want] = SAID[v.id]?.(rows, v.expected) ?? [rows.slice(1).map(({ percentages: _, ...row }) => row), v.expected.cohorts];
		is(sorted(got), sorted(want), v.id);
	}
}

// No recorded answers: the list of names counts events, the card the sessions of the last months.
async function names(me) {
	const count = new Map();
	for (const e of fixtures.GV1.events) count.set(e.name, (count.get(e.name) ?? 0) + 1);
	const want = [...count].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
	const got = await me.one.chart.events.query({ projectId: "gv1" });
	is(got.map((e) => [e.name, e.count]), [["*", fixtures.GV1.events.length], ...want], "chart.events counts events");
	is(got.find((e) => e.meta)?.meta.name, fixtures.GV1.event_meta[0].name, "and knows what is said about a name");
}

async function card(me) {
	const { projectId } = await me.one.onboarding.project.mutate({ organization: "Card", project: "card", domain: null, website: false, app: false, backend: true });
	const ago = (days) => new Date(Date.now() - days * 86400000).toISOString().replace("T", " ").slice(0, 23);
	const session = (id, days, profile_id, revenue, sign = 1, version = 1) => ({ id, project_id: projectId, profile_id, device_id: "d", created_at: ago(days), ended_at: ago(days), revenue, sign, version });
	// One of today in two versions, one of the day before, one of four months ago.
	const today = session("a", 0, "u1", 5), rows = [today, { ...today, sign: -1 }, { ...today, revenue: 8, version: 2 }, session("b", 1.5, "u2", 2), session("c", 120, "u3", 1)];
	await insert("sessions", rows);
	const got = await me.one.chart.projectCard.query({ projectId });
	is(got.metrics, { months_3: 2, months_3_prev: 1, month: 2, day: 1, day_prev: 1, revenue: 11 }, "chart.projectCard counts profiles, and revenue once");
	is(got.trend, { direction: "up", percentage: 100 }, "its trend");
	is([got.chart.at(-1).value, got.chart.at(-1).revenue, got.chart.at(-1).date instanceof Date], [1, 8, true], "its last day is today");
	is(got.chart.reduce((sum, d) => sum + d.revenue, 0), 10, "its days are the last three months");
}

export async function vectors(me) {
	const made = await me.one.onboarding.project.mutate({ organization: "GV1", project: "gv1", domain: null, website: false, app: false, backend: true });
	is(made.projectId, "gv1", "a project for the vectors");
	await load();
	let same = 0, wanted = 0, zone;
	for (const v of all) {
		const run = RUNS[v.procedure];
		if (!run || v.fixture !== "GV1") continue;
		wanted += v.id in BETTER ? 0 : 1;
		if ((v.tz ?? "UTC") !== zone) {
			zone = v.tz ?? "UTC";
			sql(`UPDATE organizations SET timezone = '${zone}' WHERE id = '${made.organizationId}'`);
		}
		let got, want;
		try {
			[got, want] = await run(me, v);
		} catch (e) {
			[got, want] = [`${e.data?.httpStatus} ${e.message}`, v.expected ?? "an error"];
		}
		if (JSON.stringify(got) === JSON.stringify(want)) {
			same++;
		} else if (BETTER[v.id]) {
			const [why, instead] = BETTER[v.id];
			is((VIEWS[v.procedure] ?? sums)(got), instead, `${v.id}: ${why}`);
		} else {
			ok(false, v.id, { input: v.input, got, want });
		}
	}
	await retentionFixture(me);
	await names(me);
	await card(me);
	ok(same === wanted && same > 150, `${same} of ${wanted} recorded answers are the same`);
}
