import { type KeyObject, sign, verify } from 'node:crypto'
import { InvalidOptionError, requireText } from '../../errors/index.ts'
import { canonicalText } from '../entry-text.ts'

/** Who signs checkpoints and closed segments. */
export interface AuditSigner {
  /** Names the key, 1 to 256 characters. */
  readonly keyId: string
  /** A private Ed25519 key, as `createPrivateKey` or `generateKeyPairSync('ed25519')` gives it. */
  readonly privateKey: KeyObject
}

/** The public Ed25519 keys that are trusted, by key id; old ones stay as long as what they signed is kept. */
export type AuditKeys = ReadonlyMap<string, KeyObject>

/** What a signature is for, so that none can stand in another's place. */
export type SignedPurpose = 'golden-arch-audit-checkpoint-v1' | 'golden-arch-audit-segment-v1'

/** @throws InvalidOptionError `INVALID_OPTION` on a signer without a key id or a private Ed25519 key. */
export function requireSigner(signer: AuditSigner): AuditSigner {
  requireText('signer.keyId', signer?.keyId)
  const { privateKey } = signer
  if (privateKey?.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new InvalidOptionError('signer.privateKey', 'a private Ed25519 key', privateKey)
  }
  return signer
}

/** The Ed25519 signature (RFC 8032) over the canonical text of `facts` and what they are signed for. */
export function signFacts(signer: AuditSigner, purpose: SignedPurpose, facts: object): Uint8Array {
  return new Uint8Array(sign(null, signedBytes(purpose, facts), signer.privateKey))
}

/** Whether the key of this id is trusted and signed these facts. */
export function isSigned(
  keys: AuditKeys,
  keyId: string,
  purpose: SignedPurpose,
  facts: object,
  signature: Uint8Array,
): boolean {
  const key = keys.get(keyId)
  if (key === undefined || key.asymmetricKeyType !== 'ed25519') return false
  return verify(null, signedBytes(purpose, facts), key, signature)
}

function signedBytes(purpose: SignedPurpose, facts: object): Buffer {
  return Buffer.from(canonicalText({ purpose, ...facts }))
}
