import type { Actor } from '@golden-arch/core/audit'
import type { ReviewKey } from './review-round.ts'
import type { ReviewVote } from './review-vote.ts'

/** A vote to record. */
export interface VoteCommand extends ReviewKey {
  readonly agentId: string
  /** Who speaks, of the same id, where it is a person's vote. Default the agent. */
  readonly actor?: Actor | undefined
  /** Hash of the content that the agent looked at. */
  readonly contentHash: string
  readonly vote: ReviewVote
}

/**
 * What recording a vote did: a new vote, one in place of the agent's other vote, nothing as it was there already, or a
 * vote that is kept and does not count, as it came after the deadline or the close.
 */
export type VoteReceipt = 'recorded' | 'replaced' | 'unchanged' | 'late'

/** A person's word that content passes in spite of a veto. */
export interface OverrideCommand extends ReviewKey {
  /** Hash of the content that the person looked at. */
  readonly contentHash: string
  /** A person, and not the author. */
  readonly actor: Actor
  /** Why: well-formed text of 1 to 4000 characters without NUL. */
  readonly reason: string
}
