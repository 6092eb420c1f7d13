// See api-recent.t.  A lock on the table of sessions keeps PostgreSQL's word back for as long as the test wants.
import { spawn } from "node:child_process";
import { done, is, ok, waitFor } from "../lib/harness.mjs";
import { ch, raw, query, sql } from "../lib/api.mjs";
import { person } from "../lib/metadata.mjs";

const ada = await person("ada@example.com");
const { projectId } = await ada.one.onboarding.project.mutate({ organization: "House", project: "Home", domain: null, website: false, app: true, backend: false });
const headers = { cookie: `session=${ada.jar.get("session")}` };
const organization = `(SELECT "organizationId" FROM projects WHERE id = '${projectId}')`;
const statements = async () => (await (await fetch(process.env.FAULT_URL)).json()).passed;

// Asks while nobody can read the sessions; then does what is given and lets them be read again.
async function ask(name, input, change) {
	const lock = spawn("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", process.env.PG_URL], { stdio: ["pipe", "pipe", "inherit"] });
	const locked = new Promise((ready) => lock.stdout.once("data", ready));
	const over = new Promise((end) => lock.once("close", end));
	lock.stdin.write("BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE; SELECT 1;\n");
	await locked;
	const before = await statements();
	let answered = false;
	const answer = raw("GET", query(name, input), { headers }).then((a) => { answered = true; return a; });
	const waiting = await waitFor(30, async () => sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir' AND wait_event_type = 'Lock'") === "1");
	const begun = Boolean(await waitFor(change.begins ? 30 : 1, async () => (await statements()) > before));
	const early = answered;
	lock.stdin.end(`${change.sql ?? ""};\nCOMMIT;\n`);
	await over;
	const { status, json, text } = await answer;
	return { waited: Boolean(waiting), begun, early, status, text, data: json?.result?.data?.json };
}
const live = (change) => ask("overview.liveVisitors", { projectId }, change);
const brief = ({ waited, begun, early, status }) => ({ waited, begun, early, status });

is(brief(await live({ begins: false })), { waited: true, begun: false, early: false, status: 200 }, "of somebody who was not there before, nothing begins before he is let in");
is(brief(await live({ begins: true })), { waited: true, begun: true, early: false, status: 200 }, "the next question begins at once, and is answered when he is let in");

const members = `CREATE TABLE kept AS SELECT * FROM members WHERE "organizationId" = ${organization}; DELETE FROM members WHERE "organizationId" = ${organization}`;
let got = await live({ begins: true, sql: members });
is(brief(got), { waited: true, begun: true, early: false, status: 403 }, "who is no member any more by then is refused");
ok(!/"data":\{"json":\d/.test(got.text) && got.data === undefined, "and is told nothing", got.text);
is((await raw("GET", query("overview.liveVisitors", { projectId }), { headers })).status, 403, "he stays out");
sql("INSERT INTO members SELECT * FROM kept");
is((await raw("GET", query("overview.liveVisitors", { projectId }), { headers })).status, 200, "and is let in as soon as he is one again");

await ch(`INSERT INTO events (id, name, project_id, device_id, session_id, created_at) SELECT generateUUIDv4(), 'screen_view', '${projectId}', 'd', 's', now64(3)`);
const report = { projectId, range: "7d", interval: "hour", previous: false, chartType: "linear", breakdowns: [], series: [{ type: "event", id: "A", name: "screen_view", segment: "event", filters: [] }] };
const utc = (await raw("GET", query("chart.chart", report), { headers })).text;
is((await raw("GET", query("chart.chart", report), { headers })).text, utc, "a chart by the hour is the same twice");
got = await ask("chart.chart", report, { begins: true, sql: `UPDATE organizations SET timezone = 'Asia/Kathmandu' WHERE id = ${organization}` });
const kathmandu = (await raw("GET", query("chart.chart", report), { headers })).text;
ok(kathmandu !== utc && got.status === 200, "in another time zone it is another");
is(got.text, kathmandu, "also when the time zone changed while it was asked");

got = await live({ begins: true, sql: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir' AND wait_event_type = 'Lock'" });
is(brief(got), { waited: true, begun: true, early: false, status: 503 }, "when PostgreSQL breaks off, nothing is told either");
ok(await waitFor(20, async () => (await raw("GET", query("overview.liveVisitors", { projectId }), { headers })).status === 200), "and it goes on when it is back");
// One that is to be extended is, once: nothing is written because of what was so a moment ago.
const aged = `UPDATE sessions SET "expiresAt" = now() AT TIME ZONE 'UTC' + interval '10 days'`;
const session = () => sql(`SELECT "expiresAt" > now() AT TIME ZONE 'UTC' + interval '29 days', "updatedAt" FROM sessions`);
const again = async () => (await raw("GET", query("overview.liveVisitors", { projectId }), { headers })).status;
sql(aged);
is(await again(), 200, "a session in the second half of its life is good");
sql(aged);
is(await again(), 200, "and is asked for anew");
const extended = session();
ok(extended.startsWith("t|"), "it is extended", extended);
is([await again(), await again(), session()], [200, 200, extended], "and left alone afterwards");

got = await live({ begins: true, sql: "DELETE FROM sessions" });
is(brief(got), { waited: true, begun: true, early: false, status: 401 }, "whose session has ended by then is signed out");
done();
