import { createHmac } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { SecurityError } from '../security-error.ts'
import { findSecretFault } from './secret-strength.ts'

/** A secret that issuer and verifier share, for HS256. */
export interface SigningSecret {
  readonly algorithm: 'HS256'
  /** Made from the secret, and tells nothing of it. */
  readonly keyId: string
  /** Cannot be exported. */
  readonly secretKey: CryptoKey
}

/**
 * Reads a secret for HS256: 32 to 1024 random bytes, or a text that holds them. A text is taken as its UTF-8 bytes, so
 * write 64 hexadecimal digits or 43 characters of base64 rather than 32.
 * @throws SecurityError `SIGNING_KEY_INVALID` where it is shorter, longer, or plainly not random.
 */
export async function importSigningSecret(secret: Uint8Array | string): Promise<SigningSecret> {
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret
  const fault =
    bytes instanceof Uint8Array
      ? findSecretFault(bytes, typeof secret === 'string')
      : 'must be bytes or a text'
  if (fault !== undefined)
    throw new SecurityError({ code: 'SIGNING_KEY_INVALID', message: `the secret ${fault}` })
  // A copy, so that a caller who wipes the bytes does not change the key under the import.
  const copy = Uint8Array.from(bytes)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const secretKey = await crypto.subtle.importKey('raw', copy, algorithm, false, ['sign', 'verify'])
  const keyId = createHmac('sha256', copy)
    .update('golden-architecture key id')
    .digest('base64url')
    .slice(0, 22)
  copy.fill(0)
  return Object.freeze({ algorithm: 'HS256', keyId, secretKey })
}
