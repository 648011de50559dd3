import { RecentMap } from '../rate-limit/recent-map.ts'
import type { TokenClaims } from './token-claims.ts'
import type { TokenParty } from './token-party.ts'
import type { VerificationKey } from './verification-key.ts'

/** What a token says of itself: enough to find the key that it is to be verified by. */
export interface TokenOrigin {
  readonly party: TokenParty
  readonly keyId: string
  readonly algorithm: VerificationKey['algorithm']
}

/** A token whose signature was found right. */
export interface GenuineToken {
  readonly origin: TokenOrigin
  readonly key: VerificationKey['key']
  readonly claims: TokenClaims
  readonly verifiedAtMs: number
}

const MAX_TOKENS = 1000
/** Our own are a third of it; a foreign one beyond it is verified each time. */
const MAX_LENGTH = 2048

/**
 * Tokens whose signature was found right, letter for letter: the same token by the same key is right again, and to find
 * that out is most of what a call costs. Whether the key and the token still count is for others to say, each time.
 */
export class GenuineTokens {
  readonly #tokens = new RecentMap<GenuineToken>(MAX_TOKENS)

  /** What is known of a token, letter for letter; undefined where that is to be found out. */
  find(token: string): GenuineToken | undefined {
    return this.#tokens.get(token)
  }

  /** Notes a token that was verified in full. */
  note(token: string, origin: TokenOrigin, key: VerificationKey, claims: TokenClaims, now: Date): void {
    if (token.length > MAX_LENGTH) return
    this.#tokens.set(token, { origin, key: key.key, claims: copyOf(claims), verifiedAtMs: now.getTime() })
  }
}

/** The claims of a token that was verified by this very key and is in force; undefined where that is to be found out. */
export function claimsInForce(known: GenuineToken, key: VerificationKey, now: Date): TokenClaims | undefined {
  if (known.key !== key.key) return undefined
  const nowMs = now.getTime()
  // A clock that was set back, like a token that has just ended, is a matter for the whole judgement.
  const isInForce = known.verifiedAtMs <= nowMs && nowMs < known.claims.expiresAt.getTime()
  return isInForce ? copyOf(known.claims) : undefined
}

/** Dates can be changed by whoever gets them. */
function copyOf(claims: TokenClaims): TokenClaims {
  return { ...claims, issuedAt: new Date(claims.issuedAt), expiresAt: new Date(claims.expiresAt) }
}
