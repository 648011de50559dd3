import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { awaitDependency, StartRefusal } from './await-dependency.ts'

describe('a server that is needed at the start', () => {
  const away = (): Error => StorageError.of('DATABASE_UNAVAILABLE', 'no answer')

  it('is tried until it answers, and waiting is told once', async () => {
    const clock = new FakeClock()
    const logger = new RecordingLogger()
    let tries = 0
    const found = awaitDependency({ name: 'it', timeoutMs: 10_000, logger, clock }, async () => {
      tries++
      if (tries < 4) throw away()
      return 'here'
    })
    for (let pause = 0; pause < 3; pause++) {
      await expect.poll(() => clock.pendingCount).toBe(1)
      await clock.advance(250)
    }
    expect(await found).toBe('here')
    expect(logger.messages()).toEqual(['waiting for it'])
  })

  it('ends the start with its name and what it said last, when the time is over', async () => {
    const clock = new FakeClock()
    const wait = { name: 'it', timeoutMs: 600, logger: new RecordingLogger(), clock }
    let tries = 0
    const found = awaitDependency(wait, async () => {
      tries++
      throw new Error(`try ${tries}`)
    })
    const refused = expect(found).rejects.toThrow('it: try 3')
    for (let pause = 0; pause < 2; pause++) {
      await expect.poll(() => clock.pendingCount).toBe(1)
      await clock.advance(250)
    }
    await refused
  })

  it('is tried again where nobody knows what became of the first try', async () => {
    const clock = new FakeClock()
    let tries = 0
    const found = awaitDependency(
      { name: 'it', timeoutMs: 10_000, logger: new RecordingLogger(), clock },
      async () => {
        if (++tries === 1) throw StorageError.of('OUTCOME_UNKNOWN', 'the line was cut')
        return 'here'
      },
    )
    await expect.poll(() => clock.pendingCount).toBe(1)
    await clock.advance(250)
    expect(await found).toBe('here')
  })

  it('is asked once where waiting mends nothing', async () => {
    const wait = { name: 'it', timeoutMs: 60_000, logger: new RecordingLogger(), clock: new FakeClock() }
    const refuse = (error: Error): Promise<never> =>
      awaitDependency(wait, async () => {
        throw error
      })
    const wrongPassword = StorageError.of('QUERY_FAILED', 'password authentication failed')
    await expect(refuse(wrongPassword)).rejects.toBe(wrongPassword)
    const behind = new StartRefusal('the schema is not up to date')
    await expect(refuse(behind)).rejects.toBe(behind)
    const stranger = Object.assign(new Error('who are you'), { name: 'AuthorizationError' })
    await expect(refuse(stranger)).rejects.toThrow('it: who are you')
  })
})
