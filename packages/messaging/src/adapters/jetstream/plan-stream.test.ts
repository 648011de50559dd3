import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planStream, type WantedStream } from './plan-stream.ts'

const wanted: WantedStream = {
  name: 'TASKS',
  subjects: ['tasks.>', 'task.>'],
  retention: 'limits',
  storage: 'file',
  discard: 'new',
  num_replicas: 1,
  max_age: 1,
  max_bytes: -1,
  duplicate_window: 1,
}

test('a stream as it is wanted needs nothing, in whatever order its subjects stand', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(wanted.subjects, { minLength: 2 }), (subjects) => {
      expect(planStream(wanted, { ...wanted, subjects })).toEqual({ update: {}, drift: [] })
    }),
  )
})

test('what can be changed in place is, and only that', () => {
  expect(planStream(wanted, { ...wanted, max_age: 2, subjects: ['tasks.>'] })).toEqual({
    update: { max_age: 1, subjects: wanted.subjects },
    drift: [],
  })
})

test('what cannot is reported field by field', () => {
  expect(planStream(wanted, { ...wanted, storage: 'memory', num_replicas: 3 })).toEqual({
    update: {},
    drift: [
      { stream: 'TASKS', field: 'storage', declared: 'file', found: 'memory' },
      { stream: 'TASKS', field: 'num_replicas', declared: '1', found: '3' },
    ],
  })
})

test('copies are added in place; a stream that has more than is wanted keeps them', () => {
  expect(planStream({ ...wanted, num_replicas: 3 }, wanted)).toEqual({
    update: { num_replicas: 3 },
    drift: [],
  })
  expect(planStream(wanted, { ...wanted, num_replicas: 3 })).toEqual({
    update: {},
    drift: [{ stream: 'TASKS', field: 'num_replicas', declared: '1', found: '3' }],
  })
})

test('batches are allowed where they are wanted, and left as they are where nothing is said of them', () => {
  expect(planStream({ ...wanted, allow_atomic: true }, wanted).update).toEqual({ allow_atomic: true })
  expect(planStream(wanted, { ...wanted, allow_atomic: true }).update).toEqual({})
})
