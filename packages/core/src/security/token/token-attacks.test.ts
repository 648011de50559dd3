import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign as signBytes,
} from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { invalidOption } from '@golden-arch/testkit/options'
import type { JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryKeyRingStore } from '../adapters/memory/memory-key-ring-store.ts'
import { MemoryRevocationStore } from '../adapters/memory/memory-revocation-store.ts'
import { KeyRing } from '../key-ring/key-ring.ts'
import { TokenRevocations } from '../revocation/token-revocations.ts'
import { ConfiguredKeyRing } from './configured-key-ring.ts'
import { generateSigningJwk } from './signing-key.ts'
import { TokenIssuer } from './token-issuer.ts'
import { TokenVerifier } from './token-verifier.ts'

const startAt = new Date('2026-03-01T12:00:00Z')
const iat = startAt.getTime() / 1000
const parties = { issuer: 'golden', audience: 'api' }
const claims = {
  ...{
    iss: 'golden',
    aud: 'api',
    sub: 'ada',
    kind: 'human',
    role: 'developer',
    tenant: 'acme',
    jti: 'token-1',
  },
  ...{ iat, exp: iat + 900 },
}
/** Ends in no zero byte: HMAC fills its key up with zeros, so without that byte it would be the same key. */
const secret = Buffer.concat([randomBytes(31), Buffer.of(1)])
const clock = new FakeClock(startAt)
const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

type Algorithm = 'RS256' | 'ES256' | 'EdDSA'
const ALGORITHMS: readonly Algorithm[] = ['RS256', 'ES256', 'EdDSA']
const jwks: Partial<Record<Algorithm, JWK>> = {}
const rings: Partial<Record<Algorithm | 'HS256', ConfiguredKeyRing>> = {}
let address = ''
let connections = 0
const listener = createServer((_request, response) => {
  connections++
  response.end('{"keys":[]}')
})

/** What stands for a key of the table, made before all tests. */
function jwkOf(algorithm: Algorithm): JWK {
  const jwk = jwks[algorithm]
  if (jwk === undefined) throw new Error('the keys are not made yet')
  return jwk
}

function ringOf(algorithm: Algorithm | 'HS256'): ConfiguredKeyRing {
  const ring = rings[algorithm]
  if (ring === undefined) throw new Error('the keys are not made yet')
  return ring
}

function headerOf(algorithm: Algorithm): Record<string, unknown> {
  return { alg: algorithm, typ: 'at+jwt', kid: jwkOf(algorithm).kid }
}

/** The right signature of whatever header and payload are given, as an issuer with a defect would make it. */
function signatureOf(algorithm: Algorithm, input: string): Buffer {
  const key = createPrivateKey({ key: { ...jwkOf(algorithm) }, format: 'jwk' })
  if (algorithm === 'EdDSA') return signBytes(null, Buffer.from(input), key)
  return signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
}

function forge(
  algorithm: Algorithm,
  payload: unknown = claims,
  header: unknown = headerOf(algorithm),
): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signatureOf(algorithm, input).toString('base64url')}`
}

/** A token whose signature is what `change` makes of the right one. */
function withSignature(
  algorithm: Algorithm,
  change: (signature: Buffer, input: string) => Uint8Array,
): string {
  const input = `${encode(headerOf(algorithm))}.${encode(claims)}`
  return `${input}.${Buffer.from(change(signatureOf(algorithm, input), input)).toString('base64url')}`
}

function hmac(header: object, key: Uint8Array | string): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

async function codeOf(verifier: TokenVerifier, token: string): Promise<string> {
  return verifier.verify(token).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  )
}

function verifierOf(algorithm: Algorithm | 'HS256'): TokenVerifier {
  return new TokenVerifier({ ...parties, keys: ringOf(algorithm), clock })
}

beforeAll(async () => {
  for (const algorithm of ALGORITHMS) {
    jwks[algorithm] = await generateSigningJwk(algorithm)
    rings[algorithm] = await ConfiguredKeyRing.open({ privateKey: jwkOf(algorithm) })
  }
  rings.HS256 = await ConfiguredKeyRing.open({ secret })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  // A TCP server has an address with a port.
  address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((resolve) => listener.close(resolve))
})

describe('a token without a fault is accepted', () => {
  test.each(ALGORITHMS)('made by hand with %s', async (algorithm) => {
    expect(await codeOf(verifierOf(algorithm), forge(algorithm))).toBe('accepted')
  })

  test.each([...ALGORITHMS, 'HS256'] as const)('made by the issuer with %s', async (algorithm) => {
    const keys = ringOf(algorithm)
    const issuer = new TokenIssuer({ ...parties, keys, clock })
    const request = { subject: 'ada', kind: 'agent', role: 'observer', tenantId: 'acme' } as const
    const { token, claims: issued } = await issuer.issue(request)
    const { keyId } = await keys.signingKey()
    expect(issued).toMatchObject({ ...request, keyId, issuer: 'golden' })
    expect(await verifierOf(algorithm).verify(token)).toEqual(issued)
  })

  test('with further claims, in any Unicode', async () => {
    const payload = { ...claims, sub: 'Adă 🙂', tenant: 'Ł', nbf: iat, scope: { a: ['b', 1.5, null] } }
    expect(await codeOf(verifierOf('ES256'), forge('ES256', payload))).toBe('accepted')
  })

  test('with the other of the two signatures that ECDSA has for each; it is revoked with the first', async () => {
    const store = new MemoryRevocationStore({ clock })
    const revocations = new TokenRevocations({ store, clock })
    const verifier = new TokenVerifier({ ...parties, keys: ringOf('ES256'), clock, revocations })
    const other = withSignature('ES256', (signature) =>
      Buffer.concat([signature.subarray(0, 32), bytesOf(ORDER - numberOf(signature.subarray(32)), 32)]),
    )
    const read = await verifier.verify(other)
    await revocations.revokeToken(read)
    expect(await codeOf(verifier, other)).toBe('TOKEN_INVALID')
    expect(await codeOf(verifier, forge('ES256'))).toBe('TOKEN_INVALID')
  })
})

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
/** Order of the base point of Ed25519. */
const EDWARDS_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const bytesOf = (number: bigint, length: number): Buffer =>
  Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex')
const pair = (r: bigint, s: bigint): Buffer => Buffer.concat([bytesOf(r, 32), bytesOf(s, 32)])

/** A signature in DER as X.509 writes it. */
function der(signature: Buffer): Buffer {
  const integer = (bytes: Buffer): Buffer => {
    const start = bytes.findIndex((byte) => byte !== 0)
    const rest = bytes.subarray(start === -1 ? bytes.length - 1 : start)
    const value = (rest[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), rest]) : rest
    return Buffer.concat([Buffer.of(2, value.length), value])
  }
  const body = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))])
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}

/** The categories of Wycheproof's web signatures, written anew. */
const signatures: readonly (readonly [
  Algorithm,
  string,
  (signature: Buffer, input: string) => Uint8Array,
])[] = [
  ...ALGORITHMS.flatMap((algorithm): (readonly [Algorithm, string, (signature: Buffer) => Uint8Array])[] => [
    [algorithm, 'one bit flipped', (bytes) => bytes.map((byte, at) => (at === 5 ? byte ^ 1 : byte))],
    [
      algorithm,
      'the last bit flipped',
      (bytes) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
    ],
    [algorithm, 'a byte less at the end', (bytes) => bytes.subarray(0, -1)],
    [algorithm, 'a byte less at the beginning', (bytes) => bytes.subarray(1)],
    [algorithm, 'a byte more at the end', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
    [algorithm, 'a byte more at the beginning', (bytes) => Buffer.concat([Buffer.of(0), bytes])],
    [algorithm, 'nothing but zeros', (bytes) => Buffer.alloc(bytes.length)],
    [algorithm, 'nothing but ones', (bytes) => Buffer.alloc(bytes.length, 0xff)],
    [algorithm, 'a single byte', () => Buffer.of(0)],
    [algorithm, 'itself twice', (bytes) => Buffer.concat([bytes, bytes])],
    [
      algorithm,
      'its halves exchanged',
      (bytes) => Buffer.concat([bytes.subarray(bytes.length / 2), bytes.subarray(0, bytes.length / 2)]),
    ],
  ]),
  ['ES256', 'r = 1, s = 1', () => pair(1n, 1n)],
  ['ES256', 'r = 0', (bytes) => Buffer.concat([Buffer.alloc(32), bytes.subarray(32)])],
  ['ES256', 's = 0', (bytes) => Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32)])],
  ['ES256', 'r = the order', (bytes) => Buffer.concat([bytesOf(ORDER, 32), bytes.subarray(32)])],
  ['ES256', 's = the order', (bytes) => Buffer.concat([bytes.subarray(0, 32), bytesOf(ORDER, 32)])],
  ['ES256', 'r and s = the order', () => pair(ORDER, ORDER)],
  ['ES256', 'r = the order - 1, s = 1', () => pair(ORDER - 1n, 1n)],
  [
    'ES256',
    'r negated',
    (bytes) => Buffer.concat([bytesOf(ORDER - numberOf(bytes.subarray(0, 32)), 32), bytes.subarray(32)]),
  ],
  ['ES256', 'DER in place of two numbers', der],
  [
    'ES256',
    'a signature over SHA-384',
    (_bytes, input) =>
      signBytes('sha384', Buffer.from(input), {
        key: createPrivateKey({ key: { ...jwkOf('ES256') }, format: 'jwk' }),
        dsaEncoding: 'ieee-p1363',
      }),
  ],
  [
    'RS256',
    'a signature over SHA-1',
    (_bytes, input) =>
      signBytes('sha1', Buffer.from(input), createPrivateKey({ key: { ...jwkOf('RS256') }, format: 'jwk' })),
  ],
  [
    'RS256',
    'a signature with the padding of PS256',
    (_bytes, input) =>
      signBytes('sha256', Buffer.from(input), {
        key: createPrivateKey({ key: { ...jwkOf('RS256') }, format: 'jwk' }),
        padding: constants.RSA_PKCS1_PSS_PADDING,
      }),
  ],
  [
    'RS256',
    'the modulus added',
    (bytes) => bytesOf(numberOf(bytes) + numberOf(Buffer.from(String(jwkOf('RS256').n), 'base64url')), 385),
  ],
  ['RS256', 'the number 1', (bytes) => bytesOf(1n, bytes.length)],
  [
    'EdDSA',
    's + the order',
    (bytes) => {
      const s = numberOf(Buffer.from(bytes.subarray(32)).reverse()) + EDWARDS_ORDER
      return Buffer.concat([bytes.subarray(0, 32), bytesOf(s, 32).reverse()])
    },
  ],
  ['EdDSA', 'the point of order 1 with s = 0', () => Buffer.concat([Buffer.of(1), Buffer.alloc(63)])],
]

describe('a signature is refused that is', () => {
  test.each(signatures)('of %s: %s', async (algorithm, _name, change) => {
    expect(await codeOf(verifierOf(algorithm), withSignature(algorithm, change))).toBe('TOKEN_INVALID')
  })
})

describe('no key is taken for another', () => {
  const spki = (algorithm: Algorithm, type: 'pem' | 'der'): string | Buffer => {
    const key = createPublicKey({ key: { ...jwkOf(algorithm) }, format: 'jwk' })
    return type === 'pem'
      ? key.export({ type: 'spki', format: 'pem' })
      : key.export({ type: 'spki', format: 'der' })
  }
  const confusions: readonly (readonly [string, (algorithm: Algorithm) => string | Buffer])[] = [
    ['PEM', (algorithm) => spki(algorithm, 'pem')],
    ['PEM without its last line break', (algorithm) => String(spki(algorithm, 'pem')).trim()],
    ['DER', (algorithm) => spki(algorithm, 'der')],
    ['JWK text', (algorithm) => JSON.stringify(publicOf(algorithm))],
    ['the members of the key', (algorithm) => String(jwkOf(algorithm).n ?? jwkOf(algorithm).x)],
    [
      'the bytes of the members',
      (algorithm) => Buffer.from(String(jwkOf(algorithm).n ?? jwkOf(algorithm).x), 'base64url'),
    ],
    ['its key id', (algorithm) => String(jwkOf(algorithm).kid)],
    ['no bytes at all', () => ''],
  ]
  test.each(
    ALGORITHMS.flatMap((algorithm) => confusions.map(([name, text]) => [algorithm, name, text] as const)),
  )('HS256 with the public key of %s as its secret: %s', async (algorithm, _name, text) => {
    const token = hmac({ ...headerOf(algorithm), alg: 'HS256' }, text(algorithm))
    expect(await codeOf(verifierOf(algorithm), token)).toBe('TOKEN_INVALID')
  })

  test.each(
    ALGORITHMS.flatMap((own) =>
      ALGORITHMS.filter((other) => other !== own).map((other) => [own, other] as const),
    ),
  )('a token of %s under the name of %s', async (own, other) => {
    const token = forge(own, claims, { ...headerOf(own), alg: other, kid: headerOf(other).kid })
    expect(await codeOf(verifierOf(other), token)).toBe('TOKEN_INVALID')
    expect(await codeOf(verifierOf(own), token)).toBe('TOKEN_INVALID')
  })

  test('a token with a secret where key pairs are asked for, and the other way round', async () => {
    const { keyId } = await ringOf('HS256').signingKey()
    const token = hmac({ alg: 'HS256', typ: 'at+jwt', kid: keyId }, secret)
    expect(await codeOf(verifierOf('HS256'), token)).toBe('accepted')
    for (const algorithm of ALGORITHMS) {
      expect(await codeOf(verifierOf(algorithm), token)).toBe('TOKEN_INVALID')
      expect(
        await codeOf(verifierOf('HS256'), forge(algorithm, claims, { ...headerOf(algorithm), kid: keyId })),
      ).toBe('TOKEN_INVALID')
    }
  })

  test.each([
    ['another secret', () => randomBytes(32)],
    ['the secret cut short', () => secret.subarray(0, 31)],
    ['the secret in hexadecimal', () => secret.toString('hex')],
    ['the word secret', () => 'secret'],
    ['nothing', () => ''],
  ])('HS256 with %s', async (_name, key) => {
    const { keyId } = await ringOf('HS256').signingKey()
    const token = hmac({ alg: 'HS256', typ: 'at+jwt', kid: keyId }, key())
    expect(await codeOf(verifierOf('HS256'), token)).toBe('TOKEN_INVALID')
  })

  test.each([
    'HS384',
    'HS512',
    'none',
    'NONE',
    'nOnE',
    'hs256',
    ' HS256',
    'HS256\u0000',
    '',
    'dir',
    'RS512',
    'PS256',
    'ES384',
    'Ed25519',
    7,
    null,
    ['HS256'],
    { alg: 'HS256' },
  ])('the algorithm %j', async (alg) => {
    for (const algorithm of ALGORITHMS) {
      expect(
        await codeOf(verifierOf(algorithm), forge(algorithm, claims, { ...headerOf(algorithm), alg })),
      ).toBe('TOKEN_INVALID')
    }
    const { keyId } = await ringOf('HS256').signingKey()
    const token = hmac({ alg, typ: 'at+jwt', kid: keyId }, secret)
    expect(await codeOf(verifierOf('HS256'), token)).toBe('TOKEN_INVALID')
  })
})

function publicOf(algorithm: Algorithm): JWK {
  const { d, p, q, dp, dq, qi, ...rest } = jwkOf(algorithm)
  return rest
}

/** Headers that name a key of the attacker's own, or another way of reading. The signature is right throughout. */
const headers: readonly (readonly [string, () => Record<string, unknown>])[] = [
  ['jku', () => ({ jku: `${address}/jku` })],
  ['x5u', () => ({ x5u: `${address}/x5u` })],
  ['jku in upper case', () => ({ JKU: `${address}/jku` })],
  ['jwk', () => ({ jwk: publicOf('ES256') })],
  ['a private jwk', () => ({ jwk: jwkOf('ES256') })],
  ['x5c', () => ({ x5c: ['MIIB'] })],
  ['x5t', () => ({ x5t: 'AAAA' })],
  ['kid as an address', () => ({ kid: `${address}/kid` })],
  ['kid as a path', () => ({ kid: '../../../../dev/null' })],
  ['kid as a device', () => ({ kid: '/dev/null' })],
  ['kid as SQL', () => ({ kid: "x' UNION SELECT 'AAAA" })],
  ['kid as a command', () => ({ kid: '|curl example.com' })],
  ['kid as a member of every object', () => ({ kid: '__proto__' })],
  ['kid as a method', () => ({ kid: 'constructor' })],
  ['kid with a NUL behind it', () => ({ kid: `${String(jwkOf('ES256').kid)}\u0000` })],
  ['kid with a blank', () => ({ kid: `${String(jwkOf('ES256').kid)} ` })],
  ['kid in a list', () => ({ kid: [jwkOf('ES256').kid] })],
  ['kid as a number', () => ({ kid: 1 })],
  ['an empty kid', () => ({ kid: '' })],
  ['an overlong kid', () => ({ kid: 'k'.repeat(300) })],
  ['crit with nothing', () => ({ crit: [] })],
  ['crit with alg', () => ({ crit: ['alg'] })],
  ['crit and an extension', () => ({ crit: ['x'], x: 1 })],
  ['b64 false', () => ({ b64: false })],
  ['b64 true', () => ({ b64: true })],
  ['zip', () => ({ zip: 'DEF' })],
  ['cty JWT, a token in a token', () => ({ cty: 'JWT' })],
  ['enc, as an encrypted token has', () => ({ enc: 'A256GCM' })],
  ['typ in capitals', () => ({ typ: 'AT+JWT' })],
  ['typ as a media type', () => ({ typ: 'application/at+jwt' })],
  ['typ of an id token', () => ({ typ: 'JWT' })],
  ['typ of a logout token', () => ({ typ: 'logout+jwt' })],
  ['typ in a list', () => ({ typ: ['at+jwt'] })],
  ['iss in the header', () => ({ iss: 'golden' })],
  ['__proto__ as a member', () => JSON.parse('{"__proto__":{"alg":"none"}}') as Record<string, unknown>],
]

describe('a header is refused that has', () => {
  test.each(headers)('%s', async (_name, change) => {
    const token = forge('ES256', claims, { ...headerOf('ES256'), ...change() })
    const before = connections
    const text = _name.startsWith('__proto__')
      ? forge(
          'ES256',
          claims,
          `${JSON.stringify(headerOf('ES256')).slice(0, -1)},"__proto__":{"alg":"none"}}`,
        )
      : token
    expect(await codeOf(verifierOf('ES256'), text)).toBe('TOKEN_INVALID')
    expect(connections).toBe(before)
  })

  test.each([
    ['alg twice', (header: string) => header.replace('{', '{"alg":"none",')],
    ['kid twice', (header: string) => header.replace('{', '{"kid":"x",')],
    ['alg twice in another spelling', (header: string) => header.replace('{', '{"\\u0061lg":"none",')],
    ['blanks', (header: string) => header.replace('{', '{ ')],
    ['a line break behind it', (header: string) => `${header}\n`],
    ['a byte order mark', (header: string) => `\ufeff${header}`],
    ['an escape where none is needed', (header: string) => header.replace('at+jwt', 'at\\u002bjwt')],
  ])('the right members, but %s', async (_name, change) => {
    const header = change(JSON.stringify(headerOf('ES256')))
    expect(await codeOf(verifierOf('ES256'), forge('ES256', claims, header))).toBe('TOKEN_INVALID')
  })
})

const text = JSON.stringify(claims)
/** Payloads under a right signature, as an issuer with a defect, or one that was talked into it, would sign them. */
const payloads: readonly (readonly [string, unknown])[] = [
  ['exp twice', text.replace('{', `{"exp":${iat + 99_999},`)],
  ['tenant twice in another spelling', text.replace('{', '{"t\\u0065nant":"silver",')],
  ['a member twice in an inner object', text.replace('{', '{"x":{"a":1,"a":2},')],
  ['exp as 1e999', text.replace(String(iat + 900), '1e999')],
  ['exp in another spelling', text.replace(String(iat + 900), `${iat + 900}.0`)],
  ['exp with an exponent', text.replace(String(iat + 900), `${(iat + 900) / 100}e2`)],
  ['exp as text', { ...claims, exp: String(iat + 900) }],
  ['exp in milliseconds', { ...claims, exp: (iat + 900) * 1000 }],
  ['exp negative', { ...claims, exp: -1 }],
  ['exp as a list', { ...claims, exp: [iat + 900] }],
  ['exp as true', { ...claims, exp: true }],
  ['exp beyond any date', { ...claims, exp: 9e15 }],
  ['iat as text', { ...claims, iat: String(iat) }],
  ['iat negative', { ...claims, iat: -1 }],
  ['iat in milliseconds', { ...claims, iat: iat * 1000 }],
  ['iat in the future', { ...claims, iat: iat + 6, exp: iat + 900 }],
  ['iat in fractions', { ...claims, iat: iat - 0.5 }],
  ['nbf in the future', { ...claims, nbf: iat + 6 }],
  ['nbf as text', { ...claims, nbf: '0' }],
  ['a life a second too long', { ...claims, exp: iat + 901 }],
  ['an empty audience', { ...claims, aud: '' }],
  ['an audience in a list', { ...claims, aud: ['api'] }],
  ['an audience that begins alike', { ...claims, aud: 'api2' }],
  ['an audience in capitals', { ...claims, aud: 'API' }],
  ['an issuer with a slash', { ...claims, iss: 'golden/' }],
  ['an issuer in Cyrillic look-alikes', { ...claims, iss: 'gоlden' }],
  ['an issuer as a member of every object', { ...claims, iss: '__proto__' }],
  ['a role in look-alikes', { ...claims, role: 'аdmin' }],
  ['a role in capitals', { ...claims, role: 'Admin' }],
  ['a role with a blank', { ...claims, role: 'admin ' }],
  ['a role as a member of every object', { ...claims, role: 'constructor' }],
  ['a role that is true', { ...claims, role: true }],
  ['no kind', { ...claims, kind: undefined }],
  ['a kind that is none', { ...claims, kind: 'robot' }],
  ['a kind as a member of every object', { ...claims, kind: 'toString' }],
  ['kinds in a list', { ...claims, kind: ['human'] }],
  ['a kind in capitals', { ...claims, kind: 'Human' }],
  ['a subject with a NUL', { ...claims, sub: 'ada\u0000root' }],
  ['a subject of half a character', { ...claims, sub: 'ada\ud83d' }],
  ['a subject that is an object', { ...claims, sub: { id: 'ada' } }],
  ['a tenant with a NUL', { ...claims, tenant: 'acme\u0000' }],
  ['an empty tenant', { ...claims, tenant: '' }],
  ['an overlong tenant', { ...claims, tenant: 'a'.repeat(129) }],
  ['a tenant in a list', { ...claims, tenant: ['acme'] }],
  ['a tenant that is a number', { ...claims, tenant: 7 }],
  ['an empty jti', { ...claims, jti: '' }],
  ['a jti that is a number', { ...claims, jti: 7 }],
  ['an overlong jti', { ...claims, jti: 'a'.repeat(129) }],
  ['nine levels', { ...claims, x: JSON.parse(`${'['.repeat(8)}${']'.repeat(8)}`) }],
  ['a thousand levels', text.replace('{', `{"x":${'['.repeat(1000)}${']'.repeat(1000)},`)],
  ['more than 4096 characters', { ...claims, x: 'a'.repeat(3000) }],
  ['bytes that are no UTF-8', Buffer.from(text.replace('ada', '\u00ff'), 'latin1')],
  ['a byte order mark', `\ufeff${text}`],
  ['two objects', `${text}${text}`],
  ['a comma too many', text.replace('}', ',}')],
  ['a comment', text.replace('{', '{/**/')],
  ['a string alone', '"ada"'],
  ['null', 'null'],
  ['a number', '7'],
]

describe('a payload is refused that has', () => {
  test.each(payloads)('%s', async (_name, payload) => {
    const header = encode(headerOf('ES256'))
    const body = Buffer.isBuffer(payload) ? payload.toString('base64url') : encode(payload)
    const token = `${header}.${body}.${signatureOf('ES256', `${header}.${body}`).toString('base64url')}`
    expect(await codeOf(verifierOf('ES256'), token)).toBe('TOKEN_INVALID')
  })
})

describe('the text of a token is refused that', () => {
  test.each<[string, (token: string) => string]>([
    ['has a word before it', (token) => `Bearer ${token}`],
    ['has quotes', (token) => `"${token}"`],
    ['has a NUL behind it', (token) => `${token}\u0000`],
    ['has a blank before it', (token) => ` ${token}`],
    ['has a tab within', (token) => token.replace('.', '.\t')],
    ['has full-width dots', (token) => token.replaceAll('.', '\uff0e')],
    ['has a fourth part that is empty', (token) => `${token}.`],
    ['has a part too few', (token) => token.slice(0, token.lastIndexOf('.'))],
    [
      'is the JSON form',
      (token) => {
        const [protectedHeader, payload, signature] = token.split('.')
        return JSON.stringify({ protected: protectedHeader, payload, signature })
      },
    ],
    ['is a megabyte long', (token) => token + 'A'.repeat(1_000_000)],
    ['is a million dots', () => '.'.repeat(1_000_000)],
    ['is percent-encoded', (token) => token.replace('.', '%2e')],
    ['has its parts exchanged', (token) => token.split('.').reverse().join('.')],
  ])('%s', async (_name, change) => {
    expect(await codeOf(verifierOf('ES256'), change(forge('ES256')))).toBe('TOKEN_INVALID')
  })

  test('spells the same bytes otherwise, in any of its parts', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    let respelt = 0
    for (let length = 1; length <= 3; length++) {
      const parts = forge('ES256', { ...claims, jti: 'x'.repeat(length) }).split('.')
      for (const [at, part] of parts.entries()) {
        const last = alphabet[alphabet.indexOf(part.at(-1) ?? '') ^ 1]
        const other = `${part.slice(0, -1)}${last}`
        if (!Buffer.from(other, 'base64url').equals(Buffer.from(part, 'base64url'))) continue
        respelt++
        expect(await codeOf(verifierOf('ES256'), parts.with(at, other).join('.'))).toBe('TOKEN_INVALID')
      }
    }
    expect(respelt).toBeGreaterThan(2)
  })
})

describe('a token that was good is refused', () => {
  const request = { subject: 'ada', kind: 'human', role: 'developer', tenantId: 'acme' } as const

  test('once it, its user or its key is revoked, and no other with it', async () => {
    const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock })
    const keys = ringOf('EdDSA')
    const issuer = new TokenIssuer({ ...parties, keys, clock })
    const verifier = new TokenVerifier({ ...parties, keys, clock, revocations })
    const [a, b, bob] = [
      await issuer.issue(request),
      await issuer.issue(request),
      await issuer.issue({ ...request, subject: 'bob' }),
    ]
    await revocations.revokeToken(a.claims)
    expect(await codeOf(verifier, a.token)).toBe('TOKEN_INVALID')
    expect(await codeOf(verifier, b.token)).toBe('accepted')
    await revocations.revokeSubject({ tenantId: 'acme', subject: 'ada' })
    expect(await codeOf(verifier, b.token)).toBe('TOKEN_INVALID')
    expect(await codeOf(verifier, bob.token)).toBe('accepted')
    await revocations.revokeKey(bob.claims.keyId)
    expect(await codeOf(verifier, bob.token)).toBe('TOKEN_INVALID')
  })

  test('once its key is retired, not before', async () => {
    const own = new FakeClock(startAt)
    const store = new MemoryKeyRingStore({ clock: own })
    const keys = new KeyRing({ store, keyEncryptionKeys: [randomBytes(32)], algorithm: 'EdDSA', clock: own })
    const issuer = new TokenIssuer({ ...parties, keys, clock: own })
    const verifier = new TokenVerifier({ ...parties, keys, clock: own, maxTokenAgeSeconds: 86_400 })
    const long = new TokenIssuer({
      ...parties,
      keys: { signingKey: () => keys.signingKey() },
      lifetimeSeconds: 86_400,
      clock: own,
    })
    const { token, claims: first } = await long.issue(request)
    await keys.rotate()
    await own.advance(900_000)
    expect((await issuer.issue(request)).claims.keyId).not.toBe(first.keyId)
    expect(await codeOf(verifier, token)).toBe('accepted')
    await own.advance(970_000)
    expect(await codeOf(verifier, token)).toBe('TOKEN_INVALID')
  })

  test('once it is expired, with a code of its own and nothing else', async () => {
    const late = new FakeClock(new Date(startAt.getTime() + 906_000))
    const logger = new RecordingLogger()
    const verifier = new TokenVerifier({ ...parties, keys: ringOf('ES256'), clock: late, logger })
    const error: unknown = await verifier.verify(forge('ES256')).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'TOKEN_EXPIRED',
      message: 'the token has expired',
      details: {},
      retryable: false,
    })
    expect((error as Error).cause).toBeUndefined()
    expect(logger.lines).toMatchObject([{ level: 'info', fields: { reason: 'expired' } }])
  })

  test('as invalid, not as expired, where it is forged and old', async () => {
    const late = new FakeClock(new Date(startAt.getTime() + 906_000))
    const verifier = new TokenVerifier({ ...parties, keys: ringOf('ES256'), clock: late })
    const forged = withSignature('ES256', (bytes) => bytes.map((byte) => byte ^ 1))
    expect(await codeOf(verifier, forged)).toBe('TOKEN_INVALID')
  })
})

describe('a verifier', () => {
  test('accepts nothing of which its revocation list does not say no', async () => {
    for (const said of [undefined, null, 0, 'no', Promise.resolve(undefined), {}]) {
      // The cast stands for a list of untyped code.
      const revocations = { isRevoked: () => said as never }
      const verifier = new TokenVerifier({ ...parties, keys: ringOf('ES256'), clock, revocations })
      expect(await codeOf(verifier, forge('ES256'))).toBe('TOKEN_INVALID')
    }
  })

  test.each<[string, object, string]>([
    ['a revocation list that is none', { revocations: {} }, 'revocations'],
    ['keys that are none', { keys: {} }, 'keys'],
    ['no roles', { roles: [] }, 'roles'],
    ['a table without roles', { roles: {} }, 'roles'],
    ['roles that are none', { roles: 'auditor' }, 'roles'],
    ['a role without a name', { roles: [''] }, 'roles'],
    ['a tolerance of more than a minute', { clockToleranceSeconds: 61 }, 'clockToleranceSeconds'],
    ['an age of more than a day', { maxTokenAgeSeconds: 86_401 }, 'maxTokenAgeSeconds'],
    ['foreign issuers that are no list', { foreignIssuers: {} }, 'foreignIssuers'],
    ['no audience', { audience: '' }, 'audience'],
  ])('is not made with %s', (_name, given, option) => {
    const options = { ...parties, keys: ringOf('ES256'), ...given }
    expect(() => new TokenVerifier(options)).toThrow(invalidOption(option))
  })

  test.each([{ roles: ['auditor'] }, { roles: { auditor: { permissions: [], ownOnly: [] } } }])(
    'knows the roles that it is given, listed or in a table, and no others',
    async ({ roles }) => {
      const verifier = new TokenVerifier({ ...parties, keys: ringOf('ES256'), clock, roles })
      expect(await codeOf(verifier, forge('ES256', { ...claims, role: 'auditor' }))).toBe('accepted')
      expect(await codeOf(verifier, forge('ES256'))).toBe('TOKEN_INVALID')
    },
  )
})

describe('the log is told', () => {
  test.each<[string, string]>([
    ['wrong-signature', 'x'],
    ['unknown-issuer', 'iss'],
    ['wrong-claim', 'role'],
  ])('%s, and never the token', async (reason, member) => {
    const logger = new RecordingLogger()
    const verifier = new TokenVerifier({ ...parties, keys: ringOf('ES256'), clock, logger })
    const token =
      member === 'x'
        ? withSignature('ES256', (bytes) => Buffer.alloc(bytes.length))
        : forge('ES256', { ...claims, [member]: 'x' })
    expect(await codeOf(verifier, token)).toBe('TOKEN_INVALID')
    expect(logger.lines).toMatchObject([{ level: 'info', fields: { reason } }])
    for (const part of token.split('.')) expect(JSON.stringify(logger.lines)).not.toContain(part)
  })

  test.each(['sub', 'tenant', 'jti', 'kind', 'role', 'cnf'])('which claim is wrong, as %s', async (claim) => {
    const logger = new RecordingLogger()
    const verifier = new TokenVerifier({ ...parties, keys: ringOf('ES256'), clock, logger })
    expect(await codeOf(verifier, forge('ES256', { ...claims, [claim]: 7 }))).toBe('TOKEN_INVALID')
    expect(logger.lines).toMatchObject([{ fields: { reason: 'wrong-claim', claim } }])
  })
})
