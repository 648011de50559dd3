import { RecentMap } from '../rate-limit/recent-map.ts'
import type { TokenClaims } from './token-claims.ts'
import type { VerificationKey } from './verification-key.ts'

interface GenuineToken {
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

  /** The claims of a token that was verified by this very key and is in force; undefined where that is to be found out. */
  claimsOf(token: string, key: VerificationKey, now: Date): TokenClaims | undefined {
    const known = this.#tokens.get(token)
    if (known === undefined || known.key !== key.key) return undefined
    const nowMs = now.getTime()
    // A clock that was set back, like a token that has just ended, is a matter for the whole judgement.
    const isInForce = known.verifiedAtMs <= nowMs && nowMs < known.claims.expiresAt.getTime()
    return isInForce ? copyOf(known.claims) : undefined
  }

  /** Notes a token that was verified in full. */
  note(token: string, key: VerificationKey, claims: TokenClaims, now: Date): void {
    if (token.length > MAX_LENGTH) return
    this.#tokens.set(token, { key: key.key, claims: copyOf(claims), verifiedAtMs: now.getTime() })
  }
}

/** Dates can be changed by whoever gets them. */
function copyOf(claims: TokenClaims): TokenClaims {
  return { ...claims, issuedAt: new Date(claims.issuedAt), expiresAt: new Date(claims.expiresAt) }
}
