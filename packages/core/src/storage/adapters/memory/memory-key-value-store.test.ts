import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from '../../../time/testing/index.ts'
import { describeKeyValueStoreContract } from '../../testing/key-value-store.contract.ts'
import { MemoryKeyValueStore } from './memory-key-value-store.ts'

describeKeyValueStoreContract('MemoryKeyValueStore', async () => {
  const clock = new FakeClock()
  return { store: new MemoryKeyValueStore({ clock }), pass: (ms) => clock.advance(ms), close: async () => {} }
})

it('beyond its bound the least recently used value leaves, where reading is use', async () => {
  const store = new MemoryKeyValueStore({ maxEntries: 2 })
  await store.set('a', '1')
  await store.set('b', '2')
  await store.get('a')
  await store.set('c', '3')
  expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual(['1', undefined, '3'])
})

it('never keeps more than its bound, and always the value last written', async () => {
  const write = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.string())
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(write), async (maxEntries, writes) => {
      const store = new MemoryKeyValueStore({ maxEntries })
      for (const [key, value] of writes) await store.set(key, value)
      const expected = new Map<string, string>()
      for (const [key, value] of writes.toReversed()) {
        if (expected.size < maxEntries && !expected.has(key)) expected.set(key, value)
      }
      for (const key of ['a', 'b', 'c', 'd', 'e']) expect(await store.get(key)).toBe(expected.get(key))
    }),
  )
})

it('a jump of the wall clock ends no lifetime', async () => {
  const clock = new FakeClock()
  const store = new MemoryKeyValueStore({ clock })
  await store.set('a', '1', { ttlMs: 1000 })
  clock.jumpWall(86_400_000)
  expect(await store.get('a')).toBe('1')
  await clock.advance(1000)
  expect(await store.get('a')).toBeUndefined()
})

it('refuses a bound out of range', () => {
  expect(() => new MemoryKeyValueStore({ maxEntries: 0 })).toThrow(invalidOption('maxEntries'))
})
