// Shared pages with a password: the cookie that opens them, and those that don't.
import { ok, is } from "../lib/harness.mjs";
import { visitor, refusal, sql, insert } from "../lib/api.mjs";
import { somebody } from "../lib/accounts.mjs";

export async function shares() {
	const owner = await somebody("owner@example.com");
	const { organizationId, projectId } = await owner.one.onboarding.project.mutate({ organization: "Sharers", project: "Shared", domain: null, cors: [], website: false, app: true, backend: false });
	const other = await owner.one.project.create.mutate({ organizationId, project: "Unshared", domain: null, cors: [], website: false, app: true, backend: false });
	// A password's hash is what signing up stores.
	const hashOf = async (password) => {
		const v = visitor();
		const { userId } = await v.one.auth.signUpEmail.mutate({ firstName: "h", lastName: "h", email: `hash-${Math.random()}@example.com`, password, confirmPassword: password });
		return sql(`SELECT password FROM accounts WHERE "userId" = '${userId}'`);
	};
	const hash = await hashOf("open sesame");
	sql(`INSERT INTO shares (id, "projectId", "organizationId", public, password) VALUES ('abcDEF', '${projectId}', '${organizationId}', true, '${hash}')`);
	sql(`INSERT INTO shares (id, "projectId", "organizationId", public, password) VALUES ('secret', '${other.id}', '${organizationId}', false, '${hash}')`);

	const share = (v, password, shareId = "abcDEF", shareType) => v.one.auth.signInShare.mutate({ password, shareId, shareType });
	const look = (v, shareId = "abcDEF", id = projectId) => refusal(v.one.overview.liveVisitors.query({ projectId: id, shareId }));
	const CLOSED = "403 You do not have access to this share";

	const v = visitor();
	is(await look(v), CLOSED, "a share with a password is closed");
	v.jar.set("shared-overview-abcDEF", "1");
	is(await look(v), CLOSED, "the reference's cookie 1 opens nothing");
	is(await refusal(share(v, "something else")), "401 Incorrect password", "nor does a wrong password");
	is(await share(v, "open sesame"), true, "the password");
	const cookie = v.jar.get("shared-overview-abcDEF");
	ok(v.set.at(-1).includes("Max-Age=604800;") && /\.[A-Za-z0-9%+]{43,}$/.test(cookie), "gives a signed cookie for a week", v.set.at(-1));
	is(await look(v), "accepted", "that opens it");
	is(await refusal(v.one.project.getProjectWithClients.query({ projectId })), "401 Not authenticated", "and nothing else");
	is(await look(v, "abcDEF", other.id), "403 Project ID mismatch", "no other project");
	is(await look(v, "secret", other.id), "403 Share not found or not public", "no share that is not public");

	const forger = visitor();
	for (const [name, value] of [["shared-overview-abcDEF", cookie.replace(/-\d+-/, "-99999999999999-")], ["shared-overview-abcDEF", cookie.slice(0, -2) + "AA"], ["shared-overview-abcDEF", `x${cookie}`]]) {
		forger.jar.set(name, value);
		is(await look(forger), CLOSED, "a cookie that was changed is none");
	}
	sql(`INSERT INTO shares (id, "projectId", "organizationId", public, password) VALUES ('second', '${(await owner.one.project.create.mutate({ organizationId, project: "Also shared", domain: null, cors: [], website: false, app: true, backend: false })).id}', '${organizationId}', true, '${hash}')`);
	forger.jar.set("shared-overview-second", cookie);
	is(await look(forger, "second", "also-shared"), CLOSED, "nor is that of another share");
	sql(`UPDATE shares SET password = '${await hashOf("open sesame")}' WHERE id = 'abcDEF'`);
	is(await look(v), CLOSED, "a new password ends the old cookies");
	is(await look(owner), "accepted", "members need none");
	is(await look(await somebody("passer@example.com")), CLOSED, "other people do");

	const w = visitor();
	is(await refusal(share(w, "x", "nothing")), "404 Share not found", "no such share");
	is(await refusal(share(w, "x", "secret")), "404 Share is not public", "one that is not public");
	sql(`UPDATE shares SET password = NULL WHERE id = 'second'`);
	is(await refusal(share(w, "x", "second")), "404 Share is not password protected", "one without a password");
	is(await look(visitor(), "second", "also-shared"), "accepted", "that one is open to everybody");
	is((await refusal(share(w, "x", "second"))).slice(0, 3), "429", "three attempts in half a minute");
	is(await refusal(share(visitor(), "open sesame", "abcDEF", "report")), "404 Share not found", "kinds of shares are apart");
	await charts(organizationId, projectId, hash, share);
}

// A visitor of a shared report sees what is stored, whatever he asks for.
async function charts(organizationId, projectId, hash, share) {
	const [first, second] = ["a1000000-0000-4000-8000-000000000001", "a2000000-0000-4000-8000-000000000002"];
	sql(`INSERT INTO dashboards (id, name, "projectId", "organizationId") VALUES ('shown', 'Shown', '${projectId}', '${organizationId}'), ('hidden', 'Hidden', '${projectId}', '${organizationId}')`);
	// As reports of old times are stored: no type, a filter with a bare text.
	const report = (id, dashboard) => sql(`INSERT INTO reports (id, name, interval, "chartType", breakdowns, events, "projectId", "dashboardId") VALUES ('${id}', 'R', 'day', 'linear', '[]',
		'[{"id":"A","name":"seen","segment":"event","filters":[{"name":"path","operator":"is","value":"/yes"}]}]', '${projectId}', '${dashboard}')`);
	report(first, "shown");
	report(second, "hidden");
	sql(`INSERT INTO share_dashboards (id, "dashboardId", "projectId", "organizationId", public) VALUES ('boardS', 'shown', '${projectId}', '${organizationId}', true)`);
	sql(`INSERT INTO share_reports (id, "reportId", "projectId", "organizationId", public, password) VALUES ('lonely', '${second}', '${projectId}', '${organizationId}', true, '${hash}')`);
	const at = new Date(Date.now() - 60_000).toISOString().replace("T", " ").replace("Z", "");
	const event = (name, path) => ({ name, path, device_id: "d", profile_id: "d", project_id: projectId, session_id: "s", created_at: at });
	await insert("events", [event("seen", "/yes"), event("seen", "/yes"), event("seen", "/no"), event("unseen", "/yes")]);

	const v = visitor();
	const chart = (shareId, id, more = {}) => v.one.chart.chart.query({ projectId, series: [{ type: "event", name: "unseen", segment: "event", filters: [] }], range: "7d", interval: "day", shareId, id, ...more });
	const answer = await chart("boardS", first);
	is(answer.series.map((s) => [s.event.name, s.metrics.sum]), [["seen", 2]], "the stored report is charted, not what the visitor asks for");
	is((await chart("boardS", first, { projectId: "another" })).series.length, 1, "nor of the project that he names");
	const third = "a3000000-0000-4000-8000-000000000003", named = (id, name) => ({ id, type: "event", name, segment: "event", filters: [{ name: "name", operator: "is", value: [name] }] });
	sql(`INSERT INTO reports (id, name, interval, "chartType", breakdowns, events, "projectId", "dashboardId") VALUES ('${third}', 'Two', 'day', 'retention', '[]', '${JSON.stringify([named("A", "seen"), named("B", "unseen")])}', '${projectId}', 'shown')`);
	for (const [name, id] of [["aggregate", first], ["funnel", first], ["conversion", third], ["cohort", third]]) {
		const other = (more) => refusal(v.one.chart[name].query({ projectId, series: [], range: "7d", interval: "day", ...more }));
		is([await other({ shareId: "boardS", id }), await other({ shareId: "boardS", id: second }), await other({ id: first })], ["accepted", "403 Share not found or not public", "401 Authentication required"], `chart.${name} the same`);
	}
	is(await refusal(chart("boardS")), "400 reportId required with shareId", "a report must be named");
	is(await refusal(chart("boardS", second)), "403 Share not found or not public", "one of the dashboard that is shared");
	is(await refusal(chart("nothing", first)), "403 Share not found or not public", "of a share that there is");
	is(await refusal(chart("lonely", second)), "403 You do not have access to this share", "with its password");
	is(await share(v, "open sesame", "lonely", "report"), true, "which the visitor gives");
	is((await chart("lonely", second)).series.length, 1, "and sees it");
	is(await refusal(chart("lonely", first)), "403 Share not found or not public", "but no other report");
	sql(`UPDATE share_dashboards SET public = false WHERE id = 'boardS'`);
	is(await refusal(chart("boardS", first)), "403 Share not found or not public", "a share that is taken back is closed");
}
