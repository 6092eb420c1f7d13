// Dashboards and reports (spec/trpc-metadata.md 4.5, 4.6, appendix C).
import { is, ok } from "../lib/harness.mjs";
import { sql } from "../lib/api.mjs";
import { call, refuses, NOWHERE } from "../lib/metadata.mjs";

// As recorded in appendix C.
export const R1 = {
	chartType: "linear", interval: "day", series: [{ type: "event", id: "A", name: "*", segment: "user", filters: [{ name: "path", operator: "is", value: ["/a"] }] }, { type: "formula", id: "B", formula: "A/2" }],
	breakdowns: [{ name: "country" }], range: "30d", previous: true, metric: "sum", name: "R1", lineType: "monotone",
};
const without = ({ id, createdAt, updatedAt, ...rest }) => rest;

export async function reports({ ada, eve, project, org, foreign }) {
	const first = await call(ada, "dashboard.create", { name: "Dash", projectId: project });
	const second = await call(ada, "dashboard.create", { name: "Dash", projectId: project });
	is([first.id, /^dash-\d{4}$/.test(second.id), second.organizationId], ["dash", true, org], "a second dashboard of a name gets digits");
	const nameless = await call(ada, "dashboard.create", { name: "日本語", projectId: project });
	ok(/^[0-9A-Za-z]{8}$/.test(nameless.id), "a name without letters gets an id all the same", nameless.id);
	is((await call(ada, "dashboard.byId", { id: "dash", projectId: project })).project.id, project, "a dashboard by its id");
	is((await call(ada, "dashboard.update", { id: nameless.id, name: "Nippon" })).name, "Nippon", "gets another name");
	await refuses(ada, "dashboard.byId", { id: "nope", projectId: project }, "404 Dashboard not found", "there is none");
	await refuses(eve, "dashboard.byId", { id: "dash", projectId: foreign.projectId }, "404 Dashboard not found", "it is another project's");
	await refuses(eve, "dashboard.update", { id: "dash", name: "Mine" }, "403 You do not have access to this dashboard", "of somebody else");
	await refuses(ada, "dashboard.update", { id: "nope", name: "x" }, "404 Dashboard not found", "there is none");

	const made = await call(ada, "report.create", { dashboardId: "dash", report: R1 });
	is(without(made), {
		name: "R1", interval: "day", range: "30d", chartType: "linear", lineType: "monotone", breakdowns: [{ name: "country" }],
		events: [{ id: "A", name: "*", type: "event", filters: [{ name: "path", value: ["/a"], operator: "is" }], segment: "user" }, { id: "B", type: "formula", formula: "A/2" }],
		globalFilters: [], formula: null, unit: null, metric: "sum", projectId: project, previous: true, criteria: null, funnelGroup: null, funnelWindow: null,
		options: null, visibleSeries: [], startDate: null, endDate: null, dashboardId: "dash",
	}, "report.create as recorded");
	const [listed] = await call(ada, "report.list", { dashboardId: "dash", projectId: project });
	is(listed, {
		id: made.id, projectId: project, name: "R1", chartType: "linear", lineType: "monotone", interval: "day",
		series: [{ type: "event", segment: "user", filters: [{ id: "A", name: "path", operator: "is", value: ["/a"] }], id: "A", name: "*" }, { type: "formula", id: "B", formula: "A/2" }],
		breakdowns: [{ name: "country" }], globalFilters: [], range: "30d", previous: true, metric: "sum", visibleSeries: [],
	}, "report.list as recorded");

	const filters = [{ name: "cohort", operator: "inCohort", value: [], cohortIds: [NOWHERE] }, { name: "properties.n", operator: "gt", value: [3], type: "number" }];
	const saved = await call(ada, "report.update", { reportId: made.id, report: { ...R1, name: "R2", range: "custom", startDate: "2026-11-01", endDate: "2026-11-02", globalFilters: filters, unit: "%", options: { type: "histogram" }, chartType: "histogram", visibleSeries: ["A"] } });
	is([saved.name, saved.startDate, saved.endDate, saved.unit, saved.options, saved.visibleSeries], ["R2", "2026-11-01", "2026-11-02", "%", { type: "histogram", stacked: false }, ["A"]], "a report is saved anew");
	const read = await call(ada, "report.get", { reportId: made.id });
	is(read.globalFilters, [{ id: "A", ...filters[0] }, { id: "B", ...filters[1] }].map(({ id, name, operator, value, type, cohortIds }) => JSON.parse(JSON.stringify({ id, name, operator, value, type, cohortIds }))), "its filters keep their types and cohorts");
	const dates = await call(ada, "report.update", { reportId: made.id, report: { ...R1, startDate: "2026-11-01", endDate: "2026-11-02" } });
	is([dates.startDate, dates.endDate, dates.unit], [null, null, "%"], "dates count for the range custom alone; what is not said of unit and options stays");
	sql(`UPDATE reports SET events = '[{"name":"old","filters":[{"name":"path","value":"/x"}]}]' WHERE id = '${made.id}'`);
	is((await call(ada, "report.get", { reportId: made.id })).series, [{ type: "event", segment: "event", filters: [{ id: "A", name: "path", operator: "is", value: ["/x"] }], id: "A", name: "old" }], "a report of older days is read as one of today");

	const placed = await call(ada, "report.updateLayout", { reportId: made.id, layout: { x: 0, y: 0, w: 6, h: 4 } });
	is([placed.x, placed.w, placed.h, placed.minW, placed.minH, placed.maxW], [0, 6, 4, 2, 2, null], "report.updateLayout as recorded");
	is((await call(ada, "report.updateLayout", { reportId: made.id, layout: { x: 1, y: 0, w: 6, h: 4, maxW: 8 } })).id, placed.id, "there is one place for a report");
	is((await call(ada, "report.getLayouts", { dashboardId: "dash", projectId: project })).map((l) => [l.x, l.maxW, l.report.id]), [[1, 8, made.id]], "and the dashboard knows it");
	is((await call(ada, "report.list", { dashboardId: "dash", projectId: project }))[0].layout.x, 1, "so do its reports");
	await refuses(ada, "report.updateLayout", { reportId: made.id, layout: { x: 0.5, y: 0, w: 6, h: 4 } }, "400 layout: A layout is made of integers", "half a column");
	is(await call(ada, "report.resetLayout", { dashboardId: "dash", projectId: project }), { count: 1 }, "report.resetLayout as recorded");

	const copy = await call(ada, "report.duplicate", { reportId: made.id });
	is([copy.name, copy.dashboardId, copy.id !== made.id], ["Copy of R1", "dash", true], "a copy of it");
	is((await call(ada, "dashboard.list", { projectId: project })).map((d) => [d.id, d.reports.map((r) => r.name)])[0], ["dash", ["R1", "Copy of R1"]], "dashboards are listed with their reports");
	is((await call(ada, "report.delete", { reportId: copy.id })).id, copy.id, "a report goes");

	await refuses(ada, "report.get", { reportId: NOWHERE }, "404 Report not found", "there is none");
	await refuses(ada, "report.get", { reportId: "no uuid" }, "404 Report not found", "an id that is none");
	await refuses(eve, "report.get", { reportId: made.id }, "403 You do not have access to this project", "of somebody else");
	await refuses(ada, "report.list", { dashboardId: "nope", projectId: project }, "404 Dashboard not found", "there is none");
	await refuses(eve, "report.list", { dashboardId: "dash", projectId: foreign.projectId }, "404 Dashboard not found", "it is another project's");
	await refuses(ada, "report.getLayouts", { dashboardId: "nope", projectId: project }, "404 Dashboard not found", "there is none");
	await refuses(ada, "report.resetLayout", { dashboardId: "nope", projectId: project }, "404 Dashboard not found", "there is none");
	await refuses(eve, "report.create", { dashboardId: "dash", report: R1 }, "403 You do not have access to this dashboard", "on somebody else's dashboard");
	for (const name of ["report.update", "report.duplicate", "report.delete", "report.updateLayout"]) await refuses(ada, name, { reportId: NOWHERE, report: R1, layout: { x: 0, y: 0, w: 1, h: 1 } }, "404 Report not found", "there is none");
	await refuses(ada, "report.create", { dashboardId: "dash", report: { ...R1, series: [{ type: "formula", formula: "drop table" + "!" }] } }, "400 report: Formula may only contain series references, numbers and arithmetic operators", "a formula that is none");

	is(await call(ada, "dashboard.delete", { id: second.id }), undefined, "dashboard.delete as recorded");
	await refuses(ada, "dashboard.delete", { id: second.id }, "404 Dashboard not found", "it is gone");
}
