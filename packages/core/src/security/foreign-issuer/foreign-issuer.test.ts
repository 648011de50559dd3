import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { invalidOption } from '@golden-arch/testkit/options'
import { type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryRevocationStore } from '../adapters/memory/memory-revocation-store.ts'
import { TokenRevocations } from '../revocation/token-revocations.ts'
import { ConfiguredKeyRing } from '../token/configured-key-ring.ts'
import type { KeyPairAlgorithm } from '../token/signing-algorithm.ts'
import { generateSigningJwk, importSigningKey, type SigningKeyPair } from '../token/signing-key.ts'
import { TokenVerifier } from '../token/token-verifier.ts'
import type { ForeignIssuerOptions } from './foreign-issuer-options.ts'

const startAt = new Date('2026-03-01T12:00:00Z')
const iat = startAt.getTime() / 1000
const ISSUER = 'https://login.partner.example/'
const payload = {
  ...{
    iss: ISSUER,
    aud: 'golden-api',
    sub: 'bob',
    jti: 'f-1',
    groups: ['dev'],
    tenant: 'acme',
    role: 'admin',
  },
  ...{ iat, exp: iat + 3600 },
}

let own: ConfiguredKeyRing
let key: SigningKeyPair
let other: SigningKeyPair
let edwards: SigningKeyPair
let server: Server
let address = ''
/** What the foreign issuer answers, and how often it was asked. */
let answer: { status: number; body: string; headers: Record<string, string> }
let asked = 0
let hold: Promise<void> | undefined

const keySet = (...keys: readonly (JWK | SigningKeyPair)[]): string =>
  JSON.stringify({ keys: keys.map((one) => ('publicJwk' in one ? one.publicJwk : one)) })

const tenants = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `tenant-${at}`)

async function tokenOf(
  claims: object = payload,
  header: object = {},
  signer: SigningKeyPair = key,
): Promise<string> {
  const all = { alg: signer.algorithm, typ: 'at+jwt', kid: signer.keyId, ...header }
  return new SignJWT({ ...claims }).setProtectedHeader(all).sign(signer.privateKey)
}

function setUp(given: Partial<ForeignIssuerOptions> = {}): {
  verifier: TokenVerifier
  clock: FakeClock
  logger: RecordingLogger
} {
  const clock = new FakeClock(startAt)
  const logger = new RecordingLogger()
  const foreign: ForeignIssuerOptions = {
    issuer: ISSUER,
    jwksUrl: `${address}/jwks`,
    audience: 'golden-api',
    algorithms: ['ES256'],
    tenants: ['partner'],
    roles: ['developer', 'observer'],
    allowLoopbackHttp: true,
    mapClaims: ({ sub, groups }) => ({
      subject: `partner|${String(sub)}`,
      kind: 'human',
      role: Array.isArray(groups) && groups.includes('dev') ? 'developer' : 'observer',
      tenantId: 'partner',
    }),
    ...given,
  }
  const options = { keys: own, issuer: 'golden', audience: 'api', clock, logger }
  return { clock, logger, verifier: new TokenVerifier({ ...options, foreignIssuers: [foreign] }) }
}

async function codeOf(verifier: TokenVerifier, token: string): Promise<string> {
  return verifier.verify(token).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  )
}

beforeAll(async () => {
  const pair = async (algorithm: KeyPairAlgorithm): Promise<SigningKeyPair> =>
    importSigningKey(await generateSigningJwk(algorithm))
  own = await ConfiguredKeyRing.open({ privateKey: await generateSigningJwk('ES256') })
  key = await pair('ES256')
  other = await pair('ES256')
  edwards = await pair('EdDSA')
  server = createServer((_request, response) => {
    asked++
    const { status, headers, body } = answer
    const send = (): void => void response.writeHead(status, headers).end(body)
    if (hold === undefined) send()
    else void hold.then(send)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server has an address with a port.
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
beforeEach(() => {
  answer = { status: 200, body: keySet(key), headers: {} }
  asked = 0
  hold = undefined
})

describe('a foreign issuer', () => {
  it('speaks for whom the configuration maps its claims to, and not for whom its token names', async () => {
    const { verifier } = setUp()
    expect(await verifier.verify(await tokenOf())).toEqual({
      ...{ issuer: ISSUER, subject: 'partner|bob', kind: 'human', role: 'developer', tenantId: 'partner' },
      ...{ tokenId: 'f-1', keyId: key.keyId, issuedAt: startAt, expiresAt: new Date((iat + 3600) * 1000) },
    })
  })

  it('may write its JSON as it likes, and name several audiences', async () => {
    const { verifier } = setUp()
    expect(await codeOf(verifier, await tokenOf({ ...payload, aud: ['other', 'golden-api'] }))).toBe(
      'accepted',
    )
    expect(await codeOf(verifier, await tokenOf(payload, { x5t: 'AAAA', typ: 'application/at+jwt' }))).toBe(
      'accepted',
    )
  })

  it('is fetched from once for all who wait, and not again while its keys are fresh', async () => {
    const { verifier } = setUp()
    const token = await tokenOf()
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(verifier, token)))
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'accepted'))
    expect(await codeOf(verifier, token)).toBe('accepted')
    expect(asked).toBe(1)
  })

  it('is not asked again for a key that is unknown before 30 seconds have passed', async () => {
    const { verifier, clock } = setUp()
    expect(await codeOf(verifier, await tokenOf())).toBe('accepted')
    const rotated = await tokenOf(payload, {}, other)
    for (let round = 0; round < 10; round++) expect(await codeOf(verifier, rotated)).toBe('TOKEN_INVALID')
    expect(asked).toBe(1)
    answer = { ...answer, body: keySet(key, other) }
    await clock.advance(30_000)
    expect(await codeOf(verifier, rotated)).toBe('accepted')
    expect(asked).toBe(2)
  })

  it('is asked again as soon as it is told for a key that is unknown', async () => {
    const { verifier, clock } = setUp({ cooldownMs: 1000 })
    expect(await codeOf(verifier, await tokenOf())).toBe('accepted')
    const rotated = await tokenOf(payload, {}, other)
    answer = { ...answer, body: keySet(key, other) }
    await clock.advance(999)
    expect(await codeOf(verifier, rotated)).toBe('TOKEN_INVALID')
    await clock.advance(1)
    expect(await codeOf(verifier, rotated)).toBe('accepted')
    for (const cooldownMs of [999, 3_600_001, Number.NaN]) {
      expect(() => setUp({ cooldownMs })).toThrow(invalidOption('foreignIssuers.cooldownMs'))
    }
  })

  it('that takes a key back is believed after 10 minutes', async () => {
    const { verifier, clock } = setUp()
    expect(await codeOf(verifier, await tokenOf())).toBe('accepted')
    answer = { ...answer, body: keySet(other) }
    await clock.advance(600_001)
    expect(await codeOf(verifier, await tokenOf())).toBe('TOKEN_INVALID')
  })

  it('that cannot be reached is no fault of the token: its last keys hold for an hour, then it may be asked again', async () => {
    const { verifier, clock, logger } = setUp()
    const token = await tokenOf()
    answer = { ...answer, status: 503 }
    expect(await codeOf(verifier, token)).toBe('TOKEN_KEYS_UNAVAILABLE')
    expect(logger.lines[0]).toMatchObject({
      ...{ level: 'warn', message: 'keys of a foreign issuer not fetched' },
      fields: { err: { message: expect.stringContaining('503') }, issuer: ISSUER },
    })
    await expect(verifier.verify(token)).rejects.toMatchObject({ retryable: true })
    answer = { ...answer, status: 200 }
    await clock.advance(5000)
    expect(await codeOf(verifier, token)).toBe('accepted')
    answer = { ...answer, status: 503 }
    await clock.advance(3_500_000)
    expect(await codeOf(verifier, token)).toBe('accepted')
    expect(await codeOf(verifier, await tokenOf(payload, {}, other))).toBe('TOKEN_KEYS_UNAVAILABLE')
    await clock.advance(200_000)
    expect(await codeOf(verifier, token)).toBe('TOKEN_KEYS_UNAVAILABLE')
  })

  it('that never answers is given up after its time', async () => {
    const { verifier, clock } = setUp()
    const token = await tokenOf()
    let release: () => void = () => {}
    hold = new Promise((resolve) => {
      release = resolve
    })
    const arrived = new Promise<void>((resolve) => server.once('request', () => resolve()))
    const outcome = codeOf(verifier, token)
    await arrived
    await clock.advance(5000)
    expect(await outcome).toBe('TOKEN_KEYS_UNAVAILABLE')
    release()
  })

  it.each<[string, () => Partial<typeof answer>]>([
    ['a redirect', () => ({ status: 302, headers: { location: `${address}/elsewhere` } })],
    ['a status that is no success', () => ({ status: 404 })],
    ['more than 64 KiB', () => ({ body: `${keySet(key)}${' '.repeat(65_536)}` })],
    ['no JSON', () => ({ body: '<html>' })],
    ['no key set', () => ({ body: '{}' })],
    ['a list', () => ({ body: '[]' })],
    ['null', () => ({ body: 'null' })],
    ['keys that are no list', () => ({ body: '{"keys":{}}' })],
    ['more than 100 keys', () => ({ body: keySet(...Array.from({ length: 101 }, () => key)) })],
  ])('that answers with %s is not believed', async (_name, given) => {
    answer = { ...answer, ...given() }
    const { verifier } = setUp()
    expect(await codeOf(verifier, await tokenOf())).toBe('TOKEN_KEYS_UNAVAILABLE')
    expect(asked).toBe(1)
  })

  it.each<[string, () => string]>([
    ['two keys of one id', () => keySet(key, { ...other.publicJwk, kid: key.keyId })],
    ['two keys of one id, its own last', () => keySet({ ...other.publicJwk, kid: key.keyId }, key)],
    ['a key for encryption', () => keySet({ ...key.publicJwk, use: 'enc' })],
    ['the private key', () => keySet({ ...key.publicJwk, d: 'AAAA' })],
    ['a symmetric key of that id', () => keySet({ kty: 'oct', k: 'AAAA', kid: key.keyId, alg: 'HS256' })],
    [
      'the key for an algorithm that is not configured',
      () => keySet({ ...edwards.publicJwk, kid: key.keyId }),
    ],
    ['a point that is not on its curve', () => keySet({ ...key.publicJwk, x: key.publicJwk.y ?? '' })],
    ['a key without an id', () => keySet({ ...key.publicJwk, kid: undefined } as unknown as JWK)],
    [
      'an RSA key with the exponent 1',
      () =>
        keySet({
          kty: 'RSA',
          n: Buffer.alloc(256, 0xff).toString('base64url'),
          e: 'AQ',
          kid: key.keyId,
          alg: 'RS256',
        }),
    ],
    [
      'an RSA key of 1024 bits',
      () =>
        keySet({
          kty: 'RSA',
          n: Buffer.alloc(128, 0xff).toString('base64url'),
          e: 'AQAB',
          kid: key.keyId,
          alg: 'RS256',
        }),
    ],
    [
      'an RSA key of 16384 bits',
      () =>
        keySet({
          kty: 'RSA',
          n: Buffer.alloc(2048, 0xff).toString('base64url'),
          e: 'AQAB',
          kid: key.keyId,
          alg: 'RS256',
        }),
    ],
    ['no keys', () => keySet()],
    ['what is no key', () => '{"keys":[null,7,"key",[],{}]}'],
  ])('whose set holds %s has no such key', async (_name, body) => {
    answer = { ...answer, body: body() }
    const { verifier } = setUp({ algorithms: ['ES256', 'RS256'] })
    expect(await codeOf(verifier, await tokenOf())).toBe('TOKEN_INVALID')
  })

  it('whose keys do not say their algorithm is taken by their kind', async () => {
    const { alg, ...silent } = key.publicJwk
    answer = { ...answer, body: keySet(silent) }
    expect(await codeOf(setUp().verifier, await tokenOf())).toBe('accepted')
  })

  it.each<[string, () => Promise<string>]>([
    [
      'with a key of ours',
      async () => {
        const signer = await own.signingKey()
        if (signer.algorithm === 'HS256') throw new Error('a pair')
        return tokenOf(payload, {}, signer)
      },
    ],
    ['in our name with its own key', () => tokenOf({ ...payload, iss: 'golden', aud: 'api', kind: 'human' })],
    ['in the name of a third', () => tokenOf({ ...payload, iss: 'https://login.partner.example' })],
    ['for another audience', () => tokenOf({ ...payload, aud: 'other' })],
    ['with our audience', () => tokenOf({ ...payload, aud: 'api' })],
    ['for two hours', () => tokenOf({ ...payload, exp: iat + 7200 })],
    ['without a token id', () => tokenOf({ ...payload, jti: undefined })],
    ['without a time of issue', () => tokenOf({ ...payload, iat: undefined })],
    ['with an end in fractions', () => tokenOf({ ...payload, exp: iat + 0.5 })],
    ['as an id token', () => tokenOf(payload, { typ: 'JWT' })],
    ['with a key address in its header', () => tokenOf(payload, { jku: `${address}/jwks` })],
    ['with a key in its header', () => tokenOf(payload, { jwk: key.publicJwk })],
    ['without a key id', () => tokenOf(payload, { kid: undefined })],
  ])('is refused that signs %s', async (_name, make) => {
    const { verifier } = setUp()
    expect(await codeOf(verifier, await make())).toBe('TOKEN_INVALID')
  })

  it('may sign tokens of 8192 characters, and no longer ones', async () => {
    const { verifier } = setUp()
    const short = await tokenOf({ ...payload, note: '' })
    const padded = (length: number): Promise<string> =>
      tokenOf({ ...payload, note: 'n'.repeat(Math.floor(((length - short.length) * 3) / 4)) })
    expect(await codeOf(verifier, await padded(8190))).toBe('accepted')
    expect(await codeOf(verifier, await padded(8200))).toBe('TOKEN_INVALID')
  })

  it('is refused where a member stands twice, though its JSON may be in any form', async () => {
    const { verifier } = setUp()
    const parts = (text: string): readonly string[] => [
      Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: key.keyId })).toString('base64url'),
      Buffer.from(text).toString('base64url'),
    ]
    const signed = async (text: string): Promise<string> => {
      const input = parts(text).join('.')
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
      const bytes = await crypto.subtle.sign(algorithm, key.privateKey, Buffer.from(input))
      return `${input}.${Buffer.from(bytes).toString('base64url')}`
    }
    const text = JSON.stringify(payload, null, 2)
    const { groups: _, ...flat } = payload
    for (const one of [text, JSON.stringify(flat, null, 2)]) {
      expect(await codeOf(verifier, await signed(one))).toBe('accepted')
      expect(await codeOf(verifier, await signed(one.replace('{', '{"sub":"root",')))).toBe('TOKEN_INVALID')
      expect(await codeOf(verifier, await signed(one.replace('{', '{"s\\u0075b":"root",')))).toBe(
        'TOKEN_INVALID',
      )
    }
  })

  it.each<[string, ForeignIssuerOptions['mapClaims']]>([
    ['to nobody', () => undefined],
    [
      'by a throw',
      () => {
        throw new Error('no')
      },
    ],
    [
      'to a tenant that is not its own',
      () => ({ subject: 'x', kind: 'human', role: 'observer', tenantId: 'acme' }),
    ],
    [
      'to a role that it may not give',
      () => ({ subject: 'x', kind: 'human', role: 'admin', tenantId: 'partner' }),
    ],
    [
      'to a kind that is none',
      () => ({ subject: 'x', role: 'observer', tenantId: 'partner', kind: 'robot' as never }),
    ],
    ['to no kind', () => ({ subject: 'x', role: 'observer', tenantId: 'partner' }) as never],
    [
      'to a subject that is none',
      () => ({ subject: '', kind: 'human', role: 'observer', tenantId: 'partner' }),
    ],
    [
      'to a promise',
      () => Promise.resolve({ subject: 'x', kind: 'human', role: 'observer', tenantId: 'partner' }) as never,
    ],
  ])('is refused whose claims are mapped %s', async (_name, mapClaims) => {
    expect(await codeOf(setUp({ mapClaims }).verifier, await tokenOf())).toBe('TOKEN_INVALID')
  })

  it('has its tokens revoked as ours are', async () => {
    const clock = new FakeClock(startAt)
    const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock })
    const verifier = new TokenVerifier({
      ...{ keys: own, issuer: 'golden', audience: 'api', clock, revocations },
      foreignIssuers: [
        {
          ...{ issuer: ISSUER, jwksUrl: `${address}/jwks`, audience: 'golden-api', algorithms: ['ES256'] },
          ...{ tenants: ['partner'], roles: ['observer'], allowLoopbackHttp: true },
          mapClaims: ({ sub }) => ({
            subject: `partner|${String(sub)}`,
            kind: 'human',
            role: 'observer',
            tenantId: 'partner',
          }),
        },
      ],
    })
    const claims = await verifier.verify(await tokenOf())
    await revocations.revokeSubject(claims)
    expect(await codeOf(verifier, await tokenOf({ ...payload, jti: 'f-2' }))).toBe('TOKEN_INVALID')
  })

  it('may speak for 1000 tenants', async () => {
    const { verifier } = setUp({ tenants: [...tenants(999), 'partner'] })
    expect(await codeOf(verifier, await tokenOf())).toBe('accepted')
  })

  const NO_ADDRESS = 'an https address without user and fragment'
  it.each<[string, Partial<ForeignIssuerOptions>, string, string?]>([
    ['an address over http', { jwksUrl: 'http://login.partner.example/jwks' }, 'jwksUrl', NO_ADDRESS],
    ['loopback over http where that is not allowed', { allowLoopbackHttp: false }, 'jwksUrl', NO_ADDRESS],
    ['an address of a file', { jwksUrl: 'file:///etc/passwd' }, 'jwksUrl', NO_ADDRESS],
    [
      'an address with a password',
      { jwksUrl: 'https://a:b@login.partner.example/jwks' },
      'jwksUrl',
      NO_ADDRESS,
    ],
    [
      'an address with a fragment',
      { jwksUrl: 'https://login.partner.example/jwks#x' },
      'jwksUrl',
      NO_ADDRESS,
    ],
    [
      'a name that looks like loopback',
      { jwksUrl: 'http://localhost.partner.example/jwks' },
      'jwksUrl',
      NO_ADDRESS,
    ],
    ['no address', { jwksUrl: 'jwks' }, 'jwksUrl', NO_ADDRESS],
    ['our own name', { issuer: 'golden' }, '', 'issuers of different names'],
    ['HS256', { algorithms: ['HS256' as never] }, 'algorithms'],
    ['no algorithm', { algorithms: [] }, 'algorithms', '1 to 3 names'],
    ['no tenant', { tenants: [] }, 'tenants', '1 to 1000 tenants'],
    ['1001 tenants', { tenants: tenants(1001) }, 'tenants', '1 to 1000 tenants'],
    ['a tenant without a name', { tenants: [''] }, 'tenants'],
    ['no role', { roles: [] }, 'roles', '1 to 1000 names'],
    ['no list of roles', { roles: undefined as never }, 'roles', '1 to 1000 names'],
    ['a role that nobody knows', { roles: ['root'] }, 'roles', 'roles that the verifier knows'],
    ['no mapping', { mapClaims: undefined as never }, 'mapClaims'],
    ['a staleness below the refresh', { refreshAfterMs: 10_000, staleIfErrorMs: 9999 }, 'staleIfErrorMs'],
    ['less than 100 ms to answer', { timeoutMs: 99 }, 'timeoutMs'],
    ['a refresh more often than each second', { refreshAfterMs: 999 }, 'refreshAfterMs'],
    ['another type of token', { tokenType: 'dpop+jwt' as never }, 'tokenType'],
  ])('is not configured with %s', (_name, given, option, rule) => {
    expect(() => setUp(given)).toThrow(
      invalidOption(option === '' ? 'foreignIssuers' : `foreignIssuers.${option}`, rule),
    )
  })
})
