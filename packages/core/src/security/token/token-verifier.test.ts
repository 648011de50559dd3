import { createHmac, createPublicKey, createSign, randomBytes } from 'node:crypto'
import { invalidOption } from '@golden-arch/testkit/options'
import { type JWK, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { ConfiguredKeyRing } from './configured-key-ring.ts'
import { generateSigningJwk, importSigningKey, type SigningKeyPair } from './signing-key.ts'
import { TokenIssuer } from './token-issuer.ts'
import { TokenVerifier } from './token-verifier.ts'

const startAt = new Date('2026-03-01T12:00:00Z')
const iat = startAt.getTime() / 1000
const claims = {
  iss: 'golden',
  aud: 'api',
  sub: 'ada',
  kind: 'human',
  role: 'developer',
  tenant: 'acme',
  jti: 'token-1',
  iat,
  exp: iat + 900,
}
const person = { subject: 'ada', kind: 'human', role: 'developer', tenantId: 'acme' } as const

let jwk: JWK
let key: SigningKeyPair
let otherKey: SigningKeyPair
let keys: ConfiguredKeyRing
let clock: FakeClock
let issuer: TokenIssuer
let verifier: TokenVerifier

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Signs whatever header and payload texts are given with the right key, as an issuer with a defect would. */
function sign(payload: unknown, header: unknown = headerOf()): string {
  const input = `${encode(header)}.${encode(payload)}`
  const privateKey = createSign('RSA-SHA256').update(input)
  return `${input}.${privateKey.sign({ key: jwk, format: 'jwk' }).toString('base64url')}`
}

function headerOf(): Record<string, unknown> {
  return { alg: 'RS256', typ: 'at+jwt', kid: key.keyId }
}

async function codeOf(token: string): Promise<string> {
  return verifier.verify(token).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  )
}

beforeAll(async () => {
  jwk = await generateSigningJwk()
  key = await importSigningKey(jwk)
  otherKey = await importSigningKey(await generateSigningJwk())
  clock = new FakeClock(startAt)
  const options = { issuer: 'golden', audience: 'api', clock }
  keys = await ConfiguredKeyRing.open({ privateKey: jwk })
  issuer = new TokenIssuer({ ...options, keys })
  verifier = new TokenVerifier({ ...options, keys })
})

describe('a token of the issuer', () => {
  test('is accepted with its claims, 15 minutes long', async () => {
    const { token, claims: issued } = await issuer.issue(person)
    const expiresAt = new Date(startAt.getTime() + 900_000)
    expect(issued).toMatchObject({ ...person, issuedAt: startAt, expiresAt })
    expect(await verifier.verify(token)).toEqual(issued)
  })

  test('has an id of its own each time', async () => {
    const [a, b] = await Promise.all([issuer.issue(person), issuer.issue(person)])
    expect(a.claims.tokenId).not.toBe(b.claims.tokenId)
  })

  test('is expired after its time and the tolerance of 5 seconds, not before', async () => {
    const own = new FakeClock(startAt)
    const late = new TokenVerifier({
      keys,
      issuer: 'golden',
      audience: 'api',
      clock: own,
    })
    const token = sign(claims)
    own.jumpWall(904_000)
    await expect(late.verify(token)).resolves.toMatchObject({ subject: 'ada' })
    own.jumpWall(2000)
    await expect(late.verify(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED', retryable: false })
  })

  test('from a clock a little ahead is accepted, from one far ahead not', async () => {
    expect(await codeOf(sign({ ...claims, iat: iat + 4, exp: iat + 904 }))).toBe('accepted')
    expect(await codeOf(sign({ ...claims, iat: iat + 60, exp: iat + 900 }))).toBe('TOKEN_INVALID')
  })

  test('signed with Ed25519 is accepted where the key is one', async () => {
    const edwards = await ConfiguredKeyRing.open({ privateKey: await generateSigningJwk('EdDSA') })
    const options = { issuer: 'golden', audience: 'api', clock }
    const edIssuer = new TokenIssuer({ ...options, keys: edwards })
    const edVerifier = new TokenVerifier({ ...options, keys: (await edwards.jwks()).jwks.keys })
    const { token } = await edIssuer.issue(person)
    await expect(edVerifier.verify(token)).resolves.toMatchObject(person)
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })
})

const respell = (token: string): string => {
  // The last character of a 384-byte signature carries no spare bits; the payload's length is chosen so that it does.
  const [header = '', payload = '', signature = ''] = token.split('.')
  const last = payload.at(-1) ?? ''
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return `${header}.${payload.slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1]}.${signature}`
}
const without = (name: keyof typeof claims): object =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))

/** Tokens that must be refused, each made by a function as the keys are made late. */
const attacks: readonly (readonly [string, () => string | Promise<string>])[] = [
  ['alg none', () => `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`],
  ['alg none by a library', () => new UnsecuredJWT(claims).encode()],
  ['alg None with a signature', () => sign(claims, { ...headerOf(), alg: 'None' })],
  [
    'HS256 with the public key in PEM as its secret',
    async () => {
      const input = `${encode({ ...headerOf(), alg: 'HS256' })}.${encode(claims)}`
      const pem = createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      })
      return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
    },
  ],
  [
    'HS256 with the modulus as its secret',
    () => {
      const input = `${encode({ ...headerOf(), alg: 'HS256' })}.${encode(claims)}`
      return `${input}.${createHmac('sha256', String(key.publicJwk.n)).update(input).digest('base64url')}`
    },
  ],
  ['another algorithm of the same key', () => sign(claims, { ...headerOf(), alg: 'RS512' })],
  [
    'another key under our kid',
    () => new SignJWT(claims).setProtectedHeader(rs256()).sign(otherKey.privateKey),
  ],
  [
    'another key under its own kid',
    () =>
      new SignJWT(claims).setProtectedHeader({ ...rs256(), kid: otherKey.keyId }).sign(otherKey.privateKey),
  ],
  [
    'a key brought along in the header',
    () =>
      new SignJWT(claims)
        .setProtectedHeader({ ...rs256(), jwk: { ...otherKey.publicJwk } })
        .sign(otherKey.privateKey),
  ],
  [
    'a key address in the header',
    () => sign(claims, { ...headerOf(), jku: 'https://example.com/jwks.json' }),
  ],
  [
    'a certificate address in the header',
    () => sign(claims, { ...headerOf(), x5u: 'https://example.com/x5u' }),
  ],
  ['a critical extension', () => sign(claims, { ...headerOf(), crit: ['exp'], exp: 1 })],
  ['an unencoded payload', () => sign(claims, { ...headerOf(), b64: false, crit: ['b64'] })],
  ['compression', () => sign(claims, { ...headerOf(), zip: 'DEF' })],
  ['no kid of ours', () => sign(claims, { ...headerOf(), kid: '../../etc/passwd' })],
  ['typ JWT', () => sign(claims, { ...headerOf(), typ: 'JWT' })],
  ['no typ', () => sign(claims, { alg: 'RS256', kid: key.keyId })],
  ['no alg', () => sign(claims, { typ: 'at+jwt', kid: key.keyId })],
  [
    'a member twice in the header',
    () => sign(claims, `{"alg":"none","alg":"RS256","typ":"at+jwt","kid":"${key.keyId}"}`),
  ],
  [
    'a claim twice',
    () => sign(`{"role":"developer",${JSON.stringify({ ...claims, role: 'admin' }).slice(1)}`),
  ],
  ['a claim twice in other spelling', () => sign(`{"r\\u006fle":"admin",${JSON.stringify(claims).slice(1)}`)],
  ['blanks in the payload', () => sign(JSON.stringify(claims, null, 1))],
  ['a payload that is an array', () => sign([claims])],
  ['a payload that is no JSON', () => sign('ada')],
  ['a header that is no JSON', () => sign(claims, 'ada')],
  ['another issuer', () => sign({ ...claims, iss: 'silver' })],
  ['an issuer in a list', () => sign({ ...claims, iss: ['golden'] })],
  ['another audience', () => sign({ ...claims, aud: 'billing' })],
  ['our audience among others', () => sign({ ...claims, aud: ['api', 'billing'] })],
  ['a time of issue in the future', () => sign({ ...claims, iat: iat + 3600, exp: iat + 4500 })],
  ['a start in the future', () => sign({ ...claims, nbf: iat + 3600 })],
  ['a life of a day', () => sign({ ...claims, exp: iat + 86_400 })],
  ['an end in milliseconds', () => sign({ ...claims, exp: (iat + 900) * 1000 })],
  ['an end out of range', () => sign(JSON.stringify(claims).replace(String(iat + 900), '1e999'))],
  ['an end as text', () => sign({ ...claims, exp: String(iat + 900) })],
  ['an end in fractions', () => sign({ ...claims, exp: iat + 0.5 })],
  ['an end before its beginning', () => sign({ ...claims, iat: iat + 3, exp: iat + 2 })],
  ...(['iss', 'aud', 'sub', 'role', 'tenant', 'jti', 'iat', 'exp'] as const).flatMap(
    (name): (readonly [string, () => string])[] => [
      [`no ${name}`, () => sign(without(name))],
      [`${name} null`, () => sign({ ...claims, [name]: null })],
    ],
  ),
  ['a subject that is a number', () => sign({ ...claims, sub: 7 })],
  ['an empty subject', () => sign({ ...claims, sub: '' })],
  ['a subject with a line break', () => sign({ ...claims, sub: 'ada\nroot' })],
  ['an overlong subject', () => sign({ ...claims, sub: 'a'.repeat(257) })],
  ['a role that is none', () => sign({ ...claims, role: 'root' })],
  ['a role of agents', () => sign({ ...claims, role: 'security' })],
  ['roles in a list', () => sign({ ...claims, role: ['admin'] })],
  ['a tenant that is an object', () => sign({ ...claims, tenant: { id: 'acme' } })],
  ['two parts', () => sign(claims).split('.').slice(0, 2).join('.')],
  ['four parts', () => `${sign(claims)}.${encode('x')}`],
  ['five parts, as an encrypted token', () => `${sign(claims)}.${encode('x')}.${encode('y')}`],
  ['an empty text', () => ''],
  ['dots alone', () => '..'],
  ['an empty signature', () => `${sign(claims).split('.').slice(0, 2).join('.')}.`],
  ['a blank at the end', () => `${sign(claims)} `],
  ['a line break within', () => sign(claims).replace('.', '\n.')],
  ['padding', () => `${sign(claims)}=`],
  [
    'base64 in place of base64url',
    () =>
      sign({ ...claims, sub: '>>>???>>>???' })
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
  ],
  ['another spelling of the same bytes', () => respell(sign({ ...claims, jti: spareBits() }))],
  ['an overlong text', () => `${sign(claims)}${'A'.repeat(5000)}`],
  [
    'a signature of random bytes',
    () => `${sign(claims).split('.').slice(0, 2).join('.')}.${randomBytes(384).toString('base64url')}`,
  ],
  [
    'another role under the old signature',
    () => {
      const [header, , signature] = sign(claims).split('.')
      return `${header}.${encode({ ...claims, role: 'admin' })}.${signature}`
    },
  ],
]

function rs256(): { alg: string; typ: string; kid: string } {
  return { alg: 'RS256', typ: 'at+jwt', kid: key.keyId }
}

/** A jti that makes the payload's length leave spare bits in its last character. */
function spareBits(): string {
  let jti = 'x'
  while (JSON.stringify({ ...claims, jti }).length % 3 === 0) jti += 'x'
  return jti
}

describe('the verifier refuses', () => {
  test.each(attacks)('%s', async (_name, make) => {
    expect(await codeOf(await make())).toBe('TOKEN_INVALID')
  })

  test('a token whose every single character is changed, at any place', async () => {
    const token = sign(claims)
    for (let at = 0; at < token.length; at += 7) {
      const changed = token[at] === 'A' ? 'B' : 'A'
      expect(await codeOf(token.slice(0, at) + changed + token.slice(at + 1))).toBe('TOKEN_INVALID')
    }
  })

  test('what is no text', async () => {
    for (const value of [undefined, null, 7, {}, []]) {
      // The cast stands for a value out of untyped code.
      expect(await codeOf(value as unknown as string)).toBe('TOKEN_INVALID')
    }
  })

  test('but says nothing of the reason to the caller', async () => {
    const error: unknown = await verifier
      .verify(sign({ ...claims, iss: 'silver' }))
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ message: 'the token is invalid', details: {} })
    expect((error as Error).cause).toBeUndefined()
  })

  test('only what it should: the same table with no attack in it is accepted', async () => {
    expect(await codeOf(sign(claims))).toBe('accepted')
  })
})

describe('keys', () => {
  test('of the JWK Set hold no private member', async () => {
    const { jwks } = await keys.jwks()
    expect(jwks.keys.map((one) => Object.keys(one).sort())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']])
  })

  test('come back from a file with the same id', async () => {
    const again = await importSigningKey(JSON.parse(JSON.stringify(jwk)) as JWK)
    expect(again.keyId).toBe(key.keyId)
    expect(again.privateKey.extractable).toBe(false)
  })

  test.each<[string, () => unknown]>([
    ['a public key', () => key.publicJwk],
    ['a symmetric key', () => ({ kty: 'oct', k: 'AAAA', alg: 'HS256' })],
    ['no alg', () => ({ ...jwk, alg: undefined })],
    ['RSA of 2048 bits', () => ({ ...jwk, n: randomBytes(256).toString('base64url') })],
    ['an exponent of 1', () => ({ ...jwk, e: 'AQ' })],
    ['RSA named EdDSA', () => ({ ...jwk, alg: 'EdDSA' })],
    ['a broken key', () => ({ ...jwk, p: 'AAAA' })],
    ['halves of two keys', () => ({ ...jwk, n: otherKey.publicJwk.n })],
  ])('for signing are not: %s', async (_name, make) => {
    // The cast stands for a JWK read from a file.
    await expect(importSigningKey(make() as JWK)).rejects.toMatchObject({ code: 'SIGNING_KEY_INVALID' })
  })

  test.each<[string, () => readonly JWK[], string]>([
    ['none', () => [], '1 to 16 keys'],
    ['a private key', () => [jwk], 'public keys with kid and alg (the key is not public)'],
    [
      'a symmetric key',
      () => [{ kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'x' }],
      'public keys with kid and alg (the key is not public)',
    ],
    [
      'a key without kid',
      () => [{ ...key.publicJwk, kid: undefined } as unknown as JWK],
      'public keys with kid and alg (kid is missing)',
    ],
  ])('for verifying are not: %s', (_name, make, rule) => {
    const options = { keys: make(), issuer: 'golden', audience: 'api' }
    expect(() => new TokenVerifier(options)).toThrow(invalidOption('keys', rule))
  })

  test('issue no token that would be refused', async () => {
    const faults: Record<string, object> = {
      subject: { subject: '' },
      tenantId: { tenantId: 'a\n' },
      role: { role: 'boss' },
      kind: { kind: 'user' },
    }
    for (const [option, fault] of Object.entries(faults)) {
      await expect(issuer.issue({ ...person, ...fault })).rejects.toEqual(invalidOption(option))
    }
  })
})
