import type { JWK } from 'jose'
import type { KeyPairAlgorithm } from './signing-algorithm.ts'

/** What is asked of an RSA modulus, in bits. */
export interface RsaBounds {
  readonly minBits: number
  readonly maxBits: number
}

/** Bounds of our own keys: 128 bits of security (NIST SP 800-57), and no modulus that is slow to verify. */
export const OWN_RSA_BOUNDS: RsaBounds = { minBits: 3072, maxBits: 8192 }

/**
 * The public members of `jwk`, named one by one so that no private one can pass; or a text that says why it is no key for
 * `algorithm`. A public exponent other than 65537 is refused: with the exponent 1 anybody can sign.
 */
export function publicMembers(jwk: JWK, algorithm: KeyPairAlgorithm, bounds: RsaBounds): JWK | string {
  if (algorithm === 'RS256') return rsaMembers(jwk, bounds)
  const { kty, crv, x, y } = jwk
  if (algorithm === 'EdDSA') {
    if (kty !== 'OKP' || crv !== 'Ed25519' || !isText(x)) return 'EdDSA needs an Ed25519 key'
    return { kty, crv, x }
  }
  if (kty !== 'EC' || crv !== 'P-256' || !isText(x) || !isText(y)) return 'ES256 needs a P-256 key'
  return { kty, crv, x, y }
}

function rsaMembers({ kty, n, e }: JWK, { minBits, maxBits }: RsaBounds): JWK | string {
  if (kty !== 'RSA' || !isText(n) || !isText(e)) return 'RS256 needs an RSA key'
  const bits = bitLength(Buffer.from(n, 'base64url'))
  if (bits < minBits || bits > maxBits) return `RSA needs ${minBits} to ${maxBits} bits`
  if (e !== 'AQAB') return 'RSA needs the public exponent 65537'
  return { kty, n, e }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function bitLength(bytes: Buffer): number {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24)
}
