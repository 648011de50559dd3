import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { expect, it } from 'vitest'
import { ConsumerMetrics } from './consumer-metrics.ts'

const LABELS = { stream: 'TASKS', consumer: 'hub' }
const GIVEN_UP = { kind: 'dead-letter', reason: 'r', code: 'NOT_FOUND', attempts: 1, tenantId: null } as const
const COUNTERS = ['messages_consumed_total', 'messages_retried_total', 'messages_dead_lettered_total']

it.each([
  [{ kind: 'ack' } as const, [1, 0, 0]],
  [{ kind: 'retry', afterMs: 5, reason: 'busy' } as const, [0, 1, 0]],
  [GIVEN_UP, [0, 0, 1]],
  [{ kind: 'give-back' } as const, [0, 0, 0]],
])('counts the settlement %j where it belongs', (settlement, expected) => {
  const metrics = new RecordingMetrics()
  new ConsumerMetrics(metrics, 'TASKS', 'hub').settled(settlement)
  const labels = settlement.kind === 'dead-letter' ? { ...LABELS, code: 'NOT_FOUND' } : LABELS
  expect(COUNTERS.map((name) => metrics.counterValue(name, labels))).toEqual(expected)
  expect(COUNTERS.flatMap((name) => metrics.values(name))).toHaveLength(expected.includes(1) ? 1 : 0)
})

it('measures handlers in seconds, and what waits', () => {
  const metrics = new RecordingMetrics()
  const measured = new ConsumerMetrics(metrics, 'TASKS', 'hub')
  measured.handlerTook(1500)
  measured.pending(7)
  expect(metrics.values('message_handler_seconds', LABELS)).toEqual([1.5])
  expect(metrics.gaugeValue('messages_pending', LABELS)).toBe(7)
})
