import type { ActorKind } from '@golden-arch/core/audit'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { PromptChangeKind } from './decide-learning.ts'
import type { PromptUpdateKey } from './prompt-update.ts'

/** Who settled a change, and what they said. */
export interface PromptSettlement {
  readonly by: string
  readonly at: Date
  readonly notes: string | null
}

/** What does not change about a change of a prompt. */
export interface PromptChangeFacts extends PromptUpdateKey {
  readonly agentRole: AgentRole
  readonly kind: PromptChangeKind
  /** The version in force when it was proposed; null for a role's first prompt. */
  readonly baseVersion: number | null
  /** The version that it puts in force. */
  readonly targetVersion: number
  /** SHA-256 of that version's text in UTF-8, lower-case hexadecimal. */
  readonly contentSha256: string
  readonly reason: string
  readonly proposedBy: { readonly id: string; readonly kind: ActorKind }
  readonly proposedAt: Date
  /** Until when it waits; null for what waits for nobody. */
  readonly expiresAt: Date | null
  readonly details: Readonly<Record<string, unknown>>
  /** Its place among all changes, as a decimal number. */
  readonly position: string
}

/** A change of a role's prompt, as it stands in the history. */
export type PromptChange = PromptChangeFacts &
  (
    | { readonly status: 'pending' }
    /** In force from `appliedAt` on, until the next; `settled` is null where nobody had to agree. */
    | { readonly status: 'applied'; readonly appliedAt: Date; readonly settled: PromptSettlement | null }
    | { readonly status: 'rejected'; readonly settled: PromptSettlement }
    /** Its time ran out, or the version that it was based on is no longer in force. */
    | { readonly status: 'expired' | 'stale' }
  )
