import type { ActorKind } from '@golden-arch/core/audit'
import type { AgentRole } from '@golden-arch/core/tasks'

/** How a trial runs and when it ends. */
export interface CanaryPolicy {
  /** Share of the tasks, in thousandths, that get the version on trial, 1 to 999. */
  readonly shareMilli: number
  /** Outcomes of the version on trial with which the trial is passed, 1 to 100000. */
  readonly tasksWanted: number
  /** Outcomes of both versions with which the trial ends in any case, `tasksWanted` to 100000. */
  readonly maxTasks: number
  /** How often the version on trial may fail where the one in force fails 1000 times as many tasks do, 1000 to 10000. */
  readonly toleratedRatioMilli: number
  /** Most chance, in thousandths, that a version within the tolerated ratio is rolled back, 1 to 200. */
  readonly falseAlarmMilli: number
}

/** What was recorded of a trial. */
export interface CanaryCounts {
  readonly canaryTasks: number
  readonly canaryFailures: number
  readonly productionTasks: number
  readonly productionFailures: number
}

/** Which trial. */
export interface CanaryKey {
  readonly tenantId: string
  /** Chosen by who starts it, 1 to 256 characters: started again, it is the same trial. */
  readonly canaryId: string
}

/**
 * How a trial ended: `rolled-back` by the guard; `passed` with enough outcomes; `inconclusive` with too few of the version on
 * trial; `stopped` by somebody; `promoted` as its version came into force; `superseded` as another did.
 */
export type CanaryEnd = 'rolled-back' | 'passed' | 'inconclusive' | 'stopped' | 'promoted' | 'superseded'

/** What every trial has. */
export interface CanaryFacts extends CanaryKey {
  readonly agentRole: AgentRole
  /** The version on trial. */
  readonly version: number
  /** SHA-256 of its text in UTF-8, lower-case hexadecimal. */
  readonly contentSha256: string
  /** The version in force beside it. */
  readonly baseVersion: number
  readonly policy: CanaryPolicy
  readonly counts: CanaryCounts
  readonly startedBy: { readonly id: string; readonly kind: ActorKind }
  readonly startedAt: Date
}

/** The trial of a version on a share of the tasks, beside the version in force. */
export type CanaryTrial = CanaryFacts &
  (
    | { readonly status: 'running' }
    /** `endedBy` is null where it ended with the version that it ran beside. */
    | { readonly status: CanaryEnd; readonly endedAt: Date; readonly endedBy: string | null }
  )
