import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'
import { SecurityError } from '../security-error.ts'

/** How tokens are signed: RSA of 3072 bits or more with SHA-256, or Ed25519. */
export type SigningAlgorithm = 'RS256' | 'EdDSA'

/** A key pair that signs tokens. */
export interface SigningKey {
  readonly algorithm: SigningAlgorithm
  /** RFC 7638 thumbprint of the public key. */
  readonly keyId: string
  /** Cannot be exported. */
  readonly privateKey: CryptoKey
  /** The public half alone, with `kid`, `alg` and `use`. */
  readonly publicJwk: Readonly<JWK>
}

const RSA_BITS = 3072

/**
 * Makes a key pair and gives its private JWK (RFC 7517), which is a secret: keep it where only the server can read it.
 * `algorithm`: default `'RS256'`, RSA of 3072 bits.
 */
export async function generateSigningJwk(algorithm: SigningAlgorithm = 'RS256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, {
    extractable: true,
    ...(algorithm === 'RS256' ? { modulusLength: RSA_BITS } : {}),
  })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, alg: algorithm, use: 'sig', kid: await calculateJwkThumbprint(jwk) }
}

/**
 * Reads a private JWK, such as {@link generateSigningJwk} gave. Its `alg` must be `RS256` or `EdDSA`.
 * @throws SecurityError `SIGNING_KEY_INVALID` where it is no private key of that kind, its halves do not match, or it is an RSA key of less than 3072
 * bits or with an exponent other than 65537.
 */
export async function importSigningKey(jwk: JWK): Promise<SigningKey> {
  const algorithm = asSigningAlgorithm(jwk.alg)
  if (algorithm === undefined) throw invalidKey('alg must be RS256 or EdDSA')
  const publicMembers = publicHalf(jwk, algorithm)
  try {
    // A JWK with `d` imports as a private CryptoKey; what else importJWK can give is a secret, which `kty` excludes.
    const privateKey = (await importJWK({ ...jwk, ext: false }, algorithm)) as CryptoKey
    if (privateKey.type !== 'private') throw invalidKey('the key has no private half')
    await proveMatch(privateKey, publicMembers, algorithm)
    const keyId = await calculateJwkThumbprint(publicMembers)
    const publicJwk = Object.freeze({ ...publicMembers, kid: keyId, alg: algorithm, use: 'sig' })
    return Object.freeze({ algorithm, keyId, privateKey, publicJwk })
  } catch (error) {
    if (error instanceof SecurityError) throw error
    throw invalidKey('the key cannot be read', error)
  }
}

/** A file may hold halves of two keys: what one signs the other must verify. Throws where it does not. */
async function proveMatch(
  privateKey: CryptoKey,
  publicMembers: JWK,
  algorithm: SigningAlgorithm,
): Promise<void> {
  const trial = await new CompactSign(Buffer.from('trial'))
    .setProtectedHeader({ alg: algorithm })
    .sign(privateKey)
  await compactVerify(trial, await importJWK(publicMembers, algorithm))
}

/** The signing algorithm of that name, or undefined. */
export function asSigningAlgorithm(name: unknown): SigningAlgorithm | undefined {
  return name === 'RS256' || name === 'EdDSA' ? name : undefined
}

/** Names the public members one by one, so that no private one can pass. */
function publicHalf(jwk: JWK, algorithm: SigningAlgorithm): JWK {
  if (algorithm === 'EdDSA') {
    const { kty, crv, x } = jwk
    if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) throw invalidKey('EdDSA needs an Ed25519 key')
    return { kty, crv, x }
  }
  const { kty, n, e } = jwk
  if (kty !== 'RSA' || n === undefined || e === undefined) throw invalidKey('RS256 needs an RSA key')
  if (bitLength(Buffer.from(n, 'base64url')) < RSA_BITS)
    throw invalidKey(`RSA needs ${RSA_BITS} bits or more`)
  if (e !== 'AQAB') throw invalidKey('RSA needs the public exponent 65537')
  return { kty, n, e }
}

function bitLength(bytes: Buffer): number {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24)
}

function invalidKey(message: string, cause?: unknown): SecurityError {
  return new SecurityError({ code: 'SIGNING_KEY_INVALID', message, cause })
}
