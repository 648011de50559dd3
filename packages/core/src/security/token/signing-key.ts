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
import { requireOneOf } from '../../errors/index.ts'
import { SecurityError } from '../security-error.ts'
import { OWN_RSA_BOUNDS, publicMembers } from './public-members.ts'
import { asKeyPairAlgorithm, KEY_PAIR_ALGORITHMS, type KeyPairAlgorithm } from './signing-algorithm.ts'
import type { SigningSecret } from './signing-secret.ts'

/** A key pair that signs tokens. */
export interface SigningKeyPair {
  readonly algorithm: KeyPairAlgorithm
  /** RFC 7638 thumbprint of the public key. */
  readonly keyId: string
  /** Cannot be exported. */
  readonly privateKey: CryptoKey
  /** The public half alone, with `kid`, `alg` and `use`. */
  readonly publicJwk: Readonly<JWK>
}

/** What signs tokens: a key pair, or a secret that issuer and verifier share. */
export type SigningKey = SigningKeyPair | SigningSecret

/**
 * Makes a key pair and gives its private JWK (RFC 7517), which is a secret: keep it where only the server can read it.
 * `algorithm`: default `'RS256'`, RSA of 3072 bits.
 * @throws InvalidOptionError `INVALID_OPTION` on another algorithm than RS256, ES256 and EdDSA.
 */
export async function generateSigningJwk(algorithm: KeyPairAlgorithm = 'RS256'): Promise<JWK> {
  requireOneOf('algorithm', algorithm, KEY_PAIR_ALGORITHMS)
  const { privateKey } = await generateKeyPair(algorithm, {
    extractable: true,
    ...(algorithm === 'RS256' ? { modulusLength: OWN_RSA_BOUNDS.minBits } : {}),
  })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, alg: algorithm, use: 'sig', kid: await calculateJwkThumbprint(jwk) }
}

/**
 * Reads a private JWK, such as {@link generateSigningJwk} gave. Its `alg` must be `RS256`, `ES256` or `EdDSA`.
 * @throws SecurityError `SIGNING_KEY_INVALID` where it is no private key of that kind, its halves do not match, or it is
 * an RSA key of less than 3072 or more than 8192 bits or with an exponent other than 65537.
 */
export async function importSigningKey(jwk: JWK): Promise<SigningKeyPair> {
  const algorithm = asKeyPairAlgorithm(jwk?.alg)
  if (algorithm === undefined) throw invalidKey('alg must be RS256, ES256 or EdDSA')
  const members = publicMembers(jwk, algorithm, OWN_RSA_BOUNDS)
  if (typeof members === 'string') throw invalidKey(members)
  try {
    // A JWK with `d` imports as a private CryptoKey; what else importJWK can give is a secret, which `kty` excludes.
    const privateKey = (await importJWK({ ...jwk, ext: false }, algorithm)) as CryptoKey
    if (privateKey.type !== 'private') throw invalidKey('the key has no private half')
    await proveMatch(privateKey, members, algorithm)
    const keyId = await calculateJwkThumbprint(members)
    const publicJwk = Object.freeze({ ...members, kid: keyId, alg: algorithm, use: 'sig' })
    return Object.freeze({ algorithm, keyId, privateKey, publicJwk })
  } catch (error) {
    if (error instanceof SecurityError) throw error
    throw invalidKey('the key cannot be read', error)
  }
}

/** A file may hold halves of two keys: what one signs the other must verify. Throws where it does not. */
async function proveMatch(privateKey: CryptoKey, members: JWK, algorithm: KeyPairAlgorithm): Promise<void> {
  const trial = await new CompactSign(Buffer.from('trial'))
    .setProtectedHeader({ alg: algorithm })
    .sign(privateKey)
  await compactVerify(trial, await importJWK(members, algorithm))
}

function invalidKey(message: string, cause?: unknown): SecurityError {
  return new SecurityError({ code: 'SIGNING_KEY_INVALID', message, cause })
}
