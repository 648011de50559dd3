import { expect, it } from 'vitest'
import { METRICS } from '../../observability/index.ts'
import { RecordingLogger, RecordingMetrics } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryCircuitStore } from '../testing/memory-circuit-store.ts'
import { StoreLink } from './store-link.ts'

it('says once that the store is away and once that it answers again, however many commands are asked', async () => {
  const clock = new FakeClock()
  const logger = new RecordingLogger()
  const metrics = new RecordingMetrics()
  const link = new StoreLink({
    ...{ store: new MemoryCircuitStore({ clock }), clock, logger },
    up: metrics.gauge(METRICS.circuitBreakerSharedUp),
    failures: metrics.counter(METRICS.circuitBreakerSharingFailures),
  })
  const isAnswered: unknown[] = []
  for (const answer of ['yes', undefined, undefined, 'yes', 'yes']) {
    const command = async (): Promise<string> => answer ?? Promise.reject(new Error('away'))
    isAnswered.push(await link.run('read', command))
  }
  expect(isAnswered).toEqual(['yes', undefined, undefined, 'yes', 'yes'])
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ['warn', 'the shared store of circuits is away'],
    ['info', 'the shared store of circuits answers again'],
  ])
})
