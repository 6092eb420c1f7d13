// Writes tests/data/schemas.json: what zod 4.3 says about inputs, for schemas
// spelled here by hand after spec/trpc-metadata.md Appendix A, in the envelopes
// that superjson makes of them.  unit/schema-t compares the validator with it.
//   cd DIR-WITH-zod-AND-superjson && node .../tools/make-schema-vectors.mjs > .../tests/data/schemas.json
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
const require = createRequire(pathToFileURL(process.cwd() + '/'))
const { z } = require('zod')
const superjson = require('superjson').default ?? require('superjson')

const operator = z.enum(['is', 'isNot', 'contains', 'doesNotContain', 'startsWith', 'endsWith', 'regex', 'isNull', 'isNotNull', 'gt', 'lt', 'gte', 'lte', 'inCohort', 'notInCohort'])
const filter = z.object({
  id: z.string().optional(), name: z.string(), operator, value: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  type: z.enum(['string', 'number', 'date', 'datetime', 'boolean']).optional(), cohortId: z.string().optional(), cohortIds: z.array(z.string()).optional()
})
const segment = z.enum(['event', 'user', 'session', 'group', 'user_average', 'one_event_per_user', 'property_sum', 'property_average', 'property_max', 'property_min'])
const event = z.object({
  id: z.string().optional(), name: z.string(), displayName: z.string().optional(), property: z.string().optional(),
  segment: segment.optional().default('event'), filters: z.array(filter).optional().default([])
})
const formula = z.object({
  id: z.string().optional(), type: z.literal('formula'),
  formula: z.string().regex(/^[A-Za-z0-9_ .,+\-*/()%^]*$/, 'Formula may only contain series references, numbers and arithmetic operators').max(1000),
  displayName: z.string().optional(), hideSeries: z.array(z.string()).optional()
})
const item = z.discriminatedUnion('type', [event.extend({ type: z.literal('event') }), formula])
const options = z.discriminatedUnion('type', [
  z.object({ type: z.literal('funnel'), funnelGroup: z.string().optional(), funnelWindow: z.number().optional() }),
  z.object({ type: z.literal('retention'), criteria: z.enum(['on_or_after', 'on']).optional() }),
  z.object({ type: z.literal('sankey'), mode: z.enum(['between', 'after', 'before']), steps: z.number().min(2).max(10).optional().default(5), exclude: z.array(z.string()).optional().default([]), include: z.array(z.string()).optional() }),
  z.object({ type: z.literal('histogram'), stacked: z.boolean().optional().default(false) })
])
const schemas = {
  SIGN_UP: z.object({
    firstName: z.string().min(1), lastName: z.string().min(1), email: z.string().email(), password: z.string().min(8), confirmPassword: z.string().min(8), inviteId: z.string().nullish()
  }).refine((v) => v.password === v.confirmPassword, { message: 'Passwords do not match', path: ['confirmPassword'] }),
  SIGN_IN: z.object({ email: z.string().email().min(1), password: z.string().min(8), inviteId: z.string().nullish() }),
  ONBOARDING_PROJECT: z.object({
    organization: z.string().optional(), organizationId: z.string().optional(), project: z.string().min(3), domain: z.union([z.string().url(), z.literal(''), z.null()]),
    cors: z.array(z.string()).optional().default([]), website: z.boolean(), app: z.boolean(), backend: z.boolean(), timezone: z.string().optional()
  }).superRefine((v, c) => {
    const add = (path, message) => c.addIssue({ code: 'custom', message, path: [path] })
    if (!v.organization && !v.organizationId) { add('organization', 'Organization is required'); add('organizationId', 'Organization is required') }
    if (v.website && !v.domain) add('domain', 'Domain is required for website tracking')
    if (!v.website && !v.app && !v.backend) for (const t of ['app', 'backend', 'website']) add(t, 'At least one type must be selected')
  }),
  CLIENT_CREATE: z.object({ name: z.string(), projectId: z.string(), organizationId: z.string(), type: z.enum(['read', 'write', 'root']).optional() }),
  EVENTS: z.object({
    projectId: z.string(), profileId: z.string().nullish(), sessionId: z.string().nullish(), groupId: z.string().nullish(), cohortId: z.string().nullish(), cursor: z.string().nullish(),
    filters: z.array(filter).optional().default([]), startDate: z.any().nullish(), endDate: z.any().nullish(), events: z.array(z.string()).nullish(), columnVisibility: z.record(z.string(), z.boolean()).nullish()
  }),
  CHART: z.object({
    projectId: z.string(),
    chartType: z.enum(['linear', 'bar', 'histogram', 'pie', 'metric', 'area', 'map', 'funnel', 'retention', 'conversion', 'sankey']).optional().default('linear'),
    interval: z.enum(['minute', 'day', 'hour', 'week', 'month']).optional().default('day'), series: z.array(item),
    breakdowns: z.array(z.object({ id: z.string().optional(), name: z.string() })).optional().default([]), globalFilters: z.array(filter).optional(),
    range: z.enum(['30min', 'lastHour', 'last24h', 'today', 'yesterday', '7d', '30d', '3m', '6m', '12m', 'monthToDate', 'lastMonth', 'yearToDate', 'lastYear', 'custom']).optional().default('30d'),
    startDate: z.string().nullish(), endDate: z.string().nullish(), previous: z.boolean().optional().default(false), formula: z.string().optional(),
    metric: z.enum(['count', 'sum', 'average', 'min', 'max']).optional().default('sum'), limit: z.number().optional(), offset: z.number().optional(),
    visibleSeries: z.array(z.string()).nullish(), options: options.optional(), name: z.string().optional(),
    lineType: z.enum(['monotone', 'monotoneX', 'monotoneY', 'linear', 'natural', 'basis', 'step', 'stepBefore', 'stepAfter', 'basisClosed', 'basisOpen', 'bumpX', 'bumpY', 'bump', 'linearClosed']).optional(),
    unit: z.string().optional(), shareId: z.string().optional(), id: z.string().optional()
  })
}
const good = {
  SIGN_UP: { firstName: 'A', lastName: 'B', email: 'a@example.com', password: 'password1', confirmPassword: 'password1', inviteId: null },
  SIGN_IN: { email: 'a@example.com', password: 'password1' },
  ONBOARDING_PROJECT: { organization: 'O', project: 'Pro', domain: 'https://a.example', website: true, app: false, backend: false },
  CLIENT_CREATE: { name: 'n', projectId: 'p', organizationId: 'o' },
  EVENTS: { projectId: 'p', filters: [{ name: 'path', operator: 'is', value: ['/a', 1, true, null] }], startDate: new Date(0), columnVisibility: { name: true }, events: ['x'] },
  CHART: {
    projectId: 'p', series: [{ type: 'event', name: 'x', filters: [{ name: 'a', operator: 'gt', value: [1] }] }, { type: 'formula', formula: 'A/2' }],
    breakdowns: [{ name: 'country' }], options: { type: 'sankey', mode: 'after', steps: 3 }, visibleSeries: ['a']
  }
}
const odd = [undefined, null, '', 'x', 'text of some length', 'foo@bar', 'a.b@c.de', 'https://a.b', ' mailto:x ', 'ftp://', 0, 1.5, -3, 100, NaN, Infinity, -0, 10n, true, false, [], [1], ['a'], {}, { a: 1 },
  new Date(5), new Map([['k', new Date(1)]]), new Set([1]), /re/g, { type: 'event' }, { type: 'nope' }, '€'.repeat(7), '𝄞'.repeat(4), 'A;B']

// Every place in the value, each with every odd value in it.
function * places (v, path = []) {
  if (path.length) yield path
  if (v && typeof v === 'object' && !(v instanceof Date)) for (const k of Object.keys(v)) yield * places(v[k], [...path, k])
}
function put (v, path, x) {
  const copy = Array.isArray(v) ? [...v] : { ...v }
  copy[path[0]] = path.length === 1 ? x : put(v[path[0]], path.slice(1), x)
  return copy
}
// An undefined member is an absent one.
function bare (v) {
  if (Array.isArray(v)) return v.map(bare)
  if (!v || typeof v !== 'object' || v instanceof Date || v instanceof Map || v instanceof Set || v instanceof RegExp) return v
  return Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined).map(([k, x]) => [k, bare(x)]))
}
const out = []
function add (schema, input) {
  const result = schemas[schema].safeParse(input)
  const envelope = superjson.serialize(input)
  delete envelope.meta?.referentialEqualities
  out.push(result.success
    ? { schema, input: envelope, cleaned: superjson.serialize(bare(result.data)).json }
    : { schema, input: envelope, issues: JSON.stringify(result.error.issues, null, 2), flat: z.flattenError(result.error) })
}
let n = 0
for (const [schema, value] of Object.entries(good)) {
  add(schema, value)
  for (const x of odd) add(schema, x)
  for (const path of places(value)) for (const x of odd) if ((schema !== 'CHART' || n++ % 3 === 0) && (x !== undefined || path[0] !== 'columnVisibility' || path.length === 1)) add(schema, put(value, path, x))
  for (const k of Object.keys(value)) { const { [k]: _, ...rest } = value; add(schema, rest) }
}
add('ONBOARDING_PROJECT', { project: 'abc', domain: null, website: true, app: false, backend: false })
add('ONBOARDING_PROJECT', { project: 'a', domain: '', website: false, app: false, backend: false })
console.log('[\n' + out.map((v) => JSON.stringify(v)).join(',\n') + '\n]')
