import { METRICS, silentTracer } from '@golden-arch/core/observability'
import { RecordingMetrics, RecordingTracer } from '@golden-arch/core/observability/testing'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HttpError } from '../http/http-error.ts'
import { failureSchema, routeSchema } from '../http/route-schema.ts'
import { startTestGateway, type TestGateway } from '../testing/test-gateway.ts'
import { type LogContext, logContext } from './log-context.ts'

const schema = (summary: string): ReturnType<typeof routeSchema> =>
  routeSchema({ summary, tags: ['system'], response: { 200: failureSchema } })
/** What a handler found around it. */
let seen: { readonly context: LogContext; readonly place: string | undefined }
let gateway: TestGateway
let metrics: RecordingMetrics
let tracer: RecordingTracer

function addRoutes(app: FastifyInstance): void {
  const look = (): object => {
    seen = { context: logContext(), place: tracer.activeContext()?.traceparent }
    return { error_code: 'NONE', message: 'none', request_id: 'r' }
  }
  const open = { public: true } as const
  app.get('/things/:id', { config: { permission: 'task:read' }, schema: schema('one') }, look)
  app.post('/things', { config: open, schema: schema('two') }, look)
  app.get('/broken', { config: open, schema: schema('three') }, () => {
    throw new HttpError(503, 'BROKEN', 'broken')
  })
  app.get(
    '/probe',
    { config: { public: true, isProbe: true, limitPolicy: 'open' }, schema: schema('four') },
    look,
  )
}

beforeEach(async () => {
  metrics = new RecordingMetrics()
  tracer = new RecordingTracer()
  gateway = await startTestGateway(addRoutes, { telemetry: { metrics, tracer } })
})
afterEach(() => gateway.stop())

const requestsTo = (route: string): number => metrics.counterValue(METRICS.httpRequests.name, { route })
/** Spans and counts come with the end of the answer, which a client may hear of before. */
const counted = (route: string, count: number): Promise<void> =>
  expect.poll(() => requestsTo(route), { timeout: 100_000 }).toBe(count)

it('counts and times requests by their route, whatever stands in its place', async () => {
  const headers = { authorization: 'Bearer acme.admin.ada' }
  for (const id of ['a', 'b'])
    await (await fetch(`${gateway.address}/things/${id}?q=secret`, { headers })).text()
  await counted('/things/:id', 2)
  const labels = { route: '/things/:id', method: 'GET' }
  expect(metrics.counterValue('http_requests_total', { ...labels, status_class: '2xx' })).toBe(2)
  expect(metrics.values('http_request_seconds', labels)).toHaveLength(2)
  const [span] = tracer.spans('GET /things/:id')
  expect(span).toMatchObject({
    kind: 'server',
    parentSpanId: null,
    status: 'unset',
    isEnded: true,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/things/:id',
      'http.response.status_code': 200,
      'url.path': '/things/a',
      'golden_arch.tenant_id': 'acme',
    },
  })
  expect(JSON.stringify(span)).not.toContain('secret')
})

it('handlers stand in the span of their request, and know its id and tenant, behind a body too', async () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const headers = { 'content-type': 'application/json', traceparent }
  const answer = await fetch(`${gateway.address}/things`, { method: 'POST', headers, body: '{"a":1}' })
  await answer.text()
  await counted('/things', 1)
  const [span] = tracer.spans('POST /things')
  expect(span).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) })
  expect(seen.place?.split('-')).toEqual(['00', span?.traceId, span?.spanId, '01'])
  expect(seen.context.request_id).toBe(answer.headers.get('x-request-id'))
  const authorization = 'Bearer acme.admin.ada'
  await (await fetch(`${gateway.address}/things/c`, { headers: { authorization } })).text()
  expect(seen.context.tenant_id).toBe('acme')
})

it('a server that fails makes a failed span, a client that errs does not, and no route is one name', async () => {
  await (await fetch(`${gateway.address}/broken`)).text()
  await counted('/broken', 1)
  expect(tracer.spans('GET /broken')[0]).toMatchObject({
    status: 'error',
    attributes: { 'error.type': '503' },
  })
  for (const path of ['/nowhere/1', '/nowhere/2']) await (await fetch(`${gateway.address}${path}`)).text()
  await counted('none', 2)
  expect(tracer.spans('GET')[0]).toMatchObject({
    status: 'unset',
    attributes: { 'http.response.status_code': 404 },
  })
})

it('probes are counted and have no span', async () => {
  await (await fetch(`${gateway.address}/probe`)).text()
  await counted('/probe', 1)
  expect(tracer.spans('GET /probe')).toEqual([])
  expect(seen.place).toBeUndefined()
})

it('without a tracer requests go their way', async () => {
  const silent = await startTestGateway(addRoutes, { telemetry: { metrics, tracer: silentTracer } })
  const headers = { 'content-type': 'application/json', traceparent: 'none' }
  const { status } = await fetch(`${silent.address}/things`, { method: 'POST', headers, body: '{}' })
  expect(status).toBe(200)
  await silent.stop()
})
