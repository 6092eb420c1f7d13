// Connecting with Slack and with Google Search Console, against a stand-in of both (spec/trpc-metadata.md 2.7, 4.12, 4.21).
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { is, ok } from "../lib/harness.mjs";
import { URL_, visitor, refusal, sql } from "../lib/api.mjs";
import { somebody } from "../lib/accounts.mjs";
import { provider } from "../lib/provider.mjs";
import { check } from "../lib/shapes.mjs";
import { shapes } from "../data/shapes.mjs";

const base = `http://127.0.0.1:${process.env.PROVIDER_PORT}`, dashboard = "https://weir.example.com";
const sorted = (o) => Object.fromEntries(Object.entries(o).sort().map(([k, v]) => [k, v?.constructor === Object ? sorted(v) : v]));
const site = { domain: null, cors: [], website: false, app: true, backend: false, timezone: "UTC" };
let p;

// Where the browser is sent: a page of the dashboard, or the text of a failure.
async function back(v, path, query) {
	const answer = await v.fetch(`${URL_}${path}?${new URLSearchParams(query)}`, { redirect: "manual" });
	const to = answer.headers.get("location") ?? `status ${answer.status}`;
	return to.startsWith(`${dashboard}/login?`) ? new URL(to).searchParams.get("error") : to.replace(dashboard, "");
}

async function slack(ada, eve, org) {
	p.slack = {
		ok: true, app_id: "A1", authed_user: { id: "U1" }, scope: "incoming-webhook", token_type: "bot", access_token: "xoxb-1", bot_user_id: "B1",
		team: { id: "T1", name: "House" }, incoming_webhook: { channel: "#c", channel_id: "C1", configuration_url: `${base}/c`, url: `${base}/hook` }, surplus: 1,
	};
	const start = await ada.one.integration.createOrUpdateSlack.mutate({ name: "Slack", organizationId: org });
	is(check(shapes["integration.createOrUpdateSlack"], start), [], "installing Slack begins");
	const { query, path, code, state } = p.approve(start.slackInstallUrl);
	is([path, query.client_id, query.redirect_uri, query.scope], [`${base}/slack/oauth/v2/authorize`, "slack-client", `${dashboard}/api/webhook/slack`, "incoming-webhook,chat:write,chat:write.public,team:read"], "by the way to Slack");
	is([sql(`SELECT config FROM integrations WHERE id = '${start.id}'`), (await ada.one.integration.list.query({ organizationId: org })).map((i) => i.name)], ["{}", ["Website"]], "until it is back it is not set up");
	is(await back(visitor(), "/webhook/slack", { code, state }), "Sign in first", "a stranger comes back with it");
	is(await back(eve, "/webhook/slack", { code, state }), "The way back from Slack is not valid any more; begin again", "somebody else does");
	is(await back(ada, "/webhook/slack", { code, state: `${state.slice(0, -1)}${state.endsWith("A") ? "B" : "A"}` }), "The way back from Slack is not valid any more; begin again", "with a state that nobody has signed");
	is(await back(ada, "/webhook/slack", { error: "access_denied", state }), "Slack was not connected", "she has said no");
	is(await back(ada, "/webhook/slack", { code: "wrong", state }), "Slack did not hand out a webhook", "with a code that is none");
	is(await back(ada, "/webhook/slack", { code, state }), `/${org}/integrations/installed`, "she comes back");
	const { surplus, ...kept } = p.slack;
	is(sorted((await ada.one.integration.get.query({ id: start.id })).config), sorted({ ...kept, type: "slack" }), "and what Slack has handed out is kept");
	is(p.asked.find((a) => a.path === "/slack/api/oauth.v2.access").authorization, `Basic ${Buffer.from("slack-client:slack-secret").toString("base64")}`, "for the app's secret");
	const again = await ada.one.integration.createOrUpdateSlack.mutate({ id: start.id, name: "Other", organizationId: org });
	is([again.id, again.name, again.config.type], [start.id, "Other", "slack"], "done again it goes on working until she is back");
	is(await refusal(ada.one.integration.createOrUpdateSlack.mutate({ id: "00000000-0000-4000-8000-000000000000", name: "x", organizationId: org })), "404 Integration not found", "there is none");
}

async function connect(v, project) {
	const { url } = await v.one.gsc.initiateOAuth.mutate({ projectId: project });
	return p.approve(url);
}

async function searchConsole(ada, eve, org, project) {
	const asked = [];
	p.search = {
		sites: [{ siteUrl: "https://example.com/", permissionLevel: "siteOwner" }, { siteUrl: "sc-domain:example.org", permissionLevel: "siteFullUser" }],
		rows: (of, question) => {
			asked.push({ of, ...question });
			const row = (keys, clicks, impressions) => ({ keys, clicks, impressions, ctr: clicks / impressions, position: 2.5 });
			if (question.dimensions.length === 1) return question.dimensions[0] === "date" ? [row(["2026-10-01"], 3, 30), row(["2026-10-02"], 4, 40)] : [row(["x"], 5, 50)];
			return [row(["one", "https://example.com/a"], 1, 500), row(["two", "https://example.com/a"], 2, 60), row(["two", "https://example.com/b#top"], 3, 80), row(["few", "https://example.com/a"], 1, 10), row(["few", "https://example.com/b"], 1, 10), row(["same", "https://example.com/a"], 9, 900), row(["same", "https://example.com/a#x"], 9, 900)];
		},
	};
	const way = await connect(ada, project);
	is([way.path, way.query.scope, way.query.access_type, way.query.prompt, way.query.code_challenge_method, way.redirect], [`${base}/google/o/oauth2/v2/auth`, "https://www.googleapis.com/auth/webmasters.readonly", "offline", "consent", "S256", `${dashboard}/api/gsc/callback`], "the way to Google");
	ok(["gsc_oauth_state", "gsc_code_verifier", "gsc_project_id"].every((name) => ada.set.some((l) => l.startsWith(`${name}=`) && l.includes("Max-Age=600;"))), "with signed cookies for the way back", ada.set.slice(-3));
	is(await back(visitor(), "/gsc/callback", { code: way.code, state: way.state }), "Sign in first", "a stranger comes back with it");
	is(await back(eve, "/gsc/callback", { code: way.code, state: way.state }), "Missing oauth parameters", "somebody who has not gone");
	is(await back(ada, "/gsc/callback", { state: way.state }), "Invalid callback query params", "without a code");
	is(await back(ada, "/gsc/callback", { code: way.code, state: "other" }), "OAuth state mismatch", "with a state of somebody else's");
	const forged = ada.jar.get("gsc_project_id");
	ada.jar.set("gsc_project_id", forged.replace(project, "foreign"));
	is(await back(ada, "/gsc/callback", { code: way.code, state: way.state }), "Missing oauth parameters", "with a project that nobody has signed");
	ada.jar.set("gsc_project_id", forged);
	is(await back(ada, "/gsc/callback", { code: way.code, state: way.state }), `/${org}/${project}/settings/gsc`, "she comes back");
	ok(!ada.jar.has("gsc_oauth_state") && !/refresh-1|search-/.test(sql("SELECT * FROM gsc_connections")), "tokens are stored sealed");
	const one = { projectId: project };
	is(await ada.one.gsc.getSites.query(one), p.search.sites, "her sites");
	is(await ada.one.gsc.selectSite.mutate({ ...one, siteUrl: "sc-domain:example.org" }), { ok: true }, "she takes one");
	const span = { ...one, range: "custom", startDate: "2026-10-01", endDate: "2026-10-02" };
	const page = await ada.one.gsc.getPageDetails.query({ ...span, page: "https://example.org/a" });
	is([check(shapes["gsc.getPageDetails"], page), page.timeseries.map((d) => [d.date, d.clicks]), page.queries.map((q) => q.query)], [[], [["2026-10-01", 3], ["2026-10-02", 4]], ["x"]], "a page by day, and its queries");
	is([asked[0].of, asked[0].startDate, asked[0].endDate, asked[0].dimensionFilterGroups], ["sc-domain:example.org", "2026-10-01", "2026-10-02", [{ filters: [{ dimension: "page", operator: "equals", expression: "https://example.org/a" }] }]], "of the site, the days and the page that were named");
	const query = await ada.one.gsc.getQueryDetails.query({ ...span, query: "weir" });
	is([check(shapes["gsc.getQueryDetails"], query), query.pages.map((q) => q.page)], [[], ["x"]], "a query by day, and its pages");
	const rivals = await ada.one.gsc.getCannibalization.query(span);
	is([check(shapes["gsc.getCannibalization"], rivals), rivals.map((r) => [r.query, r.totalImpressions, r.totalClicks, r.pages.map((x) => x.page)])], [[], [["two", 140, 5, ["https://example.com/b", "https://example.com/a"]]]], "queries that lead to several pages");

	sql(`UPDATE gsc_connections SET "accessTokenExpiresAt" = now() - interval '1 hour'`);
	const before = p.search.token;
	await ada.one.gsc.getSites.query(one);
	ok(p.search.token !== before && Number(sql(`SELECT extract(epoch FROM "accessTokenExpiresAt" - now() AT TIME ZONE 'UTC') FROM gsc_connections`)) > 3000, "a token that has ended is renewed, and kept");
	p.search.token = "taken back";
	is(await refusal(ada.one.gsc.getSites.query(one)), "502 Google Search Console did not answer the question", "Google refuses the token");
	sql(`UPDATE gsc_connections SET "refreshToken" = "accessToken", "accessTokenExpiresAt" = NULL`);
	is(await refusal(ada.one.gsc.getSites.query(one)), "502 Google does not accept this connection any more; connect the project again", "and the renewal");
	sql(`UPDATE gsc_connections SET "accessToken" = 'rubbish'`);
	is(await refusal(ada.one.gsc.getSites.query(one)), "403 Google does not accept this connection any more; connect the project again", "tokens that another key has sealed");
	is(await refusal(eve.one.gsc.initiateOAuth.mutate(one)), "403 You do not have access to this project", "of somebody else");
	const anew = await connect(ada, project);
	is([await back(ada, "/gsc/callback", { code: anew.code, state: anew.state }), (await ada.one.gsc.getConnection.query(one)).siteUrl], [`/${org}/${project}/settings/gsc`, "sc-domain:example.org"], "she connects again, and her site is still chosen");
	await figures(ada, one, asked);
	p.search = undefined;
}

// The worker fetches what the site's figures are.
async function figures(ada, one, asked) {
	// Not waited for by blocking: the stand-in lives in this process.
	const work = () => once(spawn(process.env.WORKER_BIN, ["--once"], { stdio: "ignore" }), "exit");
	const state = async () => { const { backfillStatus, lastSyncStatus, lastSyncError } = await ada.one.gsc.getConnection.query(one); return [backfillStatus, lastSyncStatus, lastSyncError]; };
	await ada.one.gsc.selectSite.mutate({ ...one, siteUrl: "https://example.com/" });
	const live = p.search.rows;
	p.search.rows = (of, q) => {
		asked.push({ of, ...q });
		const figures = { clicks: 2, impressions: 20, ctr: 0.1, position: 3 };
		return [{ keys: [q.startDate, ...q.dimensions.slice(1).map((d) => `a ${d}`)], ...figures }];
	};
	asked.length = 0;
	await work();
	is(await state(), ["completed", "success", null], "the worker has fetched six months");
	const days = (d) => Math.round((new Date(d.endDate) - new Date(d.startDate)) / 86400000) + 1;
	const pieces = asked.filter((q) => q.dimensions.length === 1);
	is([asked.length, pieces.length, pieces.reduce((n, q) => n + days(q), 0), Math.max(...pieces.map(days)), new Set(asked.map((q) => q.of)).size, asked[0].dataState, asked[0].rowLimit], [42, 14, 184, 14, 1, "all", 25000], "in pieces of 14 days, for days, pages and queries");
	const span = { ...one, range: "6m" };
	const overview = await ada.one.gsc.getOverview.query(span);
	is([overview.length >= 13, overview[0].clicks, (await ada.one.gsc.getPages.query(span)).map((x) => x.page), (await ada.one.gsc.getQueries.query(span)).map((x) => x.query)], [true, 2, ["a page"], ["a query"]], "which the dashboard shows");
	const again = () => { sql(`UPDATE gsc_connections SET "lastSyncedAt" = now() AT TIME ZONE 'UTC' - interval '25 hours'`); execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "del", "{weir:0}:job:gsc"]); asked.length = 0; return work(); };
	await again();
	is([asked.length, days(asked[0])], [3, 4], "a day later the last days");
	execFileSync("redis-cli", ["-u", process.env.REDIS_URL, "del", "{weir:0}:job:gsc"]);
	asked.length = 0;
	await work();
	is(asked.length, 0, "and not before");
	p.search.token = "taken back";
	await again();
	is(await state(), ["completed", "error", "Google did not answer the question"], "what goes wrong is told");
	sql(`UPDATE gsc_connections SET "refreshToken" = "accessToken", "accessTokenExpiresAt" = NULL`);
	await again();
	is(await state(), ["completed", "token_expired", "Google does not accept this connection any more; connect the project again"], "also that it is over");
	p.search.rows = live;
}

export async function connections() {
	p = await provider(Number(process.env.PROVIDER_PORT));
	const ada = await somebody("connect-ada@example.com"), eve = await somebody("connect-eve@example.com");
	const { organizationId: org, projectId: project } = await ada.one.onboarding.project.mutate({ ...site, organization: "Connected", project: "Linked" });
	await slack(ada, eve, org);
	await searchConsole(ada, eve, org, project);
	p.close();
}
