import type { AgentRole } from '@golden-arch/core/tasks'

/** What every update made of learnt patterns has. */
export interface PatternUpdateFacts {
  readonly tenantId: string
  readonly updateId: string
  readonly agentRole: AgentRole
  /** The version that was in force when it was made. */
  readonly baseVersion: number
  readonly reason: string
}

/** An update whose fate is not known: claimed by a supervisor that may have died, or waiting for people. */
export interface OpenUpdate extends PatternUpdateFacts {
  readonly status: 'proposing' | 'pending'
  readonly content: string
}

/** An update that is in force, or was until something else was applied. */
export interface AppliedUpdate extends PatternUpdateFacts {
  readonly status: 'applied'
  readonly version: number
  readonly appliedAt: Date
}

/** An update whose rollback began. */
export interface UndoneUpdate extends PatternUpdateFacts {
  readonly status: 'rolling-back'
  readonly version: number
  readonly appliedAt: Date
  /** The version in force when it began. */
  readonly undoneFrom: number
  readonly undoneReason: string
}

/** An update that the supervisor has to do with. */
export type PatternUpdate = OpenUpdate | AppliedUpdate | UndoneUpdate
