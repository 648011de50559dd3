import type { JWK } from 'jose'
import type { KeyPairAlgorithm } from '../token/signing-algorithm.ts'
import { type CheckedPublicKey, checkPublicKey } from '../token/verification-key.ts'

/** The keys of a foreign issuer that can be used, by their ids. */
export type UsableKeys = ReadonlyMap<string, CheckedPublicKey>

const MAX_KEYS = 100
const RSA_BOUNDS = { minBits: 2048, maxBits: 8192 }
const KIND_OF: Readonly<Record<KeyPairAlgorithm, string>> = { RS256: 'RSA', ES256: 'EC', EdDSA: 'OKP' }

/**
 * The usable keys of a JWK Set: public, for signatures, with `kid`, of one of `algorithms` (by `alg`, or by its kind where
 * `alg` is missing), RSA of 2048 to 8192 bits. Others are left out, and both of two with one `kid`. Throws where the value
 * is no JWK Set or holds more than 100 keys.
 */
export function readKeySet(value: unknown, algorithms: readonly KeyPairAlgorithm[]): UsableKeys {
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined
  if (!Array.isArray(keys)) throw new Error('answered with no JWK Set')
  if (keys.length > MAX_KEYS) throw new Error(`answered with more than ${MAX_KEYS} keys`)
  const usable = new Map<string, CheckedPublicKey>()
  const seen = new Set<string>()
  for (const entry of keys) {
    if (typeof entry !== 'object' || entry === null) continue
    // Each member that is read is checked by `checkPublicKey`.
    const jwk = entry as JWK
    const alg = jwk.alg ?? algorithms.find((one) => KIND_OF[one] === jwk.kty)
    const key = checkPublicKey(
      { ...jwk, ...(alg === undefined ? {} : { alg }) },
      { algorithms, rsaBounds: RSA_BOUNDS },
    )
    if (typeof key === 'string') continue
    if (seen.has(key.keyId)) usable.delete(key.keyId)
    else usable.set(key.keyId, key)
    seen.add(key.keyId)
  }
  return usable
}
