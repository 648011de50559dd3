import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, it } from 'vitest'
import { MemoryBroker } from '../adapters/memory/memory-broker.ts'
import { OutboxRelay } from './outbox-relay.ts'

it('tells how long events wait while there is much to forget, too', async () => {
  const asked: string[] = []
  const controller = new AbortController()
  const query = async (text: string): Promise<unknown> => {
    if (text.startsWith('DELETE')) {
      asked.push('forget')
      if (asked.filter((one) => one === 'forget').length === 3) controller.abort()
      return { rows: [], rowCount: 500 }
    }
    if (!text.includes('AS seconds')) return { rows: [], rowCount: 0 }
    asked.push('lag')
    return { rows: [{ seconds: 7 }], rowCount: 1 }
  }
  const database = { query } as unknown as SqlDatabase // nothing else is called
  const metrics = new RecordingMetrics()
  const relay = new OutboxRelay({ database, broker: new MemoryBroker(), metrics, clock: new FakeClock() })
  await relay.run({ signal: controller.signal })
  expect(asked.slice(0, 4)).toEqual(['forget', 'lag', 'forget', 'lag'])
})
