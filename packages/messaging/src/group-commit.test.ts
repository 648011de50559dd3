import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GroupCommit } from './group-commit.ts'

test('what comes while a group is stored goes together as the next one', async () => {
  const groups: (readonly number[])[] = []
  const gate = Promise.withResolvers<void>()
  const commit = new GroupCommit<number, number>(
    async (group) => {
      groups.push(group)
      if (groups.length === 1) await gate.promise
      return group.map((value) => value * 10)
    },
    { maxBatchLength: 3 },
  )
  const answers = [commit.add(1), commit.add(2)]
  await new Promise((resolve) => setImmediate(resolve))
  answers.push(commit.add(3), commit.add(4), commit.add(5), commit.add(6))
  gate.resolve()
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50, 60])
  expect(groups).toEqual([[1, 2], [3, 4, 5], [6]])
})

test('of several groups under way at once none is more than is allowed, and the next goes as one ends', async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>())
  const groups: (readonly number[])[] = []
  const commit = new GroupCommit<number, number>(
    async (group) => {
      groups.push(group)
      await gates[groups.length - 1]?.promise
      return group
    },
    { maxBatchLength: 2, maxGroups: 2 },
  )
  const answers = [1, 2, 3, 4, 5].map((value) => commit.add(value))
  await new Promise((resolve) => setImmediate(resolve))
  expect(groups).toEqual([
    [1, 2],
    [3, 4],
  ])
  gates[1]?.resolve()
  expect(await answers[3]).toBe(4)
  expect(groups).toHaveLength(3)
  for (const gate of gates) gate.resolve()
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5])
})

test('a group that fails fails each of its entries, and the next group goes on', async () => {
  const commit = new GroupCommit<number, number>(
    async (group) => {
      if (group.includes(2)) throw new Error('no')
      return group
    },
    { maxBatchLength: 2 },
  )
  const answers = await Promise.allSettled([1, 2, 3].map((value) => commit.add(value)))
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})

test('a group ends before its bytes pass the bound, and one entry that is larger goes alone', async () => {
  const groups: (readonly number[])[] = []
  const commit = new GroupCommit<number, number>(
    async (group) => {
      groups.push(group)
      return group
    },
    { maxBatchLength: 3, size: { maxBatchBytes: 10, bytesOf: (value) => value } },
  )
  const values = [4, 6, 1, 20, 3, 3, 3, 1]
  expect(await Promise.all(values.map((value) => commit.add(value)))).toEqual(values)
  expect(groups).toEqual([[4, 6], [1], [20], [3, 3, 3], [1]])
})

test('every entry is stored once and gets its own answer, in groups within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(), { maxLength: 50 }),
      fc.integer({ min: 1, max: 7 }),
      async (values, bound) => {
        const stored: number[] = []
        const commit = new GroupCommit<number, string>(
          async (group) => {
            expect(group.length).toBeLessThanOrEqual(bound)
            stored.push(...group)
            return group.map(String)
          },
          { maxBatchLength: bound },
        )
        expect(await Promise.all(values.map((value) => commit.add(value)))).toEqual(values.map(String))
        expect(stored).toEqual(values)
      },
    ),
  )
})
