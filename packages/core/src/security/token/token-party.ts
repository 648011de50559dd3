import type { CompactToken } from './compact-form.ts'
import type { TokenClaims, WrongClaim } from './token-claims.ts'
import type { VerificationKeys } from './token-keys.ts'
import type { TokenRefusal } from './token-refusal.ts'

/** An issuer whose tokens a verifier accepts: our own or a foreign one. */
export interface TokenParty {
  readonly issuer: string
  readonly audience: string
  readonly keys: VerificationKeys
  readonly tokenType: 'at+jwt' | 'JWT'
  /** What a header may hold; nothing of it but `alg`, `kid` and `typ` is read. */
  readonly headerMembers: ReadonlySet<string>
  /** Whether its tokens must be as our issuer writes them, to the byte. */
  readonly isOurs: boolean
  readonly maxTokenAgeSeconds: number
  /** The claims of a payload whose signature is right, or why there are none. */
  claimsOf(payload: Readonly<Record<string, unknown>>, keyId: string): TokenClaims | WrongClaim | TokenRefusal
}

const MAX_OWN_LENGTH = 4096
const MAX_KEY_ID_LENGTH = 256

/**
 * Why a token is none of `party`, as far as its form shows, or undefined. Our own tokens are JSON in the exact form of
 * JSON.stringify, which no blank, no other spelling and no number out of range can have.
 */
export function findPartyFault(
  party: TokenParty,
  { header, isExact }: CompactToken,
  length: number,
): TokenRefusal | undefined {
  if (party.isOurs && length > MAX_OWN_LENGTH) return 'too-long'
  if (party.isOurs && !isExact) return 'not-our-form'
  const { kid, typ } = header
  if (!Object.keys(header).every((name) => party.headerMembers.has(name))) return 'header-not-allowed'
  if (typeof typ !== 'string' || (party.isOurs && typ !== party.tokenType)) return 'wrong-type'
  if (typeof kid !== 'string' || kid === '' || kid.length > MAX_KEY_ID_LENGTH) return 'unknown-key'
  return undefined
}
