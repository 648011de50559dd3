import type { FixCount } from './count-fixes.ts'
import type { FailureShare, PatternEffect } from './judge-effect.ts'

/** Why a pattern is not suggested until a person allows it: it did harm, a person rejected it, or somebody put the version before it in force again. */
export type BlockReason = 'harmful' | 'rejected' | 'undone-by-others'

/** What is known of every pattern that was ever proposed; the counts are those that it was proposed by. */
export interface LearntPatternFacts extends FixCount {
  readonly tenantId: string
  readonly patternId: string
  /** How often it was given back. */
  readonly generation: number
  readonly effect: PatternEffect['kind']
  /** The tasks with this kind of failure before it was applied; null until then. */
  readonly before: FailureShare | null
  /** The tasks after that its effect was told by; null until then. */
  readonly after: FailureShare | null
  readonly changedAt: Date
}

/** A pattern that was proposed: part of an update that is open or applied, free to be proposed again, or blocked. */
export type LearntPattern = LearntPatternFacts &
  (
    | { readonly status: 'free' }
    | { readonly status: 'proposed' | 'applied'; readonly updateId: string }
    | { readonly status: 'blocked'; readonly blockReason: BlockReason }
  )

/** Where a learnt pattern stands. */
export type LearntPatternStatus = LearntPattern['status']
