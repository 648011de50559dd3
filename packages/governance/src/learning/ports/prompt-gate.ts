import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'

/** A text that is about to become the prompt of an agent role. */
export interface PromptCandidate {
  readonly tenantId: string
  readonly agentRole: AgentRole
  readonly content: string
  /** SHA-256 of the content in UTF-8, lower-case hexadecimal. */
  readonly contentSha256: string
  /** The text in force; null for a role's first prompt. */
  readonly base: { readonly version: number; readonly content: string; readonly contentSha256: string } | null
}

/** What a gate has against a candidate. */
export interface GateFinding {
  /** Which gate. */
  readonly gate: string
  /** Which rule of it, as a short code. */
  readonly rule: string
  /** In words, with the numbers, without the whole text. */
  readonly message: string
}

/** A condition that a text must meet before it becomes the prompt of a role, automatically or by approval. */
export interface PromptGate {
  /** Names the gate in findings, audit entries and logs. */
  readonly name: string
  /**
   * Whether only a trial can meet it. A text may then be tried, and may wait for people, without it: it is looked at when
   * the text would come into force. Default false.
   */
  readonly needsTrial?: boolean
  /**
   * What it has against `candidate`; nothing lets it pass. It reads with `tx`, in the transaction that applies the
   * change, and writes nothing.
   * @throws StorageError by code; then the change is not applied.
   */
  check(tx: SqlTransaction, candidate: PromptCandidate): Promise<readonly GateFinding[]>
}
