// See manage.t (spec/ingest.md 0.1, 2.4, 3.2, 9.4).
import { readFileSync } from "node:fs";
import { ok, is, done } from "../lib/harness.mjs";
import { raw, sql } from "../lib/api.mjs";
import { world, NOWHERE } from "../lib/metadata.mjs";

const { ada, eve, org, project, foreign } = await world();
const key = await ada.one.client.create.mutate({ name: "Root", projectId: project, organizationId: org, type: "root" });
const root = { "openpanel-client-id": key.id, "openpanel-client-secret": key.secret };
let address = 0;
async function manage(method, path, body, headers = root) {
	const answer = await raw(method, `/manage${path}`, { body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body), headers: { "x-forwarded-for": `203.0.113.${++address % 250}`, ...(body !== undefined && { "content-type": "application/json" }), ...headers } });
	return Object.assign(answer, { brief: [answer.status, answer.json ?? answer.text] });
}
const without = (method, path, headers) => manage(method, path, undefined, headers).then((a) => a.brief);
const unauthorized = (message) => [401, { error: "Unauthorized", message: `Manage: ${message}` }];
const missing = (what) => [404, { status: 404, message: `${what} not found` }];
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// ---------------------------------------------------------------- who

is(await without("GET", "/projects", {}), unauthorized("Client ID must be a valid UUIDv4"), "no client");
is(await without("GET", "/projects", { "openpanel-client-id": NOWHERE }), unauthorized("Invalid client id"), "an unknown one");
is(await without("GET", "/projects", { ...root, "openpanel-client-secret": "sec_wrong" }), unauthorized("Invalid client secret"), "a wrong secret");
is(await without("GET", "/projects", { "openpanel-client-id": key.id }), unauthorized("Invalid client secret"), "no secret");
const writer = await ada.one.client.create.mutate({ name: "W", projectId: project, organizationId: org, type: "write" });
is(await without("GET", "/projects", { "openpanel-client-id": writer.id, "openpanel-client-secret": writer.secret }), unauthorized("Only root clients are allowed to manage resources"), "a client that only writes");
sql(`UPDATE clients SET secret = NULL WHERE id = '${writer.id}'`);
is(await without("GET", "/projects", { "openpanel-client-id": writer.id, "openpanel-client-secret": "x" }), unauthorized("Client has no secret"), "a client without a secret");

// ---------------------------------------------------------------- projects

const made = await manage("POST", "/projects", { name: "Shop", domain: "https://shop.example.com/", cors: ["https://shop.example.com/"], types: ["website", "app"], more: 1 });
is([made.status, made.json.data.id, made.json.data.domain, made.json.data.cors, made.json.data.types, made.json.data.organizationId], [200, "shop", "https://shop.example.com", ["https://shop.example.com"], ["website", "app"], org], "POST /manage/projects");
ok(made.json.data.clients[0].id === made.json.data.client.id && /^sec_[0-9a-f]{20}$/.test(made.json.data.client.secret) && ISO.test(made.json.data.createdAt), "with a client", made.json);
is((await manage("GET", "/projects")).json.data.map((p) => p.id), ["shop", project], "GET /manage/projects, newest first");
is((await manage("GET", "/projects/")).status, 200, "with a slash behind it too");
is((await manage("GET", "/projects/shop")).json.data.name, "Shop", "GET one");
is((await manage("PATCH", "/projects/shop", { name: "Store", domain: "", crossDomain: true })).json.data, { ...(await manage("GET", "/projects/shop")).json.data, name: "Store", domain: null, crossDomain: true }, "PATCH");
is((await manage("DELETE", "/projects/shop")).brief, [200, { success: true }], "DELETE");
is((await manage("GET", "/projects")).json.data.map((p) => p.id), [project], "what is to be deleted is not listed");
for (const [method, body] of [["GET"], ["PATCH", { name: "x" }], ["DELETE"]]) is((await manage(method, `/projects/${foreign.projectId}`, body)).brief, missing("Project"), `${method} of somebody else's project`);
is(sql(`SELECT name, "deleteAt" IS NULL FROM projects WHERE id = '${foreign.projectId}'`), "Home|t".replace("Home", "Away"), "which is as it was");

// ---------------------------------------------------------------- clients

const client = (await manage("POST", "/clients", { name: "Sender", projectId: project })).json.data;
ok(client.type === "write" && client.projectId === project && /^sec_/.test(client.secret), "POST /manage/clients tells the secret", client);
is((await manage("GET", `/clients/${client.id}`)).json.data.secret, "hidden", "once");
is((await manage("POST", "/clients", { name: "All", type: "read" })).json.data.projectId, null, "a client of the whole organization");
is((await manage("GET", `/clients?projectId=${project}`)).json.data.map((c) => c.name).includes("All"), false, "GET by project");
is((await manage("GET", "/clients")).json.data.map((c) => c.name).includes("All"), true, "GET all");
is((await manage("PATCH", `/clients/${client.id}`, { name: "Other" })).json.data.name, "Other", "PATCH");
is((await manage("PATCH", `/clients/${client.id}`, {})).json.data.name, "Other", "PATCH of nothing");
is((await manage("DELETE", `/clients/${client.id}`)).brief, [200, { success: true }], "DELETE");
for (const id of [client.id, foreign.id, "no-uuid"]) is((await manage("GET", `/clients/${id}`)).brief, missing("Client"), "one that is gone, somebody else's, or none");
is((await manage("DELETE", `/clients/${foreign.id}`)).brief, missing("Client"), "DELETE of somebody else's client");
is((await manage("POST", "/clients", { name: "x", projectId: foreign.projectId })).brief, missing("Project"), "for somebody else's project");

// ---------------------------------------------------------------- references, dashboards

const reference = (await manage("POST", "/references", { projectId: project, title: "Launch", datetime: "2026-11-20T10:00:00Z" })).json.data;
is([reference.date, reference.description, Object.keys(reference)], ["2026-11-20T10:00:00.000Z", null, ["id", "title", "description", "date", "projectId", "createdAt", "updatedAt"]], "POST /manage/references");
is((await manage("GET", `/references/${reference.id}`)).json.data.project.id, project, "GET one, with its project");
is((await manage("PATCH", `/references/${reference.id}`, { description: "now" })).json.data, { ...reference, description: "now", updatedAt: (await manage("GET", `/references/${reference.id}`)).json.data.updatedAt }, "PATCH keeps what is not said");
is((await manage("GET", `/references?projectId=${project}`)).json.data.length, 1, "GET by project");
const hers = await eve.one.reference.create.mutate({ title: "Hers", projectId: foreign.projectId, datetime: "2026-11-20" });
is((await manage("GET", "/references")).json.data.length, 1, "nobody else's");
for (const [method, body] of [["GET"], ["PATCH", { title: "x" }], ["DELETE"]]) is((await manage(method, `/references/${hers.id}`, body)).brief, missing("Reference"), `${method} of somebody else's reference`);
is((await manage("PATCH", `/references/${reference.id}`, { datetime: "some day" })).brief, [400, { status: 400, error: "Error", message: "body/datetime Invalid date" }], "a date that is none");
is((await manage("DELETE", `/references/${reference.id}`)).brief, [200, { success: true }], "DELETE");

await ada.one.dashboard.create.mutate({ name: "Board", projectId: project });
const { id } = await ada.one.report.create.mutate({ dashboardId: "board", report: { series: [{ type: "event", name: "*" }], name: "R" } });
is((await manage("GET", `/projects/${project}/dashboards`)).json, [{ id: "board", name: "Board", projectId: project }], "a project's dashboards");
is((await manage("GET", `/projects/${project}/dashboards/board/reports`)).json, [{ id, name: "R", chartType: "linear", range: "30d", interval: "day", metric: "sum", series: [{ name: "*", type: "event", filters: [], segment: "event" }], breakdowns: [] }], "a dashboard's reports");
is((await manage("GET", `/projects/${foreign.projectId}/dashboards`)).brief, [403, { error: "Forbidden", message: "Project does not belong to your organization" }], "nobody else's");

// ---------------------------------------------------------------- bodies

const refused = async (body, headers) => (await manage("POST", "/projects", body, headers)).brief;
is(await refused({}), [400, { status: 400, error: "Error", message: "body/name Invalid input: expected string, received undefined" }], "a member that is missing");
is(await refused({ name: "", cors: [1] }), [400, { status: 400, error: "Error", message: "body/name Too small: expected string to have >=1 characters, body/cors/0 Invalid input: expected string, received number" }], "two faults");
is(await refused([]), [400, { status: 400, error: "Error", message: "body/ Invalid input: expected object, received array" }], "a list");
is(await refused("{", {}), [400, { status: 400, error: "FastifyError", message: "Body is not valid JSON but content-type is set to 'application/json'" }], "no JSON; the body is looked at before the client");
is(await refused("a=b", { ...root, "content-type": "application/x-www-form-urlencoded" }), [415, { status: 415, error: "FastifyError", message: "Unsupported Media Type" }], "a form");
is((await manage("PUT", "/projects", {})).brief, [404, { message: "Route PUT:/manage/projects not found", error: "Not Found", statusCode: 404 }], "a method that is none");
is((await manage("GET", "/projects/a/b/c")).status, 404, "a path that is none");

// ---------------------------------------------------------------- limits, description

const many = [];
for (let i = 0; i < 22; i++) many.push(await raw("GET", "/manage/projects", { headers: { ...root, "x-forwarded-for": "198.51.100.1" } }));
is([many[0].headers.get("x-ratelimit-limit"), many[0].headers.get("x-ratelimit-remaining"), many.filter((a) => a.status === 200).length], ["20", "19", 20], "twenty calls in ten seconds");
const last = many.at(-1);
is([last.status, last.json], [429, { status: 429, error: "Too Many Requests", message: "You have exceeded the rate limit for this endpoint." }], "then no more");
ok(Number(last.headers.get("retry-after")) >= 1 && Number(last.headers.get("retry-after")) <= 10 && last.headers.get("x-ratelimit-remaining") === "0", "with word when", last.headers.get("retry-after"));
is((await raw("GET", "/manage/projects", { headers: { ...root, "x-forwarded-for": "198.51.100.2" } })).status, 200, "elsewhere the client goes on");

const doc = (await raw("GET", "/documentation/json")).json;
const routes = readFileSync(`${process.env.SOURCE}/data/routes.tsv`, "utf8").split("\n").filter((l) => l && !l.startsWith("#")).map((l) => l.split("\t"));
is(Object.entries(doc.paths).flatMap(([path, item]) => Object.keys(item).map((m) => `${m.toUpperCase()} ${path}`)).sort(), routes.map(([method, path]) => `${method} ${path}`).sort(), "the description has every route");
const body = doc.paths["/manage/projects"].post.requestBody.content["application/json"].schema;
is([doc.openapi, body.required, body.properties.name, body.properties.cors, body.properties.types.items.enum], ["3.1.0", ["name"], { type: "string", minLength: 1 }, { type: "array", items: { type: "string" }, default: [] }, ["website", "app", "backend"]], "and the schemas that bodies are held against");
is(doc.paths["/manage/projects/{projectId}/dashboards/{dashboardId}/reports"].get.parameters.map((p) => p.name), ["projectId", "dashboardId"], "with the parameters of paths");
done();
