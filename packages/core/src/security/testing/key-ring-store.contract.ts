import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { KeyRing } from '../key-ring/key-ring.ts'
import type { KeyRecord, KeyRingStore } from '../key-ring/key-ring-store.ts'

/** What the tests need of a store. */
export interface KeyRingStoreUnderTest {
  /** A store of a ring that nobody has used; called again with its name it gives the same ring, as another process sees it. */
  store(ringName: string): KeyRingStore
  newRingName(): string
  close(): Promise<void>
}

/** Registers the tests that every key ring store passes. `open` is called once. */
export function describeKeyRingStoreContract(
  title: string,
  open: () => Promise<KeyRingStoreUnderTest>,
): void {
  describe(`the key ring store: ${title}`, () => {
    let opened: KeyRingStoreUnderTest
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })
    const fresh = (): KeyRingStore => opened.store(opened.newRingName())

    it('has no keys at first, and tells the time', async () => {
      const { keys, now } = await fresh().load()
      expect(keys).toEqual([])
      expect(now).toBeInstanceOf(Date)
    })

    it('gives back a key as it was added, and whatever is changed of it', async () => {
      const store = fresh()
      const key = record('a')
      await store.change(() => [{ kind: 'add', key }])
      expect((await store.load()).keys).toEqual([key])
      const activateAt = new Date('2027-01-01T00:00:00.123Z')
      const revokedAt = new Date('2027-01-02T00:00:00.456Z')
      const { keys } = await store.change(() => [{ kind: 'activate', keyId: 'a', activateAt }])
      expect(keys).toEqual([{ ...key, activateAt }])
      const { sealedPrivateKey: _, ...wiped } = { ...key, activateAt }
      await store.change(() => [{ kind: 'wipe', keyId: 'a' }])
      expect((await store.load()).keys).toEqual([wiped])
      await store.change(() => [{ kind: 'revoke', keyId: 'a', revokedAt }])
      expect((await store.load()).keys).toEqual([{ ...wiped, revokedAt }])
      await store.change(() => [{ kind: 'forget', keyId: 'a' }])
      expect((await store.load()).keys).toEqual([])
    })

    it('keeps no private half of a key that is revoked, and touches no other key', async () => {
      const store = fresh()
      const [a, b] = [record('a'), record('b')]
      await store.change(() => [
        { kind: 'add', key: a },
        { kind: 'add', key: b },
      ])
      const revokedAt = new Date('2027-01-02T00:00:00Z')
      const { keys } = await store.change(() => [{ kind: 'revoke', keyId: 'a', revokedAt }])
      const { sealedPrivateKey: _, ...rest } = a
      expect(new Map(keys.map((key) => [key.keyId, key]))).toEqual(
        new Map<string, KeyRecord>([
          ['a', { ...rest, revokedAt }],
          ['b', b],
        ]),
      )
    })

    it('keeps rings apart', async () => {
      const [one, other] = [fresh(), fresh()]
      await one.change(() => [{ kind: 'add', key: record('a') }])
      await other.change(() => [
        { kind: 'add', key: record('a') },
        { kind: 'forget', keyId: 'a' },
      ])
      expect((await one.load()).keys).toHaveLength(1)
    })

    it('changes nothing where the decision throws', async () => {
      const store = fresh()
      const failure = new Error('no')
      const change = store.change(() => {
        throw failure
      })
      await expect(change).rejects.toBe(failure)
      expect((await store.load()).keys).toEqual([])
    })

    it('lets one change see what the one before has done, however many come at once', async () => {
      const name = opened.newRingName()
      const changes = ['a', 'b', 'c', 'd', 'e', 'f'].map((keyId) =>
        opened
          .store(name)
          .change(({ keys }) => (keys.length === 0 ? [{ kind: 'add', key: record(keyId) }] : [])),
      )
      await Promise.all(changes)
      expect((await opened.store(name).load()).keys).toHaveLength(1)
    })

    describe('carries a key ring of several processes', () => {
      const keyEncryptionKeys = [randomBytes(32)]
      const ringOf = (ringName: string, clock = new FakeClock()): KeyRing =>
        new KeyRing({ store: opened.store(ringName), keyEncryptionKeys, algorithm: 'ES256', clock })

      it('that make one key though all begin at once', async () => {
        const name = opened.newRingName()
        const rings = Array.from({ length: 4 }, () => ringOf(name))
        const signing = await Promise.all(rings.map((ring) => ring.signingKey()))
        expect(new Set(signing.map(({ keyId }) => keyId)).size).toBe(1)
        for (const ring of rings) expect(await ring.verificationKey(signing[0]?.keyId ?? '')).toBeDefined()
        expect(await rings[0]?.list()).toHaveLength(1)
      })

      it('that make one next key though all rotate at once', async () => {
        const name = opened.newRingName()
        const rings = Array.from({ length: 4 }, () => ringOf(name))
        await rings[0]?.signingKey()
        const rotations = await Promise.all(rings.map((ring) => ring.rotate()))
        expect(rotations.flatMap(({ created }) => created)).toHaveLength(1)
        const states = (await rings[1]?.list())?.map(({ state }) => state.status)
        expect(states).toEqual(['active', 'next'])
      })

      it('of which all refuse a revoked key within 5 seconds, and sign with another', async () => {
        const name = opened.newRingName()
        const clock = new FakeClock()
        const [one, other] = [ringOf(name), ringOf(name, clock)]
        const { keyId } = await one.signingKey()
        expect(await other.verificationKey(keyId)).toBeDefined()
        await one.revoke(keyId)
        expect(await one.verificationKey(keyId)).toBeUndefined()
        await clock.advance(5001)
        expect(await other.verificationKey(keyId)).toBeUndefined()
        const next = await other.signingKey()
        expect(next.keyId).not.toBe(keyId)
        expect(await one.signingKey()).toMatchObject({ keyId: next.keyId })
      })

      it('of which the next key signs at once when the active one is revoked', async () => {
        const name = opened.newRingName()
        const ring = ringOf(name)
        const { keyId } = await ring.signingKey()
        const next = (await ring.rotate()).created[0]
        await ring.revoke(keyId)
        expect((await ring.signingKey()).keyId).toBe(next)
        expect((await ring.jwks()).jwks.keys.map(({ kid }) => kid)).toEqual([next])
        await ring.revoke(keyId)
        expect((await ring.signingKey()).keyId).toBe(next)
        await expect(ring.revoke('nobody')).rejects.toMatchObject({ code: 'KEY_UNKNOWN' })
      })
    })
  })
}

function record(keyId: string): KeyRecord {
  return {
    keyId,
    algorithm: 'EdDSA',
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' },
    proof: 'proof',
    sealedPrivateKey: 'sealed',
    activateAt: new Date('2026-12-01T00:00:00.789Z'),
  }
}
