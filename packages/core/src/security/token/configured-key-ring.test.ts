import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { invalidOption } from '@golden-arch/testkit/options'
import type { JWK } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { ConfiguredKeyRing } from './configured-key-ring.ts'
import { generateSigningJwk } from './signing-key.ts'
import { TokenIssuer } from './token-issuer.ts'
import { TokenVerifier } from './token-verifier.ts'

const parties = { issuer: 'golden', audience: 'api' }
const request = { subject: 'ada', kind: 'human', role: 'developer', tenantId: 'acme' } as const
const NOT_PUBLIC = 'public keys with kid and alg (the key is not public)'
const ALONE = 'alone: a key pair and a secret are not mixed'
let jwk: JWK
let older: JWK
const pemOf = (key: JWK): string =>
  createPrivateKey({ key: { ...key }, format: 'jwk' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
const publicPemOf = (key: JWK): string =>
  createPublicKey({ key: { ...key }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
const publicOf = ({ d, ...rest }: JWK): JWK => rest

async function issued(keys: ConfiguredKeyRing): Promise<string> {
  return (await new TokenIssuer({ ...parties, keys }).issue(request)).token
}

beforeAll(async () => {
  jwk = await generateSigningJwk('ES256')
  older = await generateSigningJwk('EdDSA')
})

describe('keys of a configuration', () => {
  it.each<[string, () => string | JWK]>([
    ['a JWK', () => jwk],
    ['a JWK as text', () => JSON.stringify(jwk)],
    ['PEM', () => pemOf(jwk)],
    ['PEM on one line, as an environment holds it', () => pemOf(jwk).replaceAll('\n', '\\n')],
  ])('sign with the private key from %s', async (_name, privateKey) => {
    const keys = await ConfiguredKeyRing.open({ privateKey: privateKey() })
    expect((await keys.signingKey()).keyId).toBe(jwk.kid)
    await expect(new TokenVerifier({ ...parties, keys }).verify(await issued(keys))).resolves.toMatchObject(
      request,
    )
  })

  it.each<[string, () => string | readonly JWK[]]>([
    ['a list', () => [publicOf(older)]],
    ['a JWK Set as text', () => JSON.stringify({ keys: [publicOf(older)] })],
    ['a list as text', () => JSON.stringify([publicOf(older)])],
    ['a JWK as text', () => JSON.stringify(publicOf(older))],
    ['PEM blocks', () => publicPemOf(older) + publicPemOf(jwk)],
  ])('verify with the public keys from %s, and publish them', async (_name, publicKeys) => {
    const before = await ConfiguredKeyRing.open({ privateKey: older })
    const keys = await ConfiguredKeyRing.open({ privateKey: jwk, publicKeys: publicKeys() })
    const verifier = new TokenVerifier({ ...parties, keys })
    for (const ring of [before, keys]) {
      await expect(verifier.verify(await issued(ring))).resolves.toMatchObject(request)
    }
    const { jwks, maxAgeSeconds } = await keys.jwks()
    expect(new Set(jwks.keys.map(({ kid }) => kid))).toEqual(new Set([jwk.kid, older.kid]))
    expect(JSON.stringify(jwks)).not.toMatch(/"(d|k|p|q|dp|dq|qi)":/)
    expect(maxAgeSeconds).toBe(300)
  })

  it('that are public alone verify, and sign nothing', async () => {
    const keys = await ConfiguredKeyRing.open({ publicKeys: [publicOf(jwk)] })
    const signer = await ConfiguredKeyRing.open({ privateKey: jwk })
    await expect(new TokenVerifier({ ...parties, keys }).verify(await issued(signer))).resolves.toMatchObject(
      request,
    )
    await expect(issued(keys)).rejects.toMatchObject({ code: 'SIGNING_KEY_INVALID' })
  })

  it('that are a secret publish nothing', async () => {
    const keys = await ConfiguredKeyRing.open({ secret: randomBytes(32).toString('hex') })
    expect((await keys.jwks()).jwks.keys).toEqual([])
    await expect(new TokenVerifier({ ...parties, keys }).verify(await issued(keys))).resolves.toMatchObject(
      request,
    )
  })

  it('publish no member that does not belong there', async () => {
    const keys = await ConfiguredKeyRing.open({
      publicKeys: [{ ...publicOf(jwk), x5u: 'https://example.com', note: 'x' } as JWK],
    })
    expect((await keys.jwks()).jwks.keys).toEqual([{ ...publicOf(jwk), alg: 'ES256', use: 'sig' }])
  })

  it.each<[string, () => Parameters<typeof ConfiguredKeyRing.open>[0], string, string?]>([
    ['nothing', () => ({}), 'privateKey', 'given, or publicKeys, or secret'],
    ['a secret beside a key', () => ({ secret: randomBytes(32), privateKey: jwk }), 'secret', ALONE],
    [
      'a secret beside public keys',
      () => ({ secret: randomBytes(32), publicKeys: [publicOf(jwk)] }),
      'secret',
      ALONE,
    ],
    ['a private key among public ones', () => ({ publicKeys: [jwk] }), 'publicKeys', NOT_PUBLIC],
    ['an empty list', () => ({ publicKeys: '[]' }), 'publicKeys', '1 to 16 keys'],
    [
      'two keys of one id',
      () => ({ publicKeys: [publicOf(jwk), publicOf(jwk)] }),
      'publicKeys',
      'keys with a kid of their own',
    ],
    [
      'a point that is not on its curve',
      () => ({ publicKeys: [{ ...publicOf(jwk), x: publicOf(jwk).y ?? '' }] }),
      'publicKeys',
      'keys that can be read',
    ],
    ['a cache time of no length', () => ({ privateKey: jwk, jwksMaxAgeSeconds: 0 }), 'jwksMaxAgeSeconds'],
  ])('are refused that are %s, by their option', async (_name, make, option, rule) => {
    expect(await refusalOf(make())).toEqual(invalidOption(option, rule))
  })

  it.each<[string, () => Parameters<typeof ConfiguredKeyRing.open>[0], string]>([
    ['a weak secret', () => ({ secret: 'x'.repeat(64) }), 'the secret must be random'],
    [
      'a public key in place of a private one',
      () => ({ privateKey: publicOf(jwk) }),
      'the key has no private half',
    ],
    [
      'a public PEM in place of a private one',
      () => ({ privateKey: publicPemOf(jwk) }),
      'the private key is',
    ],
    [
      'a private key among public ones as text',
      () => ({ publicKeys: JSON.stringify([jwk]) }),
      'a public key is needed, and a private one or none was given',
    ],
    [
      'a private PEM among public ones',
      () => ({ publicKeys: pemOf(jwk) }),
      'a public key is needed, and a private one was given',
    ],
    [
      'a symmetric key among public ones',
      () => ({ publicKeys: JSON.stringify([{ kty: 'oct', k: 'AAAA' }]) }),
      'a public key is needed, and a private one or none was given',
    ],
    ['no list of keys', () => ({ publicKeys: '' }), 'public keys are neither PEM blocks nor JWKs'],
    ['text that is no key', () => ({ privateKey: 'hunter2' }), 'the private key is neither PKCS#8 PEM'],
    ['text that is no JSON', () => ({ privateKey: '{"kty":' }), 'the key is no JSON'],
    ['a curve of another kind', () => ({ privateKey: pemOfCurve() }), 'ES256 needs a P-256 key'],
  ])('are refused that are %s, by what they say', async (_name, make, message) => {
    expect(await refusalOf(make())).toMatchObject({
      code: 'SIGNING_KEY_INVALID',
      message: expect.stringContaining(message),
    })
  })
})

/** Why the keys are refused; nothing of a private one stands in it. */
async function refusalOf(keys: Parameters<typeof ConfiguredKeyRing.open>[0]): Promise<unknown> {
  const refusal: unknown = await ConfiguredKeyRing.open(keys).catch((error: unknown) => error)
  const text = JSON.stringify(refusal)
  expect(text).not.toContain(jwk.d)
  expect(text).not.toContain('hunter2')
  return refusal
}

function pemOfCurve(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
