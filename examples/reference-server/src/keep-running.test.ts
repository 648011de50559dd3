import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { sleep } from '@golden-arch/core/time'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { keepRunning, repeat } from './keep-running.ts'

describe('a loop that is kept running', () => {
  it('is begun anew after it failed, and after it ended by itself, with a pause that grows', async () => {
    const clock = new FakeClock()
    const logger = new RecordingLogger()
    const stopping = new AbortController()
    const startedAt: number[] = []
    const kept = keepRunning(
      { task: 'x', signal: stopping.signal, logger, clock, random: () => 1 },
      async () => {
        startedAt.push(clock.monotonicMs())
        if (startedAt.length === 1) throw new Error('no server')
        if (startedAt.length === 4) stopping.abort()
      },
    )
    for (const pauseMs of [500, 1000, 2000]) {
      await expect.poll(() => clock.pendingCount).toBe(1)
      await clock.advance(pauseMs)
    }
    await kept
    const [first = 0] = startedAt
    expect(startedAt.map((at) => at - first)).toEqual([0, 500, 1500, 3500])
    expect(logger.messages()).toEqual([
      'a loop failed and is begun anew',
      'a loop ended before its time',
      'a loop ended before its time',
    ])
  })

  it('that ran long before it failed is begun anew soon', async () => {
    const clock = new FakeClock()
    const stopping = new AbortController()
    const startedAt: number[] = []
    const kept = keepRunning(
      { task: 'x', signal: stopping.signal, logger: new RecordingLogger(), clock, random: () => 1 },
      async () => {
        startedAt.push(clock.monotonicMs())
        if (startedAt.length === 4) await sleep(60_000, { clock })
        if (startedAt.length === 5) stopping.abort()
        throw new Error('no server')
      },
    )
    for (const pauseMs of [500, 1000, 2000, 60_000, 500]) {
      await expect.poll(() => clock.pendingCount).toBe(1)
      await clock.advance(pauseMs)
    }
    await kept
    expect(startedAt).toHaveLength(5)
  })

  it('is not begun where it has been told to stop, and its end is no news then', async () => {
    const logger = new RecordingLogger()
    await keepRunning({ task: 'x', signal: AbortSignal.abort(), logger }, () => Promise.reject(new Error()))
    expect(logger.lines).toEqual([])
  })
})

describe('a round that is repeated', () => {
  it('goes on at each interval, whatever a round throws', async () => {
    const clock = new FakeClock()
    const logger = new RecordingLogger()
    const stopping = new AbortController()
    let rounds = 0
    const repeated = repeat(
      { task: 'x', signal: stopping.signal, logger, clock, intervalMs: 1000 },
      async () => {
        rounds++
        if (rounds === 2) throw new Error('no server')
      },
    )
    for (let round = 1; round <= 3; round++) {
      await expect.poll(() => [rounds, clock.pendingCount]).toEqual([round, 1])
      if (round < 3) await clock.advance(1000)
    }
    stopping.abort()
    await repeated
    expect(logger.messages()).toEqual(['a round failed and is tried again'])
  })
})
