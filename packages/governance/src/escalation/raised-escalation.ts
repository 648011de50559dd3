import type { Escalation } from '@golden-arch/core/tasks'

/** Who acknowledged or resolved an escalation, and when. */
export interface SettledBy {
  readonly by: string
  readonly at: Date
}

/** What every stored escalation has. */
export interface EscalationFacts extends Escalation {
  readonly escalationId: string
  readonly raisedAt: Date
}

/** A stored escalation: open, acknowledged by a person, or resolved by one (acknowledged before or not). */
export type RaisedEscalation = EscalationFacts &
  (
    | { readonly status: 'open' }
    | { readonly status: 'acknowledged'; readonly acknowledged: SettledBy }
    | {
        readonly status: 'resolved'
        readonly acknowledged: SettledBy | null
        readonly resolved: SettledBy
        /** What the person decided, in words. */
        readonly resolution: string
      }
  )

/** Where an escalation stands. */
export type EscalationStatus = RaisedEscalation['status']
