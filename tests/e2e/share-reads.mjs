// What visitors of shared pages may ask, with the answers that members get; see api-lists.t (spec/queries.md 3.1, 3.2).
import { readFileSync } from "node:fs";
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

// ------------------------------------------------ every procedure that reads

const rows = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
const reads = rows("data/procedures.tsv").filter(([, kind]) => kind === "query").map(([name, , access]) => ({ name, access }));
// What needs neither a session nor a share; anything new here is a decision.
const PUBLIC = ["auth.session", "onboarding.skipOnboardingCheck", "organization.getInvite", "reference.getChartReferences", "share.dashboard", "share.dashboardReports", "share.overview", "share.report", "widget.badge", "widget.counter", "widget.realtimeData"];

export async function sharedElsewhere(me, { projectId, organizationId }) {
	const base = { organizationId, projectId, password: null, public: true }, stranger = visitor(), passer = visitor();
	await passer.one.auth.signUpEmail.mutate({ firstName: "P", lastName: "B", email: "passer@example.com", password: "a long password", confirmPassword: "a long password", inviteId: null });
	const board = await me.one.dashboard.create.mutate({ projectId, name: "Of every read" }), span = { range: "custom", startDate: "2026-03-01", endDate: "2026-03-31", interval: "day" };
	const report = await me.one.report.create.mutate({ dashboardId: board.id, report: { name: "R", breakdowns: [], ...span, chartType: "linear", series: [event("A", "screen_view")] } });
	const widget = (type) => me.one.widget.toggle.mutate({ projectId, organizationId, type, enabled: true });
	const shares = {
		overview: (await me.one.share.createOverview.mutate(base)).id, dashboard: (await me.one.share.createDashboard.mutate({ ...base, dashboardId: board.id })).id,
		report: (await me.one.share.createReport.mutate({ ...base, reportId: report.id })).id, counter: (await widget("counter")).id, realtime: (await widget("realtime")).id,
	};
	const ask = (who, name, input) => { const [router, procedure] = name.split("."); return who.one[router][procedure].query(input); };
	const inputs = new Map(rows("tests/data/roles.tsv").map(([name, text]) => [name, text === "-" ? {} : JSON.parse(text)]));
	const input = (name, more) => ({ ...inputs.get(name), ...(inputs.get(name)?.projectId && { projectId }), ...(inputs.get(name)?.organizationId && { organizationId }), ...more });
	const under = (test) => reads.filter(({ access }) => test(access)).map(({ name }) => name);
	const all = async (names, who, more) => Object.fromEntries(await Promise.all(names.map(async (name) => [name, await refusal(ask(who, name, input(name, more)))])));
	const each = (names, text) => Object.fromEntries(names.map((name) => [name, text]));

	is(under((a) => a === "public").sort(), PUBLIC, "what is open to everybody is what should be");
	const closed = under((a) => !["public", "session", "overview", "chart"].includes(a)), overview = under((a) => a === "overview"), charts = under((a) => a === "chart");
	ok(closed.length > 80 && overview.length === Object.keys(OVERVIEW).length && charts.length === REPORTS.length, "all procedures are asked", { closed, overview, charts });
	for (const [kind, shareId] of Object.entries(shares)) {
		is(await all(closed, stranger, { shareId }), each(closed, "401 Not authenticated"), `by a share of the ${kind} nobody reads what is for members`);
		const open = kind === "overview" ? "accepted" : "403 Share not found or not public";
		is([await all(overview, stranger, { shareId, ...span, filters: [] }), await all(overview, passer, { shareId, ...span, filters: [] })], [each(overview, open), each(overview, open)], `by a share of the ${kind} the overview is ${open === "accepted" ? "open" : "closed"}, to people of elsewhere too`);
		if (kind !== "dashboard" && kind !== "report") is(await all(charts, stranger, { shareId, id: report.id }), each(charts, "403 Share not found or not public"), `by a share of the ${kind} no report is drawn`);
	}

	// The project that a visitor names beside a share of a report changes nothing; a share of elsewhere opens nothing here.
	const drawn = (who, more) => who.one.chart.chart.query({ projectId, ...span, series: [], shareId: shares.report, id: report.id, ...more }).then(plain, (e) => `${e.data?.httpStatus} ${e.message}`);
	const own = await passer.one.onboarding.project.mutate({ organization: "Elsewhere", project: "elsewhere", domain: null, website: false, app: false, backend: true });
	const theirs = await passer.one.share.createOverview.mutate({ organizationId: own.organizationId, projectId: own.projectId, password: null, public: true });
	const want = await drawn(stranger);
	ok(want.series?.[0]?.metrics.sum > 0, "a report by its share", want);
	is([await drawn(stranger, { projectId: own.projectId }), await drawn(passer, { projectId: own.projectId })], [want, want], "is the same whatever project is named");
	is(await all(overview, stranger, { ...span, filters: [], shareId: theirs.id }), each(overview, "403 Project ID mismatch"), "a share of another project opens no overview of this one");
	is(await all(overview, stranger, { ...span, filters: [], shareId: shares.overview, projectId: own.projectId }), each(overview, "403 Project ID mismatch"), "nor this one's the other's");
	is(await drawn(stranger, { shareId: theirs.id }), "403 Share not found or not public", "nor any report");

	// Widgets: by their own share alone, and whatever else is said.
	const shown = async (name, shareId, more) => ask(stranger, `widget.${name}`, { shareId, ...more }).then(({ projectId: id }) => id, (e) => `${e.data?.httpStatus} ${e.message}`);
	const NOT_FOUND = "404 Widget not found", OTHER = "404 Invalid widget type";
	const table = { counter: { counter: projectId, realtime: OTHER }, badge: { counter: projectId, realtime: OTHER }, realtimeData: { counter: OTHER, realtime: projectId } };
	for (const [name, wanted] of Object.entries(table)) {
		for (const [kind, shareId] of Object.entries(shares)) is(await shown(name, shareId, { projectId: own.projectId }), wanted[kind] ?? NOT_FOUND, `widget.${name} by a share of the ${kind}`);
	}
	for (const type of ["counter", "realtime"]) await me.one.widget.toggle.mutate({ projectId, organizationId, type, enabled: false });
	for (const name of Object.keys(table)) is([await shown(name, shares.counter), await shown(name, shares.realtime)], [NOT_FOUND, NOT_FOUND], `widget.${name}: not when it is switched off`);
	await passwords(me, { base, board, report, drawn });
}

// A wrong password, one of another kind, a cookie that a visitor makes himself: for dashboards and reports as for overviews.
async function passwords(me, { base, board, report, drawn }) {
	const CLOSED = "403 You do not have access to this share";
	const kinds = [["dashboard", await me.one.share.createDashboard.mutate({ ...base, dashboardId: board.id, password: "of the board" }), "of the board", { public: false, dashboardId: board.id, password: "of the board" }, "createDashboard"], ["report", await me.one.share.createReport.mutate({ ...base, reportId: report.id, password: "of the report" }), "of the report", { public: false, reportId: report.id, password: "of the report" }, "createReport"]];
	for (const [shareType, { id }, password, gone, create] of kinds) {
		const guest = visitor(), sign = (word, type = shareType) => refusal(guest.one.auth.signInShare.mutate({ password: word, shareId: id, shareType: type }));
		const look = async () => [typeof (await drawn(guest, { shareId: id })), (await guest.one.share[shareType].query({ shareId: id })).hasAccess];
		is(await drawn(guest, { shareId: id }), CLOSED, `${shareType}: closed without its password`);
		is([await sign("something else"), await sign(password, "overview"), ...(await look())], ["401 Incorrect password", "404 Share not found", "string", false], `${shareType}: a wrong one, or one for another kind, opens nothing`);
		guest.jar.set(`shared-${shareType}-${id}`, "1");
		is(await look(), ["string", false], `${shareType}: nor does a cookie that the visitor makes himself`);
		is([await sign(password), ...(await look())], ["accepted", "object", true], `${shareType}: its password does`);
		if (shareType === "dashboard") is((await guest.one.share.dashboardReports.query({ shareId: id })).map((r) => r.id), [report.id], "the list of its reports too");
		await me.one.share[create].mutate({ ...base, ...gone });
		is(await drawn(guest, { shareId: id }), "403 Share not found or not public", `${shareType}: until it is closed, password or not`);
	}
}
