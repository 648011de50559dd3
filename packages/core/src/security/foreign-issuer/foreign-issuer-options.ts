import type { ActorKind } from '../../audit/index.ts'
import type { KeyPairAlgorithm } from '../token/signing-algorithm.ts'

/** Who a foreign token speaks for, in our words. */
export interface ForeignIdentity {
  /** Made from the claim `sub` so that it is nobody else's: `partner|ada`, where our own subjects hold no `|`. */
  readonly subject: string
  /** What it is. Only a human may approve, so say `human` of people alone. */
  readonly kind: ActorKind
  /** One of the issuer's `roles`. */
  readonly role: string
  /** One of the issuer's `tenants`. */
  readonly tenantId: string
}

/** A foreign issuer whose tokens are accepted, by configuration only: nothing in a token chooses where keys come from. */
export interface ForeignIssuerOptions {
  /** What `iss` must be, exactly. Never our own. */
  readonly issuer: string
  /** Where its JWK Set is: https, and http only for loopback with `allowLoopbackHttp`. No user name, no fragment. */
  readonly jwksUrl: string
  /** What `aud` must be or hold. */
  readonly audience: string
  /** The algorithms it signs with, 1 to 3. Never HS256. */
  readonly algorithms: readonly KeyPairAlgorithm[]
  /** The tenants it may speak for, 1 to 1000. */
  readonly tenants: readonly string[]
  /** The roles it may give, 1 to 1000; each must be one of the verifier's. */
  readonly roles: readonly string[]
  /** Says whom a verified payload speaks for; undefined refuses the token, as does a throw. */
  readonly mapClaims: (payload: Readonly<Record<string, unknown>>) => ForeignIdentity | undefined
  /** What `typ` must be. Default `'at+jwt'`; `'JWT'` for issuers that do not follow RFC 9068. */
  readonly tokenType?: 'at+jwt' | 'JWT' | undefined
  /** Greatest age and greatest lifetime of its tokens in seconds, 1 to 86400. Default 3600 (1 hour). */
  readonly maxTokenAgeSeconds?: number | undefined
  /** Allows http for 127.0.0.1, [::1] and localhost. Default false. */
  readonly allowLoopbackHttp?: boolean | undefined
  /** Milliseconds that a fetch may take, 100 to 30000. Default 5000 (5 seconds). */
  readonly timeoutMs?: number | undefined
  /** Milliseconds after which keys are fetched anew, 1000 to 86400000. Default 600000 (10 minutes). */
  readonly refreshAfterMs?: number | undefined
  /** Milliseconds that must pass before a key id not known makes a fetch again, 1000 to 3600000; after a failed fetch 5000 at most. Default 30000. */
  readonly cooldownMs?: number | undefined
  /**
   * Milliseconds after the last good fetch for which its keys still hold where fetches fail, not less than
   * `refreshAfterMs`, at most 86400000. Default 3600000 (1 hour).
   */
  readonly staleIfErrorMs?: number | undefined
  /** Most bytes of a JWK Set, 1024 to 1048576. Default 65536. */
  readonly maxBytes?: number | undefined
  /** What fetches. Default the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
}
