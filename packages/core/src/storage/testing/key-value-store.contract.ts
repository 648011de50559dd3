import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyValueStore } from '../ports/key-value-store.ts'

/** A store under test. */
export interface KeyValueStoreUnderTest {
  readonly store: KeyValueStore
  /** Lets at least `ms` milliseconds pass on the clock that its lifetimes run by. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** Registers the tests that every {@link KeyValueStore} must pass. `open` is called once; keys are random. */
export function describeKeyValueStoreContract(
  title: string,
  open: () => Promise<KeyValueStoreUnderTest>,
): void {
  describe(`${title} as KeyValueStore`, () => {
    let opened: KeyValueStoreUnderTest | undefined
    const subject = (): KeyValueStoreUnderTest => {
      if (opened === undefined) throw new Error('the store has not been opened')
      return opened
    }
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })

    it('keeps the last value of a key, byte for byte', async () => {
      const { store } = subject()
      const key = randomUUID()
      expect(await store.get(key)).toBeUndefined()
      expect(await store.set(key, 'one')).toBe(true)
      expect(await store.set(key, 'zwei\u0000ü\n😀')).toBe(true)
      expect(await store.get(key)).toBe('zwei\u0000ü\n😀')
      expect(await store.set(key, '')).toBe(true)
      expect(await store.get(key)).toBe('')
    })

    it('a value is gone after its lifetime, and not long before', async () => {
      const { store, pass } = subject()
      const [short, long] = [randomUUID(), randomUUID()]
      await store.set(short, 'short', { ttlMs: 50 })
      await store.set(long, 'long', { ttlMs: 600_000 })
      await pass(60)
      expect(await store.get(short)).toBeUndefined()
      expect(await store.get(long)).toBe('long')
    })

    it('a new value without a lifetime outlives that of the old one', async () => {
      const { store, pass } = subject()
      const key = randomUUID()
      await store.set(key, 'old', { ttlMs: 50 })
      await store.set(key, 'new')
      await pass(60)
      expect(await store.get(key)).toBe('new')
    })

    it('of many that store only where there is nothing, one succeeds', async () => {
      const { store } = subject()
      const key = randomUUID()
      const writers = Array.from({ length: 20 }, (_unused, index) =>
        store.set(key, String(index), { onlyIfAbsent: true, ttlMs: 60_000 }),
      )
      const outcomes = await Promise.all(writers)
      expect(outcomes.filter(Boolean)).toHaveLength(1)
      expect(await store.get(key)).toBe(String(outcomes.indexOf(true)))
    })

    it('stores where the value has expired or was deleted', async () => {
      const { store, pass } = subject()
      const key = randomUUID()
      await store.set(key, 'first', { ttlMs: 50 })
      await pass(60)
      expect(await store.set(key, 'second', { onlyIfAbsent: true })).toBe(true)
      await store.delete(key)
      expect(await store.set(key, 'third', { onlyIfAbsent: true })).toBe(true)
    })

    it('delete counts the keys that were there', async () => {
      const { store } = subject()
      const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()]
      await store.set(one, '1')
      await store.set(two, '2')
      expect(await store.delete(one, two, three, one)).toBe(2)
      expect(await store.get(one)).toBeUndefined()
      expect(await store.delete()).toBe(0)
    })

    it('refuses a key that is empty or too long, and a lifetime out of range', async () => {
      const { store } = subject()
      const invalid = (option: string) => ({ code: 'INVALID_OPTION', details: { option } })
      const refused = invalid('key')
      await expect(store.get('')).rejects.toMatchObject(refused)
      await expect(store.set('k'.repeat(1025), 'v')).rejects.toMatchObject(refused)
      await expect(store.delete('a\nb')).rejects.toMatchObject(refused)
      for (const ttlMs of [0, -1, 1.5, 2 ** 31]) {
        await expect(store.set(randomUUID(), 'v', { ttlMs })).rejects.toMatchObject(invalid('ttlMs'))
      }
    })
  })
}
