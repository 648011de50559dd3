import type { DeadLetter } from '../dead-letter.ts'

/** A dead letter for tests, with `changes`. */
export function sampleDeadLetter(changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    source: { stream: 'TASKS', sequence: '1', consumer: 'hub' },
    tenantId: 'acme',
    messageId: 'm-1',
    subject: 'tasks.completed',
    headers: {},
    payload: new TextEncoder().encode('{"id":"m-1"}'),
    error: 'task t-1 not found',
    errorCode: 'NOT_FOUND',
    attempts: 5,
    firstSeenAt: new Date('2026-01-01T00:00:00.000Z'),
    lastSeenAt: new Date('2026-01-01T00:01:00.000Z'),
    ...changes,
  }
}
