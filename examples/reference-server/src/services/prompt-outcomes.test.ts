import { createEvent, SqlEventOutbox } from '@golden-arch/core/events'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { OutboxRelay, STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openServerDatabase } from '../testing/server-database.ts'
import { recordPromptOutcomes } from './prompt-outcomes.ts'

let database: Awaited<ReturnType<typeof openServerDatabase>>

beforeAll(async () => {
  database = await openServerDatabase()
})
afterAll(() => database.close())

describe('outcomes of prompts', () => {
  it('are told of roots that were completed, failed or escalated, and of nothing else', async () => {
    const broker = new SqlBroker({ database, logger: silentLogger, pollIntervalMs: 10 })
    await broker.ensure(STREAM_TOPOLOGY)
    const moves = [
      ['a', 'root', 'executing'],
      ['b', 'child', 'completed'],
      ['c', 'root', 'cancelled'],
      ['d', 'root', 'completed'],
      ['e', 'root', 'escalated'],
      ['f', 'root', 'failed'],
    ] as const
    const events = moves.map(([subject, kind, to], index) =>
      createEvent(
        {
          id: `event-${index}`,
          source: 'orchestrator',
          type: to === 'completed' || to === 'escalated' ? `task.${to}` : 'task.transitioned',
          tenantId: 'acme',
          subject,
          data: { kind, to },
        },
        new Date(),
      ),
    )
    await database.transaction((tx) => new SqlEventOutbox().append(tx, events))
    const told: unknown[] = []
    const stop = new AbortController()
    const { signal } = stop
    const running = Promise.all([
      new OutboxRelay({ database, broker, logger: silentLogger, pollIntervalMs: 10 }).run({ signal }),
      recordPromptOutcomes(
        {
          ...{ broker, logger: silentLogger, metrics: silentMetrics, leaseMs: 60_000 },
          prompts: { recordOutcome: async (outcome) => void told.push(outcome) },
        },
        signal,
      ),
    ])
    await vi.waitFor(
      async () => {
        expect(told).toHaveLength(3)
        const { rows } = await database.query('SELECT 1 FROM message_deliveries')
        expect(rows).toEqual([])
      },
      { timeout: 60_000, interval: 10 },
    )
    stop.abort()
    await running
    expect(told).toEqual(
      expect.arrayContaining([
        { tenantId: 'acme', taskId: 'd', succeeded: true },
        { tenantId: 'acme', taskId: 'e', succeeded: false },
        { tenantId: 'acme', taskId: 'f', succeeded: false },
      ]),
    )
  })
})
