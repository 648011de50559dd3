import { silentLogger } from '@golden-arch/core/observability'
import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, it } from 'vitest'
import { rotateKeys } from './rotate-keys.ts'

it('keys are looked at once a minute, after a failure too, until the signal fires', async () => {
  const clock = new FakeClock()
  const stopping = new AbortController()
  let looks = 0
  const errors: unknown[] = []
  const ring = {
    rotateIfDue: async () => {
      looks++
      if (looks === 2) throw new Error('the store is down')
      return { created: [] }
    },
  }
  const logger = { ...silentLogger, error: (fields: unknown) => void errors.push(fields) }
  const rotation = rotateKeys(ring, { signal: stopping.signal, logger, clock })
  for (const expected of [1, 2, 3]) {
    await clock.advance(0)
    expect(looks).toBe(expected)
    await clock.advance(59_999)
    expect(looks).toBe(expected)
    await clock.advance(1)
  }
  expect(errors).toHaveLength(1)
  stopping.abort()
  await rotation
  expect(clock.pendingCount).toBe(0)
})
