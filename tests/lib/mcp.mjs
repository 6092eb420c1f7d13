// A project with the data set MCP of tests/vectors/queries.json, and clients that read it (spec/queries.md 27).
import { readFileSync } from "node:fs";
import { raw, insert, visitor } from "./api.mjs";

export const { fixtures, vectors } = JSON.parse(readFileSync(new URL("../vectors/queries.json", import.meta.url), "utf8"));
const { profiles, events, sessions } = fixtures.MCP;
export const me = visitor();
await me.one.auth.signUpEmail.mutate({ firstName: "A", lastName: "B", email: "ada@example.com", password: "password1", confirmPassword: "password1", inviteId: null });
export const made = await me.one.onboarding.project.mutate({ organization: "MCP", project: "mcp", domain: null, website: false, app: false, backend: true });
export const projectId = made.projectId;
export const other = await me.one.project.create.mutate({ organizationId: made.organizationId, project: "other", domain: null, cors: [], website: false, app: false, backend: true });

export const MINUTE = 60000, DAY = 86400000, now = Date.now();
export const at = (ms) => new Date(ms).toISOString().replace("T", " ").slice(0, 23);
export const usual = { project_id: projectId, country: "US", browser: "Chrome", device: "desktop", origin: "https://example.com", path: "/" };
await insert("profiles", profiles.map(({ created_days_ago: c, last_seen_days_ago: s, ...p }) => ({ ...p, project_id: projectId, created_at: at(now - c * DAY), last_seen_at: at(now - s * DAY) })));
// A day's events stay on their day also when it has just begun.
const step = Math.min(MINUTE, Math.floor((now % DAY) / (1 + Math.max(...events.map((e) => e.plus_minutes_ago)))));
await insert("events", events.map(({ days_ago: d, plus_minutes_ago: m, ...e }) => ({ ...usual, ...e, created_at: at(now - d * DAY - m * step) })));
await insert("sessions", sessions.map(({ days_ago: d, entry_path, exit_path, ...s }) => ({
	project_id: projectId, country: "US", device: "desktop", entry_origin: "https://example.com", exit_origin: "https://example.com", entry_path, exit_path,
	created_at: at(now - d * DAY), ended_at: at(now - d * DAY), sign: 1, version: 1, ...s,
})));

export const key = (type, project = projectId) => me.one.client.create.mutate({ name: type, projectId: project, organizationId: made.organizationId, type });
export const head = (c) => ({ "openpanel-client-id": c.id, "openpanel-client-secret": c.secret });
export const reader = head(await key("read")), root = head(await key("root")), writer = head(await key("write"));
let address = 0;
export const get = (path, headers = reader) => raw("GET", path, { headers: { "x-forwarded-for": `203.0.113.${++address % 250}`, ...headers } });
export const insights = async (path, headers) => (await get(`/insights/${projectId}${path}`, headers)).json;
export const expected = (id) => vectors.find((v) => v.id === `integration/${id}`).expected;
