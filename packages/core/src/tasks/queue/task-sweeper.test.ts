import { expect, it } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { TaskSweeper, type TaskSweeperOptions } from './task-sweeper.ts'

/** A sweeper of a database that answers as told. */
function stage(query: () => Promise<unknown>, options: Partial<TaskSweeperOptions> = {}) {
  const clock = new FakeClock()
  const logger = new RecordingLogger()
  const controller = new AbortController()
  // The sweeper itself asks one question of the database; nothing else is called.
  const database = { query, transaction: query } as unknown as SqlDatabase
  const sweeper = new TaskSweeper({
    database,
    machine: { transition: () => Promise.reject(new Error('not expected')) },
    steps: { recoverLost: async () => ({ requested: 0, failed: 0 }) },
    store: { foldCounts: async () => 0, get: () => Promise.reject(new Error('not expected')) },
    clock,
    logger,
    ...options,
  })
  return { clock, logger, controller, running: sweeper.run({ signal: controller.signal }) }
}

it('sweeps at once and at each interval, until it is told to stop', async () => {
  let sweeps = 0
  const { clock, controller, running } = stage(
    async () => {
      sweeps++
      return { rows: [] }
    },
    { pollIntervalMs: 5000 },
  )
  // The first sweep is over, and its pause begins.
  await clock.advance(0)
  await clock.advance(4999)
  expect(sweeps).toBe(1)
  await clock.advance(10_001)
  expect(sweeps).toBe(4)
  controller.abort()
  await running
  expect(clock.pendingCount).toBe(0)
})

it('folds the counts once a minute, as long as there is much to fold', async () => {
  const folded = [9000, 8000, 10, 0]
  let folds = 0
  const { clock, controller, running } = stage(async () => ({ rows: [] }), {
    pollIntervalMs: 20_000,
    store: {
      foldCounts: async () => folded[folds++] ?? 0,
      get: () => Promise.reject(new Error('not expected')),
    },
  })
  await clock.advance(0)
  expect(folds).toBe(3)
  await clock.advance(59_999)
  expect(folds).toBe(3)
  await clock.advance(1)
  expect(folds).toBe(4)
  controller.abort()
  await running
})

it('looks for overdue tasks as ever while its housekeeping fails, which it tries again in a minute', async () => {
  let sweeps = 0
  let folds = 0
  const { clock, controller, running } = stage(
    async () => {
      sweeps++
      return { rows: [] }
    },
    {
      store: {
        foldCounts: async () => {
          folds++
          throw new Error('refused')
        },
        get: () => Promise.reject(new Error('not expected')),
      },
    },
  )
  await clock.advance(0)
  await clock.advance(30_000)
  expect(sweeps).toBeGreaterThanOrEqual(30)
  expect(folds).toBe(1)
  await clock.advance(31_000)
  expect(folds).toBe(2)
  controller.abort()
  await running
})

it('forgets a little with each sweep while there is more to forget, so that deadlines do not wait for it', async () => {
  let batches = 0
  const database = {
    query: async () => ({ rows: [] }),
    // As many roots as were asked for, whenever it is asked.
    transaction: async () => {
      batches++
      return 20
    },
  } as unknown as SqlDatabase // nothing else is called
  const { clock, controller, running } = stage(async () => ({ rows: [] }), {
    database,
    retentionMs: 86_400_000,
  })
  await clock.advance(0)
  expect(batches).toBe(10)
  await clock.advance(1000)
  expect(batches).toBe(20)
  controller.abort()
  await running
})

it('tells of a sweep that failed, and tries again', async () => {
  let sweeps = 0
  const { clock, logger, controller, running } = stage(async () => {
    if (++sweeps === 1) throw new Error('down')
    return { rows: [] }
  })
  await clock.advance(0)
  await clock.advance(1000)
  expect(sweeps).toBe(2)
  expect(logger.lines).toMatchObject([
    { level: 'warn', message: 'a sweep of tasks failed', fields: { err: { message: 'down' } } },
  ])
  controller.abort()
  await running
})

it.each([
  { pollIntervalMs: 99 },
  { maxBatchLength: 0 },
  { maxBatchLength: 1001 },
  { retentionMs: 86_399_999 },
  { retentionMs: Number.NaN },
  { actor: { id: '', kind: 'service' as const } },
])('refuses %o', (options) => {
  expect(() => stage(async () => ({ rows: [] }), options)).toThrow()
})
