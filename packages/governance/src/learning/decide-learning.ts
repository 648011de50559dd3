import type { LearningRules } from './learning-rules.ts'
import type { LearningStatus } from './prompt-update.ts'

/** What changes a role's prompt: an update that was governed, a way back, a person's act past the limits, or the first one. */
export type PromptChangeKind = 'update' | 'rollback' | 'break-glass' | 'seed'

/** A change of a role's prompt that was applied. */
export interface AppliedChange {
  readonly kind: PromptChangeKind
  readonly appliedAt: Date
}

/** What a decision on a role's prompt looks at. */
export interface LearningSituation {
  readonly rules: LearningRules
  /** The applied changes of the last 24 hours, and the one before them; older ones change nothing. In any order. */
  readonly history: readonly AppliedChange[]
  /** Whether automatic updates are stopped until a person acknowledges. */
  readonly isFrozen: boolean
  /** By the clock that wrote the history: the database's. */
  readonly now: Date
}

/** What is in the way of an update of a role's prompt. */
export interface LearningState {
  /** The first that applies, in the order of {@link LearningStatus}. */
  readonly status: LearningStatus
  /** Updates and break-glass changes within the day; rollbacks and seeds do not count. */
  readonly updatesToday: number
  /** When the prompt last changed, a rollback included, a seed not; null where it never did. */
  readonly lastUpdateAt: Date | null
  /** Whether the last change is younger than the cooldown. */
  readonly cooldownActive: boolean
  readonly isFrozen: boolean
  /** When neither limit is in the way any more; null where none is now, or where no update is allowed at all. */
  readonly nextAllowedAt: Date | null
}

/** The changes that use up the limit of a day. */
export const COUNTED_CHANGES: readonly PromptChangeKind[] = Object.freeze(['update', 'break-glass'] as const)

/** The changes that start a cooldown. */
export const COOLING_CHANGES: readonly PromptChangeKind[] = Object.freeze([
  'update',
  'rollback',
  'break-glass',
] as const)

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Decides what is in the way of an update. A change younger than a limit is inside it, also one of the future, as it
 * looks when the clock was set back; one exactly as old as the limit is outside.
 */
export function decideLearning({ rules, history, isFrozen, now }: LearningSituation): LearningState {
  const nowMs = now.getTime()
  const lastMs = latest(timesOf(history, COOLING_CHANGES))
  const inDay = timesOf(history, COUNTED_CHANGES).filter((ms) => endOfDay(rules, ms) > nowMs)
  const isFull = inDay.length >= rules.maxUpdatesPerDay
  const cooledAt = lastMs === null ? null : lastMs + rules.cooldownHours * HOUR_MS
  const cooldownActive = rules.cooldownHours > 0 && cooledAt !== null && nowMs < cooledAt
  // The day has room again when of the latest updates, as many as fill it, the oldest leaves it.
  const filling = inDay.sort((a, b) => b - a)[rules.maxUpdatesPerDay - 1]
  const waits = [
    ...(isFull && filling !== undefined ? [endOfDay(rules, filling)] : []),
    ...(cooldownActive ? [cooledAt] : []),
  ]
  const nextMs = rules.maxUpdatesPerDay === 0 ? null : latest(waits)
  return {
    status: firstOf(isFull, cooldownActive, rules.requiresApproval || isFrozen),
    updatesToday: inDay.length,
    lastUpdateAt: lastMs === null ? null : new Date(lastMs),
    cooldownActive,
    isFrozen,
    nextAllowedAt: nextMs === null ? null : new Date(nextMs),
  }
}

function firstOf(isFull: boolean, isCooling: boolean, needsPeople: boolean): LearningStatus {
  if (isFull) return 'daily_limit_reached'
  if (isCooling) return 'cooldown_active'
  return needsPeople ? 'requires_approval' : 'can_auto_update'
}

/** When a change no longer counts for the day. */
function endOfDay({ day }: LearningRules, appliedMs: number): number {
  return (day === 'utc' ? Math.floor(appliedMs / DAY_MS) * DAY_MS : appliedMs) + DAY_MS
}

function timesOf(history: readonly AppliedChange[], kinds: readonly PromptChangeKind[]): number[] {
  return history.filter(({ kind }) => kinds.includes(kind)).map(({ appliedAt }) => appliedAt.getTime())
}

function latest(times: readonly number[]): number | null {
  return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b))
}
