import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isGoldenError } from '../../errors/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { ConfiguredKeyRing, TokenVerifier } from '../index.ts'
import { importSigningSecret } from '../token/signing-secret.ts'

/** The parties that every forged token of these suites is measured by. */
export const FORGE_ISSUER = 'https://golden.example'
/** Who the tokens are for. */
export const FORGE_AUDIENCE = 'golden-api'
/** What the clock of the suites shows, in whole seconds. */
export const FORGE_NOW = 1_800_000_000

/** Somebody whose tokens a verifier accepts, with the key in our hands. */
export interface ForgeParty {
  readonly algorithm: 'RS256' | 'ES256' | 'EdDSA' | 'HS256'
  readonly keyId: string
  readonly keys: ConfiguredKeyRing
  readonly verifier: TokenVerifier
  /** The private key; undefined where there is a secret. */
  readonly privateKey: KeyObject | undefined
  /** All that an attacker may know of the key, as one would feed it to an HMAC. */
  readonly publicForms: readonly (string | Buffer)[]
  sign(input: string | Buffer): Buffer
}

/** What a token is made of; each part stands in for the honest one. */
export interface ForgedParts {
  /** Members laid over the honest header; undefined takes one away. */
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** The bytes of the header or the payload, in place of any members. */
  readonly headerBytes?: string | Buffer
  readonly payloadBytes?: string | Buffer
  /** Makes the signature of the first two parts; default the honest one. */
  readonly signature?: (input: string) => string | Buffer
}

/** A value as the name of a case: short and printable. */
export function shown(value: unknown): string {
  const text = String(JSON.stringify(value)).slice(0, 40)
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Base64url without padding. */
export function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

/** The claims of an honest token. */
export function honestClaims(): Record<string, unknown> {
  return {
    iss: FORGE_ISSUER,
    aud: FORGE_AUDIENCE,
    sub: 'ada',
    kind: 'human',
    role: 'developer',
    tenant: 'acme',
    jti: '5b3c1b1e-7a54-4f0a-9d0e-0c1f5e2f3a10',
    iat: FORGE_NOW - 10,
    exp: FORGE_NOW + 600,
  }
}

/** The header of an honest token of `party`. */
export function honestHeader(party: Pick<ForgeParty, 'algorithm' | 'keyId'>): Record<string, unknown> {
  return { alg: party.algorithm, typ: 'at+jwt', kid: party.keyId }
}

/** Makes a token by hand: signed with the party's own key where nothing else is said. */
export function forge(
  party: Pick<ForgeParty, 'algorithm' | 'keyId' | 'sign'>,
  parts: ForgedParts = {},
): string {
  const header = parts.headerBytes ?? JSON.stringify({ ...honestHeader(party), ...parts.header })
  const payload = parts.payloadBytes ?? JSON.stringify({ ...honestClaims(), ...parts.claims })
  const input = `${base64url(header)}.${base64url(payload)}`
  const signature = (parts.signature ?? party.sign)(input)
  return `${input}.${typeof signature === 'string' ? signature : base64url(signature)}`
}

/** What a verifier says of a token: `accepted`, the code of its refusal, or the name of an error that is none of ours. */
export async function verdict(verifier: TokenVerifier, token: unknown): Promise<string> {
  try {
    // An attacker is bound by no type.
    await verifier.verify(token as string)
    return 'accepted'
  } catch (error) {
    return isGoldenError(error) ? error.code : `not ours: ${String(error)}`
  }
}

/** Signs as `algorithm` says with a private key of that kind. */
function signWith(algorithm: ForgeParty['algorithm'], key: KeyObject, input: string | Buffer): Buffer {
  const data = Buffer.from(input)
  if (algorithm === 'EdDSA') return sign(null, data, key)
  if (algorithm === 'ES256') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  return sign('sha256', data, key)
}

/** A clock that shows {@link FORGE_NOW}. */
export function forgeClock(): FakeClock {
  return new FakeClock(new Date(FORGE_NOW * 1000))
}

function newPrivateKey(algorithm: 'RS256' | 'ES256' | 'EdDSA'): KeyObject {
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return generateKeyPairSync('ed25519').privateKey
}

/** A party with a new key pair, and the verifier that trusts it. */
export async function openPairParty(algorithm: 'RS256' | 'ES256' | 'EdDSA'): Promise<ForgeParty> {
  const privateKey = newPrivateKey(algorithm)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const keys = await ConfiguredKeyRing.open({ privateKey: pem })
  const [jwk] = (await keys.jwks()).jwks.keys
  if (jwk?.kid === undefined) throw new Error('the ring publishes no key')
  const publicKey = createPublicKey(privateKey)
  const spkiPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return {
    algorithm,
    keyId: jwk.kid,
    keys,
    verifier: ownVerifier(keys),
    privateKey,
    publicForms: [
      spkiPem,
      spkiPem.trimEnd(),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
      String(jwk.n ?? jwk.x),
      Buffer.from(String(jwk.n ?? jwk.x), 'base64url'),
      jwk.kid,
    ],
    sign: (input) => signWith(algorithm, privateKey, input),
  }
}

/** A party that signs with a shared secret. */
export async function openSecretParty(secret: Buffer): Promise<ForgeParty> {
  const keys = await ConfiguredKeyRing.open({ secret })
  const { keyId } = await importSigningSecret(secret)
  return {
    algorithm: 'HS256',
    keyId,
    keys,
    verifier: ownVerifier(keys),
    privateKey: undefined,
    publicForms: [keyId, Buffer.from(keyId, 'base64url')],
    sign: (input) => createHmac('sha256', secret).update(input).digest(),
  }
}

function ownVerifier(keys: ConfiguredKeyRing): TokenVerifier {
  return new TokenVerifier({ keys, issuer: FORGE_ISSUER, audience: FORGE_AUDIENCE, clock: forgeClock() })
}
