import { expect, test } from 'vitest'
import { silentLogger, silentMetrics } from '../../observability/index.ts'
import { METRICS } from '../../observability/metric-catalogue.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryCircuitPersistence } from '../testing/memory-circuit-persistence.ts'
import { WriteBehind } from './write-behind.ts'

test('of more circuits than may wait, those that changed last are written', async () => {
  const clock = new FakeClock()
  const persistence = new MemoryCircuitPersistence()
  const failures = silentMetrics.counter(METRICS.circuitBreakerSharingFailures)
  const times = { delayMs: 250, timeoutMs: 5000 }
  const writeBehind = new WriteBehind({ persistence, clock, logger: silentLogger, failures, ...times })
  const put = (name: string): void =>
    writeBehind.put(name, () => ({
      ...{ name, epoch: 1, status: 'open', remainingMs: 1, reason: 'test' },
      ...{ recoveryTimeoutMs: 1, failureCount: 1 },
    }))
  for (let index = 0; index < 10_000; index++) put(`c${index}`)
  // Changed again, it waits no longer than any other.
  put('c0')
  for (let index = 10_000; index < 10_003; index++) put(`c${index}`)
  await writeBehind.close()
  const names = persistence.writes.flat().map(({ name }) => name)
  expect([names.length, names[0], names.at(-1)]).toEqual([10_000, 'c4', 'c10002'])
  expect(names).toContain('c0')
  expect(Math.max(...persistence.writes.map(({ length }) => length))).toBe(500)
})
