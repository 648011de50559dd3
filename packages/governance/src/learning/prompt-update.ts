import type { Actor } from '@golden-arch/core/audit'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { GateFinding } from './ports/prompt-gate.ts'

/** Which change of a prompt. */
export interface PromptUpdateKey {
  readonly tenantId: string
  /** Chosen by who proposes, 1 to 256 characters: proposed again, it is the same change. */
  readonly updateId: string
}

/** A new text for the prompt of an agent role. */
export interface PromptProposal extends PromptUpdateKey {
  readonly agentRole: AgentRole
  /** The whole new prompt, 1 to 1000000 characters. */
  readonly content: string
  /** Why, in words, 1 to 4000 characters. */
  readonly reason: string
  /** Who proposes. */
  readonly actor: Actor
  /**
   * The version that the text was made from; null: there was none. Where another is in force it is refused as
   * `base_changed`. Default: whatever is in force.
   */
  readonly expectedBaseVersion?: number | null | undefined
  /** Further facts, such as the failures it was learnt from: JSON values, no secrets. Default none. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** What may be in the way of an automatic update; the first that applies, in this order, is told. */
export type LearningStatus =
  | 'daily_limit_reached'
  | 'cooldown_active'
  | 'requires_approval'
  | 'can_auto_update'

/** Why a proposal was refused at once: nothing is stored but an audit entry, and proposed again it is decided anew. */
export type ProposalRefusal =
  | 'daily_limit_reached'
  | 'cooldown_active'
  | 'gate_failed'
  | 'unchanged'
  | 'base_changed'
  | 'too_many_pending'

/** What became of a proposal: at once, or, proposed again, by then. */
export type ProposalDecision =
  | { readonly status: 'applied'; readonly version: number; readonly appliedAt: Date }
  | { readonly status: 'pending'; readonly version: number; readonly expiresAt: Date }
  | { readonly status: 'rejected' | 'expired' | 'stale'; readonly version: number }
  | {
      readonly status: 'refused'
      readonly reason: ProposalRefusal
      /** In words, with the numbers. */
      readonly explanation: string
      /** From when on the limits would allow it; null where time alone does not help. */
      readonly nextAllowedAt: Date | null
      /** What the gates have against it; absent where they were not the reason. */
      readonly findings?: readonly GateFinding[]
    }
