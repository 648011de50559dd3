import type { Escalation } from '@golden-arch/core/tasks'

/** What may become of an escalation, in order. */
export const ESCALATION_STATUSES = ['open', 'acknowledged', 'resolved'] as const
/** Where an escalation stands. */
export type EscalationStatus = (typeof ESCALATION_STATUSES)[number]

/** Who must settle an escalation first. */
export const ESCALATION_LEVELS = ['supervisor', 'human'] as const satisfies readonly Escalation['level'][]

/** Who took an escalation on, and when. */
export interface Acknowledgement {
  readonly by: string
  readonly at: Date
}

/** Who settled an escalation, when, and how. */
export interface Resolution {
  readonly by: string
  readonly at: Date
  /** What was decided, in words. */
  readonly text: string
}

/** What every escalation has, whatever became of it. */
export interface EscalationFacts extends Escalation {
  readonly escalationId: string
  readonly raisedAt: Date
}

/** An escalation as it stands. */
export type EscalationRecord = EscalationFacts &
  (
    | { readonly status: 'open' }
    | { readonly status: 'acknowledged'; readonly acknowledgement: Acknowledgement }
    | {
        readonly status: 'resolved'
        /** Null where it was settled without being taken on first. */
        readonly acknowledgement: Acknowledgement | null
        readonly resolution: Resolution
      }
  )
