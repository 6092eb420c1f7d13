// What the reference asserts of its statements (areas chart-sql, funnel-sql, cohort-sql and literal-escaping of the vectors):
// each question is planned by weirctl explain, looked at, and asked of a server, which must understand it. See charts.t.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { ok, is } from "../lib/harness.mjs";
import { insert } from "../lib/api.mjs";

const { vectors } = JSON.parse(readFileSync(new URL("../vectors/queries.json", import.meta.url), "utf8"));
const COHORT = "c0000000-0000-4000-8000-00000000000a";

const filter = (text) => { const [, name, operator, value] = /^(\S+) (\S+) ?(.*?)(?: type=\w+)?$/.exec(text), type = /type=(\w+)$/.exec(text)?.[1]; return { name, operator, value: value === "[]" || !value ? [] : [value], ...(type && { type }) }; };
const list = (input, one, many) => (input[many] ?? (input[one] ? [input[one]] : []));
const named = (name) => ({ name: name.replace("<uuid>", COHORT) });

const chart = ({ input }) => ({
	chartType: input.aggregate ? "bar" : "linear", interval: input.interval ?? "day", breakdowns: list(input, "breakdown", "breakdowns").map(named),
	series: [{ type: "event", name: "screen_view", segment: input.segment ?? "event", property: input.property, filters: list(input, "filter", "filters").map(filter) }],
});
const funnel = ({ input }) => ({
	chartType: "funnel", breakdowns: list(input, "breakdown", "breakdowns").map(named), options: { type: "funnel", funnelGroup: "session_id", funnelWindow: 24 },
	series: ["screen_view", "sign_up"].map((name, i) => ({ type: "event", name, segment: "event", filters: i || !input.filter ? [] : [filter(input.filter.replace(" on step 1", ""))] })),
});

const has = (...parts) => ({ sql, values }) => parts.every((p) => (p instanceof RegExp ? p.test(sql) : sql.includes(p) || values.includes(p)));
const not = (...parts) => (plan) => parts.every((p) => !has(p)(plan));
const both = (...checks) => (plan) => checks.every((c) => c(plan));
// In the order in which a statement meets them.
const narrowed = (keys) => has("mapFilter((k, v) -> has(", `[${keys.map((k) => `'${k}'`).join(",")}]`);
// Every map of properties says whose it is.
const qualified = ({ sql }) => !/(?<![\w.])properties\[/.test(sql);
const once = ({ sql }) => sql.split("FROM events").length === 2;

// Filling gaps is the program's, not the statement's: its answer has all days.
const CHECKS = {
	"chart-sql/group-join-qualifies-properties": both(qualified, has("ARRAY JOIN e.groups AS gid")),
	"chart-sql/fill-on-valid-range": once,
	"chart-sql/typed-number-gte": has("OrNull"),
	"chart-sql/untyped-gte": has("OrNull"), // what is no number is no zero here
	"chart-sql/one_event_per_user": once,
	"chart-sql/alias": both(has("e.referrer_name"), not("referrerName")),
	"chart-sql/bare-utm": has("e.properties[", "__query.utm_source"),
	"chart-sql/unknown-breakdown": not("temple_name"),
	"chart-sql/unknown-filter": not("totally_made_up_column"),
	"chart-sql/aggregate-all-cohorts-empty": not("cohort_members"),
	"chart-sql/aggregate-group+properties": qualified,
	"chart-sql/profile-narrowing": narrowed(["experiment", "plan"]),
	"chart-sql/profile-narrowing-unsafe-key": both(has("plan`tier"), ({ sql }) => !sql.includes("plan`tier")),
	"chart-sql/profile-metric+filter": narrowed(["age", "plan"]),
	"chart-sql/single-scan-total": both(once, has("uniqMerge(users) OVER ()")),
	"chart-sql/single-scan-total-breakdown": both(once, has("uniqMerge(users) OVER (PARTITION BY l1)")),
	"chart-sql/order-and-fill-outside-aggregation": has(/GROUP BY bucket.*\) ORDER BY bucket ASC/),
	"funnel-sql/profile-property-breakdown": narrowed(["plan"]),
	"funnel-sql/profile-column-breakdown": both(has("AS pr ON pr.id = e.profile_id", "pr.email"), not("mapFilter")),
	"funnel-sql/profile-filter-only": has("pr.email"),
	"funnel-sql/cohort-breakdown": has("cohort_members", COHORT),
	"funnel-sql/all-cohorts": not("cohort_members"),
	"funnel-sql/unknown": not("not_a_real_column"),
	"funnel-sql/same-drop-for-chart-and-profiles": both(narrowed(["plan"]), not("cohort_members")),
	"funnel-sql/prefilter-with-step-filter": has("e.path", "/pricing"),
	"funnel-sql/strict-default": has(/\bh = 0, s, k = 1, x\.1, p >= 0 AND/),
	"funnel-sql/untouched-without-profile-refs": not(" AS pr "),
};
// Questions of other kinds are looked at elsewhere: those that overview.* answers, cohorts, and a switch that does not exist.
export const ELSEWHERE = /^(chart-sql\/overview-|cohort-sql\/|funnel-sql\/non-strict-env)/;

export async function planVectors(projectId, ask) {
	const explained = (input) => {
		const plans = JSON.parse(execFileSync(process.env.WEIRCTL, ["explain", "-", "--json"], { input: JSON.stringify(input) }));
		return { sql: plans.map((p) => p.sql).join("\n"), values: plans.flatMap((p) => Object.values(p.parameters)) };
	};
	const run = async (id, body, check) => {
		const input = { projectId, range: "custom", startDate: "2026-04-14 00:00:00", endDate: "2026-05-15 00:00:00", ...body };
		const plan = explained(input), answer = await ask(input).then(() => "understood", (e) => e.message);
		ok(check?.(plan), id, plan);
		is(answer, "understood", `${id}: the server understands it`);
	};
	for (const v of vectors) {
		if (ELSEWHERE.test(v.id)) continue;
		if (v.area === "chart-sql") await run(v.id, chart(v), CHECKS[v.id]);
		if (v.area === "funnel-sql") await run(v.id, funnel(v), CHECKS[v.id]);
		// A value stands beside its statement, as it is: there is nothing to escape.
		if (v.area === "literal-escaping") await run(v.id, chart({ input: { filters: [] } }), () => {
			const { sql, values } = explained({ projectId, ...chart({ input: {} }), series: [{ type: "event", name: "*", filters: [{ name: "path", operator: "is", value: [v.input] }] }] });
			return values.includes(v.input) && !sql.includes(v.input);
		});
	}
	// Two steps in one moment: there is no switch with which they count.
	await insert("events", ["screen_view", "sign_up"].map((name) => ({ project_id: projectId, name, device_id: "m", profile_id: "m", session_id: "moment", created_at: "2026-04-20 10:00:00.000" })));
	const { current } = await ask({ projectId, range: "custom", startDate: "2026-04-20 00:00:00", endDate: "2026-04-20 23:59:59", ...funnel({ input: {} }) });
	is(current[0].steps.map((s) => s.count), [1, 0], "a step in the moment of the one before does not follow it");
}
