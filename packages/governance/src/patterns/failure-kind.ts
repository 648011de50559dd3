import { createHash } from 'node:crypto'
import type { AgentRole } from '@golden-arch/core/tasks'

/** What makes two failures of one kind. */
export interface FailureKind {
  readonly agentRole: AgentRole
  /** The guard that failed, 1 to 128 characters. */
  readonly guard: string
  /** In what situation, such as `python/generate`, chosen by the application; 1 to 256 characters. */
  readonly contextSignature: string
  /** What {@link errorFingerprint} made of the error: 32 hexadecimal digits. */
  readonly errorFingerprint: string
}

/** A kind of failure, and a fix that was tried on it. */
export interface FixOfKind extends FailureKind {
  /** Id of the fix, 1 to 128 characters. */
  readonly fixId: string
}

/** A text of 32 hexadecimal digits, the same for failures of one kind. */
export function failureKindId(kind: FailureKind): string {
  return digestOf([kind.agentRole, kind.guard, kind.contextSignature, kind.errorFingerprint])
}

/** Id of the pattern that a fix helps against a kind of failure: 32 hexadecimal digits. */
export function patternIdOf(fix: FixOfKind): string {
  return digestOf([failureKindId(fix), fix.fixId])
}

/** The first 32 hexadecimal digits of the SHA-256 of `parts` as JSON. */
export function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
