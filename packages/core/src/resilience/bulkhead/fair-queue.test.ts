import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

interface Item {
  readonly key: string
  readonly order: number
}

test('keys take turns, and within a key who came first is served first', () => {
  const queue = new FairQueue<Item>()
  for (const [order, key] of ['a', 'a', 'a', 'b', 'c', 'b'].entries()) queue.add(key, { key, order })
  const served = Array.from({ length: 6 }, () => queue.take())
  expect(served.map((item) => `${item?.key}${item?.order}`)).toEqual(['a0', 'b3', 'c4', 'a1', 'b5', 'a2'])
  expect([queue.length, queue.take()]).toEqual([0, undefined])
})

test('whatever comes, leaves and is served, no waiting key is passed over twice and nothing is lost', () => {
  const steps = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ kind: fc.constant('take' as const) }),
    fc.record({ kind: fc.constant('remove' as const), nth: fc.nat(50) }),
  )
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 200 }), (given) => {
      const queue = new FairQueue<Item>()
      const model: Item[] = []
      const served: string[] = []
      let order = 0
      for (const step of given) {
        if (step.kind === 'add') {
          const item = { key: step.key, order: order++ }
          queue.add(item.key, item)
          model.push(item)
        } else if (step.kind === 'remove') {
          const item = model[step.nth % Math.max(1, model.length)]
          if (item === undefined) continue
          expect(queue.remove(item.key, item)).toBe(true)
          expect(queue.remove(item.key, item)).toBe(false)
          model.splice(model.indexOf(item), 1)
        } else {
          const item = queue.take()
          if (item === undefined) {
            expect(model).toEqual([])
            continue
          }
          expect(item).toBe(model.find(({ key }) => key === item.key))
          model.splice(model.indexOf(item), 1)
          served.push(item.key)
        }
        expect(queue.length).toBe(model.length)
      }
    }),
  )
})

test('a key with a single item is served within one turn of all keys, however many others wait', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 100 }), (crowd) => {
      const queue = new FairQueue<Item>()
      for (const [order, key] of crowd.entries()) queue.add(key, { key, order })
      const rare = { key: 'rare', order: -1 }
      queue.add('rare', rare)
      const turn = Array.from({ length: new Set(crowd).size + 1 }, () => queue.take())
      expect(turn).toContain(rare)
    }),
  )
})

test.each([
  ['was taken out', (queue: FairQueue<Item>, item: Item) => queue.remove('a', item)],
  ['was served', (queue: FairQueue<Item>) => queue.take()],
])('a key whose last item %s comes after the others when it returns', (_how, leave) => {
  const queue = new FairQueue<Item>()
  const gone = { key: 'a', order: 0 }
  queue.add('a', gone)
  leave(queue, gone)
  queue.add('b', { key: 'b', order: 1 })
  queue.add('a', { key: 'a', order: 2 })
  expect([queue.take()?.key, queue.take()?.key]).toEqual(['b', 'a'])
})
