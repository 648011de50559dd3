import { createPrivateKey, createPublicKey } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { SecurityError } from '../security-error.ts'
import { asKeyPairAlgorithm, type KeyPairAlgorithm } from './signing-algorithm.ts'

const ALGORITHM_OF: Readonly<Record<string, KeyPairAlgorithm>> = { RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' }
const PEM_BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----/g
const MAX_LENGTH = 65_536

/**
 * The private JWK in a text: PKCS#8 PEM (line breaks may be written as `\n`) or a JWK as JSON. Its algorithm is that of
 * its kind where `alg` does not say it.
 * @throws SecurityError `SIGNING_KEY_INVALID` on all else; the text itself is in no message.
 */
export function readPrivateKey(text: string): JWK {
  const trimmed = unescaped(text)
  if (trimmed.startsWith('{')) return withAlgorithm(parsed(trimmed))
  try {
    return withAlgorithm(createPrivateKey(trimmed).export({ format: 'jwk' }))
  } catch {
    throw invalid('the private key is neither PKCS#8 PEM nor a JWK')
  }
}

/**
 * The public JWKs in a text: SPKI PEM blocks one after another, a JWK Set, a list of JWKs, or one JWK. A key without
 * `kid` gets its RFC 7638 thumbprint.
 * @throws SecurityError `SIGNING_KEY_INVALID` on all else, and on a private key.
 */
export async function readPublicKeys(text: string): Promise<readonly JWK[]> {
  const trimmed = unescaped(text)
  const jwks =
    trimmed.startsWith('{') || trimmed.startsWith('[') ? jwksIn(parsed(trimmed)) : pemKeysIn(trimmed)
  return Promise.all(
    jwks.map(async (jwk) => {
      if (typeof jwk !== 'object' || jwk === null || jwk.d !== undefined || jwk.k !== undefined)
        throw invalid('a public key is needed, and a private one or none was given')
      try {
        const named = withAlgorithm(jwk)
        return { ...named, kid: named.kid ?? (await calculateJwkThumbprint(named)) }
      } catch {
        throw invalid('a public key cannot be read')
      }
    }),
  )
}

function jwksIn(value: JWK | readonly JWK[] | { readonly keys: readonly JWK[] }): readonly JWK[] {
  if (Array.isArray(value)) return value
  return 'keys' in value && Array.isArray(value.keys) ? value.keys : [value as JWK]
}

function pemKeysIn(text: string): readonly JWK[] {
  const blocks = text.match(PEM_BLOCK) ?? []
  if (blocks.length === 0 || text.replace(PEM_BLOCK, '').trim() !== '')
    throw invalid('public keys are neither PEM blocks nor JWKs')
  return blocks.map((block) => {
    if (block.includes('PRIVATE')) throw invalid('a public key is needed, and a private one was given')
    try {
      return createPublicKey(block).export({ format: 'jwk' })
    } catch {
      throw invalid('a public key cannot be read')
    }
  })
}

/** Variables of an environment hold line breaks as two characters as a rule. */
function unescaped(text: string): string {
  if (typeof text !== 'string' || text.length > MAX_LENGTH)
    throw invalid(`a key is a text of at most ${MAX_LENGTH} characters`)
  return (text.includes('-----BEGIN') ? text.replaceAll('\\n', '\n') : text).trim()
}

function parsed(text: string): JWK {
  try {
    // Any JSON value; what is read of it is checked by `importSigningKey` and `checkPublicKey`.
    return JSON.parse(text) as JWK
  } catch {
    throw invalid('the key is no JSON')
  }
}

function withAlgorithm(jwk: JWK): JWK {
  const alg = jwk.alg === undefined ? ALGORITHM_OF[jwk.kty ?? ''] : asKeyPairAlgorithm(jwk.alg)
  if (alg === undefined) throw invalid('the key is none for RS256, ES256 or EdDSA')
  return { ...jwk, alg }
}

function invalid(message: string): SecurityError {
  return new SecurityError({ code: 'SIGNING_KEY_INVALID', message })
}
