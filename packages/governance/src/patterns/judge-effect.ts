import { requireInteger, requireNumber, withDefaults } from '@golden-arch/core/errors'
import { shareDifferenceInterval } from '../statistics/share-difference.ts'

/** When a pattern's effect is told. */
export interface EffectOptions {
  /** Tasks with this kind of failure that there must be after the change, 10 to 10000. Default 20. */
  readonly minTasks?: number | undefined
  /**
   * How often it is looked: at `minTasks` tasks after, at twice as many, at four times and so on, 1 to 10 looks. Default
   * 6, so the last look is at 640. Looking after each task would find harm by chance sooner or later.
   */
  readonly maxLooks?: number | undefined
  /** Standard errors of the interval of the difference, 1 to 6. Default 2.576: it covers 99 %. */
  readonly z?: number | undefined
}

/** {@link EffectOptions} with every default filled in. */
export type ResolvedEffectOptions = Readonly<Record<keyof EffectOptions, number>>

/** What is used where nothing is said. */
const DEFAULT_EFFECT_OPTIONS: ResolvedEffectOptions = Object.freeze({
  minTasks: 20,
  maxLooks: 6,
  z: 2.576,
})

/** As many as a pattern is suggested from at the least; the interval is the wider the fewer they are. */
const MIN_TASKS_BEFORE = 5

/** Tasks with one kind of failure, and those of them in which a try to mend it failed. */
export interface FailureShare {
  readonly tasks: number
  readonly failed: number
}

/** What a pattern did, as far as the numbers go. */
export type PatternEffect =
  | { readonly kind: 'unknown'; readonly before: FailureShare; readonly after: FailureShare }
  | {
      /** `harmful`: the share of failed tasks rose for certain; `helpful`: it fell; `none`: either may be. */
      readonly kind: 'helpful' | 'none' | 'harmful'
      readonly before: FailureShare
      readonly after: FailureShare
      /** Between which values the share after less the share before lies. */
      readonly difference: { readonly low: number; readonly high: number }
    }

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolveEffectOptions(options: EffectOptions = {}): ResolvedEffectOptions {
  const resolved = withDefaults(options, DEFAULT_EFFECT_OPTIONS, 'effect.')
  requireInteger('effect.minTasks', resolved.minTasks, { min: 10, max: 10_000 })
  requireInteger('effect.maxLooks', resolved.maxLooks, { min: 1, max: 10 })
  requireNumber('effect.z', resolved.z, { min: 1, max: 6 })
  return resolved
}

/** How many tasks after the change are read at most: those of the last look. */
export function lastLook({ minTasks, maxLooks }: ResolvedEffectOptions): number {
  return minTasks * 2 ** (maxLooks - 1)
}

/**
 * Judges a change by the tasks with one kind of failure before it, at least 5, and after it.
 * @param after For each task after the change, oldest first, whether a try failed in it.
 */
export function judgeEffect(
  before: FailureShare,
  after: readonly boolean[],
  options: ResolvedEffectOptions,
): PatternEffect {
  const { minTasks, maxLooks, z } = options
  let look = 0
  for (let index = 0, at = minTasks; index < maxLooks && at <= after.length; index++, at *= 2) look = at
  if (look === 0 || before.tasks < MIN_TASKS_BEFORE) return { kind: 'unknown', before, after: shareOf(after) }
  const now = shareOf(after.slice(0, look))
  const { lower, upper } = shareDifferenceInterval(
    { successes: now.failed, samples: now.tasks },
    { successes: before.failed, samples: before.tasks },
    z,
  )
  const kind = lower > 0 ? 'harmful' : upper < 0 ? 'helpful' : 'none'
  return { kind, before, after: now, difference: { low: lower, high: upper } }
}

function shareOf(tasks: readonly boolean[]): FailureShare {
  return { tasks: tasks.length, failed: tasks.filter(Boolean).length }
}
