import type { TaskSettlement } from '@golden-arch/governance/escalation'

/**
 * Lets a person's decision on a task stand with its escalation: the person must say one, and the audit log and the event
 * `escalation.resolved` hold it. The task itself has ended in `escalated`, so nothing moves it any more.
 */
export const recordedDecisions: TaskSettlement = Object.freeze({ settle: async () => undefined })
