import { randomUUID } from 'node:crypto'
import type { Logger } from '@golden-arch/core/observability'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { addRequestTelemetry, type RequestTelemetryOptions } from '../telemetry/request-telemetry.ts'
import { type Authority, addAccessHook } from './access/access-hook.ts'
import type { RequestLimits } from './access/request-limits.ts'
import { requireAccessOfEachRoute } from './access/route-access.ts'
import { addApiDocument } from './documentation/api-document.ts'
import { addDocsPage } from './documentation/docs-page.ts'
import { type AnswerPolicy, addSchemaCompilers } from './documentation/schema-compilers.ts'
import { addStandardFailures } from './documentation/standard-failures.ts'
import { AllowedMethods } from './edge/allowed-methods.ts'
import { AnswersUnderWay } from './edge/answers-under-way.ts'
import { keepConnections } from './edge/connection-keeper.ts'
import { DEFAULT_EDGE_LIMITS, type EdgeLimits } from './edge/edge-limits.ts'
import { forgetBody } from './edge/forget-body.ts'
import { parseJsonBody } from './edge/json-body.ts'
import { answerRaw, answerSocket, isRefused, parserFailure } from './edge/raw-answer.ts'
import { requirePlainRequest } from './edge/request-rules.ts'
import { addSecureHeaders, type SecureHeadersOptions } from './edge/secure-headers.ts'
import { failureBody, failureOf, HttpError, retryAfterOf } from './http-error.ts'
import { SOCKET_PATH } from './task-events/task-socket-route.ts'

/** What the gateway is made of. */
export interface GatewayOptions {
  readonly authority: Authority
  readonly requestLimits: RequestLimits
  /** Tenant of those who run the system: what concerns all tenants is theirs alone. */
  readonly homeTenantId: string
  readonly headers: SecureHeadersOptions
  readonly logger: Logger
  /** To whom requests are told. Default nobody. */
  readonly telemetry?: RequestTelemetryOptions
  /** Default {@link DEFAULT_EDGE_LIMITS}. */
  readonly limits?: Partial<EdgeLimits>
  /** What the document of the API calls itself. Default 0.0.0. */
  readonly version?: string
  /** What becomes of an answer that is not as documented. Default trusted. */
  readonly answers?: AnswerPolicy
}

/** The HTTP server with what every route needs. Routes are added to it: each says who may call it. */
export async function createGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const { logger } = options
  const limits: EdgeLimits = { ...DEFAULT_EDGE_LIMITS, ...options.limits }
  const app = createServer(limits, options.requestLimits)
  const methods = new AllowedMethods()
  let isStopping = false
  if (options.telemetry !== undefined) addRequestTelemetry(app, options.telemetry)
  app.addHook('preClose', async () => {
    isStopping = true
  })
  // Hooks that wait for nothing are no promises: each would cost every call a turn of the queue.
  app.addHook('onSend', (request, reply, _payload, done) => {
    void reply.header('x-request-id', request.id)
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
    done()
  })
  app.addHook('onResponse', ({ id, method, routeOptions, caller }, reply, done) => {
    const facts = { requestId: id, method, route: routeOptions.url, status: reply.statusCode }
    logger.debug(
      { ...facts, ms: Math.round(reply.elapsedTime), userId: caller?.principal.id },
      'request answered',
    )
    done()
  })
  await addSecureHeaders(app, options.headers)
  app.addHook('onRequest', (request, reply, done) => {
    try {
      requirePlainRequest(request, limits)
    } catch (error) {
      // What follows on the connection may be taken differently too.
      void reply.header('connection', 'close')
      throw error
    }
    if (isStopping) throw new HttpError(503, 'STOPPING', 'the server stops, try another')
    done()
  })
  const { authority, requestLimits, homeTenantId } = options
  addAccessHook(app, { authority, limits: requestLimits, homeTenantId })
  requireAccessOfEachRoute(app)
  app.addHook('onRoute', ({ url, method }) => methods.add(url, [method].flat()))
  addSchemaCompilers(app, options.answers ?? 'trusted')
  addStandardFailures(app)
  await addApiDocument(app, options.version ?? '0.0.0')
  addDocsPage(app)
  app.setErrorHandler(async (error, request, reply) => {
    const { params, query, body, headers } = request
    const failure = failureOf(error, { params, query, body, headers })
    // What is answered on purpose, as while nothing can be counted, was told once by whoever found it out.
    if (failure.status >= 500 && !(error instanceof HttpError)) {
      logger.error({ err: error, requestId: request.id }, 'request failed')
    }
    const retryAfterSeconds = retryAfterOf(error)
    // The limiter has told its own.
    if (retryAfterSeconds !== undefined && !reply.hasHeader('retry-after')) {
      void reply.header('retry-after', String(retryAfterSeconds))
    }
    if (reply.getHeader('connection') === 'close') await forgetBody(request.raw)
    return reply.status(failure.status).send(failureBody(failure, request.id))
  })
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.of(request.url)
    if (allowed.length === 0) throw new HttpError(404, 'NOT_FOUND', 'no such route')
    void reply.header('allow', [...allowed, 'OPTIONS'].join(', '))
    if (request.method === 'OPTIONS') return reply.status(204).send()
    throw new HttpError(405, 'METHOD_NOT_ALLOWED', `this route takes ${allowed.join(', ')}`, { allowed })
  })
  return app
}

function createServer(limits: EdgeLimits, { isProxy }: Pick<RequestLimits, 'isProxy'>): FastifyInstance {
  const app = Fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // The hook that answers in its place speaks the one form of failure.
    return503OnClosing: false,
    routerOptions: { maxParamLength: limits.maxParamLength },
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.lateCheckIntervalMs,
      insecureHTTPParser: false,
      // Whoever asks another route for another protocol gets its answer by HTTP, as the protocol allows.
      shouldUpgradeCallback: ({ url = '', headers }) =>
        url.split('?', 1)[0] === SOCKET_PATH && headers.upgrade?.toLowerCase() === 'websocket',
      // Node would answer without a body; a rule of ours refuses such a request.
      requireHostHeader: false,
    },
    frameworkErrors: (error, _request, reply) => answerRaw(reply.raw, failureOf(error)),
    clientErrorHandler: (error, socket) => {
      // Bytes of ours in the place of another answer would be taken for it.
      if (underWay.mayAnswer(socket)) answerSocket(socket, parserFailure(error.code))
      else if (!isRefused(socket)) socket.destroy()
    },
  })
  const underWay = new AnswersUnderWay(app.server)
  keepConnections(app.server, underWay, limits, isProxy)
  app.server.maxConnections = limits.maxConnections
  app.server.on('connect', (_request, socket) => {
    // Node has let go of the connection: whatever comes on it is ours to forget.
    socket.on('error', () => socket.destroy()).resume()
    const failure = { status: 405, errorCode: 'METHOD_NOT_ALLOWED', message: 'this server is no proxy' }
    if (underWay.mayAnswer(socket)) answerSocket(socket, failure)
    else socket.destroy()
  })
  app.server.on('checkExpectation', (_request, response) =>
    answerRaw(response, {
      status: 417,
      errorCode: 'EXPECTATION_FAILED',
      message: 'of expectations, 100-continue is known alone',
    }),
  )
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
      let value: unknown
      try {
        requireUtf8(request.headers['content-type'])
        value = parseJsonBody(body, limits)
      } catch (error) {
        // Both throw errors alone.
        done(error as Error)
        return
      }
      done(null, value)
    },
  )
  return app
}

function requireUtf8(contentType = ''): void {
  if (!contentType.includes(';')) return
  const charsets = [...contentType.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi)].map(([, name = '']) => name)
  if (charsets.length > 1 || charsets.some((name) => name.toLowerCase() !== 'utf-8')) {
    throw new HttpError(415, 'MEDIA_TYPE_UNSUPPORTED', 'the body must be application/json in UTF-8')
  }
}
