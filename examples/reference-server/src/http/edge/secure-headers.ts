import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import helmet, { type HelmetOptions } from 'helmet'

/** What an operator says about browsers. */
export interface SecureHeadersOptions {
  /** Origins whose pages may read answers, exactly as browsers send them, or `*` alone. Empty: none but our own. */
  readonly corsOrigins: readonly string[]
  /** Whether such pages may send cookies and HTTP credentials. Never with `*`. */
  readonly corsCredentials: boolean
  /** Whether clients reach the server by TLS alone: then browsers are told so for a year. */
  readonly hasTlsInFront: boolean
}

const HSTS_SECONDS = 365 * 24 * 60 * 60
const PREFLIGHT_SECONDS = 600

/**
 * Adds the headers that tell browsers what they may do with answers, and the answers to their preflight requests.
 * Throws on `*` with credentials.
 */
export async function addSecureHeaders(app: FastifyInstance, options: SecureHeadersOptions): Promise<void> {
  const { corsOrigins, corsCredentials, hasTlsInFront } = options
  if (corsOrigins.includes('*') && (corsCredentials || corsOrigins.length > 1)) {
    throw new Error('CORS: * stands alone and without credentials')
  }
  const headers = headersOf({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    strictTransportSecurity: hasTlsInFront ? { maxAge: HSTS_SECONDS, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    crossOriginResourcePolicy: { policy: corsOrigins.length === 0 ? 'same-origin' : 'cross-origin' },
  })
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers)
    done()
  })
  if (corsOrigins.length === 0) return
  await app.register(cors, {
    origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
    credentials: corsCredentials,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'last-event-id'],
    exposedHeaders: ['x-request-id', 'ratelimit', 'ratelimit-policy', 'retry-after', 'etag', 'location'],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  })
}

/** The headers that helmet sets with these options. They are the same for each answer, so that it is asked once. */
function headersOf(options: HelmetOptions): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  let hasEnded = false
  helmet(options)(request, response, (error) => {
    if (error !== undefined) throw error
    hasEnded = true
  })
  // Headers that came later would be none at all.
  if (!hasEnded) throw new Error('helmet did not set its headers at once')
  return { ...response.getHeaders() }
}
