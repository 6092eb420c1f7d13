// See api-lists.t.  The recorded answers for overview, events, sessions and profiles: how each procedure's answer
// is put into the form that the vectors hold, and what differs on purpose.
import { ok, is, done } from "../lib/harness.mjs";
import { visitor, sql, insert, refusal } from "../lib/api.mjs";
import { all, load, sorted } from "./api-vectors.mjs";

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
};

// What differs on purpose: why, and what of the answer is looked at instead.
const MONDAYS = "weeks begin on Monday";
const mondays = ({ points, nonzero }) => [points, ...nonzero.map((r) => `${r.date.slice(5, 10)} ${r.total_sessions}`)];
const weeks = (list) => list.map((i) => [i.name, ...i.data.map((d) => `${d.date.slice(5, 10)} ${d.sessions}`)]);
const BETTER = {
	"gv1/overview-stats-empty": ["no bucket is taken for the total", ({ series }) => series.map((r) => r.date.slice(0, 10)), ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]],
	"gv1/overview-stats-Europe/Stockholm-week": [MONDAYS, mondays, [6, "03-02 4", "03-02 4"]],
	"gv1/overview-stats-America/New_York-week": [MONDAYS, mondays, []],
	"gv1/overview-topGenericSeries-country-week": [MONDAYS, weeks, []],
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

done();
