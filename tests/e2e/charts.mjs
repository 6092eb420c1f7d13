// Charts against the model. CHART_CASES and CHART_SEED choose how many, and repeat a failure.
import { ok, is, done, comment } from "../lib/harness.mjs";
import { visitor, sql, insert } from "../lib/api.mjs";
import { planVectors } from "./plan-vectors.mjs";
import { randomOf, between, oneOf } from "../lib/random.mjs";
import { chart, funnel, retention, bucketsOf } from "../lib/chart-model.mjs";

const CASES = Number(process.env.CHART_CASES ?? 1200);
const SEED = Number(process.env.CHART_SEED ?? Date.now() % 1000000);
const COHORT = "c0000000-0000-4000-8000-000000000001";
comment(`seed ${SEED}, ${CASES} cases`);

// Days around the changes of each zone's clock.
const PLACES = [
	{ zone: "Europe/Stockholm", from: "2026-03-24", to: "2026-04-03" }, { zone: "Europe/Stockholm", from: "2026-10-20", to: "2026-10-29" },
	{ zone: "America/New_York", from: "2026-03-03", to: "2026-03-12" }, { zone: "America/New_York", from: "2026-10-27", to: "2026-11-05" },
	{ zone: "Asia/Kathmandu", from: "2026-01-28", to: "2026-02-06" }, { zone: "Pacific/Apia", from: "2011-12-26", to: "2012-01-04" },
	{ zone: "UTC", from: "2026-02-24", to: "2026-03-06" },
];
const DAY = 86400000;

const me = visitor();
await me.one.auth.signUpEmail.mutate({ firstName: "Ada", lastName: "Byron", email: "bo@example.com", password: "a long password", confirmPassword: "a long password", inviteId: null });

// ------------------------------------------------------------- the worlds

function worldOf(random, place, project) {
	const start = Date.parse(place.from), length = Date.parse(place.to) - start, world = { ...place, project, events: [], profiles: new Map(), cohort: new Set() };
	for (let i = 0; i < 8; i++) {
		world.profiles.set(`u${i}`, { email: `u${i}@${oneOf(random, ["a.test", "b.test"])}`, properties: { tier: oneOf(random, ["gold", "tin", ""]), age: String(between(random, 1, 60)) } });
		if (random() < 0.4) world.cohort.add(`u${i}`);
	}
	for (let i = 0; i < 40; i++) {
		const known = random() < 0.8, who = between(random, 0, 7), device = `d${who}`, session = random() < 0.95 ? `s${i}` : "";
		let t = start + Math.floor(random() * length);
		for (let n = between(random, 1, 14); n > 0; n--) {
			t += random() < 0.1 ? 0 : between(random, 1, random() < 0.8 ? 900000 : 20000000);
			const properties = {};
			if (random() < 0.7) properties.plan = oneOf(random, ["pro", "free", "it's", "50%", "a\\b", "ÅÄÖ"]);
			if (random() < 0.6) properties.amount = oneOf(random, ["1", "20", "3.5", "-7", "abc", "0"]);
			world.events.push({ t, name: oneOf(random, ["view", "view", "signup", "buy"]), profile: known ? `u${who}` : device, device, session, path: oneOf(random, ["/", "/a", "/a/b", "/x_y"]), country: oneOf(random, ["SE", "US", ""]), properties });
		}
	}
	return world;
}

const time = (t) => new Date(t).toISOString().replace("T", " ").slice(0, 23);

async function load(world) {
	const project_id = world.project;
	await insert("events", world.events.map((e) => ({ project_id, name: e.name, profile_id: e.profile, device_id: e.device, session_id: e.session, path: e.path, country: e.country, properties: e.properties, created_at: time(e.t) })));
	await insert("profiles", [...world.profiles].map(([id, p]) => ({ project_id, id, is_external: true, email: p.email, properties: p.properties, created_at: "2026-01-01 00:00:00.000", last_seen_at: "2026-01-01 00:00:00.000" })));
	if (world.cohort.size) await insert("cohort_members", [...world.cohort].map((profile_id) => ({ project_id, cohort_id: COHORT, profile_id, matched_at: "2026-01-01 00:00:00", version: 1 })));
}

// ------------------------------------------------------ random questions

const FIELDS = ["path", "country", "profile_id", "properties.plan", "properties.amount", "properties.none", "profile.email", "profile.properties.tier"];
const OPERATORS = ["is", "isNot", "contains", "doesNotContain", "startsWith", "endsWith", "isNull", "isNotNull"];
const VALUES = ["/", "/a", "SE", "US", "", "pro", "free", "it's", "a.test", "u1", "u2", "gold", "tin", "1", "20", "ÅÄÖ", "a\\b", "\\"];
const ordered = ["properties.amount", "profile.properties.age"];

function filterOf(random) {
	const kind = random();
	if (kind < 0.1) return { name: "cohort", operator: oneOf(random, ["inCohort", "notInCohort"]), value: [], cohortIds: [COHORT] };
	if (kind < 0.3) return { name: oneOf(random, ordered), operator: oneOf(random, ["gt", "lt", "gte", "lte"]), value: [oneOf(random, ["1", "20", "3.5", "30", "x"])] };
	if (kind < 0.4) return { name: "properties.amount", operator: oneOf(random, ["is", "isNot"]), type: "number", value: [oneOf(random, ["20", "20.0", "x", "0"])] };
	if (kind < 0.5) return { name: oneOf(random, FIELDS), operator: "regex", value: [oneOf(random, ["^u[12]$", "a", "[0-9]+$"])] };
	return { name: oneOf(random, FIELDS), operator: oneOf(random, OPERATORS), value: Array.from({ length: between(random, 0, 3) }, () => oneOf(random, VALUES)) };
}
const filtersOf = (random, most) => Array.from({ length: between(random, 0, most) }, () => filterOf(random));
const breakdownsOf = (random) => [...new Set(Array.from({ length: oneOf(random, [0, 0, 1, 1, 2]) }, () => oneOf(random, [...FIELDS, "has_profile", "cohort:c1"])))];
const series = (random, id) => ({ type: "event", id, name: oneOf(random, ["view", "signup", "buy"]), segment: "event", filters: filtersOf(random, 1) });

function rangeOf(random, world) {
	const days = Math.round((Date.parse(world.to) - Date.parse(world.from)) / DAY), a = between(random, 0, days - 1), b = between(random, a, days);
	const date = (n) => new Date(Date.parse(world.from) + n * DAY).toISOString().slice(0, 10);
	return { startDate: `${date(a)} 00:00:00`, endDate: `${date(b)} 23:59:59` };
}

const real = (list) => list.map(({ name }) => ({ name: name === "cohort:c1" ? `cohort:${COHORT}` : name }));

// --------------------------------------------------------------- answers

const near = (a, b) => a === b || (a !== null && b !== null && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b)));
const sorted = (o) => Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)));

function sameChart(got, want, input) {
	const found = Object.fromEntries(got.series.map((s) => [JSON.stringify(input.breakdowns.map(({ name }) => s.event.breakdowns?.[name] ?? "")), s]));
	if (Object.keys(found).length !== got.series.length || Object.keys(found).length !== Object.keys(want).length) return false;
	return Object.entries(want).every(([labels, w]) => found[labels] && found[labels].data.length === w.points.length && (input.series[0].segment === "one_event_per_user" || found[labels].metrics.count === w.total) && w.points.every(([text, count], i) => found[labels].data[i].date === text && near(found[labels].data[i].count, count)));
}

async function oneChart(random, world) {
	const segment = oneOf(random, ["event", "event", "user", "session", "user_average", "one_event_per_user", "property_sum", "property_average", "property_max", "property_min"]);
	const range = rangeOf(random, world), short = range.startDate.slice(0, 10) === range.endDate.slice(0, 10);
	const input = {
		projectId: world.project, range: "custom", ...range, interval: oneOf(random, ["hour", "hour", "day", "week", "month", short ? "minute" : "day"]), breakdowns: breakdownsOf(random).map((name) => ({ name })),
		globalFilters: filtersOf(random, 1), series: [{ ...series(random, "A"), name: oneOf(random, ["*", "view", "buy"]), segment, property: "properties.amount" }],
	};
	const asked = { ...input, breakdowns: real(input.breakdowns) }, got = await me.one.chart.chart.query(asked), want = chart(world, input);
	// Two events of one moment and profile: either may be the newest.
	if (segment === "one_event_per_user" && input.breakdowns.length) return [true];
	return [sameChart(got, want, { ...input, breakdowns: asked.breakdowns }), asked, got, want];
}

async function oneFunnel(random, world) {
	const input = { projectId: world.project, range: "custom", ...rangeOf(random, world), breakdowns: oneOf(random, [[], [{ name: "country" }], [{ name: "path" }]]), series: ["A", "B", "C", "D"].slice(0, between(random, 1, 4)).map((id) => series(random, id)), options: { type: "funnel", funnelGroup: oneOf(random, ["session_id", "profile_id"]), funnelWindow: oneOf(random, [0.1, 1, 24, 100]) } };
	const want = funnel(world, input), got = await me.one.chart.funnel.query(input);
	const found = Object.fromEntries(got.current.map((s) => [JSON.stringify(s.breakdowns), s.steps.map((t) => t.count)]));
	if (!input.breakdowns.length && !Object.keys(want).length) want["[]"] = input.series.map(() => 0);
	const total = (o) => input.series.map((_, k) => Object.values(o).reduce((sum, counts) => sum + counts[k], 0));
	// The labels of a first step that has two events at one moment are either's.
	return [JSON.stringify(total(found)) === JSON.stringify(total(want)) && (input.breakdowns.length || JSON.stringify(sorted(found)) === JSON.stringify(sorted(want))), input, found, want];
}

async function oneRetention(random, world) {
	const input = { projectId: world.project, range: "custom", ...rangeOf(random, world), interval: oneOf(random, ["day", "day", "week", "month"]), criteria: oneOf(random, ["on", "on_or_after"]), firstEvent: [oneOf(random, ["view", "signup"])], secondEvent: oneOf(random, [["view"], ["buy", "signup"]]), filters: filtersOf(random, 1) };
	const got = await me.one.chart.cohort.query(input);
	const columns = got[0]?.values.length ?? 1, found = Object.fromEntries(got.slice(1).map((r) => [r.cohort_interval, { sum: r.sum, values: r.values }])), want = retention(world, input, columns);
	return [JSON.stringify(sorted(found)) === JSON.stringify(want), input, found, want];
}

const KINDS = [["charts", oneChart, 4], ["funnels", oneFunnel, 2], ["retention tables", oneRetention, 1]];

async function cases(world, random, count) {
	for (const [what, run, weight] of KINDS) {
		const n = Math.ceil((count * weight) / 7);
		let good = 0, first;
		for (let i = 0; i < n; i++) {
			const [same, input, got, want] = await run(random, world).catch((e) => [false, `${e.data?.httpStatus} ${e.message}`]);
			if (same) good++;
			else first ??= { input, got, want };
		}
		ok(good === n, `${world.zone} from ${world.from}: ${good} of ${n} ${what} as the model has them`, first && JSON.stringify(first).slice(0, 6000));
	}
}

for (const [i, place] of PLACES.entries()) {
	const random = randomOf(SEED + i);
	const made = await me.one.onboarding.project.mutate({ organization: `Place ${i}`, project: `place ${i}`, domain: null, website: false, app: false, backend: true, timezone: place.zone });
	sql(`UPDATE organizations SET timezone = '${place.zone}' WHERE id = '${made.organizationId}'`);
	const world = worldOf(random, place, made.projectId);
	await load(world);
	await cases(world, random, Math.ceil(CASES / PLACES.length));
}

// --------------------------------------------------------- names of series

const made = await me.one.onboarding.project.mutate({ organization: "Named", project: "named", domain: null, website: false, app: false, backend: true });
// Ids are made of names, of which Latin letters and digits are kept: all are told apart, and keep their ids.
await insert("events", ["日本", "東京", "大阪", "Ascii"].map((city, i) => ({ project_id: made.projectId, name: "旅行", profile_id: "u", device_id: "d", session_id: "s", city, properties: { note: city }, created_at: `2026-03-02 1${i}:00:00.000` })));
const trips = (name) => ({ projectId: made.projectId, range: "custom", startDate: "2026-03-01", endDate: "2026-03-03", interval: "day", series: [{ type: "event", name: "旅行", filters: [] }], breakdowns: [{ name }] });
const idsOf = async (input) => Object.fromEntries((await me.one.chart.chart.query(input)).series.map((s) => [s.names[1] ?? "", s.id]));
const ids = await idsOf(trips("city")), again = await idsOf(trips("city"));
ok(Object.keys(ids).length === 4 && new Set(Object.values(ids)).size === 4 && Object.values(ids).every((id) => id), "series of any script have ids of their own", ids);
is(again, ids, "and keep them");
is(ids.Ascii, "a-ascii", "what is told apart already is left as it is");

// ------------------------------------------------- what is known of statements

await planVectors(made.projectId, (input) => me.one.chart[{ funnel: "funnel", bar: "aggregate" }[input.chartType] ?? "chart"].query(input));

// ------------------------------------------------------------ the limits

sql(`UPDATE organizations SET timezone = 'Europe/Stockholm' WHERE id = '${made.organizationId}'`);
const wide = await me.one.chart.chart.query({ ...trips("city"), breakdowns: [], startDate: "2000-01-01", interval: "minute" }).then(() => "an answer", (e) => `${e.data?.httpStatus} ${e.message}`);
is(wide, "413 The chart would have too many points: ask for a shorter range or a longer interval", "a chart of too many points says what to ask for");
ok(bucketsOf("Europe/Stockholm", "hour", { start: "2026-10-25 00:00:00", end: "2026-10-25 23:59:59" }).size === 25, "the model knows the day of 25 hours");
done();
