import type { EscalationDecision } from './escalation-decision.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

/** What is asked of an escalation: by a person, or to withdraw it. */
export type Settlement =
  | { readonly kind: 'acknowledge'; readonly by: string }
  | { readonly kind: 'assign'; readonly by: string; readonly assignee: string | null }
  | {
      readonly kind: 'resolve'
      readonly by: string
      readonly resolution: string
      readonly decision: EscalationDecision | null
    }
  | { readonly kind: 'withdraw'; readonly by: string; readonly because: string }

/** What becomes of it: it is done, was done just so before, or another act stands in its way. */
export type SettlementDecision =
  | { readonly kind: 'apply' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'already-acknowledged' | 'already-resolved'; readonly by: string }

/**
 * Decides what becomes of a settlement. Who acknowledged or is assigned does not bind who resolves; the same person
 * asking for the same again changes nothing; the last assignment holds; what is resolved stays so, and needs no withdrawal.
 */
export function decideSettlement(escalation: RaisedEscalation, asked: Settlement): SettlementDecision {
  if (escalation.status === 'resolved') {
    if (asked.kind === 'withdraw') return { kind: 'unchanged' }
    const { by } = escalation.resolved
    const isSame =
      asked.kind === 'resolve' &&
      asked.by === by &&
      asked.resolution === escalation.resolution &&
      asked.decision === escalation.decision
    return isSame ? { kind: 'unchanged' } : { kind: 'already-resolved', by }
  }
  if (asked.kind === 'assign') {
    const isSame = (escalation.assigned?.assignee ?? null) === asked.assignee
    return { kind: isSame ? 'unchanged' : 'apply' }
  }
  if (asked.kind === 'resolve' || asked.kind === 'withdraw' || escalation.status === 'open')
    return { kind: 'apply' }
  const { by } = escalation.acknowledged
  return asked.by === by ? { kind: 'unchanged' } : { kind: 'already-acknowledged', by }
}
