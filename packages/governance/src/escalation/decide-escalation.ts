import type { EscalationRecord } from './escalation-record.ts'

/** What is to be done about an escalation: the change, nothing as it is done already, or a refusal. */
export type EscalationDecision = 'change' | 'unchanged' | 'already_acknowledged' | 'already_resolved'

/** Whether `by` may take the escalation on: it is open, or was taken on by the same before. */
export function decideAcknowledgement(escalation: EscalationRecord, by: string): EscalationDecision {
  if (escalation.status === 'open') return 'change'
  if (escalation.acknowledgement?.by === by) return 'unchanged'
  return escalation.status === 'resolved' ? 'already_resolved' : 'already_acknowledged'
}

/**
 * Whether `by` may settle the escalation with `text`: it is not settled yet, whoever took it on, or was settled by the
 * same in the same words before.
 */
export function decideResolution(escalation: EscalationRecord, by: string, text: string): EscalationDecision {
  if (escalation.status !== 'resolved') return 'change'
  const { resolution } = escalation
  return resolution.by === by && resolution.text === text ? 'unchanged' : 'already_resolved'
}
