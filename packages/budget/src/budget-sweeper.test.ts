import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetSweeper } from './budget-sweeper.ts'

describe('BudgetSweeper', () => {
  let clock: FakeClock
  let sweeps: number[]
  let closes: number
  let retired: { movements: number; reservations: number }[]
  let stop: AbortController
  const sweeper = (logger = new RecordingLogger()) =>
    new BudgetSweeper({
      budgets: {
        sweepExpired: async () => {
          const expiredCount = sweeps.shift() ?? 0
          if (expiredCount < 0) throw new Error('no database')
          return { expiredCount }
        },
        forgetEnded: async () => {
          closes++
          if (closes < 0) throw new Error('no room')
          return retired.shift() ?? { movements: 0, reservations: 0 }
        },
      },
      clock,
      logger,
    })

  beforeEach(() => {
    clock = new FakeClock()
    sweeps = []
    closes = 0
    retired = []
    stop = new AbortController()
  })

  test('sweeps at once, until nothing is left, then every few seconds; retention once an hour', async () => {
    sweeps = [500, 500, 3, 7, 9]
    const running = sweeper().run({ signal: stop.signal })
    await clock.advance(0)
    expect([sweeps, closes]).toEqual([[7, 9], 1])
    await clock.advance(5000)
    expect(sweeps).toEqual([9])
    await clock.advance(3_600_000)
    expect(closes).toBe(2)
    stop.abort()
    await running
    expect(clock.pendingCount).toBe(0)
  })

  test('retention goes on at once as long as there may be more of either', async () => {
    retired = [
      { movements: 5000, reservations: 0 },
      { movements: 4999, reservations: 5000 },
      { movements: 4999, reservations: 4999 },
      { movements: 1, reservations: 1 },
    ]
    const running = sweeper().run({ signal: stop.signal })
    await clock.advance(0)
    expect(closes).toBe(3)
    await clock.advance(3_600_000)
    expect(closes).toBe(4)
    stop.abort()
    await running
  })

  test('a sweep that fails is told and tried again', async () => {
    const logger = new RecordingLogger()
    sweeps = [-1, 4]
    const running = sweeper(logger).run({ signal: stop.signal })
    await clock.advance(0)
    await clock.advance(5000)
    const fields = { err: new Error('no database'), failures: 1, delayMs: expect.any(Number) }
    expect([sweeps, logger.lines]).toEqual([
      [],
      [{ level: 'warn', message: 'a sweep for expired budget holds failed', fields }],
    ])
    stop.abort()
    await running
  })

  test('retention that fails is told and tried again, and keeps no sweep from its turn', async () => {
    const logger = new RecordingLogger()
    sweeps = [1, 2]
    closes = -2
    const running = sweeper(logger).run({ signal: stop.signal })
    await clock.advance(0)
    await clock.advance(5000)
    const fields = { err: new Error('no room'), failures: 1, delayMs: expect.any(Number) }
    expect([sweeps, closes, logger.lines]).toEqual([
      ...[[], 0],
      [{ level: 'warn', message: 'retention of budget movements failed', fields }],
    ])
    stop.abort()
    await running
  })

  test('a sweep that fails because it was stopped is not told', async () => {
    const logger = new RecordingLogger()
    sweeps = [-1]
    const running = sweeper(logger).run({ signal: stop.signal })
    stop.abort()
    await running
    expect([sweeps, logger.lines]).toEqual([[], []])
  })

  test('bad options are refused by name', () => {
    const budgets = {
      sweepExpired: async () => ({ expiredCount: 0 }),
      forgetEnded: async () => ({ movements: 0, reservations: 0 }),
    }
    expect(() => new BudgetSweeper({ budgets, pollIntervalMs: 1 })).toThrow('pollIntervalMs')
    expect(() => new BudgetSweeper({ budgets, retentionIntervalMs: 999 })).toThrow('retentionIntervalMs')
    expect(() => new BudgetSweeper({ budgets, pollIntervalMs: 100, retentionIntervalMs: 1000 })).not.toThrow()
  })
})
