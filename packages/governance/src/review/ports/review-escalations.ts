import type { SqlTransaction } from '@golden-arch/core/storage'

/** A round that ended without consensus or in a veto. */
export interface ReviewEscalation {
  readonly tenantId: string
  /** What was reviewed. */
  readonly subject: { readonly kind: 'review'; readonly id: string }
  /** Why and in which round, such as `tie-round-2`: each round is a matter of its own. */
  readonly reason: string
  readonly severity: 'warning'
  /** What was decided and why: JSON values. */
  readonly evidence: Readonly<Record<string, unknown>>
  /** A round closes once. */
  readonly isOnce: true
  readonly projectId?: string
}

/** Where rounds go that the agents could not settle; the `EscalationStore` of `@golden-arch/governance/escalation` is one. */
export interface ReviewEscalations {
  /** Records the escalation with `tx`, the transaction that closes the round; if it throws, the round stays open. */
  report(escalation: ReviewEscalation, options: { readonly tx: SqlTransaction }): Promise<unknown>
}
