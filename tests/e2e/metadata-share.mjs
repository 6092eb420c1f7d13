// Shares and widgets (spec/trpc-metadata.md 4.9, 4.14).
import { execFileSync } from "node:child_process";
import { is, ok } from "../lib/harness.mjs";
import { insert, sql, visitor } from "../lib/api.mjs";
import { call, refuses, NOWHERE } from "../lib/metadata.mjs";
import { R1 } from "./metadata-report.mjs";

export async function shared({ ada, eve, stranger, project, org, foreign }) {
	const base = { organizationId: org, projectId: project, password: null, public: true };
	const report = (await ada.one.report.create.mutate({ dashboardId: "dash", report: R1 })).id;
	is(await call(ada, "share.overview", { projectId: project }), null, "nothing is shared yet");
	const overview = await call(ada, "share.createOverview", base);
	ok(/^[0-9A-Za-z]{6}$/.test(overview.id), "a share has six characters", overview.id);
	const seen = await call(stranger, "share.overview", { shareId: overview.id });
	is([seen.organization, seen.project, seen.hasAccess, seen.password], [{ name: "House" }, { name: "Home page" }, true, null], "anybody sees it");
	is((await call(stranger, "reference.getChartReferences", { projectId: project, range: "7d" })).length, 1, "with the references of its charts");
	is(await call(eve, "share.overview", { projectId: project }), null, "by the project only those see it who may");
	const locked = await call(ada, "share.createOverview", { ...base, password: "open sesame" });
	is([locked.id, locked.password], [overview.id, "hidden"], "a password is set; its hash is not told");
	is((await call(stranger, "share.overview", { shareId: overview.id })).hasAccess, false, "then a stranger has no access");
	is((await call(ada, "share.overview", { projectId: project })).hasAccess, true, "a member has");
	await refuses(stranger, "reference.getChartReferences", { projectId: project, range: "7d" }, "403 You do not have access to this project", "nor to its references");
	const guest = visitor();
	await guest.one.auth.signInShare.mutate({ password: "open sesame", shareId: overview.id, shareType: "overview" });
	is((await call(guest, "share.overview", { shareId: overview.id })).hasAccess, true, "who knows the password has access");
	ok(sql("SELECT password FROM shares").startsWith("$argon2id$"), "stored is its Argon2id hash");
	await call(ada, "share.createOverview", { ...base, public: false });
	await refuses(stranger, "share.overview", { shareId: "nope" }, "404 Share not found", "there is none");
	await refuses(ada, "share.createOverview", { ...base, organizationId: foreign.organizationId }, "403 You do not have access to this organization", "for a foreign organization");

	const board = await call(ada, "share.createDashboard", { ...base, dashboardId: "dash", password: "sesame" });
	is((await call(stranger, "share.dashboard", { shareId: board.id })).dashboard, { name: "Dash" }, "a shared dashboard");
	is((await call(ada, "share.dashboard", { dashboardId: "dash" })).id, board.id, "by its id too");
	is(await call(eve, "share.dashboard", { dashboardId: "dash" }), null, "not for strangers");
	await refuses(stranger, "share.dashboardReports", { shareId: board.id }, "401 Password required", "the password is wanted");
	await refuses(stranger, "share.dashboardReports", { shareId: "nope" }, "404 Dashboard share not found", "there is none");
	await call(ada, "share.createDashboard", { ...base, dashboardId: "dash" });
	ok((await call(stranger, "share.dashboardReports", { shareId: board.id })).some((r) => r.id === report), "its reports");
	await call(ada, "share.createDashboard", { ...base, dashboardId: "dash", public: false });
	await refuses(stranger, "share.dashboardReports", { shareId: board.id }, "404 Dashboard share not found", "it is not public any more");
	await refuses(ada, "share.createDashboard", { ...base, dashboardId: "nope" }, "404 Dashboard not found", "there is none");
	await refuses(stranger, "share.dashboard", { shareId: "nope" }, "404 Dashboard share not found", "there is none");

	const one = await call(ada, "share.createReport", { ...base, reportId: report });
	is((await call(stranger, "share.report", { shareId: one.id })).report.id, report, "a shared report");
	is((await call(ada, "share.report", { reportId: report })).id, one.id, "by its id too");
	is(await call(ada, "share.report", { reportId: "no uuid" }), null, "an id that is none is not shared");
	await refuses(ada, "share.createReport", { ...base, reportId: NOWHERE }, "404 Report not found", "there is none");
	await refuses(stranger, "share.report", { shareId: "nope" }, "404 Report share not found", "there is none");

	const now = Date.now(), at = (ms) => new Date(ms).toISOString().replace("T", " ").replace("Z", "");
	await insert("events", [0, 1, 2, 3].map((i) => ({ name: "screen_view", device_id: `d${i % 2}`, profile_id: `d${i % 2}`, session_id: `s${i}`, project_id: project, path: `/${i % 2}`, country: i ? "SE" : "", referrer_name: "Google", created_at: at(now - 60_000 * i), properties: {} })));
	is(await call(ada, "widget.get", { projectId: project, type: "counter" }), null, "there is no widget yet");
	const counter = await call(ada, "widget.toggle", { projectId: project, organizationId: org, type: "counter", enabled: true });
	is((await call(ada, "widget.toggle", { projectId: project, organizationId: org, type: "counter", enabled: true })).id, counter.id, "there is one of each type");
	is([await call(stranger, "widget.counter", { shareId: counter.id }), await call(stranger, "widget.badge", { shareId: counter.id })], [{ projectId: project, counter: 2 }, { projectId: project, visitors: 2 }], "a counter and a badge");
	const live = await call(ada, "widget.updateOptions", { projectId: project, organizationId: org, options: { type: "realtime", paths: true } });
	is([live.public, live.options], [false, { type: "realtime", paths: true, countries: true, referrers: true }], "options make a widget that is still closed");
	await refuses(stranger, "widget.realtimeData", { shareId: live.id }, "404 Widget not found", "it is not public");
	is((await call(ada, "widget.toggle", { projectId: project, organizationId: org, type: "realtime", enabled: true })).options.paths, true, "switching it on keeps its options");
	const data = await call(stranger, "widget.realtimeData", { shareId: live.id });
	is([data.liveCount, data.project, data.countries, data.referrers, data.paths.map((p) => p.count)], [4, { domain: null, name: "Home page" }, [{ country: "SE", count: 3 }], [{ referrer: "Google", count: 4 }], [2, 2]], "what happens right now");
	ok([30, 31].includes(data.histogram.length) && data.histogram.every((m, i, all) => !i || m.timestamp - all[i - 1].timestamp === 60000) && /^\d\d:\d\d [AP]M$/.test(data.histogram[0].time), "minute by minute", data.histogram);
	const hour = new Date(data.histogram[0].timestamp).toLocaleString("sv-SE", { timeZone: "Europe/Stockholm" });
	is(data.histogram[0].minute, hour, "in the project's zone");
	await refuses(stranger, "widget.counter", { shareId: live.id }, "404 Invalid widget type", "it is no counter");
	await refuses(stranger, "widget.badge", { shareId: "nope" }, "404 Widget not found", "there is none");
	await refuses(ada, "widget.toggle", { projectId: project, organizationId: foreign.organizationId, type: "counter", enabled: true }, "403 You do not have access to this organization", "for a foreign organization");
}
