import type { EscalationFacts } from '../raised-escalation.ts'

/** An escalation of a task, raised at noon and waiting for the supervisor until half past. */
export const SAMPLE_FACTS: EscalationFacts = Object.freeze({
  tenantId: 'acme',
  escalationId: 'e-1',
  subject: { kind: 'task', id: 'task-1' },
  projectId: 'demo',
  taskId: 'task-1',
  reason: 'attempts-exhausted',
  severity: 'warning',
  level: 'supervisor',
  evidence: {},
  deduplicationKey: 'task/task-1/attempts-exhausted',
  isOnce: false,
  occurrences: 1,
  raisedAt: new Date('2026-03-01T12:00:00Z'),
  lastRaisedAt: new Date('2026-03-01T12:00:00Z'),
  timerSince: new Date('2026-03-01T12:00:00Z'),
  dueAt: new Date('2026-03-01T12:30:00Z'),
  repeats: 0,
  assigned: null,
})
