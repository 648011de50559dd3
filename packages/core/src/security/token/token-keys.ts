import type { JWK } from 'jose'
import type { SigningKey } from './signing-key.ts'
import type { VerificationKey } from './verification-key.ts'

/** A JWK Set (RFC 7517) as it is published, and for how long others may keep it. */
export interface PublishedKeys {
  /** The body of `/.well-known/jwks.json`: public keys only, secrets never. */
  readonly jwks: { readonly keys: readonly Readonly<JWK>[] }
  /** Seconds for `Cache-Control: public, max-age=…`. */
  readonly maxAgeSeconds: number
}

/** What an issuer asks for. */
export interface SigningKeys {
  /** For how many seconds a token may live, so that its key is kept as long. Default: no bound. */
  readonly maxTokenLifetimeSeconds?: number
  /**
   * The key that signs now.
   * @throws SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable) where it cannot be known.
   */
  signingKey(): Promise<SigningKey>
}

/** What a verifier asks for. */
export interface VerificationKeys {
  /**
   * The key with that id, if tokens of it are to be accepted now.
   * @throws SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable) where it cannot be known.
   */
  verificationKey(keyId: string): VerificationKey | undefined | Promise<VerificationKey | undefined>
}
