import type { AlertSeverity } from '@golden-arch/core/observability'
import type { EscalationLevel } from '@golden-arch/core/tasks'
import type { EscalationDecision } from './escalation-decision.ts'

/** What an escalation is about. */
export interface EscalationSubject {
  /** `task`, `review`, `prompt`, `breaker` or another kind: a lower-case letter, then up to 31 of `a-z`, `0-9` and `-`. */
  readonly kind: string
  /** Its id within the tenant, 1 to 256 characters. */
  readonly id: string
}

/** Who acknowledged or resolved an escalation, and when. */
export interface SettledBy {
  readonly by: string
  readonly at: Date
}

/** Who is to settle an escalation, by whose word. */
export interface EscalationAssignment extends SettledBy {
  readonly assignee: string
}

/** What every stored escalation has. */
export interface EscalationFacts {
  readonly tenantId: string
  readonly escalationId: string
  readonly subject: EscalationSubject
  readonly projectId: string | null
  /** The task that it belongs to. */
  readonly taskId: string | null
  /** Why, as a short code. */
  readonly reason: string
  readonly severity: AlertSeverity
  /** Who it waits for, or waited for when it was settled. */
  readonly level: EscalationLevel
  /** Facts of the worst occurrence, the first of those; cut where too long. */
  readonly evidence: Readonly<Record<string, unknown>>
  readonly deduplicationKey: string
  /** Whether its key stays settled once it is resolved. */
  readonly isOnce: boolean
  /** How often it was raised while it was not resolved. */
  readonly occurrences: number
  readonly raisedAt: Date
  readonly lastRaisedAt: Date
  /** When its timer began: it came to its level, its alert was repeated, or it was acknowledged. */
  readonly timerSince: Date
  /** When it goes on by itself; null where it does not. */
  readonly dueAt: Date | null
  /** How often the alert of the last level was repeated. */
  readonly repeats: number
  readonly assigned: EscalationAssignment | null
}

/** A stored escalation: open, acknowledged by a person, or resolved (acknowledged before or not) by one, or by its withdrawal. */
export type RaisedEscalation = EscalationFacts &
  (
    | { readonly status: 'open' }
    | { readonly status: 'acknowledged'; readonly acknowledged: SettledBy }
    | {
        readonly status: 'resolved'
        readonly acknowledged: SettledBy | null
        readonly resolved: SettledBy
        /** What the person decided, in words; why it was withdrawn. */
        readonly resolution: string
        /** What became of the task that asked by it; null where it is about something else, or was withdrawn. */
        readonly decision: EscalationDecision | null
      }
  )

/** Where an escalation stands. */
export type EscalationStatus = RaisedEscalation['status']
