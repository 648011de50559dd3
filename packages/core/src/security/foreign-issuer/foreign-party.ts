import {
  InvalidOptionError,
  requireFunction,
  requireInteger,
  requireOneOf,
  requireTenantId,
  requireText,
  withDefaults,
} from '../../errors/index.ts'
import type { Logger } from '../../observability/index.ts'
import type { Clock } from '../../time/index.ts'
import { roleNames } from '../token/role-names.ts'
import { KEY_PAIR_ALGORITHMS } from '../token/signing-algorithm.ts'
import { readClaims, type TokenClaims, type WrongClaim } from '../token/token-claims.ts'
import type { TokenParty } from '../token/token-party.ts'
import type { TokenRefusal } from '../token/token-refusal.ts'
import type { ForeignIdentity, ForeignIssuerOptions } from './foreign-issuer-options.ts'
import { RemoteKeySet } from './remote-key-set.ts'

/** What a foreign issuer needs of its verifier. */
export interface ForeignPartyContext {
  readonly roles: ReadonlySet<string>
  readonly logger: Logger
  readonly clock: Clock
}

/** Thumbprints of certificates stand in the headers of some issuers; they are left unread. */
const MEMBERS: ReadonlySet<string> = new Set(['alg', 'kid', 'typ', 'x5t', 'x5t#S256'])
const MAX_TENANTS = 1000

const DEFAULTS = Object.freeze({
  issuer: undefined,
  jwksUrl: undefined,
  audience: undefined,
  algorithms: undefined,
  tenants: undefined,
  roles: undefined,
  mapClaims: undefined,
  tokenType: 'at+jwt',
  maxTokenAgeSeconds: 3600,
  allowLoopbackHttp: false,
  timeoutMs: 5000,
  refreshAfterMs: 600_000,
  cooldownMs: 30_000,
  staleIfErrorMs: undefined,
  maxBytes: 65_536,
  fetch: undefined,
} as const)

/**
 * A foreign issuer as a verifier sees it.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function foreignParty(given: ForeignIssuerOptions, context: ForeignPartyContext): TokenParty {
  const options = withDefaults<ForeignIssuerOptions, typeof DEFAULTS>(given, DEFAULTS, 'foreignIssuers.')
  const issuer = requireText('foreignIssuers.issuer', options.issuer)
  const audience = requireText('foreignIssuers.audience', options.audience)
  const { algorithms, tenants, mapClaims } = options
  if (!Array.isArray(algorithms) || algorithms.length < 1 || algorithms.length > KEY_PAIR_ALGORITHMS.length)
    throw new InvalidOptionError(
      'foreignIssuers.algorithms',
      `1 to ${KEY_PAIR_ALGORITHMS.length} names`,
      algorithms,
    )
  for (const one of algorithms) requireOneOf('foreignIssuers.algorithms', one, KEY_PAIR_ALGORITHMS)
  if (!Array.isArray(tenants) || tenants.length < 1 || tenants.length > MAX_TENANTS)
    throw new InvalidOptionError('foreignIssuers.tenants', `1 to ${MAX_TENANTS} tenants`, tenants)
  requireFunction('foreignIssuers.mapClaims', mapClaims)
  const roles = roleNames(options.roles ?? [], 'foreignIssuers.roles')
  for (const role of roles) {
    if (!context.roles.has(role))
      throw new InvalidOptionError('foreignIssuers.roles', 'roles that the verifier knows', role)
  }
  const rules = {
    roles,
    tenants: new Set(tenants.map((one) => requireTenantId(one, 'foreignIssuers.tenants'))),
    mapClaims,
  }
  return {
    issuer,
    audience,
    keys: new RemoteKeySet(options, context),
    tokenType: requireOneOf('foreignIssuers.tokenType', options.tokenType, ['at+jwt', 'JWT']),
    headerMembers: MEMBERS,
    isOurs: false,
    maxTokenAgeSeconds: requireInteger('foreignIssuers.maxTokenAgeSeconds', options.maxTokenAgeSeconds, {
      min: 1,
      max: 86_400,
    }),
    claimsOf: (payload, keyId) => foreignClaims(payload, keyId, rules),
  }
}

interface ForeignRules {
  readonly roles: ReadonlySet<string>
  readonly tenants: ReadonlySet<string>
  readonly mapClaims: ForeignIssuerOptions['mapClaims']
}

function foreignClaims(
  payload: Readonly<Record<string, unknown>>,
  keyId: string,
  { roles, tenants, mapClaims }: ForeignRules,
): TokenClaims | WrongClaim | TokenRefusal {
  const identity = mapped(payload, mapClaims)
  if (identity === undefined) return 'not-mapped'
  const { subject, kind, role, tenantId } = identity
  if (!tenants.has(tenantId)) return 'not-mapped'
  return readClaims({ ...payload, sub: subject, kind, role, tenant: tenantId }, { roles, keyId })
}

function mapped(
  payload: Readonly<Record<string, unknown>>,
  mapClaims: ForeignIssuerOptions['mapClaims'],
): ForeignIdentity | undefined {
  try {
    // A copy: what the map does to it must not reach the id, the issuer and the times that are read afterwards.
    const identity: unknown = mapClaims(structuredClone(payload))
    // What a caller without types gives back may be anything: only an object is looked at, and each field is checked.
    return typeof identity === 'object' && identity !== null ? (identity as ForeignIdentity) : undefined
  } catch {
    return undefined
  }
}
