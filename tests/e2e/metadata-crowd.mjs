// Many at once: names that several want, a report that two tabs save (four responders share the work).
import { is, ok } from "../lib/harness.mjs";
import { sql } from "../lib/api.mjs";
import { R1 } from "./metadata-report.mjs";

export async function crowds({ ada, org, project }) {
	const sixteen = Array.from({ length: 16 });
	const made = await Promise.all(sixteen.map(() => ada.one.project.create.mutate({ organizationId: org, project: "Same Name", domain: null, cors: [], website: false, app: true, backend: false })));
	is([new Set(made.map((p) => p.id)).size, made.filter((p) => p.id === "same-name").length], [16, 1], "sixteen projects of one name get sixteen ids");
	is(sql(`SELECT count(*) FROM clients WHERE "projectId" LIKE 'same-name%'`), "16", "and a client each");
	const boards = await Promise.all(sixteen.map(() => ada.one.dashboard.create.mutate({ name: "Same", projectId: project })));
	is(new Set(boards.map((d) => d.id)).size, 16, "so do dashboards");
	const orgs = await Promise.all(sixteen.map(() => ada.one.onboarding.project.mutate({ organization: "Crowd", project: "Crowd", domain: null, website: false, app: true, backend: false })));
	is([new Set(orgs.map((c) => c.organizationId)).size, new Set(orgs.map((c) => c.projectId)).size], [16, 16], "and organizations");

	const { id } = await ada.one.report.create.mutate({ dashboardId: "dash", report: R1 });
	const version = (n) => ({ ...R1, name: `V${n}`, series: [{ type: "event", name: `e${n}` }], globalFilters: [{ name: "path", operator: "is", value: [`/${n}`] }], unit: `${n}` });
	let torn = 0;
	const reader = (async () => {
		for (let i = 0; i < 40; i++) {
			const r = await ada.one.report.get.query({ reportId: id });
			const n = r.name.slice(1);
			if (r.name !== "R1" && (r.series[0].name !== `e${n}` || r.globalFilters[0].value[0] !== `/${n}` || r.unit !== n)) torn++;
		}
	})();
	await Promise.all([...sixteen.map((_, i) => ada.one.report.update.mutate({ reportId: id, report: version(i) })), reader]);
	is(torn, 0, "a report that several save is always one of theirs");

	const toggled = await Promise.all(sixteen.map(() => ada.one.widget.toggle.mutate({ projectId: made[0].id, organizationId: org, type: "counter", enabled: true })));
	ok(new Set(toggled.map((w) => w.id)).size === 1 && sql(`SELECT count(*) FROM share_widgets WHERE "projectId" = '${made[0].id}'`) === "1", "a widget that sixteen switch on is one", toggled.map((w) => w.id));
}
