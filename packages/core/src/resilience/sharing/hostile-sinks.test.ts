import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Logger, type Metrics, silentLogger } from '../../observability/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import { CircuitBreakerRegistry } from '../registry/circuit-breaker-registry.ts'
import { MemoryCircuitPersistence } from '../testing/memory-circuit-persistence.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'

const full = (): never => {
  throw new Error('the disk is full')
}
const logger: Logger = { debug: full, info: full, warn: full, error: full }
const metrics: Metrics = {
  counter: () => ({ increment: full }),
  gauge: () => ({ set: full }),
  histogram: () => ({ observe: full }),
}

let unhandled: unknown[]
const note = (reason: unknown): void => void unhandled.push(reason)
beforeEach(() => {
  unhandled = []
  process.on('unhandledRejection', note)
})
afterEach(() => void process.off('unhandledRejection', note))

it('a breaker whose logger throws opens, probes and closes as any other', async () => {
  const clock = new FakeClock()
  const rules = { failureThreshold: 1, recoveryTimeoutMs: 1000, successThreshold: 1 }
  const breaker = new CircuitBreaker('x', { ...rules, clock, logger, metrics })
  breaker.on('circuit.changed', full)
  await expect(breaker.execute(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  expect(breaker.state.status).toBe('open')
  await clock.advance(1000)
  expect(await breaker.execute(async () => 'ok')).toBe('ok')
  expect(breaker.state.status).toBe('closed')
})

it('processes whose logger and metrics throw share and remember their circuits all the same', async () => {
  const clock = new FakeClock()
  const store = new MemoryCircuitStore({ clock })
  const persistence = new MemoryCircuitPersistence()
  const open = (sinks: { logger: Logger; metrics?: Metrics }): CircuitBreakerRegistry =>
    new CircuitBreakerRegistry({
      ...{ clock, shared: store, persistence, ...sinks },
      ...{ failureThreshold: 1, recoveryTimeoutMs: 60_000 },
    })
  const [loud, quiet] = [open({ logger, metrics }), open({ logger: silentLogger })]
  await Promise.all([loud.start(), quiet.start(), clock.advance(0)])
  await expect(loud.get('x').execute(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  await clock.advance(0)
  expect(quiet.get('x').state.status).toBe('open')
  store.stop()
  await expect(loud.get('y').execute(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  for (let second = 0; second < 10; second++) await clock.advance(1000)
  store.resume()
  for (let second = 0; second < 10; second++) await clock.advance(1000)
  expect(quiet.get('y').state.status).toBe('open')
  const closing = Promise.all([loud.close(), quiet.close()])
  await clock.advance(1000)
  await closing
  expect(persistence.writes.flat().map(({ name }) => name)).toContain('y')
  await new Promise(setImmediate)
  expect(unhandled).toEqual([])
})
