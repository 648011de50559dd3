import type { Metrics } from '@golden-arch/core/observability'
import {
  addressKey,
  clientAddress,
  type HumanRole,
  type Principal,
  type RateLimit,
  type RateLimitedCaller,
  type RateLimiter,
  ROLE_LIMITS,
  RoleRateLimiter,
  type TrustedProxies,
} from '@golden-arch/core/security'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HttpError } from '../http-error.ts'
import './route-access.ts'

/** Counts calls, tells the caller in headers how many are left, and refuses those beyond the limit. */
export interface RequestLimits {
  /** @throws HttpError 429 beyond the limit of the caller's role. */
  take(principal: Principal, request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts against the address. @throws HttpError 429 beyond the limit. */
  takeAnonymous(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Where the request comes from, as far as the proxies in front are trusted. */
  addressOf(request: FastifyRequest): string
  /** Whether connections from this address may come from a proxy of ours, so that many clients share it. */
  isProxy(address: string): boolean
}

/** What {@link roleLimits} is made of. */
export interface RoleLimitsOptions {
  readonly limiter: RateLimiter
  readonly trustedProxies: TrustedProxies
  /** Calls a minute by role, in the place of the usual ones. */
  readonly callsPerMinute: Readonly<Partial<Record<HumanRole, number>>>
  readonly metrics: Metrics
}

/** Probes of health come every few seconds from one address: their limit is there against floods alone. */
const PROBE: RateLimit = Object.freeze({ name: 'probe', limit: 600, windowMs: 60_000 })
/** A browser fetches the parts of a page at once, and opens a socket again after each break. */
const BROWSER: RateLimit = Object.freeze({ name: 'browser', limit: 60, windowMs: 60_000 })
/** A page of the console is made of dozens of files, and a browser without a cache asks for each again. */
const PAGE_PARTS: RateLimit = Object.freeze({ name: 'page-parts', limit: 1200, windowMs: 60_000 })

const SIGN_IN = 'sign-in'
const SIGN_OUT = 'sign-out'
/** The most that a limit may be. */
const MAX_LIMIT = 100_000
/** Signing in and refreshing have a count of their own: many people may share an address. */
const SIGN_INS_PER_ANONYMOUS_CALL = 2
/** A sign-out that is refused leaves a session open: as many as the calls of who may call most, or the anonymous ones where more. */
const MIN_SIGN_OUTS = ROLE_LIMITS.admin.limit

/** Limits by role and person, by address for whoever is anonymous. */
export function roleLimits(options: RoleLimitsOptions): RequestLimits {
  const { limiter, trustedProxies, callsPerMinute, metrics } = options
  const changed = Object.entries(callsPerMinute).map(([role, limit]) => [
    role,
    // The configuration knows the roles of the table alone.
    { ...ROLE_LIMITS[role as HumanRole], limit },
  ])
  const anonymous = callsPerMinute.anonymous ?? ROLE_LIMITS.anonymous.limit
  const signIn = {
    ...PROBE,
    name: SIGN_IN,
    limit: Math.min(anonymous * SIGN_INS_PER_ANONYMOUS_CALL, MAX_LIMIT),
  }
  const signOut = { ...PROBE, name: SIGN_OUT, limit: Math.max(anonymous, MIN_SIGN_OUTS) }
  const limits = new RoleRateLimiter({
    limiter,
    limits: {
      ...Object.fromEntries(changed),
      [PROBE.name]: PROBE,
      [BROWSER.name]: BROWSER,
      [PAGE_PARTS.name]: PAGE_PARTS,
      [SIGN_IN]: signIn,
      [SIGN_OUT]: signOut,
    },
    metrics,
  })
  const addressOf = ({ raw }: FastifyRequest): string =>
    clientAddress({
      socketAddress: raw.socket.remoteAddress,
      forwardedFor: raw.headers['x-forwarded-for'],
      trustedProxies,
    })
  const consume = async (
    caller: RateLimitedCaller,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const { limitPolicy } = request.routeOptions.config
    const { allowed, retryAfterMs, headers, source } = await limits.consume(caller, limitPolicy)
    void reply.headers(headers)
    if (allowed) return
    if (source === 'closed') {
      throw new HttpError(503, 'LIMITER_UNAVAILABLE', 'calls cannot be counted at the moment, try again')
    }
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
    throw new HttpError(429, 'RATE_LIMITED', `too many calls, try again in ${retryAfterSeconds} s`, {
      retry_after_seconds: retryAfterSeconds,
    })
  }
  return {
    addressOf,
    isProxy: (address) =>
      trustedProxies.kind === 'count' ? trustedProxies.count > 0 : trustedProxies.includes(address),
    take: ({ tenantId, role, id: subject }, request, reply) =>
      consume({ tenantId, role, subject }, request, reply),
    takeAnonymous: (request, reply) => {
      const address = addressOf(request)
      const name = ownLimitOf(request)
      if (name === undefined) return consume({ address }, request, reply)
      return consume({ tenantId: name, role: name, subject: addressKey(address) }, request, reply)
    },
  }
}

/** The limit that a route has for itself, where it has one. */
function ownLimitOf(request: FastifyRequest): string | undefined {
  const { isProbe, isSignIn, isSignOut, isOpenedByBrowsers, isPartOfPage } = request.routeOptions.config
  if (isProbe === true) return PROBE.name
  if (isSignIn === true) return SIGN_IN
  if (isSignOut === true) return SIGN_OUT
  if (isPartOfPage === true) return PAGE_PARTS.name
  return isOpenedByBrowsers === true ? BROWSER.name : undefined
}
