import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { expect, test } from 'vitest'
import { MemoryAttemptStore } from '../adapters/memory/memory-attempt-store.ts'
import type { AttemptKey, AttemptStore } from '../ports/attempt-store.ts'
import { AttemptMarks } from './attempt-marks.ts'

const KEY: AttemptKey = { stream: 'S', sequence: '1', consumer: 'hub', messageId: 'm-1', deliveries: 1 }
const away = async (): Promise<never> => {
  throw new Error('the database is away')
}

/** Marks in a store that fails as told, and what is told of it. */
function openMarks(changes: Partial<AttemptStore>) {
  const store = new MemoryAttemptStore()
  const logger = new RecordingLogger()
  const flaky: AttemptStore = {
    read: (keys) => store.read(keys),
    start: (keys) => store.start(keys),
    end: (ends) => store.end(ends),
    forget: (keys) => store.forget(keys),
    prune: () => store.prune(),
    ...changes,
  }
  return { marks: new AttemptMarks(flaky, logger), logger }
}

test('an end or a settlement that is not stored is told of and holds nothing up', async () => {
  const { marks, logger } = openMarks({ end: away, forget: away })
  expect(await marks.start(KEY)).toBe(1)
  await marks.end({ key: KEY, code: 'RETRIED', reason: 'no luck', isCounted: true })
  await marks.forget(KEY)
  const err = new Error('the database is away')
  expect(logger.lines).toEqual(
    ['end', 'settlement'].map((what) => ({
      level: 'warn',
      fields: { err, what },
      message: 'mark of an attempt not stored',
    })),
  )
})

test("a start that is not stored, or attempts that are not read, are the caller's to know", async () => {
  const { marks, logger } = openMarks({ start: away, read: away })
  await expect(marks.start(KEY)).rejects.toThrow('away')
  await expect(marks.read(KEY)).rejects.toThrow('away')
  expect(logger.lines).toEqual([])
})
