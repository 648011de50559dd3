import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

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
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    strictTransportSecurity: hasTlsInFront ? { maxAge: HSTS_SECONDS, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    crossOriginResourcePolicy: { policy: corsOrigins.length === 0 ? 'same-origin' : 'cross-origin' },
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
