import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { AuditSigner } from '@golden-arch/core/audit'

const PUBLIC_KEY_BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g

/** Who signs by the private key in `text`, PEM (PKCS #8) or JWK; undefined where it is no private Ed25519 key. */
export function auditSignerOf(text: string): AuditSigner | undefined {
  try {
    const isJwk = text.trimStart().startsWith('{')
    const privateKey = isJwk
      ? createPrivateKey({ key: JSON.parse(text), format: 'jwk' })
      : createPrivateKey(text)
    if (privateKey.asymmetricKeyType !== 'ed25519') return undefined
    return { keyId: auditKeyIdOf(createPublicKey(privateKey)), privateKey }
  } catch {
    return undefined
  }
}

/** The public Ed25519 keys of the PEM blocks in `text`; undefined where something else stands there. */
export function auditPublicKeysOf(text: string): readonly KeyObject[] | undefined {
  try {
    const keys = (text.match(PUBLIC_KEY_BLOCK) ?? []).map((block) => createPublicKey(block))
    const isClean = text.replaceAll(PUBLIC_KEY_BLOCK, '').trim() === ''
    const areAllOfOneKind = keys.every((key) => key.asymmetricKeyType === 'ed25519')
    return keys.length > 0 && isClean && areAllOfOneKind ? keys : undefined
  } catch {
    return undefined
  }
}

/** Names a public Ed25519 key by its thumbprint (RFC 7638). */
export function auditKeyIdOf(key: KeyObject): string {
  const { crv, kty, x } = key.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
}
