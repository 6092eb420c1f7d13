// What visitors of shared pages may ask, with the answers that members get; see api-lists.t (spec/queries.md 3.1, 3.2).
import { is, ok } from "../lib/harness.mjs";
import { visitor, refusal } from "../lib/api.mjs";

const plain = (v) => JSON.parse(JSON.stringify(v ?? null));

// Each procedure of the overview with an input, beside project and dates.
const OVERVIEW = {
	liveVisitors: {}, liveData: {}, topConversions: {}, stats: { interval: "day" }, getReferrerSpikes: { interval: "day" }, topPages: { mode: "page" }, topGeneric: { column: "country" },
	topGenericSeries: { column: "country", interval: "day" }, userJourney: { steps: 5 }, topEvents: {}, topLinkOut: {}, map: {},
};

export async function sharedOverview(me, { projectId, organizationId }) {
	const create = (password, open = true) => me.one.share.createOverview.mutate({ organizationId, projectId, password, public: open });
	const { id } = await create("open sesame"), stranger = visitor(), guest = visitor();
	const input = (name, more) => ({ projectId, filters: [], range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", ...OVERVIEW[name], ...more });
	const each = async (who, more) => Object.fromEntries(await Promise.all(Object.keys(OVERVIEW).map(async (name) => [name, await who.one.overview[name].query(input(name, more)).then(plain, (e) => `${e.data?.httpStatus} ${e.message}`)])));
	const all = (text) => Object.fromEntries(Object.keys(OVERVIEW).map((name) => [name, text]));
	is(await each(stranger, { shareId: id }), all("403 You do not have access to this share"), "nothing of an overview without its password");
	is(await each(stranger, {}), all("401 Authentication required"), "nor without a share");
	await guest.one.auth.signInShare.mutate({ password: "open sesame", shareId: id, shareType: "overview" });
	is(await each(guest, { shareId: id }), await each(me, {}), "who knows it sees of the overview what members see");
	is(await refusal(guest.one.overview.stats.query({ ...input("stats"), projectId: "elsewhere", shareId: id })), "403 Project ID mismatch", "of that project alone");
	is(await refusal(guest.one.overview.stats.query({ ...input("stats"), shareId: "nope" })), "403 Share not found or not public", "by that share alone");
	is(await refusal(guest.one.event.events.query({ projectId, shareId: id })), "401 Not authenticated", "and nothing else of it");
	await create("another word");
	is(await refusal(guest.one.overview.stats.query({ ...input("stats"), shareId: id })), "403 You do not have access to this share", "a new password ends it");
	await create(null);
	is(await each(stranger, { shareId: id }), await each(me, {}), "without a password everybody sees it");
	await create(null, false);
	is(await each(stranger, { shareId: id }), all("403 Share not found or not public"), "until it is closed");
}

const event = (id, name, filters = []) => ({ type: "event", id, name, segment: "event", filters });
const named = (id, name) => event(id, "*", [{ id: "f", name: "name", operator: "is", value: [name] }]);
// A report of each kind: what is saved, the procedure that draws it, and what a member's input has besides.
const REPORTS = [
	["chart", { chartType: "linear", series: [event("A", "screen_view", [{ id: "c", name: "country", operator: "is", value: ["US"] }]), { type: "formula", id: "B", formula: "A*2" }], breakdowns: [{ name: "path" }] }],
	["aggregate", { chartType: "bar", series: [event("A", "screen_view")], breakdowns: [{ name: "country" }] }],
	["funnel", { chartType: "funnel", series: [event("A", "screen_view"), event("B", "signup")], options: { type: "funnel", funnelGroup: "session_id", funnelWindow: 24 } }],
	["conversion", { chartType: "conversion", series: [event("A", "screen_view"), event("B", "purchase")] }],
	["sankey", { chartType: "sankey", series: [event("A", "screen_view")], options: { type: "sankey", mode: "after", steps: 4, exclude: [] } }],
	["cohort", { chartType: "retention", series: [named("A", "session_start"), named("B", "purchase")], options: { type: "retention", criteria: "on" } }, { firstEvent: ["session_start"], secondEvent: ["purchase"], criteria: "on" }],
];

export async function sharedReports(me, { projectId, organizationId }) {
	const dashboard = await me.one.dashboard.create.mutate({ projectId, name: "Shared" }), stranger = visitor(), guest = visitor();
	const span = { range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", interval: "day" };
	const ids = new Map();
	for (const [name, report] of REPORTS)
		ids.set(name, (await me.one.report.create.mutate({ dashboardId: dashboard.id, report: { name, breakdowns: [], lineType: "monotone", metric: "sum", ...span, ...report } })).id);
	const board = await me.one.share.createDashboard.mutate({ organizationId, projectId, dashboardId: dashboard.id, password: "for the board", public: true });
	await guest.one.auth.signInShare.mutate({ password: "for the board", shareId: board.id, shareType: "dashboard" });
	for (const [name, report, more] of REPORTS) {
		const id = ids.get(name), member = { projectId, ...span, ...report, ...more };
		// Whatever a visitor says of the chart besides its dates, it is the stored one that is drawn.
		const visit = { ...member, ...span, series: [event("A", "purchase")], breakdowns: [], shareId: board.id, id };
		const want = plain(await me.one.chart[name].query(member));
		ok(JSON.stringify(want).length > 60, `${name} has an answer`);
		is(plain(await guest.one.chart[name].query(visit)), want, `a shared dashboard's ${name} is what members see`);
		is(await refusal(stranger.one.chart[name].query(visit)), "403 You do not have access to this share", `${name}: not without the password`);
		const one = await me.one.share.createReport.mutate({ organizationId, projectId, reportId: id, password: null, public: true });
		is(plain(await stranger.one.chart[name].query({ ...visit, shareId: one.id })), want, `${name}: by a share of its own`);
		is(await refusal(stranger.one.chart[name].query({ ...visit, shareId: one.id, id: ids.get(name === "chart" ? "funnel" : "chart") })), "403 Share not found or not public", `${name}: which shows no other report`);
		await me.one.share.createReport.mutate({ organizationId, projectId, reportId: id, password: null, public: false });
		is(await refusal(stranger.one.chart[name].query({ ...visit, shareId: one.id })), "403 Share not found or not public", `${name}: until it is closed`);
	}
	is(await refusal(stranger.one.chart.getProfiles.query({ projectId, shareId: board.id, date: "2026-03-02", series: [event("A", "screen_view")] })), "401 Not authenticated", "nobody sees the profiles behind it");
}
