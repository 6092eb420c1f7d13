// See api-lists.t.  The recorded answers for overview, events, sessions and profiles: how each procedure's answer
// is put into the form that the vectors hold, and what differs on purpose.
import { sharedOverview, sharedReports, sharedElsewhere } from "./share-reads.mjs";
import { ok, is, done } from "../lib/harness.mjs";
import { visitor, sql, insert, refusal } from "../lib/api.mjs";
import { all, fixtures, load, sorted } from "./api-vectors.mjs";

const plain = (v) => JSON.parse(JSON.stringify(v));
// Rows of equal rank may stand in any order; a row has the same members in any order.
const rows = (list, ...rank) => sorted(plain(list)).sort((a, b) => {
	for (const r of rank) if (a[r] !== b[r]) return b[r] - a[r];
	return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
});
const top = (...rank) => async (call, v) => [rows(await call(v.input), ...rank), rows(v.expected, ...rank)];

// Members that the reference lets slip out: parts of its own reckoning.
const LEAKS = /^(_|overall_)/;
const clean = (row) => Object.fromEntries(Object.entries(row).filter(([k]) => !LEAKS.test(k)));

function stats({ metrics, series }, want) {
	const list = series.map(clean);
	const out = { metrics };
	if (want.series) out.series = list;
	if ("points" in want) out.points = list.length;
	if (want.first) out.first = list[0];
	if (want.last) out.last = list.at(-1).date;
	if (want.nonzero) out.nonzero = list.filter((r) => Object.entries(r).some(([k, x]) => k !== "date" && x));
	return sorted(plain(out));
}

async function overviewStats(call, v) {
	const want = plain(v.expected);
	for (const k of ["series", "nonzero"]) if (want[k]) want[k] = want[k].map(clean);
	if (want.first) want.first = clean(want.first);
	return [stats(await call(v.input), v.expected), sorted(want)];
}

async function topSeries(call, v) {
	const order = ({ items }) => rows(items.map((i) => ({ ...i, sessions: i.total.sessions })), "sessions");
	return [order(await call(v.input)), order(v.expected)];
}

const asDates = ({ startDate, endDate, ...rest }) => ({ ...rest, ...(startDate && { startDate: new Date(startDate) }), ...(endDate && { endDate: new Date(endDate) }) });
const noNul = (v) => JSON.parse(JSON.stringify(v).replaceAll("\\u0000", ""));
const same = async (call, v) => [sorted(plain(await call(v.input))), sorted(noNul(v.expected))];

async function sessionList(call, v) {
	const { items, meta } = await call(asDates(v.input));
	return [{ ids: items.map((s) => s.id), next: meta.next }, v.expected];
}

async function profileList(call, v) {
	const { data, meta } = await call(v.input);
	return [sorted({ ids: data.map((p) => p.id), meta: plain(meta) }), sorted(v.expected)];
}

async function powerUsers(call, v) {
	const { data, meta } = await call(v.input);
	return [sorted({ rows: data.map((p) => [p.id, p.count]), meta: plain(meta) }), sorted(v.expected)];
}

async function conversions(call, v) {
	const { data, meta } = await call(asDates(v.input));
	return [sorted({ count: data.length, names: data.map((e) => e.name), next: meta.next }), sorted(v.expected)];
}

// Of a cohort's sample any ten will do.
async function preview(call, v) {
	const { count, sampleProfiles } = await call(v.input);
	return [{ count, sample: [...sampleProfiles].sort() }, v.expected];
}

const failing = (run) => async (call, v) => {
	if (!v.error) return run(call, v);
	const got = await call(v.input).then(() => "no error", (e) => e.message);
	return [got, v.error];
};

const RUNS = {
	"overview.stats": overviewStats,
	"overview.topPages": top("sessions"),
	"overview.topGeneric": top("sessions"),
	"overview.topGenericSeries": topSeries,
	"overview.map": top("count"),
	"overview.userJourney": same,
	"event.pages": top("sessions"),
	"event.byId": same,
	"event.conversions": conversions,
	"event.origin": same,
	"session.list": sessionList,
	"session.byId": failing(same),
	"session.replayChunksFrom": same,
	"profile.metrics": same,
	"profile.byId": same,
	"profile.activity": same,
	"profile.properties": async (call, v) => [plain(await call(v.input)).sort(), [...v.expected].sort()],
	"profile.values": async (call, v) => [{ values: (await call(v.input)).values.sort() }, { values: [...v.expected.values].sort() }],
	"profile.list": profileList,
	"profile.powerUsers": powerUsers,
	"group.list": same,
	"group.byId": same,
	"group.metrics": same,
	"group.activity": same,
	"group.memberGrowth": same,
	"group.mostEvents": top("count"),
	"group.popularRoutes": top("count"),
	"group.listByIds": same,
	"group.types": async (call, v) => [[...(await call(v.input))].sort(), [...v.expected].sort()],
	"group.properties": async (call, v) => [[...(await call(v.input))].sort(), [...v.expected].sort()],
	"group.listProfiles": profileList,
	"cohort.preview": preview,
	"cohort.listProfiles": profileList,
	"cohort.mostEvents": top("count"),
	"cohort.popularRoutes": top("count"),
	"cohort.eventsPerDay": same,
	"cohort.getCount": same,
	"cohort.exportProfiles": same,
};

// What differs on purpose: why, and what of the answer is looked at instead.
const MONDAYS = "weeks begin on Monday";
const mondays = ({ points, nonzero }) => [points, ...nonzero.map((r) => `${r.date.slice(5, 10)} ${r.total_sessions}`)];
const weeks = (list) => list.map((i) => [i.name, ...i.data.map((d) => `${d.date.slice(5, 10)} ${d.sessions}`)]);
const BETTER = {
	"gv1/overview-stats-empty": ["no bucket is taken for the total", ({ series }) => series.map((r) => r.date.slice(0, 10)), ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]],
	"gv1/overview-stats-Europe/Stockholm-day": ["the period before has as many days, though a clock was changed", ({ last, points, nonzero }) => [last, points, nonzero.at(-1).prev_total_sessions], ["2026-03-31 00:00:00", 31, 0]],
	"gv1/overview-stats-Europe/Stockholm-week": [MONDAYS, mondays, [6, "03-02 5", "03-09 1", "03-16 1", "03-23 1", "03-30 1"]],
	"gv1/overview-stats-America/New_York-week": [MONDAYS, mondays, [6, "03-02 5", "03-09 1", "03-16 1", "03-23 1", "03-30 1"]],
	"gv1/overview-topGenericSeries-country-week": [MONDAYS, weeks, [["US", "03-02 4", "03-16 1", "03-30 1"], ["SE", "03-02 1", "03-23 1"], ["DE", "03-09 1"]]],
	"gv1/overview-stats-path-NY-day": ["rates over everything, in any zone", ({ metrics: m }) => [m.bounce_rate, m.views_per_session], [20, 1.2]],
	"gv1/sessions-filter-country is US (ignored)": ["columns can be filtered by", ({ ids }) => ids, ["s8", "s9", "s5", "s4", "s3", "s1"]],
	"gv1/profile-metrics-da1": ["a session that bounced counts", (m) => m.bounceRate, 100],
	"gv1/profile-values-property": ["values that profiles have, not those that they had", (m) => m.values, ["free", "pro"]],
	"gv1/profile-values-column": ["values that profiles have, not those that they had", (m) => m.values, ["ann@acme.test", "bo@beta.test", "cy@example.test"]],
	"gv1/profiles-all": ["profiles are counted, not their versions", ({ ids, meta }) => [ids.length, meta.count], [5, 5]],
	"gv1/profiles-filter-inCohort": ["profiles are counted, not their versions", ({ ids, meta }) => [ids.length, meta.count], [2, 2]],
	"gv1/profiles-filter-isNull": ["profiles are counted, not their versions", ({ ids, meta }) => [ids.length, meta.count], [3, 3]],
	"gv1/profiles-filter-untyped gt string compare": ["numbers are compared as numbers", ({ ids }) => ids, ["u2", "u1"]],
	"gv1/profiles-filter-session filter ignored": ["profiles with such a session", ({ ids }) => ids, ["u3", "u2", "u1"]],
	"gv1/cohort-prop-regex-ignored": ["every operator counts", (c) => c, { count: 1, sample: ["u3"] }],
	"gv1/profiles-filter-country column ignored": ["the property that people see as a column", ({ ids }) => ids, ["da1", "u1"]],
};

const me = visitor();
await me.one.auth.signUpEmail.mutate({ firstName: "A", lastName: "B", email: "ada@example.com", password: "password1", confirmPassword: "password1", inviteId: null });
const made = await me.one.onboarding.project.mutate({ organization: "GV1", project: "gv1", domain: null, website: false, app: false, backend: true });
await load();
const counts = {};
let zone;
for (const v of all) {
	const run = RUNS[v.procedure];
	if (!run || v.fixture !== "GV1") continue;
	if ((v.tz ?? "UTC") !== zone) {
		zone = v.tz ?? "UTC";
		sql(`UPDATE organizations SET timezone = '${zone}' WHERE id = '${made.organizationId}'`);
	}
	const section = (counts[v.area] ??= { same: 0, of: 0, better: 0 });
	section.of++;
	const [router, name] = v.procedure.split(".");
	let got, want;
	try {
		[got, want] = await run((input) => me.one[router][name].query(input), v);
	} catch (e) {
		[got, want] = [`${e.data?.httpStatus} ${e.message}`, v.expected];
	}
	if (JSON.stringify(got) === JSON.stringify(want)) {
		section.same++;
	} else if (BETTER[v.id]) {
		const [why, pick, instead] = BETTER[v.id];
		is(typeof got === "string" ? got : pick(got), instead, `${v.id}: ${why}`);
		section.better++;
	} else {
		ok(false, v.id, { input: v.input, got, want });
	}
}
for (const [area, c] of Object.entries(counts))
	ok(c.same + c.better === c.of, `${area}: ${c.same} of ${c.of} recorded answers are the same, ${c.better} are corrected`);

// ---------------------------------------------------------------- now: vectors live/relative

const rand = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const ago = (minutes) => new Date(Date.now() - minutes * 60000).toISOString().replace("T", " ").slice(0, 23);
const live = await me.one.project.create.mutate({ organizationId: made.organizationId, project: "live", domain: null, cors: [], website: false, app: false, backend: true });
const projectId = live.id;
await insert("events", [1, 3, 7, 20, 40].map((m, i) => ({
	id: rand(i), name: "screen_view", project_id: projectId, profile_id: `p${i}`, device_id: `d${i}`, session_id: `s${i}`, path: "/", origin: "https://shop.test",
	referrer_name: "Google", country: "US", city: "Boston", longitude: -71.06, latitude: 42.36, created_at: ago(m),
})));
is(await me.one.overview.liveVisitors.query({ projectId }), 2, "visitors of five minutes");
const data = await me.one.overview.liveData.query({ projectId });
ok(data.totalSessions === 4 && (data.minuteCounts.length === 30 || data.minuteCounts.length === 31), "sessions of thirty minutes, one line for each minute", data);
is([data.minuteCounts.reduce((n, m) => n + m.sessionCount, 0), data.referrers], [4, [{ referrer: "Google", count: 4 }]], "and where they came from");
ok(data.minuteCounts.every((m) => (m.sessionCount ? m.referrers[0].count === 1 : m.referrers.length === 0) && /^\d\d:\d\d [AP]M$/.test(m.time) && m.timestamp % 60000 === 0), "minute by minute", data.minuteCounts);
is(await me.one.realtime.coordinates.query({ projectId }), [{ country: "US", city: "Boston", long: -71.06, lat: 42.36, count: 4 }], "realtime.coordinates");
const four = { count: 4, unique_sessions: 4, avg_duration: 0 };
is(await me.one.realtime.paths.query({ projectId }), [{ origin: "https://shop.test", path: "/", ...four }], "realtime.paths");
is(await me.one.realtime.referrals.query({ projectId }), [{ referrer_name: "Google", ...four }], "realtime.referrals");
is(await me.one.realtime.geo.query({ projectId }), [{ country: "US", city: "Boston", ...four }], "realtime.geo");
const badge = await me.one.realtime.mapBadgeDetails.query({ projectId, detailScope: "city", locations: [{ country: "US", city: "Boston" }, { country: "SE", city: "Lund" }] });
is(badge.summary, { totalSessions: 4, totalProfiles: 4, totalLocations: 2, totalCountries: 2, totalCities: 2 }, "realtime.mapBadgeDetails");
is([badge.topReferrers, badge.topPaths, badge.topEvents, badge.recentProfiles.map((p) => p.profileId)],
	[[{ referrerName: "Google", count: 4 }], [{ origin: "https://shop.test", path: "/", count: 4 }], [], ["p0", "p1", "p2", "p3"]], "with its lists");
const point = await me.one.realtime.mapBadgeDetails.query({ projectId, detailScope: "coordinate", locations: [{ country: "US", city: "Boston", lat: 42.36, long: -71.06 }] });
is(point.summary.totalSessions, 4, "of one point");
const active = await me.one.realtime.activeSessions.query({ projectId });
is(active.map((e) => [e.sessionId, e.path, e.referrerName, e.city]), [0, 1, 2, 3].map((i) => [`s${i}`, "/", "Google", "Boston"]), "realtime.activeSessions");

// ---------------------------------------------------------------- pages of now and before, values of sessions

const paged = (await me.one.project.create.mutate({ organizationId: made.organizationId, project: "paged", domain: null, cors: [], website: false, app: false, backend: true })).id;
const days = (n) => ago(n * 1440);
await insert("events", [["/new", 1], ["/old", 10], ["/old", 11]].map(([path, n], i) => ({ name: "screen_view", project_id: paged, profile_id: "p", device_id: "d", session_id: `v${i}`, path, origin: "https://shop.test", created_at: days(n) })));
await insert("sessions", [["SE", 1], ["SE", 2], ["US", 3], ["", 4], ["DE", 100]].map(([country, n], i) => ({ id: `v${i}`, project_id: paged, profile_id: "p", device_id: "d", country, created_at: days(n), ended_at: days(n), sign: 1, version: 1 })));
const week = { projectId: paged, range: "7d", interval: "day" };
is((await me.one.event.pages.query(week)).map((p) => [p.path, p.pageviews]), [["/new", 1]], "event.pages of a week");
is((await me.one.event.previousPages.query(week)).map((p) => [p.path, p.pageviews]), [["/old", 2]], "event.previousPages of the week before");
is((await me.one.event.pagesTimeseries.query(week)).map((p) => [p.origin, p.path, p.pageviews, p.sessions]), [["https://shop.test", "/new", 1, 1]], "event.pagesTimeseries");
is((await me.one.session.distinctValues.query({ projectId: paged, field: "country" })).filter(Boolean), ["SE", "US"], "session.distinctValues of ninety days, the most frequent first");

// ---------------------------------------------------------------- vector referrer-spikes/synthetic

const spiky = (await me.one.project.create.mutate({ organizationId: made.organizationId, project: "spiky", domain: null, cors: [], website: false, app: false, backend: true })).id;
const visits = (day, n, referrer_name) => Array.from({ length: n }, (_, i) => ({
	id: `${day}-${referrer_name}-${i}`, project_id: spiky, profile_id: `p${i}`, device_id: `d${i}`, created_at: `2026-05-${day} 10:00:00.${String(i).padStart(3, "0")}`,
	ended_at: `2026-05-${day} 10:00:00.000`, referrer_name, sign: 1, version: 1,
}));
sql(`UPDATE organizations SET timezone = 'UTC' WHERE id = '${made.organizationId}'`);
await insert("sessions", Array.from({ length: 10 }, (_, i) => String(i + 1).padStart(2, "0")).flatMap((day) => [
	...visits(day, 10, ""), ...visits(day, day === "08" ? 34 : 4, "Google"), ...(day === "06" ? visits(day, 40, "HN") : []),
]));
const synthetic = all.find((v) => v.id === "referrer-spikes/synthetic");
is(await me.one.overview.getReferrerSpikes.query({ projectId: spiky, filters: [], interval: "day", range: "custom", startDate: "2026-05-01", endDate: "2026-05-30" }), synthetic.expected, "referrer spikes");

// ---------------------------------------------------------------- vectors that tell in words

const preview_ = async (operator, ...filters) => (await me.one.cohort.preview.query({ projectId: "gv1", definition: { type: "property", criteria: { operator, properties: filters.map(([name, op, ...value]) => ({ name, operator: op, value })) } } }));
is((await preview_("and", ["profile.properties.plan", "is", "pro"], ["profile.email", "is", "ann@acme.test"])).sampleProfiles, ["u1"], "cohort-sql/shared-row-key");
is((await preview_("or", ["profile.properties.plan", "is", "pro"], ["profile.properties.age", "gt", "35"])).count, 3, "cohort-sql/or");
is((await preview_("and", ["profile.properties.pl'an", "is", "x"])).count, 0, "cohort-sql/quote-in-key");
is((await preview_("and", ["profile.properties.plan", "is"])).count, 0, "cohort-sql/empty-values");
const metrics = all.find((v) => v.id === "profile-metrics/shape");
is(Object.keys(await me.one.profile.metrics.query({ projectId: "gv1", profileId: "u1" })).sort(), [...metrics.expected.fields].sort(), metrics.id);
is((await me.one.profile.metrics.query({ projectId: "gv1", profileId: "p'--" })).totalEvents, 0, "profile-metrics/escape");
const global_ = await me.one.chart.funnel.query({ projectId: "gv1", range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", globalFilters: [{ id: "g1", name: "path", operator: "is", value: ["/"] }], series: [{ type: "event", name: "screen_view", filters: [{ id: "e1", name: "country", operator: "is", value: ["US"] }] }, { type: "formula", formula: "A" }] });
is(global_.current[0].steps.map((s) => s.event.filters.map((f) => f.id)), [["g1", "e1"]], "globalFilters/prepend");
// On sessions a campaign is a column, on page views a property; other names say nothing.
const utm = (column, filters) => me.one.overview.topGeneric.query({ projectId: "gv1", range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", column, filters });
const sources = await utm("utm_source", []);
is((await utm("utm_source", [{ name: "utm_source", operator: "is", value: [sources[0].name ?? sources[1].name] }])).length, 1, "chart-sql/overview-utm-sessions");
ok((await utm("country", [{ name: "utm_source", operator: "is", value: ["none such"] }, { name: "path", operator: "is", value: ["/"] }])).length === 0, "chart-sql/overview-utm-events");
is(await utm("country", [{ name: "malicious_column", operator: "is", value: ["x"] }]), await utm("country", []), "chart-sql/overview-non-whitelisted");

// ---------------------------------------------------------------- what the vectors say nothing of


sql(`UPDATE organizations SET timezone = 'UTC' WHERE id = '${made.organizationId}'`);
const gv1 = { projectId: "gv1", range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", filters: [] };
is(await me.one.overview.topEvents.query(gv1), [{ name: "purchase", count: 4 }, { name: "signup", count: 3 }, { name: "invoice_paid", count: 2 }, { name: "revenue", count: 2 }, { name: "link_out", count: 1 }], "overview.topEvents leaves out pages and sessions");
is((await me.one.overview.topEvents.query({ ...gv1, excludeEvents: [] })).length, 8, "unless it is told not to");
is((await me.one.overview.topConversions.query({ projectId: "gv1" })).map((m) => [m.name, m.conversion]), [["purchase", true]], "overview.topConversions");
is(await me.one.overview.topLinkOut.query(gv1), [{ href: fixtures.GV1.events.find((e) => e.name === "link_out").properties.href, count: 1 }], "overview.topLinkOut");
is(await refusal(me.one.overview.runFilterCommand.mutate({ projectId: "gv1", query: "visitors from Sweden" })), "500 Sentences are turned into filters by a language model, and this server has none", "overview.runFilterCommand says why not");
is((await me.one.event.conversionNames.query({ projectId: "gv1" })).map((m) => m.name), ["purchase"], "event.conversionNames");
const seats = async (operator) => (await me.one.chart.chart.query({ ...gv1, interval: "month", breakdowns: [], series: [{ type: "event", name: "*", filters: [{ name: "group.properties.seats", operator, value: ["100"] }] }] })).metrics.sum;
is([await seats("gt"), await seats("lte")], [27, 0], "numbers of groups compare");
const lasting = async (...value) => (await me.one.session.list.query({ projectId: "gv1", startDate: new Date("2026-03-01"), endDate: new Date("2026-03-31"), filters: [{ name: "session.screen_view_count", operator: "isNot", value }] })).items.map((s) => s.screenViewCount);
const counts_ = [...new Set(await lasting("999"))];
is((await lasting(...counts_.slice(0, 2).map(String))).filter((n) => counts_.slice(0, 2).includes(n)), [], "isNot excludes each of its numbers");
ok(counts_.length > 1, "of several", counts_);
const inCohort = await me.one.overview.stats.query({ ...gv1, interval: "month", filters: [{ name: "cohort", operator: "inCohort", value: [], cohortIds: ["c0000000-0000-0000-0000-000000000001"] }] });
is(inCohort.metrics.unique_visitors, 2, "a cohort filters the overview");
const details = await me.one.event.details.query({ projectId: "gv1", id: "10000000-0000-4000-8000-000000000006", createdAt: new Date("2026-03-02T10:03:01Z") });
is([details.event.name, details.session.id, details.session.hasReplay], ["revenue", "s1", true], "event.details has the session");
is(await refusal(me.one.event.byId.query({ projectId: "gv1", id: "nope" })), "404 Event not found", "an id that is none finds nothing");
const seen = await me.one.session.list.query({ projectId: "gv1", take: 4, startDate: new Date("2026-03-01"), endDate: new Date("2026-03-31") });
const rest = await me.one.session.list.query({ projectId: "gv1", take: 50, cursor: seen.meta.next, startDate: new Date("2026-03-01"), endDate: new Date("2026-03-31") });
is([...seen.items, ...rest.items].map((s) => s.id), ["s8", "s7", "s9", "s6", "s5", "s4", "s3", "s2", "s1"], "pages of sessions lose none");
ok(rest.items.at(-1).hasReplay === true && seen.items[0].hasReplay === false && seen.items[0].profile.email === "ann@acme.test", "sessions tell whether there is a recording, and whose they are");
await insert("events_bots", [1, 2, 3].map((i) => ({ id: rand(100 + i), project_id: "gv1", name: "Googlebot", type: "Search bot", path: `/${i}`, created_at: `2026-03-0${i} 00:00:00.000` })));
const bots = await me.one.event.bots.query({ projectId: "gv1", limit: 2 });
is([bots.count, bots.data.map((b) => b.path), (await me.one.event.bots.query({ projectId: "gv1", limit: 2, cursor: 1 })).data.map((b) => b.path)], [3, ["/3", "/2"], ["/1"]], "event.bots");
ok(bots.data[0].createdAt instanceof Date, "with a Date", bots.data[0]);
is((await me.one.profile.mostEvents.query({ projectId: "gv1", profileId: "u1" }))[0], { count: 2, name: "invoice_paid" }, "profile.mostEvents");
is((await me.one.profile.popularRoutes.query({ projectId: "gv1", profileId: "u1" }))[0], { count: 3, path: "/" }, "profile.popularRoutes");
const series = await me.one.event.pageTimeseries.query({ projectId: "gv1", range: "7d", interval: "day", origin: "https://shop.test", path: "/" });
ok(series.length === 8 && series.every((p) => p.path === "/" && p.pageviews === 0), "event.pageTimeseries has all days", series);
const stranger = visitor();
is(await refusal(stranger.one.overview.stats.query({ ...gv1, interval: "day" })), "401 Authentication required", "a stranger sees no overview");
is(await refusal(stranger.one.event.bots.query({ projectId: "gv1" })), "401 Not authenticated", "nor robots");

// Names and values from outside are values: the answer is that of a name that nothing has.
for (const odd of ["it's", "\\", "{p0:String}", "') OR 1=1 --", "%", "\u{1F600}", "`x`"]) {
	const none = await me.one.profile.values.query({ projectId: "gv1", property: `properties.${odd}` });
	const col = await me.one.profile.values.query({ projectId: "gv1", property: odd });
	const sess = await me.one.session.list.query({ projectId: "gv1", filters: [{ name: "profile.properties." + odd, operator: "is", value: [odd] }], search: odd, startDate: new Date("2026-03-01"), endDate: new Date("2026-03-31") });
	const people = await me.one.profile.list.query({ projectId: "gv1", search: odd });
	const over = await me.one.overview.topGeneric.query({ ...gv1, column: "city", filters: [{ name: "path", operator: "is", value: [odd] }, { name: "utm_source", operator: "contains", value: [odd] }] });
	is([none.values, col.values, sess.items, people.data, over], [[], [], [], [], []], `values like ${odd} are only values`);
}

// ---------------------------------------------------------------- how far lists look back

// There are no variables for it here: what is in none, or in one that is no number of days, is what counts.
const far = (await me.one.project.create.mutate({ organizationId: made.organizationId, project: "far", domain: null, cors: [], website: false, app: false, backend: true })).id;
const daysAgo = (n) => new Date(Date.now() - n * 86400000).toISOString().replace("T", " ").slice(0, 23);
await insert("events", [1823, 1827].map((n) => ({ name: `e${n}`, project_id: far, device_id: "d", profile_id: "d", session_id: "s", created_at: daysAgo(n) })));
await insert("sessions", [363, 367].map((n) => ({ id: `s${n}`, project_id: far, device_id: "d", profile_id: "d", created_at: daysAgo(n), ended_at: daysAgo(n), sign: 1, version: 1 })));
is((await me.one.event.events.query({ projectId: far })).data.map((e) => e.name), ["e1823"], "events of 1825 days");
const reach = (await me.one.session.list.query({ projectId: far })).items.map((s) => s.id);
for (const v of all.filter((v) => v.id.startsWith("lookback/") && (v.expected === 365 || v.expected.sessions === 365))) is(reach, ["s363"], `${v.id}: sessions of 365 days`);

// ---------------------------------------------------------------- shared pages

await sharedOverview(me, made);
await sharedReports(me, made);
await sharedElsewhere(me, made);

done();
