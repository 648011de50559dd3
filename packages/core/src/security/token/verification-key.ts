import { type CryptoKey, importJWK, type JWK } from 'jose'
import { publicMembers, type RsaBounds } from './public-members.ts'
import { asKeyPairAlgorithm, type KeyPairAlgorithm, type SigningAlgorithm } from './signing-algorithm.ts'
import type { SigningKey } from './signing-key.ts'

/** What verifies tokens of one key: one algorithm, which no header can change. */
export interface VerificationKey {
  readonly keyId: string
  readonly algorithm: SigningAlgorithm
  /** Cannot be exported where it is a secret. */
  readonly key: CryptoKey
}

/** What is asked of a public key. */
export interface PublicKeyRules {
  readonly algorithms: readonly KeyPairAlgorithm[]
  readonly rsaBounds: RsaBounds
}

/** A public JWK that has been looked through and holds its public members alone. */
export interface CheckedPublicKey {
  readonly keyId: string
  readonly algorithm: KeyPairAlgorithm
  readonly members: Readonly<JWK>
}

/**
 * Looks through a public JWK with `kid` and `alg`; or gives a text that says why it is none. A private or symmetric key
 * is refused whatever its names say.
 */
export function checkPublicKey(jwk: Readonly<JWK>, rules: PublicKeyRules): CheckedPublicKey | string {
  if (typeof jwk !== 'object' || jwk === null) return 'no key'
  const algorithm = asKeyPairAlgorithm(jwk.alg)
  if (jwk.d !== undefined || jwk.k !== undefined || jwk.kty === 'oct') return 'the key is not public'
  if (algorithm === undefined || !rules.algorithms.includes(algorithm)) {
    return `alg must be one of ${rules.algorithms.join(', ')}`
  }
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'use must be sig'
  if (typeof jwk.kid !== 'string' || jwk.kid === '' || jwk.kid.length > 256) return 'kid is missing'
  const members = publicMembers(jwk, algorithm, rules.rsaBounds)
  return typeof members === 'string' ? members : { keyId: jwk.kid, algorithm, members }
}

/** Makes a key of one that was looked through. Rejects where its numbers are no key, such as a point off its curve. */
export async function importPublicKey(checked: CheckedPublicKey): Promise<VerificationKey> {
  const { keyId, algorithm, members } = checked
  // The members hold no secret and no private part, so that the import gives a public CryptoKey.
  const key = (await importJWK({ ...members }, algorithm)) as CryptoKey
  return Object.freeze({ keyId, algorithm, key })
}

/** What verifies the tokens that `key` signs. */
export async function verificationKeyOf(key: SigningKey): Promise<VerificationKey> {
  const { algorithm, keyId } = key
  if (algorithm === 'HS256') return Object.freeze({ algorithm, keyId, key: key.secretKey })
  return importPublicKey({ algorithm, keyId, members: key.publicJwk })
}
