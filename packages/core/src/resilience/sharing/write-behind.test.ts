import { expect, test } from 'vitest'
import { silentLogger, silentMetrics } from '../../observability/index.ts'
import { METRICS } from '../../observability/metric-catalogue.ts'
import { FakeClock } from '../../time/testing/index.ts'
import type { CircuitPersistence } from '../ports/circuit-persistence.ts'
import { MemoryCircuitPersistence } from '../testing/memory-circuit-persistence.ts'
import { WriteBehind } from './write-behind.ts'

function open(persistence: CircuitPersistence) {
  const clock = new FakeClock()
  const failures = silentMetrics.counter(METRICS.circuitBreakerSharingFailures)
  const times = { delayMs: 250, timeoutMs: 5000 }
  const writeBehind = new WriteBehind({ persistence, clock, logger: silentLogger, failures, ...times })
  const put = (name: string, epoch = 1): void =>
    writeBehind.put(name, () => ({
      ...{ name, epoch, status: 'open', remainingMs: 1, reason: 'test' },
      ...{ recoveryTimeoutMs: 1, failureCount: 1 },
    }))
  return { clock, writeBehind, put }
}

test('of more circuits than may wait, those that changed last are written', async () => {
  const persistence = new MemoryCircuitPersistence()
  const { writeBehind, put } = open(persistence)
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

test('what changed while a write was failing is written as it is since', async () => {
  const persistence = new MemoryCircuitPersistence()
  const save = persistence.save.bind(persistence)
  const first = Promise.withResolvers<void>()
  let writes = 0
  persistence.save = (circuits) => (++writes === 1 ? first.promise : save(circuits))
  const { clock, writeBehind, put } = open(persistence)
  put('a')
  put('b')
  await clock.advance(250)
  put('a', 2)
  first.reject(new Error('down'))
  await clock.advance(500)
  await writeBehind.close()
  const written = persistence.writes.flat().map(({ name, epoch }) => `${name} ${epoch}`)
  expect(written.toSorted()).toEqual(['a 2', 'b 1'])
})
