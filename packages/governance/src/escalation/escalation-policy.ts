import { InvalidOptionError, requireInteger, requireOneOf } from '@golden-arch/core/errors'
import type { AlertSeverity } from '@golden-arch/core/observability'
import { ESCALATION_LEVELS, type EscalationLevel } from '@golden-arch/core/tasks'
import { ESCALATION_SEVERITIES } from './escalation-severity.ts'
import { levelRank } from './level-rank.ts'

/** How long one level may leave an escalation unacknowledged. */
export interface EscalationStep {
  readonly level: EscalationLevel
  /** Milliseconds until the next level is told, 1000 to 2592000000 (30 days). */
  readonly acknowledgeWithinMs: number
}

/** What happens to escalations of one severity that nobody takes on. */
export interface SeverityPolicy {
  /** 1 to 3 levels, each above the one before. */
  readonly steps: readonly [EscalationStep, ...EscalationStep[]]
  /** Milliseconds between repeated alerts at the last level, 1000 to 2592000000 (30 days). */
  readonly repeatEveryMs: number
  /** Repeated alerts at the last level at most, 0 to 1000. */
  readonly maxRepeats: number
  /**
   * Milliseconds after which an acknowledged escalation that is not resolved is open again, 1000 to 2592000000; null:
   * never.
   */
  readonly resolveWithinMs: number | null
}

/** What happens to escalations that nobody takes on, by severity. */
export type EscalationPolicy = Readonly<Record<AlertSeverity, SeverityPolicy>>

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/**
 * The policy used where none is given. `critical`: 5, 10 and 15 minutes, then every 15 minutes 96 times (a day), back
 * 4 hours after an acknowledgement. `warning`: 30 minutes, 2 and 4 hours, then every 4 hours 12 times (two days), back
 * after a day. `info`: 8 hours and a day, then daily 3 times, never back.
 */
export const DEFAULT_ESCALATION_POLICY: EscalationPolicy = Object.freeze({
  critical: {
    steps: [
      { level: 'supervisor', acknowledgeWithinMs: 5 * MINUTE },
      { level: 'operator', acknowledgeWithinMs: 10 * MINUTE },
      { level: 'admin', acknowledgeWithinMs: 15 * MINUTE },
    ],
    repeatEveryMs: 15 * MINUTE,
    maxRepeats: 96,
    resolveWithinMs: 4 * HOUR,
  },
  warning: {
    steps: [
      { level: 'supervisor', acknowledgeWithinMs: 30 * MINUTE },
      { level: 'operator', acknowledgeWithinMs: 2 * HOUR },
      { level: 'admin', acknowledgeWithinMs: 4 * HOUR },
    ],
    repeatEveryMs: 4 * HOUR,
    maxRepeats: 12,
    resolveWithinMs: 24 * HOUR,
  },
  info: {
    steps: [
      { level: 'supervisor', acknowledgeWithinMs: 8 * HOUR },
      { level: 'operator', acknowledgeWithinMs: 24 * HOUR },
    ],
    repeatEveryMs: 24 * HOUR,
    maxRepeats: 3,
    resolveWithinMs: null,
  },
})

const BOUNDS = { min: 1000, max: 30 * 24 * HOUR } as const

/**
 * Returns `policy` if it can be followed.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function requireEscalationPolicy(policy: EscalationPolicy): EscalationPolicy {
  for (const severity of ESCALATION_SEVERITIES) {
    const name = `policy.${severity}`
    const one: unknown = policy?.[severity]
    if (typeof one !== 'object' || one === null) throw new InvalidOptionError(name, 'a SeverityPolicy', one)
    const { steps, repeatEveryMs, maxRepeats, resolveWithinMs } = policy[severity]
    requireSteps(name, steps)
    requireInteger(`${name}.repeatEveryMs`, repeatEveryMs, BOUNDS)
    requireInteger(`${name}.maxRepeats`, maxRepeats, { max: 1000 })
    if (resolveWithinMs !== null) requireInteger(`${name}.resolveWithinMs`, resolveWithinMs, BOUNDS)
  }
  return policy
}

function requireSteps(name: string, steps: readonly EscalationStep[]): void {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new InvalidOptionError(`${name}.steps`, 'at least one step', steps)
  let below = -1
  for (const [index, step] of steps.entries()) {
    const at = `${name}.steps[${index}]`
    const rank = levelRank(requireOneOf(`${at}.level`, step?.level, ESCALATION_LEVELS))
    if (rank <= below) throw new InvalidOptionError(`${at}.level`, 'above the level before it', step.level)
    requireInteger(`${at}.acknowledgeWithinMs`, step.acknowledgeWithinMs, BOUNDS)
    below = rank
  }
}
