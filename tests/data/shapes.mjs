// The answers of the procedures around projects (spec/trpc-metadata.md 4.3 to 4.22): tests/e2e/metadata.mjs holds every answer against its row.
import { any, bool, date, list, map, nothing, nullable, number, one, optional, record, text } from "../lib/shapes.mjs";

const project = record("project"), client = record("client"), dashboard = record("dashboard"), row = record("report");
const layout = record("layout"), reference = record("reference"), integration = record("integration"), rule = record("rule");
const success = { success: one(true) }, okay = { ok: one(true) }, yes = one(true), name = { name: text };
const filter = { id: text, name: text, operator: text, value: list(any), type: optional(text), cohortId: optional(text), cohortIds: optional(list(text)) };
const series = (v, path) => (v.type === "formula" ? [] : []).concat(v.type ? [] : [`${path} has no type`]);
const report = {
	id: text, projectId: text, name: text, chartType: text, lineType: text, interval: text, series: list(series), breakdowns: list(any), globalFilters: list(filter),
	range: text, previous: bool, formula: optional(text), metric: text, unit: optional(text), layout: optional(layout), options: optional(any),
	visibleSeries: list(text), startDate: optional(text), endDate: optional(text),
};
const pseudo = { id: one("app", "email"), name: text, config: { type: text }, organizationId: one(""), createdAt: date, updatedAt: date };
const anyIntegration = (v, path) => (v.organizationId === "" ? Object.keys(v).join() === Object.keys(pseudo).join() ? [] : [`${path}: pseudo integration`] : []);
const share = (kind) => record(`share_${kind}`);
const group = { id: text, projectId: text, type: text, name: text, properties: map(text), createdAt: date, updatedAt: date };
const profile = {
	firstName: text, lastName: text, isExternal: bool, properties: any, createdAt: date, lastSeenAt: date, projectId: text, id: text, email: text, avatar: text,
	groups: list(text),
};
const profiles = { data: list(profile), meta: { count: number, pageCount: number } };
const byName = list({ count: number, name: text }), byPath = list({ count: number, path: text }), byDate = list({ count: number, date: text });
const cohort = record("cohort"), conversation = record("conversation"), widget = share("widget");
const figures = { clicks: number, impressions: number, ctr: number, position: number };
const engines = { engines: list({ name: text, sessions: number }), total: number, previousTotal: number };

export const shapes = {
	"project.update": { ...project, clients: list({ id: text }) },
	"project.delete": yes, "project.cancelDeletion": yes,
	"client.update": client, "client.remove": yes,
	"dashboard.list": list({ ...dashboard, project, reports: list(row) }),
	"dashboard.byId": { ...dashboard, project }, "dashboard.create": dashboard, "dashboard.update": dashboard, "dashboard.delete": nothing,
	"report.list": list(report), "report.get": report, "report.create": row, "report.update": row, "report.duplicate": row, "report.delete": row,
	"report.updateLayout": layout, "report.getLayouts": list({ ...layout, report: row }), "report.resetLayout": { count: number },
	"reference.getReferences": list(reference), "reference.create": reference, "reference.update": reference, "reference.delete": reference,
	"reference.getChartReferences": list(reference),
	"event.updateEventMeta": record("event_meta"),
	"share.overview": nullable({ ...share("overview"), organization: name, project: name, hasAccess: bool }),
	"share.dashboard": nullable({ ...share("dashboard"), organization: name, project: name, dashboard: name, hasAccess: bool }),
	"share.report": nullable({ ...share("report"), organization: name, project: name, report, hasAccess: bool }),
	"share.dashboardReports": list(report),
	"share.createOverview": share("overview"), "share.createDashboard": share("dashboard"), "share.createReport": share("report"),
	"widget.get": nullable(widget), "widget.toggle": widget, "widget.updateOptions": widget,
	"widget.counter": { projectId: text, counter: number }, "widget.badge": { projectId: text, visitors: number },
	"widget.realtimeData": {
		projectId: text, liveCount: number, project: { domain: nullable(text), name: text },
		histogram: list({ minute: text, sessionCount: number, visitorCount: number, timestamp: number, time: text }),
		countries: list({ country: text, count: number }), referrers: list({ referrer: text, count: number }), paths: list({ path: text, count: number }),
	},
	"notification.list": list({ ...record("notification"), integration: nullable(name), notificationRule: nullable(name) }),
	"notification.rules": list({ ...rule, integrations: list(anyIntegration) }),
	"notification.createOrUpdateRule": rule, "notification.deleteRule": rule,
	"integration.get": integration, "integration.list": list(anyIntegration), "integration.createOrUpdate": integration, "integration.delete": integration,
	"integration.createOrUpdateSlack": { ...integration, slackInstallUrl: text },
	"import.list": list(record("import")), "import.get": { ...record("import"), project }, "import.create": record("import"), "import.delete": record("import"),
	"import.retry": record("import"),
	"insight.list": list(record("insight_brief")), "insight.listAll": list(record("insight")),
	"group.list": { data: list({ ...group, memberCount: number, lastActiveAt: nullable(date) }), meta: { count: number, take: number } },
	"group.byId": nullable(group), "group.create": group, "group.update": group, "group.delete": group, "group.types": list(text),
	"group.properties": list(text), "group.listByIds": list(group),
	"group.metrics": { totalEvents: number, uniqueProfiles: number, firstSeen: nullable(date), lastSeen: nullable(date) },
	"group.activity": byDate, "group.memberGrowth": byDate, "group.mostEvents": byName, "group.popularRoutes": byPath, "group.listProfiles": profiles,
	"cohort.list": list({ ...cohort, currentCount: optional(number) }), "cohort.get": cohort, "cohort.create": cohort, "cohort.update": cohort,
	"cohort.delete": success, "cohort.refresh": success, "cohort.getCount": { count: number }, "cohort.preview": { count: number, sampleProfiles: list(text) },
	"cohort.exportProfiles": { profileIds: list(text), total: number, cohortName: text }, "cohort.listProfiles": profiles,
	"cohort.mostEvents": byName, "cohort.popularRoutes": byPath, "cohort.eventsPerDay": byDate,
	"conversation.list": list(conversation), "conversation.get": { ...conversation, messages: list(record("chat_message")) },
	"conversation.rename": conversation, "conversation.delete": success,
	"chat.models": { providers: { openai: one(false), anthropic: one(false) }, models: list(any), defaultModelId: one(null) },
	"subscription.getCurrent": one(null), "subscription.products": list(any), "subscription.usage": list({ count: number, day: text }),
	"gsc.getConnection": nullable(record("gsc_connection")), "gsc.selectSite": okay, "gsc.disconnect": okay,
	"gsc.getOverview": list({ date: text, ...figures }), "gsc.getPreviousOverview": list({ date: text, ...figures }),
	"gsc.getPages": list({ page: text, ...figures }), "gsc.getQueries": list({ query: text, ...figures }),
	"gsc.initiateOAuth": { url: text }, "gsc.getSites": list({ siteUrl: text, permissionLevel: text }),
	"gsc.getPageDetails": { timeseries: list({ date: text, ...figures }), queries: list({ query: text, ...figures }) },
	"gsc.getQueryDetails": { timeseries: list({ date: text, ...figures }), pages: list({ page: text, ...figures }) },
	"gsc.getCannibalization": list({ query: text, totalImpressions: number, totalClicks: number, pages: list({ page: text, ...figures }) }),
	"gsc.getSearchEngines": engines, "gsc.getAiEngines": engines,
};
