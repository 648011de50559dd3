import type { Actor } from '@golden-arch/core/audit'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { PromptRole } from '../../learning/prompt-role.ts'
import type { PromptProposal, PromptUpdateKey, ProposalDecision } from '../../learning/prompt-update.ts'

/** How one call waits. */
export interface PromptCallOptions {
  /** Stops waiting when it fires. */
  readonly signal?: AbortSignal | undefined
}

/** Back to the version that was in force before a learnt update. */
export interface PatternRollback extends PromptUpdateKey {
  readonly agentRole: AgentRole
  readonly toVersion: number
  /** The version that shall be left, and no other. */
  readonly expectedVersion: number
  readonly reason: string
  readonly actor: Actor
}

/** Learning governance, as the supervisor asks it. `PromptGovernor` of `@golden-arch/governance/learning` is one. */
export interface PromptUpdates {
  /**
   * Decides on a proposal by the rules of its role; where another version than its `expectedBaseVersion` is in force it
   * is refused as `base_changed`. Proposed again with the same facts, what was applied or waits is
   * told and not done again.
   * @throws an error with `retryable` false where it can never be proposed so.
   */
  propose(proposal: PromptProposal, options?: PromptCallOptions): Promise<ProposalDecision>
  /**
   * Puts a former version in force again. Asked again with the same facts, it is not done again.
   * @throws an error of code `LEARNING_VERSION_IN_FORCE` where it is in force already, `LEARNING_BASE_CHANGED` where
   * another than the expected version is.
   */
  rollback(rollback: PatternRollback, options?: PromptCallOptions): Promise<unknown>
}

/** A prompt in force. */
export interface PromptInForce {
  readonly version: number
  readonly content: string
}

/** Tells which prompt is in force. `PromptRegistry` of `@golden-arch/governance/learning` does. */
export interface PromptsInForce {
  /** The version in force with its text; undefined before the first. */
  findCurrent(role: PromptRole): Promise<PromptInForce | undefined>
}
