// Conversations, the assistant, bills, Google Search Console (spec/trpc-metadata.md 4.16, 4.20, 4.21).
import { is, ok } from "../lib/harness.mjs";
import { insert, sql } from "../lib/api.mjs";
import { call, refuses } from "../lib/metadata.mjs";

export async function others({ ada, eve, project, org, foreign }) {
	const talk = await call(ada, "conversation.rename", { id: "talk-1", title: "Sales", projectId: project });
	is([talk.id, talk.title, talk.userId, talk.organizationId], ["talk-1", "Sales", ada.user, org], "a conversation is made by its title");
	is((await call(ada, "conversation.rename", { id: "talk-1", title: "More sales", projectId: project })).title, "More sales", "and gets another one");
	sql(`INSERT INTO chat_messages ("conversationId", role, parts) VALUES ('talk-1', 'user', '{"text":"hello"}')`);
	is((await call(ada, "conversation.get", { id: "talk-1" })).messages.map((m) => m.parts), [{ text: "hello" }], "with what was said");
	is((await call(ada, "conversation.list", { projectId: project })).map((c) => c.id), ["talk-1"], "in the list");
	await refuses(eve, "conversation.rename", { id: "talk-1", title: "Mine", projectId: foreign.projectId }, "404 Conversation not found", "of somebody else");
	await refuses(eve, "conversation.get", { id: "talk-1" }, "404 Conversation not found", "of somebody else");
	await refuses(eve, "conversation.delete", { id: "talk-1" }, "404 Conversation not found", "of somebody else");
	await refuses(ada, "conversation.rename", { id: "x", title: "", projectId: project }, "400 title: Too small: expected string to have >=1 characters", "no title");
	await call(ada, "conversation.delete", { id: "talk-1" });
	is(await call(ada, "conversation.list", { projectId: project }), [], "it goes");
	await call(ada, "chat.models");

	const of = { organizationId: org };
	await call(ada, "subscription.getCurrent", of);
	await call(ada, "subscription.products", of);
	const usage = await call(ada, "subscription.usage", of);
	is([usage.length, usage.at(-1).day, usage.at(-1).count > 0], [31, new Date().toISOString().slice(0, 10), true], "events by day, for the bill that nobody writes");
	await refuses(ada, "subscription.portal", of, "400 Organization has no subscription", "nothing is sold here");
	await refuses(ada, "subscription.cancelSubscription", of, "400 Organization has no subscription", "nothing is sold here");
	await refuses(ada, "subscription.checkout", { ...of, productId: "p", productPriceId: "q" }, "400 This server sells no subscriptions", "nothing is sold here");
	await refuses(eve, "subscription.usage", of, "403 You do not have access to this organization", "of somebody else");

	const google = { projectId: project };
	is(await call(ada, "gsc.getConnection", google), null, "there is no connection");
	await refuses(ada, "gsc.selectSite", { ...google, siteUrl: "https://example.com" }, "404 GSC connection not found", "there is no connection");
	await refuses(ada, "gsc.getSites", google, "404 GSC connection not found", "there is no connection");
	await refuses(ada, "gsc.initiateOAuth", google, "500 Google Search Console is not set up on this server (oauth.google_client_id, oauth.google_client_secret and api.encryption_key)", "there is no key");
	sql(`INSERT INTO gsc_connections ("projectId", "accessToken", "refreshToken") VALUES ('${project}', 'secret', 'secret')`);
	const connection = await call(ada, "gsc.getConnection", google);
	ok(!JSON.stringify(connection).includes("secret"), "a connection without its tokens", connection);
	await call(ada, "gsc.selectSite", { ...google, siteUrl: "https://example.com" });
	is((await call(ada, "gsc.getConnection", google)).backfillStatus, "pending", "its figures are to come");
	const days = ["2026-10-01", "2026-10-02", "2026-10-09"];
	const row = (date, i, rest) => ({ project_id: project, date, clicks: 10 * (i + 1), impressions: 100, ctr: 0.1, position: i + 1, synced_at: "2026-11-01 00:00:00", ...rest });
	await insert("gsc_daily", days.map((d, i) => row(d, i)));
	await insert("gsc_pages_daily", days.map((d, i) => row(d, i, { page: i ? "/a" : "/b" })));
	await insert("gsc_queries_daily", days.map((d, i) => row(d, i, { query: "weir" })));
	const span = { ...google, range: "custom", startDate: "2026-10-01", endDate: "2026-10-09" };
	is((await call(ada, "gsc.getOverview", span)).map((d) => [d.date, d.clicks]), [["2026-10-01", 10], ["2026-10-02", 20], ["2026-10-09", 30]], "clicks by day");
	is((await call(ada, "gsc.getOverview", { ...span, interval: "week" })).map((d) => [d.date, d.clicks, d.position]), [["2026-09-28", 30, 1.5], ["2026-10-05", 30, 3]], "by week, from Monday");
	is((await call(ada, "gsc.getPreviousOverview", { ...span, startDate: "2026-10-10", endDate: "2026-10-18" })).length > 0, true, "and of the time before");
	is([(await call(ada, "gsc.getPages", span)).map((p) => [p.page, p.clicks]), (await call(ada, "gsc.getQueries", span)).map((q) => [q.query, q.clicks])], [[["/a", 50], ["/b", 10]], [["weir", 60]]], "pages and queries");
	const now = new Date().toISOString().replace("T", " ").replace("Z", "");
	const session = (i, type, referrer) => ({ id: `gs${i}`, project_id: project, profile_id: `p${i}`, device_id: `p${i}`, created_at: now, ended_at: now, referrer_type: type, referrer_name: referrer, sign: 1, version: 1 });
	await insert("sessions", [session(1, "search", "Google"), session(2, "search", "Google"), session(3, "search", "Bing"), session(4, "ai", "ChatGPT")]);
	is(await call(ada, "gsc.getSearchEngines", { ...google, range: "today" }), { engines: [{ name: "Google", sessions: 2 }, { name: "Bing", sessions: 1 }], total: 3, previousTotal: 0 }, "sessions by engine");
	is((await call(ada, "gsc.getAiEngines", { ...google, range: "today" })).engines, [{ name: "ChatGPT", sessions: 1 }], "and by assistant");
	for (const name of ["gsc.getPageDetails", "gsc.getQueryDetails", "gsc.getCannibalization"]) await refuses(ada, name, { ...span, page: "/", query: "q" }, "500 Google Search Console is not set up on this server (oauth.google_client_id, oauth.google_client_secret and api.encryption_key)", "only Google knows");
	await refuses(ada, "gsc.getOverview", { ...google, range: "custom", startDate: "x", endDate: "y" }, "400 range: Invalid date", "dates that are none");
	await call(ada, "gsc.disconnect", google);
	is(await call(ada, "gsc.getConnection", google), null, "it goes");
}
