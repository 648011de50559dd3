import {
  METRICS,
  type Metrics,
  type Span,
  type SpanAttributes,
  type TraceContext,
  type Tracer,
} from '@golden-arch/core/observability'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { withLogContext } from './log-context.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The span of the request; undefined for those that nobody traces. */
    span: Span | undefined
  }
}

/** To whom requests are told. */
export interface RequestTelemetryOptions {
  readonly metrics: Metrics
  readonly tracer: Tracer
}

const NO_ROUTE = 'none'

/**
 * Counts, times and traces each request, and gives the lines that it logs its id. Call it before other hooks are added:
 * what they do is part of the request. Probes and sockets have no spans, and answers that stream are not timed.
 */
export function addRequestTelemetry(
  app: FastifyInstance,
  { metrics, tracer }: RequestTelemetryOptions,
): void {
  const requests = metrics.counter(METRICS.httpRequests)
  const seconds = metrics.histogram(METRICS.httpRequestSeconds)
  app.decorateRequest('span', undefined)
  app.addHook('onRequest', (request, _reply, done) => {
    if (isTraced(request)) request.span = startSpan(tracer, request)
    inside(request, done)
  })
  // The body is read beside the hooks before it: what follows would not know to what it belongs.
  app.addHook('preValidation', (request, _reply, done) => inside(request, done))
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? NO_ROUTE
    requests.increment({ route, method, status_class: `${Math.floor(reply.statusCode / 100)}xx` })
    if (!isStream(reply)) seconds.observe(reply.elapsedTime / 1000, { route, method })
    if (request.span !== undefined) endSpan(request.span, reply)
    inside(request, done)
  })
}

function inside(request: FastifyRequest, done: () => void): void {
  const context = { request_id: request.id, tenant_id: request.caller?.principal.tenantId }
  withLogContext(context, () => (request.span === undefined ? done() : request.span.run(done)))
}

function isTraced({ routeOptions, headers }: FastifyRequest): boolean {
  return routeOptions.config.isProbe !== true && headers.upgrade === undefined
}

function startSpan(tracer: Tracer, request: FastifyRequest): Span {
  const route = request.routeOptions.url
  const name = route === undefined ? request.method : `${request.method} ${route}`
  const span = tracer.startSpan(name, { kind: 'server', parent: placeOf(request) })
  if (span.isRecording) span.setAttributes(attributesOf(request, route))
  return span
}

function placeOf({ headers }: FastifyRequest): TraceContext | null {
  const { traceparent, tracestate } = headers
  if (typeof traceparent !== 'string') return null
  return typeof tracestate === 'string' ? { traceparent, tracestate } : { traceparent }
}

/** Without the query, which may hold what is nobody's business. */
function attributesOf(request: FastifyRequest, route: string | undefined): SpanAttributes {
  const userAgent = request.headers['user-agent']
  return {
    'http.request.method': request.method,
    'url.scheme': 'http',
    'url.path': request.url.split('?', 1)[0] ?? '',
    'network.protocol.version': request.raw.httpVersion,
    'golden_arch.request_id': request.id,
    ...(route === undefined ? {} : { 'http.route': route }),
    ...(request.socket.remoteAddress === undefined
      ? {}
      : { 'network.peer.address': request.socket.remoteAddress }),
    ...(userAgent === undefined ? {} : { 'user_agent.original': userAgent }),
  }
}

function endSpan(span: Span, { statusCode, request }: FastifyReply): void {
  if (span.isRecording) {
    const tenantId = request.caller?.principal.tenantId
    span.setAttributes({
      'http.response.status_code': statusCode,
      ...(tenantId === undefined ? {} : { 'golden_arch.tenant_id': tenantId }),
      ...(statusCode < 500 ? {} : { 'error.type': String(statusCode) }),
    })
    // What a client did wrong is no failure of the server.
    if (statusCode >= 500) span.setStatus('error')
  }
  span.end()
}

function isStream(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type')).startsWith('text/event-stream')
}
