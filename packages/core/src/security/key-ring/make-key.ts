import type { JWK } from 'jose'
import { OWN_RSA_BOUNDS, publicMembers } from '../token/public-members.ts'
import type { KeyPairAlgorithm } from '../token/signing-algorithm.ts'
import { generateSigningJwk, importSigningKey, type SigningKeyPair } from '../token/signing-key.ts'
import type { KeyEncryption } from './key-encryption.ts'
import type { KeyRecord } from './key-ring-store.ts'

/** Makes a key pair, and the record that a store keeps of it: the private half sealed, the public one proven. */
export async function makeKey(
  algorithm: KeyPairAlgorithm,
  encryption: KeyEncryption,
): Promise<Omit<KeyRecord, 'activateAt'>> {
  const jwk = await generateSigningJwk(algorithm)
  const { keyId, publicJwk } = await importSigningKey(jwk)
  return {
    keyId,
    algorithm,
    publicJwk,
    proof: encryption.prove(proofText({ keyId, algorithm, publicJwk })),
    sealedPrivateKey: encryption.seal(JSON.stringify(jwk), keyId),
  }
}

/**
 * The record with nothing in its public half but what the ring's own key-encryption key stands for; undefined where it
 * stands for nothing.
 */
export function provenKey(record: KeyRecord, encryption: KeyEncryption): KeyRecord | undefined {
  const { keyId, algorithm, publicJwk, proof } = record
  const members = publicMembers(publicJwk, algorithm, OWN_RSA_BOUNDS)
  if (typeof members === 'string' || !encryption.isProven(proofText(record), proof)) return undefined
  return { ...record, publicJwk: Object.freeze({ ...members, kid: keyId, alg: algorithm, use: 'sig' }) }
}

/** The key pair of a record; undefined where its private half was wiped or cannot be opened. */
export async function openKey(
  record: KeyRecord,
  encryption: KeyEncryption,
): Promise<SigningKeyPair | undefined> {
  const text = record.sealedPrivateKey && encryption.open(record.sealedPrivateKey, record.keyId)
  if (text === undefined || text === '') return undefined
  // Sealed by `makeKey`, and unchanged since, or it would not have opened.
  const key = await importSigningKey(JSON.parse(text) as JWK)
  return key.keyId === record.keyId ? key : undefined
}

/** The public members in one order, whatever order a store gives them in. */
function proofText({
  keyId,
  algorithm,
  publicJwk,
}: Pick<KeyRecord, 'keyId' | 'algorithm' | 'publicJwk'>): string {
  const { kty, crv, n, e, x, y } = publicJwk
  return JSON.stringify([keyId, algorithm, kty, crv ?? null, n ?? null, e ?? null, x ?? null, y ?? null])
}
