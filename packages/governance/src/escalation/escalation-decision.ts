/** What a person may decide on a task that was escalated: it is accepted as it is, tried again, refused, or ended. */
export const ESCALATION_DECISIONS = ['approve', 'retry', 'reject', 'cancel'] as const

/** What a person decided. */
export type EscalationDecision = (typeof ESCALATION_DECISIONS)[number]
