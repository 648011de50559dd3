import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { MemoryRevocationStore, TokenRevocations, TokenVerifier } from '../index.ts'
import {
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  FORGE_NOW,
  type ForgeParty,
  forge,
  forgeClock,
  openPairParty,
  openSecretParty,
  verdict,
} from '../testing/token-forge.ts'

let parties: readonly ForgeParty[] = []

beforeAll(async () => {
  parties = [await openPairParty('ES256'), await openSecretParty(randomBytes(32))]
})

describe('claims that are revoked', () => {
  async function open() {
    const [party] = parties
    if (party === undefined) throw new Error('no party')
    const clock = forgeClock()
    const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock })
    const settings = { keys: party.keys, issuer: FORGE_ISSUER, audience: FORGE_AUDIENCE }
    const verifier = new TokenVerifier({ ...settings, revocations, clock })
    const accepts = async (claims: Record<string, unknown> = {}) =>
      (await verdict(verifier, forge(party, { claims }))) === 'accepted'
    return { party, revocations, verifier, accepts, clock }
  }

  it('are refused by their id, however the rest is changed, and nobody else is', async () => {
    const { party, revocations, verifier, accepts } = await open()
    await revocations.revokeToken(await verifier.verify(forge(party)))
    for (const claims of [
      {},
      { sub: 'bob' },
      { role: 'observer' },
      { exp: FORGE_NOW + 890 },
      { iat: FORGE_NOW },
      { note: 1 },
    ])
      expect(await accepts(claims)).toBe(false)
    expect(await accepts({ jti: 'another' })).toBe(true)
    expect(await accepts({ tenant: 'other' })).toBe(true)
  })

  it('are refused by their subject up to the second of it, and not after', async () => {
    const { revocations, accepts, clock } = await open()
    await revocations.revokeSubject({ tenantId: 'acme', subject: 'ada' })
    for (const claims of [
      {},
      { jti: 'another' },
      { role: 'admin' },
      { kind: 'service' },
      { iat: FORGE_NOW },
      { iat: FORGE_NOW - 100 },
    ])
      expect(await accepts(claims)).toBe(false)
    expect(await accepts({ tenant: 'other' })).toBe(true)
    expect(await accepts({ sub: 'adam' })).toBe(true)
    await clock.advance(1_000)
    expect(await accepts({ iat: FORGE_NOW + 1 })).toBe(true)
  })

  it('are not mixed up where names of tenant and subject or id could be joined in two ways', async () => {
    for (const mark of [':', '/', '|', ',', '.', '\\', '"', ' ', '-', '%3A']) {
      const { revocations, accepts } = await open()
      await revocations.revokeSubject({ tenantId: `a${mark}b`, subject: 'c' })
      await revocations.revokeToken({
        tenantId: `a${mark}b`,
        tokenId: 'd',
        expiresAt: new Date((FORGE_NOW + 600) * 1000),
      })
      expect(await accepts({ tenant: 'a', sub: `b${mark}c` }), mark).toBe(true)
      expect(await accepts({ tenant: 'a', jti: `b${mark}d` }), mark).toBe(true)
      expect(await accepts({ tenant: `a${mark}b`, sub: 'c' }), mark).toBe(false)
      expect(await accepts({ tenant: `a${mark}b`, jti: 'd' }), mark).toBe(false)
    }
  })

  it('are refused by their key, whoever they speak for', async () => {
    const { party, revocations, accepts } = await open()
    await revocations.revokeKey('another')
    expect(await accepts()).toBe(true)
    await revocations.revokeKey(party.keyId)
    for (const claims of [{}, { sub: 'bob', tenant: 'other', jti: 'x' }, { role: 'admin' }])
      expect(await accepts(claims)).toBe(false)
  })

  it('are refused for their subject though they claim to be issued later than now', async () => {
    const { revocations, accepts } = await open()
    await revocations.revokeSubject({
      tenantId: 'acme',
      subject: 'ada',
      issuedBefore: new Date((FORGE_NOW + 3) * 1000),
    })
    expect(await accepts({ iat: FORGE_NOW + 3 })).toBe(false)
    expect(await accepts({ iat: FORGE_NOW + 4 })).toBe(true)
  })
})
