import type { AlertSeverity } from '@golden-arch/core/observability'
import type { EscalationLevel } from '@golden-arch/core/tasks'
import type { EscalationPolicy, EscalationStep, SeverityPolicy } from './escalation-policy.ts'
import { levelRank } from './level-rank.ts'

/** What the timer of an escalation goes by. */
export interface TimedEscalation {
  readonly status: 'open' | 'acknowledged' | 'resolved'
  readonly severity: AlertSeverity
  readonly level: EscalationLevel
  /** When it came to its level, or its alert was last repeated, or it was acknowledged. */
  readonly timerSince: Date
  /** How often the alert of the last level was repeated. */
  readonly repeats: number
}

/**
 * What becomes of an escalation by time alone. `until` and `dueAt` are when to look again; null where nothing more
 * happens by itself.
 */
export type LevelDecision =
  | { readonly kind: 'wait'; readonly until: Date | null }
  /** The clock was set back: the timer begins anew, as it cannot be told how much of it had passed. */
  | { readonly kind: 'restart'; readonly dueAt: Date }
  /** To the next level. */
  | {
      readonly kind: 'raise'
      readonly from: EscalationLevel
      readonly level: EscalationLevel
      readonly dueAt: Date | null
    }
  /** The alert of the last level once more. */
  | { readonly kind: 'repeat'; readonly repeat: number; readonly dueAt: Date | null }
  /** Acknowledged and not resolved in time: open again at its level. */
  | { readonly kind: 'reopen'; readonly dueAt: Date | null }

/** By how much `now` may lie before the start of a timer, as another process may have read the clock a moment later. */
export const CLOCK_TOLERANCE_MS = 1000

/** Decides what becomes of an escalation by time alone; one step at a time, however late it is. */
export function decideLevel(escalation: TimedEscalation, policy: EscalationPolicy, now: Date): LevelDecision {
  const withinMs = timerMs(escalation, policy)
  if (withinMs === null) return { kind: 'wait', until: null }
  const { severity, level, repeats, timerSince } = escalation
  const elapsedMs = now.getTime() - timerSince.getTime()
  if (elapsedMs < -CLOCK_TOLERANCE_MS) return { kind: 'restart', dueAt: after(now, withinMs) }
  if (elapsedMs < withinMs) return { kind: 'wait', until: after(timerSince, withinMs) }
  const dueOf = (next: Partial<TimedEscalation>): Date | null =>
    timerDueAt({ ...escalation, ...next }, policy, now)
  if (escalation.status === 'acknowledged')
    return { kind: 'reopen', dueAt: dueOf({ status: 'open', repeats: 0 }) }
  const next = nextStep(policy[severity], level)
  if (next !== undefined)
    return { kind: 'raise', from: level, level: next.level, dueAt: dueOf({ level: next.level, repeats: 0 }) }
  return { kind: 'repeat', repeat: repeats + 1, dueAt: dueOf({ repeats: repeats + 1 }) }
}

/** When a timer that begins at `since` acts; null where nothing happens by itself. */
export function timerDueAt(
  escalation: Omit<TimedEscalation, 'timerSince'>,
  policy: EscalationPolicy,
  since: Date,
): Date | null {
  const withinMs = timerMs(escalation, policy)
  return withinMs === null ? null : after(since, withinMs)
}

/** Where an escalation begins: at the first step that is at least the level asked for, or at that level beyond all steps. */
export function firstLevel(policy: SeverityPolicy, asked: EscalationLevel | undefined): EscalationLevel {
  if (asked === undefined) return policy.steps[0].level
  return policy.steps.find((step) => levelRank(step.level) >= levelRank(asked))?.level ?? asked
}

function timerMs(
  { status, severity, level, repeats }: Omit<TimedEscalation, 'timerSince'>,
  policy: EscalationPolicy,
): number | null {
  if (status === 'resolved') return null
  const plan = policy[severity]
  if (status === 'acknowledged') return plan.resolveWithinMs
  if (nextStep(plan, level) !== undefined || repeats === 0) {
    // At the last level without repeats nothing would happen at the end of the time.
    const isEnd = nextStep(plan, level) === undefined && plan.maxRepeats === 0
    return isEnd ? null : stepOf(plan, level).acknowledgeWithinMs
  }
  return repeats < plan.maxRepeats ? plan.repeatEveryMs : null
}

/** The step of a level; of a level that the policy does not have, the next above it, or else the last. */
function stepOf(plan: SeverityPolicy, level: EscalationLevel): EscalationStep {
  const found = plan.steps.find((step) => levelRank(step.level) >= levelRank(level))
  return found ?? plan.steps.at(-1) ?? plan.steps[0]
}

function nextStep(plan: SeverityPolicy, level: EscalationLevel): EscalationStep | undefined {
  return plan.steps.find((step) => levelRank(step.level) > levelRank(level))
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms)
}
