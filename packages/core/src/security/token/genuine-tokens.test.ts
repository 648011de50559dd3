import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { ConfiguredKeyRing } from './configured-key-ring.ts'
import { TokenIssuer } from './token-issuer.ts'
import type { VerificationKeys } from './token-keys.ts'
import { TokenVerifier } from './token-verifier.ts'
import type { VerificationKey } from './verification-key.ts'

const PARTY = { issuer: 'issuer', audience: 'audience' }
const REQUEST = { subject: 'ann', tenantId: 'acme', role: 'operator', kind: 'human' } as const
const secretOf = (letter: string): string => `${letter}Jx3vW8q-this-one-signs-the-tokens-of-the-test-9cJ2`

describe('a token that comes again', () => {
  const verify = vi.spyOn(crypto.subtle, 'verify')
  let clock: FakeClock
  let ring: ConfiguredKeyRing
  let verifier: TokenVerifier
  let token = ''

  beforeEach(async () => {
    clock = new FakeClock(new Date('2026-01-01T00:00:00Z'))
    ring = await ConfiguredKeyRing.open({ secret: secretOf('p') })
    verifier = new TokenVerifier({ ...PARTY, keys: ring, clock })
    token = (await new TokenIssuer({ ...PARTY, keys: ring, clock }).issue(REQUEST)).token
    verify.mockClear()
  })
  afterEach(() => verify.mockClear())

  it('is not asked for its signature again, and says the same', async () => {
    const first = await verifier.verify(token)
    expect(verify).toHaveBeenCalledTimes(1)
    const second = await verifier.verify(token)
    expect(verify).toHaveBeenCalledTimes(1)
    expect(second).toEqual(first)
  })

  it('says the same whatever became of what it said before', async () => {
    const first = await verifier.verify(token)
    const expected = structuredClone(first)
    first.expiresAt.setFullYear(2999)
    const second = await verifier.verify(token)
    second.expiresAt.setFullYear(2999)
    expect(await verifier.verify(token)).toEqual(expected)
  })

  it('is expired when its time is over', async () => {
    await verifier.verify(token)
    await clock.advance(900_000 + 5001)
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
  })

  it('is judged anew while only the tolerance still holds it', async () => {
    await verifier.verify(token)
    await clock.advance(900_000)
    await verifier.verify(token)
    expect(verify).toHaveBeenCalledTimes(2)
  })

  it('is refused once it is revoked', async () => {
    let isRevoked = false
    const revocations = { isRevoked: () => isRevoked }
    const watchful = new TokenVerifier({ ...PARTY, keys: ring, clock, revocations })
    await watchful.verify(token)
    isRevoked = true
    await expect(watchful.verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  it('is refused once its key is gone, or stands for another', async () => {
    let keys: VerificationKeys = ring
    const asked: VerificationKeys = { verificationKey: (keyId) => keys.verificationKey(keyId) }
    const watchful = new TokenVerifier({ ...PARTY, keys: asked, clock })
    const { keyId } = await watchful.verify(token)
    keys = { verificationKey: () => undefined }
    await expect(watchful.verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    const stranger = await ConfiguredKeyRing.open({ secret: secretOf('q') })
    const other = (await new TokenIssuer({ ...PARTY, keys: stranger, clock }).issue(REQUEST)).claims
    const strange = (await stranger.verificationKey(other.keyId)) as VerificationKey
    keys = { verificationKey: () => ({ ...strange, keyId }) }
    await expect(watchful.verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  it('with one letter changed is refused', async () => {
    await verifier.verify(token)
    const [head = '', payload = '', signature = ''] = token.split('.')
    const changed = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    await expect(verifier.verify(`${head}.${payload}.${changed}`)).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
    })
    expect(verify).toHaveBeenCalledTimes(2)
  })

  it('of which there are very many is forgotten, and judged anew', async () => {
    await verifier.verify(token)
    const issuer = new TokenIssuer({ ...PARTY, keys: ring, clock })
    for (let index = 0; index < 1000; index++) await verifier.verify((await issuer.issue(REQUEST)).token)
    verify.mockClear()
    await verifier.verify(token)
    expect(verify).toHaveBeenCalledTimes(1)
  })
})
