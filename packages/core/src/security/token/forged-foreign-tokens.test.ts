import { afterEach, describe, expect, it } from 'vitest'
import type { ForeignIssuerOptions } from '../index.ts'
import {
  closeListeners,
  json,
  jwkOf,
  listen,
  open,
  own,
  PARTNER,
  type PartnerVerifier,
  partner,
  partnerJwk,
  partnerToken,
  stranger,
} from '../testing/partner-forge.ts'
import {
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  FORGE_NOW,
  forge,
  honestClaims,
  openPairParty,
  verdict,
} from '../testing/token-forge.ts'

afterEach(closeListeners)

async function openGood(options: Partial<ForeignIssuerOptions> = {}): Promise<PartnerVerifier> {
  const { url } = await listen(json({ keys: [partnerJwk] }))
  return open(url, options)
}

describe('forged tokens beside a foreign issuer', () => {
  it('accepts the controls: ours as ours, the partner\u2019s as the partner says', async () => {
    const { verifier } = await openGood()
    expect(await verifier.verify(forge(own))).toMatchObject({
      issuer: FORGE_ISSUER,
      tenantId: 'acme',
      role: 'developer',
    })
    const expected = { issuer: PARTNER, tenantId: 'partner', subject: 'partner|ada', role: 'observer' }
    expect(await verifier.verify(partnerToken())).toMatchObject(expected)
    expect(await verifier.verify(partnerToken({ claims: { aud: ['other', FORGE_AUDIENCE] } }))).toMatchObject(
      expected,
    )
    const written = JSON.stringify({ ...honestClaims(), iss: PARTNER }, null, 2).replaceAll('/', '\\/')
    expect(await verifier.verify(partnerToken({ payloadBytes: written }))).toMatchObject(expected)
  })

  const TOKENS: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['ours signed by the partner', () => forge(partner)],
    ['ours signed by the partner under our key\u2019s id', () => forge({ ...partner, keyId: own.keyId })],
    ['the partner\u2019s signed by us', () => partnerToken({}, own)],
    [
      'the partner\u2019s signed by us under its key\u2019s id',
      () => partnerToken({ header: { kid: partner.keyId } }, own),
    ],
    [
      'the partner\u2019s signed by a stranger',
      () => partnerToken({ header: { kid: partner.keyId } }, stranger),
    ],
    ['the partner\u2019s without a key id', () => partnerToken({ header: { kid: undefined } })],
    ['both issuers in a list', () => partnerToken({ claims: { iss: [PARTNER, FORGE_ISSUER] } })],
    ['the partner\u2019s issuer in a list', () => partnerToken({ claims: { iss: [PARTNER] } })],
    [
      'the issuer twice',
      () =>
        partnerToken({
          payloadBytes: JSON.stringify({ ...honestClaims(), iss: PARTNER }).replace(
            '{',
            `{"iss":"${FORGE_ISSUER}",`,
          ),
        }),
    ],
    [
      'the issuer twice, by an escape',
      () =>
        partnerToken({
          payloadBytes: JSON.stringify({ ...honestClaims(), iss: PARTNER }).replace(
            '{',
            `{"\\u0069ss":"${FORGE_ISSUER}",`,
          ),
        }),
    ],
    ['the partner without its slash', () => partnerToken({ claims: { iss: PARTNER.slice(0, -1) } })],
    ['the partner in capitals', () => partnerToken({ claims: { iss: PARTNER.toUpperCase() } })],
    ['another issuer', () => partnerToken({ claims: { iss: 'https://evil.example/' } })],
    ['an issuer named __proto__', () => partnerToken({ claims: { iss: '__proto__' } })],
    ['an issuer named constructor', () => partnerToken({ claims: { iss: 'constructor' } })],
    ['another audience', () => partnerToken({ claims: { aud: 'other' } })],
    ['a list of other audiences', () => partnerToken({ claims: { aud: ['other', `${FORGE_AUDIENCE}2`] } })],
    ['an audience within an audience', () => partnerToken({ claims: { aud: [[FORGE_AUDIENCE]] } })],
    ['an ID token', () => partnerToken({ header: { typ: 'JWT' } })],
    ['no type', () => partnerToken({ header: { typ: undefined } })],
    ['no id', () => partnerToken({ claims: { jti: undefined } })],
    ['no issue', () => partnerToken({ claims: { iat: undefined } })],
    ['no end', () => partnerToken({ claims: { exp: undefined } })],
    ['a life of two hours', () => partnerToken({ claims: { exp: FORGE_NOW + 7200 } })],
    ['an end as a text', () => partnerToken({ claims: { exp: `${FORGE_NOW + 60}` } })],
    ['an end in milliseconds', () => partnerToken({ claims: { exp: (FORGE_NOW + 60) * 1000 } })],
    ['an issue to come', () => partnerToken({ claims: { iat: FORGE_NOW + 60 } })],
    ['alg none', () => partnerToken({ header: { alg: 'none' }, signature: () => '' })],
    [
      'another algorithm of ours',
      async () => {
        const rsa = await openPairParty('EdDSA')
        return partnerToken({ header: { kid: partner.keyId } }, rsa)
      },
    ],
    ['crit', () => partnerToken({ header: { crit: ['exp'], exp: 1 } })],
    ['jwk', () => partnerToken({ header: { jwk: partnerJwk } })],
    ['zip', () => partnerToken({ header: { zip: 'DEF' } })],
    [
      'an integer that is none',
      () =>
        partnerToken({
          payloadBytes: JSON.stringify({ ...honestClaims(), iss: PARTNER }).replace(
            /"exp":\d+/,
            '"exp":1e999',
          ),
        }),
    ],
    [
      'text that is no UTF-8',
      () =>
        partnerToken({
          payloadBytes: Buffer.from(JSON.stringify({ ...honestClaims(), iss: PARTNER, x: '\xff' }), 'latin1'),
        }),
    ],
    [
      'lists in one another',
      () =>
        partnerToken({
          payloadBytes: JSON.stringify({ ...honestClaims(), iss: PARTNER }).replace(
            '{',
            `{"x":${'['.repeat(3000)}${']'.repeat(3000)},`,
          ),
        }),
    ],
  ]

  it.each(TOKENS)('refuses %s', async (_name, make) => {
    const { verifier } = await openGood()
    expect(await verdict(verifier, await make())).toBe('TOKEN_INVALID')
    expect(await verdict(verifier, partnerToken())).toBe('accepted')
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['gives nothing', () => undefined],
    ['gives null', () => null],
    ['gives a text', () => 'admin'],
    [
      'gives a promise',
      async () => ({ subject: 'partner|ada', kind: 'human', role: 'observer', tenantId: 'partner' }),
    ],
    ['gives another tenant', () => ({ subject: 'a', kind: 'human', role: 'observer', tenantId: 'acme' })],
    [
      'gives a role it may not give',
      () => ({ subject: 'a', kind: 'human', role: 'admin', tenantId: 'partner' }),
    ],
    [
      'gives a role in a list',
      () => ({ subject: 'a', kind: 'human', role: ['observer'], tenantId: 'partner' }),
    ],
    [
      'gives a tenant in a list',
      () => ({ subject: 'a', kind: 'human', role: 'observer', tenantId: ['partner'] }),
    ],
    ['gives no subject', () => ({ kind: 'human', role: 'observer', tenantId: 'partner' })],
    [
      'gives a subject that is a number',
      () => ({ subject: 7, kind: 'human', role: 'observer', tenantId: 'partner' }),
    ],
    [
      'gives a subject with NUL',
      () => ({ subject: 'a\u0000', kind: 'human', role: 'observer', tenantId: 'partner' }),
    ],
    [
      'gives a kind that is none',
      () => ({ subject: 'a', kind: 'root', role: 'observer', tenantId: 'partner' }),
    ],
    [
      'gives inherited members alone',
      () => Object.create({ subject: 'a', kind: 'human', role: 'admin', tenantId: 'partner' }),
    ],
    [
      'gives what changes when it is read again',
      () => {
        const tenants = ['partner', 'acme', 'acme', 'acme']
        const roles = ['observer', 'admin', 'admin', 'admin']
        return {
          subject: 'a',
          kind: 'human',
          get role() {
            return roles.shift()
          },
          get tenantId() {
            return tenants.shift()
          },
        }
      },
    ],
  ])('never lets a map of claims that %s widen what the issuer may say', async (_name, map) => {
    // What plain JavaScript could pass.
    const { verifier } = await openGood({ mapClaims: map as ForeignIssuerOptions['mapClaims'] })
    const claims = await verifier
      .verify(partnerToken())
      .catch((error: unknown) => String((error as { code?: unknown }).code))
    if (typeof claims === 'string') expect(claims).toBe('TOKEN_INVALID')
    else expect(claims).toMatchObject({ tenantId: 'partner', role: 'observer' })
  })

  it.each([{ jti: 'mine' }, { iss: FORGE_ISSUER }, { exp: FORGE_NOW + 3000 }, { iat: FORGE_NOW + 5 }])(
    'keeps what a map does to the payload away from what is read of it: %j',
    async (change) => {
      const { verifier } = await openGood({
        mapClaims: (payload) => {
          Object.assign(payload, change)
          return { subject: 'partner|ada', kind: 'human', role: 'observer', tenantId: 'partner' }
        },
      })
      expect(await verifier.verify(partnerToken())).toMatchObject({
        issuer: PARTNER,
        tokenId: honestClaims().jti,
        issuedAt: new Date((FORGE_NOW - 10) * 1000),
        expiresAt: new Date((FORGE_NOW + 600) * 1000),
      })
    },
  )

  it('is refused where it is bound to a key of its bearer', async () => {
    const { verifier } = await openGood({})
    const bound = partnerToken({ claims: { cnf: { jkt: 'thumbprint' } } })
    await expect(verifier.verify(bound)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  it('says TOKEN_EXPIRED of the partner\u2019s too, and revokes by id, subject and key', async () => {
    const { verifier, revocations } = await openGood()
    expect(
      await verdict(verifier, partnerToken({ claims: { exp: FORGE_NOW - 60, iat: FORGE_NOW - 100 } })),
    ).toBe('TOKEN_EXPIRED')
    await revocations.revokeToken(await verifier.verify(partnerToken()))
    expect(await verdict(verifier, partnerToken())).toBe('TOKEN_INVALID')
    const bob = () => partnerToken({ claims: { jti: 'b', sub: 'bob' } })
    await revocations.revokeSubject({ tenantId: 'partner', subject: 'partner|bob' })
    expect(await verdict(verifier, bob())).toBe('TOKEN_INVALID')
    const eve = () => partnerToken({ claims: { jti: 'e', sub: 'eve' } })
    expect(await verdict(verifier, eve())).toBe('accepted')
    await revocations.revokeKey(partner.keyId)
    expect(await verdict(verifier, eve())).toBe('TOKEN_INVALID')
    expect(await verdict(verifier, forge(own))).toBe('accepted')
  })

  it('opens no connection for any address in a token', async () => {
    const trap = await listen(json({ keys: [await jwkOf(stranger)] }))
    const { verifier } = await openGood()
    const url = trap.url
    for (const header of [
      { jku: url },
      { x5u: url },
      { jku: url, kid: undefined },
      { kid: url },
      { iss: url },
      { jwks_uri: url },
      { jku: [url] },
      { 'x5t#S256': url },
      { crit: ['jku'], jku: url },
    ]) {
      for (const claims of [
        {},
        { iss: PARTNER },
        { iss: url },
        { iss: new URL(url).origin },
        { jku: url, jwks_uri: url },
      ])
        expect(await verdict(verifier, forge(stranger, { header, claims }))).toBe('TOKEN_INVALID')
    }
    expect(trap.seen.connections).toBe(0)
    // One of our own comes after any that was made before it.
    await (await fetch(url)).text()
    expect(trap.seen.connections).toBe(1)
  })

  it('asks a key set once for a flood of key ids that it does not know', async () => {
    const requests: string[] = []
    const { url } = await listen((request, response) => {
      requests.push(String(request.url))
      json({ keys: [partnerJwk] })(request, response)
    })
    const { verifier } = open(url)
    const flood = Array.from({ length: 200 }, (_, index) =>
      partnerToken({ header: { kid: `k${index}` } }, stranger),
    )
    const answers = await Promise.all(flood.map((token) => verdict(verifier, token)))
    expect(new Set(answers)).toEqual(new Set(['TOKEN_INVALID']))
    for (const token of flood.slice(0, 20)) expect(await verdict(verifier, token)).toBe('TOKEN_INVALID')
    expect(requests.length).toBeLessThanOrEqual(2)
  })
})
