// See trpc.t.
import { randomUUID } from "node:crypto";
import { plan, ok, is, pkg, instance, waitFor, send, done, cookiesOf, AGENT } from "../lib/harness.mjs";

const { createTRPCClient, httpLink, httpBatchLink } = await pkg("@trpc/client");
const { default: superjson } = await pkg("superjson");

// A browser's cookies, as far as one host needs them.
function session() {
	const jar = new Map();
	const fetchWithCookies = async (url, options = {}) => {
		const headers = new Headers(options.headers);
		if (jar.size) headers.set("cookie", [...jar].map(([k, v]) => `${k}=${v}`).join("; "));
		const answer = await fetch(url, { ...options, headers });
		for (const line of cookiesOf(answer)) {
			const [pair, ...attributes] = line.split(";");
			const at = pair.indexOf("=");
			if (attributes.some((a) => /^\s*max-age=0$/i.test(a))) jar.delete(pair.slice(0, at));
			else jar.set(pair.slice(0, at), pair.slice(at + 1));
		}
		return answer;
	};
	const link = (make) => createTRPCClient({ links: [make({ url: `${instance.apiUrl}/trpc`, transformer: superjson, fetch: fetchWithCookies })] });
	return { jar, one: link(httpLink), batch: link(httpBatchLink) };
}

const refusal = (promise) => promise.then(() => "accepted", (e) => `${e.data?.httpStatus} ${e.message}`);

plan(18);
const me = session();
const email = `person-${randomUUID()}@example.com`;
const password = "a long enough password";

is(await refusal(me.one.organization.list.query()), "401 Not authenticated", "a stranger is refused");
const signedUp = await me.one.auth.signUpEmail.mutate({ firstName: "Ada", lastName: "Byron", email, password, confirmPassword: password });
ok(signedUp.expiresAt instanceof Date && signedUp.expiresAt > new Date(), "signing up answers a session whose date is a Date", signedUp);
ok(me.jar.size >= 1, "and sets the cookie", [...me.jar.keys()]);
const who = await me.one.auth.session.query();
is([who.user?.email, who.user?.firstName], [email, "Ada"], "the session names the user");

const onboarded = await me.one.onboarding.project.mutate({
	organization: "Weir works", project: "Shop", domain: "https://shop.example", cors: ["https://shop.example"],
	website: true, app: false, backend: false, timezone: "Europe/Stockholm",
});
ok(/^sec_[0-9a-f]{20}$/.test(onboarded.secret) && onboarded.projectId, "onboarding makes a project and a client with a secret", onboarded);
const projectId = onboarded.projectId;
const organizationId = onboarded.organizationId;
const made = await me.one.client.create.mutate({ name: "Server", projectId, organizationId, type: "write" });
is([made.type, made.projectId, made.createdAt instanceof Date], ["write", projectId, true], "a further client");

// Five queries in one HTTP request.
const [organizations, projects, clients, project, none] = await Promise.all([
	me.batch.organization.list.query(),
	me.batch.project.list.query({ organizationId }),
	me.batch.client.list.query({ projectId }),
	me.batch.project.getProjectWithClients.query({ projectId }),
	me.batch.event.events.query({ projectId }),
]);
is(organizations.map((o) => o.name), ["Weir works"], "batch: the organization");
is(projects.map((p) => [p.id, p.domain]), [[projectId, "https://shop.example"]], "batch: the project");
is(clients.map((c) => c.id).sort(), [onboarded.id, made.id].sort(), "batch: its clients");
is(project.clients.length, 2, "batch: the project with its clients");
is(none.data, [], "batch: no events yet");

const paths = ["/", "/a", "/b"];
const answers = [];
for (const path of paths) {
	// nginx is reading the new project's map just now, and may end a kept connection that the next request is already on.
	const answer = await waitFor(20, () => send(
		{ name: "screen_view", properties: { __path: `https://shop.example${path}`, __title: `Title of ${path}` } },
		{ client: { id: made.id, secret: made.secret }, url: `${instance.apiUrl}/track`, agent: AGENT },
	).catch(() => undefined));
	answers.push([answer.status, Object.keys(await answer.json()).sort().join()]);
}
is(answers, paths.map(() => [200, "deviceId,sessionId"]), "the new client tracks three page views");

const listed = await waitFor(30, async () => {
	const page = await me.one.event.events.query({ projectId });
	return page.data.length === 4 && page;
});
is(listed?.data.map((e) => e.path), ["/b", "/a", "/", "/"], "event.events has them and the session's start, newest first");
ok(listed?.data.every((e) => e.createdAt instanceof Date && e.projectId === projectId), "with dates that are Dates");
is((await me.one.event.events.query({ projectId, cursor: listed?.meta.next })).data, [], "nothing is behind the last page");

const chart = await me.one.chart.chart.query({
	projectId, chartType: "linear", interval: "hour", range: "today", metric: "sum", previous: false, breakdowns: [],
	series: [{ type: "event", id: "A", name: "screen_view", segment: "event", filters: [] }],
});
is([chart.series.length, chart.series[0]?.metrics.sum, chart.metrics.sum], [1, 3, 3], "chart.chart counts three page views");

// Somebody else's project, and a mistake in the input.
const other = session();
await other.one.auth.signUpEmail.mutate({
	firstName: "Other", lastName: "Person", email: `other-${randomUUID()}@example.com`, password, confirmPassword: password,
});
ok(/^403 /.test(await refusal(other.one.event.events.query({ projectId }))), "another user may not read the project");
ok(/^400 /.test(await refusal(me.one.chart.chart.query({ projectId, series: "all" }))), "a mistake in the input is a 400");
done();
