import type { StreamDefinition } from './stream-definition.ts'

/**
 * The streams of the system: peer review, escalations, budgets, learning and tasks, each kept for 7 days. They take the events of
 * the packages by their types, such as `task.completed`, beside the subjects of their own names.
 * A broker that carries dead letters in a stream of its own (`DLQ`, `dlq.>`) declares that itself.
 */
export const STREAM_TOPOLOGY: readonly StreamDefinition[] = Object.freeze([
  Object.freeze({ stream: 'PRC', subjects: ['prc.>', 'review.>'] }),
  Object.freeze({ stream: 'ESCALATIONS', subjects: ['escalations.>', 'escalation.>'] }),
  Object.freeze({ stream: 'BUDGETS', subjects: ['budget.>'] }),
  Object.freeze({ stream: 'LEARNING', subjects: ['learning.>', 'prompt.>', 'pattern.>'] }),
  Object.freeze({ stream: 'TASKS', subjects: ['tasks.>', 'task.>'] }),
])
