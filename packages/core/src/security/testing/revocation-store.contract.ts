import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import type { Revocation, RevocationPage, RevocationStore } from '../revocation/revocation-store.ts'
import { TokenRevocations } from '../revocation/token-revocations.ts'
import type { TokenClaims } from '../token/token-claims.ts'

/** What the tests need of a store. */
export interface RevocationStoreUnderTest {
  /** The store, as one more process sees it; the tests share its list. */
  store(): RevocationStore
  newName(): string
  close(): Promise<void>
}

const HOUR_MS = 3_600_000

/** Registers the tests that every revocation store passes. `open` is called once. */
export function describeRevocationStoreContract(
  title: string,
  open: () => Promise<RevocationStoreUnderTest>,
): void {
  describe(`the revocation store: ${title}`, () => {
    let opened: RevocationStoreUnderTest
    let store: RevocationStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store()
    })
    afterAll(async () => {
      await opened?.close()
    })

    it('gives each kind back as it was added, after the sequence of before', async () => {
      const [tenantId, keyId] = [opened.newName(), opened.newName()]
      const { sequence, now } = await all(store)
      const expiresAt = new Date(now.getTime() + HOUR_MS)
      const added: readonly Revocation[] = [
        { kind: 'token', tenantId, tokenId: 't-1', expiresAt },
        { kind: 'subject', tenantId, subject: 'ada', issuedBefore: new Date(now.getTime() - 1), expiresAt },
        { kind: 'key', keyId },
      ]
      for (const one of added) await store.add(() => one)
      const page = await store.readAfter(sequence, 100)
      expect(page.revocations.filter((one) => isAbout(one, tenantId, keyId))).toEqual(added)
      expect(page.hasMore).toBe(false)
      expect((await store.readAfter(page.sequence, 100)).revocations).toEqual([])
    })

    it('gives the list in pages that together are the list', async () => {
      const tenantId = opened.newName()
      const { sequence, now } = await all(store)
      for (let index = 0; index < 5; index++) {
        await store.add(() => ({ kind: 'token', tenantId, tokenId: `t-${index}`, expiresAt: later(now) }))
      }
      const first = await store.readAfter(sequence, 2)
      expect(first).toMatchObject({ hasMore: true, revocations: [{ tokenId: 't-0' }, { tokenId: 't-1' }] })
      const second = await store.readAfter(first.sequence, 2)
      expect(second).toMatchObject({ hasMore: true, revocations: [{ tokenId: 't-2' }, { tokenId: 't-3' }] })
      const third = await store.readAfter(second.sequence, 2)
      expect(third).toMatchObject({ hasMore: false, revocations: [{ tokenId: 't-4' }] })
    })

    it('gives nothing that has expired', async () => {
      const tenantId = opened.newName()
      const { sequence } = await all(store)
      await store.add((now) => ({ kind: 'token', tenantId, tokenId: 'past', expiresAt: now }))
      await store.add((now) => ({ kind: 'token', tenantId, tokenId: 'live', expiresAt: later(now) }))
      const { revocations } = await store.readAfter(sequence, 100)
      expect(revocations).toMatchObject([{ tokenId: 'live' }])
    })

    it('keeps what is revoked twice once, and of a subject the later instant', async () => {
      const [tenantId, keyId] = [opened.newName(), opened.newName()]
      const { now } = await all(store)
      const [early, late] = [new Date(now.getTime() - 5000), new Date(now.getTime() - 1000)]
      for (const issuedBefore of [late, early]) {
        await store.add(() => ({ kind: 'token', tenantId, tokenId: 't', expiresAt: later(now) }))
        await store.add(() => ({
          kind: 'subject',
          tenantId,
          subject: 'ada',
          issuedBefore,
          expiresAt: later(now),
        }))
        await store.add(() => ({ kind: 'key', keyId }))
      }
      const revocations = new TokenRevocations({ store: opened.store(), clock: new FakeClock() })
      expect(await revocations.isRevoked(claims(tenantId, { issuedAt: late }))).toBe(true)
      expect(await revocations.isRevoked(claims(tenantId, { issuedAt: now }))).toBe(false)
    })

    it('starts again from the beginning where it never reached the sequence, as after a restore', async () => {
      const tenantId = opened.newName()
      await store.add((now) => ({ kind: 'token', tenantId, tokenId: 't', expiresAt: later(now) }))
      const { sequence, revocations } = await all(store)
      expect(await all(store, sequence + 1000n)).toMatchObject({ sequence })
      expect((await all(store, sequence + 1000n)).revocations).toEqual(revocations)
    })

    it('shows a reader who follows it each of many that are added at once', async () => {
      const tenantId = opened.newName()
      let { sequence } = await all(store)
      const seen = new Set<string>()
      let isDone = false
      const follow = (async () => {
        for (;;) {
          const isLast = isDone
          const page = await store.readAfter(sequence, 3)
          for (const one of page.revocations) if (one.kind === 'token') seen.add(one.tokenId)
          sequence = page.sequence
          if (isLast && !page.hasMore) return
        }
      })()
      const adds = Array.from({ length: 20 }, (_, index) =>
        opened
          .store()
          .add((now) => ({ kind: 'token', tenantId, tokenId: `t-${index}`, expiresAt: later(now) })),
      )
      await Promise.all(adds)
      isDone = true
      await follow
      expect([...seen].filter((id) => id.startsWith('t-'))).toHaveLength(20)
    })

    it('carries revocations that hold within 5 seconds in every process, whatever is revoked', async () => {
      const [tenantId, keyId] = [opened.newName(), opened.newName()]
      const clock = new FakeClock()
      const here = new TokenRevocations({ store: opened.store(), clock: new FakeClock() })
      const there = new TokenRevocations({ store: opened.store(), clock })
      const { now } = await all(store)
      const old = new Date(now.getTime() - 60_000)
      const [token, ofUser, ofKey] = [
        claims(tenantId, { tokenId: 'one', subject: 'x', issuedAt: old }),
        claims(tenantId, { tokenId: 'two', subject: 'ada', issuedAt: old }),
        claims(tenantId, { tokenId: 'three', subject: 'y', issuedAt: old, keyId }),
      ]
      const others = claims(tenantId, { tokenId: 'four', subject: 'z', issuedAt: old })
      const neighbour = claims(`${tenantId}-2`, { tokenId: 'one', subject: 'ada', issuedAt: old })
      for (const one of [token, ofUser, ofKey, others]) expect(await there.isRevoked(one)).toBe(false)
      await here.revokeToken(token)
      await here.revokeSubject({ tenantId, subject: 'ada' })
      await here.revokeKey(keyId)
      for (const one of [token, ofUser, ofKey]) expect(await here.isRevoked(one)).toBe(true)
      await clock.advance(5001)
      for (const one of [token, ofUser, ofKey]) expect(await there.isRevoked(one)).toBe(true)
      for (const one of [others, neighbour]) expect(await there.isRevoked(one)).toBe(false)
    })

    it('lets a user in whose tokens were revoked before', async () => {
      const tenantId = opened.newName()
      const revocations = new TokenRevocations({ store: opened.store(), clock: new FakeClock() })
      await revocations.revokeSubject({ tenantId, subject: 'ada' })
      const { now } = await all(store)
      const issuedAt = new Date((Math.floor(now.getTime() / 1000) + 1) * 1000)
      expect(await revocations.isRevoked(claims(tenantId, { issuedAt }))).toBe(false)
    })
  })
}

function later(now: Date): Date {
  return new Date(now.getTime() + HOUR_MS)
}

function isAbout(one: Revocation, tenantId: string, keyId: string): boolean {
  return one.kind === 'key' ? one.keyId === keyId : one.tenantId === tenantId
}

async function all(store: RevocationStore, from = 0n): Promise<RevocationPage> {
  return store.readAfter(from, 100_000)
}

function claims(tenantId: string, given: Partial<TokenClaims>): TokenClaims {
  const issuedAt = given.issuedAt ?? new Date()
  return {
    ...{
      issuer: 'golden',
      subject: 'ada',
      kind: 'human',
      role: 'developer',
      tenantId,
      tokenId: 'jti',
      keyId: 'kid',
    },
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + HOUR_MS),
    ...given,
  }
}
