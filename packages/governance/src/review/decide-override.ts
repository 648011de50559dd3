import type { Actor } from '@golden-arch/core/audit'
import type { ReviewErrorCode } from './review-error.ts'
import type { ClosedRound, ReviewRound } from './review-round.ts'

/** What a person asks: that the content passes in spite of its veto. */
export interface AskedOverride {
  readonly actor: Actor
  /** Hash of the content that the person looked at. */
  readonly contentHash: string
  readonly reason: string
}

/** What becomes of it: it is done, was done just so before, or may not be. */
export type OverrideDecision =
  | { readonly kind: 'apply' | 'unchanged'; readonly round: ClosedRound }
  | { readonly kind: 'refused'; readonly code: ReviewErrorCode; readonly why: string }

/** Decides whether a veto is overridden: by a person, not the author, for the content that was vetoed, once. */
export function decideOverride(round: ReviewRound, asked: AskedOverride): OverrideDecision {
  const { actor } = asked
  if (actor.kind !== 'human') return refused('REVIEW_NEEDS_PERSON', `a person must override, not ${actor.id}`)
  if (actor.id === round.authorId) {
    return refused('REVIEW_AUTHOR_MAY_NOT_OVERRIDE', `${actor.id} made this content`)
  }
  if (asked.contentHash !== round.contentHash) {
    return refused('REVIEW_CONTENT_CHANGED', 'the override is for another content')
  }
  if (round.status === 'open' || round.outcome.kind !== 'vetoed') {
    return refused('REVIEW_NOT_VETOED', 'no veto stands in the way of this round')
  }
  if (round.override === null) return { kind: 'apply', round }
  const { by, reason } = round.override
  if (by === actor.id && reason === asked.reason) return { kind: 'unchanged', round }
  return refused('REVIEW_ALREADY_OVERRIDDEN', `${by} has overridden this veto`)
}

function refused(code: ReviewErrorCode, why: string): OverrideDecision {
  return { kind: 'refused', code, why }
}
