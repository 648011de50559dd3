import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CloseDueReport } from './close-due-rounds.ts'
import { ReviewSweeper, type ReviewSweeperOptions } from './review-sweeper.ts'

const nothing: CloseDueReport = { closedCount: 0, failures: [] }

describe('the sweeper of reviews', () => {
  let clock: FakeClock
  let logger: RecordingLogger
  let stop: AbortController
  let sweeps: (() => CloseDueReport)[]
  let calls: number
  let forgotten: number[]

  beforeEach(() => {
    clock = new FakeClock()
    logger = new RecordingLogger()
    stop = new AbortController()
    sweeps = []
    calls = 0
    forgotten = []
  })
  const forgetClosed = async ({ retentionMs }: { readonly retentionMs: number }): Promise<number> => {
    forgotten.push(retentionMs)
    return 0
  }
  const run = (more: Pick<ReviewSweeperOptions, 'retentionMs'> = {}): Promise<void> => {
    const closeDue = async (): Promise<CloseDueReport> => {
      calls++
      return (sweeps.shift() ?? (() => nothing))()
    }
    return new ReviewSweeper({ reviews: { closeDue, forgetClosed }, clock, logger, ...more }).run({
      signal: stop.signal,
    })
  }

  test('sweeps at once and then every few seconds, until it is stopped', async () => {
    const running = run()
    await clock.advance(0)
    expect(calls).toBe(1)
    await clock.advance(4999)
    expect(calls).toBe(1)
    await clock.advance(1)
    expect(calls).toBe(2)
    stop.abort()
    await running
    expect([clock.pendingCount, logger.lines]).toEqual([0, []])
  })

  test('tells of rounds that cannot be closed in one line, and names ten of them', async () => {
    const failures = Array.from({ length: 12 }, (_, index) => ({
      key: { tenantId: 'acme', subjectId: `task-${index}`, round: 1 },
      error: new Error(`no room ${index}`),
    }))
    sweeps = [() => ({ closedCount: 3, failures })]
    const running = run()
    await clock.advance(0)
    stop.abort()
    await running
    expect(logger.lines).toHaveLength(1)
    const reviewKeys = failures.slice(0, 10).map((one) => one.key)
    expect(logger.lines[0]).toMatchObject({
      ...{ level: 'warn', message: 'reviews past their deadline could not be closed' },
      fields: { err: { message: 'no room 0' }, failureCount: 12, reviewKeys },
    })
  })

  test('a sweep that fails is told and tried again, unless it failed because it was stopped', async () => {
    const fail = (): never => {
      throw new Error('no database')
    }
    const failAsStopped = (): never => {
      stop.abort()
      return fail()
    }
    sweeps = [fail, failAsStopped]
    const running = run()
    await clock.advance(0)
    await clock.advance(5000)
    await running
    expect([calls, logger.messages('warn')]).toEqual([2, ['a sweep of reviews failed']])
  })

  test('looks for rounds that are due as often as ever where old ones cannot be forgotten', async () => {
    const reviews = {
      closeDue: async (): Promise<CloseDueReport> => {
        calls++
        return nothing
      },
      forgetClosed: async (): Promise<number> => {
        throw new Error('refused')
      },
    }
    const sweeper = new ReviewSweeper({ reviews, clock, logger, retentionMs: 86_400_000 })
    const running = sweeper.run({ signal: stop.signal })
    await clock.advance(0)
    await clock.advance(50_000)
    stop.abort()
    await running
    expect(calls).toBe(11)
    expect(logger.messages('warn')).toContain('old reviews could not be forgotten')
  })

  test('refuses a bad interval by name', () => {
    const reviews = { closeDue: async () => nothing, forgetClosed }
    expect(() => new ReviewSweeper({ reviews, pollIntervalMs: 99 })).toThrow('pollIntervalMs')
    expect(() => new ReviewSweeper({ reviews, retentionMs: 1000 })).toThrow('retentionMs')
  })

  test.each([
    ['forgets nothing', {}, []],
    ['where it is told to forgets what closed long ago', { retentionMs: 86_400_000 }, [86_400_000]],
  ])('%s', async (_what, more, expected) => {
    const running = run(more)
    await clock.advance(0)
    stop.abort()
    await running
    expect(forgotten).toEqual(expected)
  })
})
