import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryRevocationStore } from '../adapters/memory/memory-revocation-store.ts'
import type { TokenClaims } from '../token/token-claims.ts'
import { RevocationIndex } from './revocation-index.ts'
import type { Revocation } from './revocation-store.ts'
import { TokenRevocations, type TokenRevocationsOptions } from './token-revocations.ts'

const clock = new FakeClock()
const start = clock.now().getTime()

function claims(given: Partial<TokenClaims> = {}): TokenClaims {
  return {
    ...{
      issuer: 'golden',
      subject: 'ada',
      kind: 'human',
      role: 'developer',
      tenantId: 'acme',
      tokenId: 'jti',
      keyId: 'kid',
    },
    issuedAt: new Date(start),
    expiresAt: new Date(start + 900_000),
    ...given,
  }
}

describe('revocations', () => {
  it('cannot be known where the store cannot be read for 5 seconds: no token is accepted, and it may be asked again', async () => {
    const own = new FakeClock()
    const store = new MemoryRevocationStore({ clock: own })
    const logger = new RecordingLogger()
    const revocations = new TokenRevocations({ store, clock: own, logger })
    expect(await revocations.isRevoked(claims())).toBe(false)
    const read = store.readAfter.bind(store)
    store.readAfter = () => Promise.reject(new Error('down'))
    await own.advance(5000)
    expect(await revocations.isRevoked(claims())).toBe(false)
    await own.advance(500)
    await expect(revocations.isRevoked(claims())).rejects.toMatchObject({
      code: 'TOKEN_REVOCATIONS_UNAVAILABLE',
      retryable: true,
    })
    expect(new Set(logger.messages())).toEqual(new Set(['revocations not read']))
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { err: { message: 'down' } } })
    store.readAfter = read
    await own.advance(500)
    expect(await revocations.isRevoked(claims())).toBe(false)
  })

  it('of a key is told to the log, for who asks later why its tokens were refused', async () => {
    const logger = new RecordingLogger()
    const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock, logger })
    await revocations.revokeKey('kid')
    await revocations.revokeToken(claims())
    const told = { level: 'warn', message: 'key of tokens revoked', fields: { keyId: 'kid' } }
    expect(logger.lines).toEqual([told])
  })

  it('are all known though the store gives them page by page', async () => {
    const store = new MemoryRevocationStore({ clock })
    const writer = new TokenRevocations({ store, clock })
    for (const tokenId of ['a', 'b', 'c', 'd', 'e']) await writer.revokeToken(claims({ tokenId }))
    const pages = {
      add: store.add.bind(store),
      readAfter: (sequence: bigint) => store.readAfter(sequence, 2),
    }
    const revocations = new TokenRevocations({ store: pages, clock })
    expect(await revocations.isRevoked(claims({ tokenId: 'e' }))).toBe(true)
    expect(await revocations.isRevoked(claims({ tokenId: 'f' }))).toBe(false)
  })

  it('that were written stand, though they could not be read back', async () => {
    const own = new FakeClock()
    const store = new MemoryRevocationStore({ clock: own })
    const revocations = new TokenRevocations({ store, clock: own })
    const read = store.readAfter.bind(store)
    store.readAfter = () => Promise.reject(new Error('down'))
    await revocations.revokeToken(claims())
    expect(await read(0n, 10)).toMatchObject({ revocations: [{ kind: 'token', tokenId: 'jti' }] })
  })

  it('are waited for 10 seconds by who writes one, and no longer', async () => {
    const own = new FakeClock()
    const store = new MemoryRevocationStore({ clock: own })
    store.add = () => new Promise(() => {})
    const revocations = new TokenRevocations({ store, clock: own })
    const written = expect(revocations.revokeToken(claims())).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    })
    await own.advance(10_000)
    await written
  })

  it('of a subject refuse what was issued up to the instant, by the second', async () => {
    const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock })
    await revocations.revokeSubject({
      tenantId: 'acme',
      subject: 'ada',
      issuedBefore: new Date(start + 10_500),
    })
    const issued = (seconds: number): TokenClaims => claims({ issuedAt: new Date(start + seconds * 1000) })
    expect(await revocations.isRevoked(issued(10))).toBe(true)
    expect(await revocations.isRevoked(issued(11))).toBe(false)
    expect(await revocations.isRevoked({ ...issued(10), subject: 'bob' })).toBe(false)
    expect(await revocations.isRevoked({ ...issued(10), tenantId: 'silver' })).toBe(false)
  })

  it('take no ids and no instants that are none', async () => {
    const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock })
    await expect(revocations.revokeKey('')).rejects.toEqual(invalidOption('keyId'))
    await expect(revocations.revokeToken({ ...claims(), tokenId: 'a\n' })).rejects.toEqual(
      invalidOption('tokenId'),
    )
    await expect(revocations.revokeToken({ ...claims(), expiresAt: new Date(Number.NaN) })).rejects.toEqual(
      invalidOption('expiresAt', 'a valid Date'),
    )
    await expect(revocations.revokeSubject({ tenantId: '', subject: 'ada' })).rejects.toEqual(
      invalidOption('tenantId'),
    )
  })

  it.each<[Partial<TokenRevocationsOptions>, string]>([
    [{ staleAfterMs: 1999 }, 'staleAfterMs'],
    [{ refreshAfterMs: 99 }, 'refreshAfterMs'],
    [{ timeoutMs: 5001 }, 'timeoutMs'],
    [{ maxEntries: 99 }, 'maxEntries'],
    [{ maxTokenLifetimeSeconds: 0 }, 'maxTokenLifetimeSeconds'],
    [{ store: {} as never }, 'store'],
  ])('are not made with %j', (options, option) => {
    const store = new MemoryRevocationStore()
    expect(() => new TokenRevocations({ store, ...options })).toThrow(invalidOption(option))
  })
})

describe('the index of revocations', () => {
  const token = (id: number, expiresMs: number) =>
    ({ kind: 'token', tenantId: 'acme', tokenId: `t-${id}`, expiresAt: new Date(start + expiresMs) }) as const

  it('forgets what has expired', () => {
    const index = new RevocationIndex(100)
    index.add([token(1, 1000), token(2, 100_000)], new Date(start))
    expect(index.size).toBe(2)
    index.add([], new Date(start + 50_000))
    expect(index.size).toBe(1)
  })

  it('holds no more than it may, and refuses early rather than lets a revoked one in', () => {
    const index = new RevocationIndex(100)
    const revoked = Array.from({ length: 1000 }, (_, id) => token(id, 100_000 + id * 1000))
    for (const one of revoked) {
      index.add([one], new Date(start))
      expect(index.size).toBeLessThanOrEqual(100)
    }
    for (const { tokenId, expiresAt } of revoked) {
      // The store keeps a token for a minute longer than it lives.
      const isRevoked = index.isRevoked(
        claims({ tokenId, expiresAt: new Date(expiresAt.getTime() - 60_000) }),
      )
      expect(isRevoked).toBe(true)
    }
    expect(index.isRevoked(claims({ tokenId: 'other', expiresAt: new Date(start + 2_000_000) }))).toBe(false)
  })

  it('keeps the later instant of a subject, and a key for good', () => {
    const index = new RevocationIndex(100)
    const subject = (beforeMs: number): Revocation => ({
      kind: 'subject',
      ...{ tenantId: 'acme', subject: 'ada' },
      issuedBefore: new Date(start + beforeMs),
      expiresAt: new Date(start + 100_000),
    })
    index.add([subject(20_000), subject(10_000), { kind: 'key', keyId: 'bad' }], new Date(start))
    expect(index.isRevoked(claims({ issuedAt: new Date(start + 20_000) }))).toBe(true)
    index.add([], new Date(start + 1e9))
    expect(index.isRevoked(claims({ keyId: 'bad', issuedAt: new Date(start + 2e9) }))).toBe(true)
    expect(index.isRevoked(claims({ issuedAt: new Date(start + 20_000) }))).toBe(false)
  })
})
