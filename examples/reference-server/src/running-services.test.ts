import { silentMetrics } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import type { OutboxRelay } from '@golden-arch/messaging'
import { beforeEach, describe, expect, it } from 'vitest'
import { Health } from './health.ts'
import { RunningServices } from './running-services.ts'
import type { Service } from './service.ts'
import { untilAborted } from './until-aborted.ts'

describe('the services of a process', () => {
  let logger: RecordingLogger
  let clock: FakeClock

  beforeEach(() => {
    logger = new RecordingLogger()
    clock = new FakeClock()
  })

  const run = (...services: readonly Service[]): RunningServices => {
    // Of both, what is used here alone: a relay that runs, and a database that is asked for two counts.
    const relay = { run: ({ signal }) => untilAborted(signal) } as Pick<OutboxRelay, 'run'> as OutboxRelay
    const database = { query: async () => ({ rows: [] }) } as unknown as SqlDatabase
    const health = new Health({ database: () => Promise.resolve() })
    const context = { relay, database, logger, metrics: silentMetrics, health, roles: [] }
    return new RunningServices(context, services, clock)
  }

  it('end in their own time, and nothing is given back then', async () => {
    let hasGivenUp = false
    const services = run({
      name: 'peer-hub',
      run: async (stopping, givingUp) => {
        await untilAborted(stopping)
        hasGivenUp = givingUp.aborted
      },
    })
    expect(await services.stop(10_000)).toEqual([])
    expect(hasGivenUp).toBe(false)
    expect(clock.pendingCount).toBe(0)
  })

  it('are told to give back what runs when four fifths of the time are over', async () => {
    const services = run(
      { name: 'peer-hub', run: (_stopping, givingUp) => untilAborted(givingUp) },
      { name: 'supervisor', run: (stopping) => untilAborted(stopping) },
    )
    const stopped = services.stop(10_000)
    await expect.poll(() => clock.pendingCount).toBe(1)
    await clock.advance(7999)
    expect(logger.messages()).toEqual([])
    await clock.advance(1)
    expect(await stopped).toEqual([])
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { roles: ['peer-hub'] } }])
  })

  it('that heed nothing are left at the end of the time, and named', async () => {
    const services = run({ name: 'orchestrator', run: () => new Promise(() => undefined) })
    const stopped = services.stop(10_000)
    await expect.poll(() => clock.pendingCount).toBe(1)
    await clock.advance(8000)
    await expect.poll(() => clock.pendingCount).toBe(1)
    await clock.advance(2000)
    expect(await stopped).toEqual(['orchestrator'])
  })

  it('that fail, or end by themselves, are the failure of the process', async () => {
    const broken = run({ name: 'gateway', run: () => Promise.reject(new Error('no port')) })
    await expect(broken.failure).rejects.toThrow('no port')
    const ended = run({ name: 'gateway', run: async () => undefined })
    await expect(ended.failure).rejects.toThrow('gateway ended by itself')
    expect(await broken.stop(1000)).toEqual([])
    expect(await ended.stop(1000)).toEqual([])
  })
})
