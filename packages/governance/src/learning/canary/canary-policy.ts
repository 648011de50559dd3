import { requireInteger } from '@golden-arch/core/errors'
import type { CanaryPolicy } from './canary-trial.ts'

/** How a trial runs, where it differs from {@link DEFAULT_CANARY_POLICY}. */
export type CanaryPolicyOptions = Pick<CanaryPolicy, 'shareMilli'> & Partial<CanaryPolicy>

/** A trial is passed with 200 outcomes, ends with 5000 of both versions, and is rolled back by mistake in 1 of 100 cases at most. */
export const DEFAULT_CANARY_POLICY: Readonly<Omit<CanaryPolicy, 'shareMilli'>> = Object.freeze({
  tasksWanted: 200,
  maxTasks: 5000,
  toleratedRatioMilli: 1000,
  falseAlarmMilli: 10,
})

/** Fills in the defaults. @throws InvalidOptionError `INVALID_OPTION` on a number out of range. */
export function resolveCanaryPolicy(options: CanaryPolicyOptions, maxShareMilli: number): CanaryPolicy {
  const { shareMilli, ...given } = options
  const { tasksWanted, maxTasks, toleratedRatioMilli, falseAlarmMilli } = {
    ...DEFAULT_CANARY_POLICY,
    ...given,
  }
  requireInteger('tasksWanted', tasksWanted, { min: 1, max: 100_000 })
  return {
    shareMilli: requireInteger('shareMilli', shareMilli, { min: 1, max: maxShareMilli }),
    tasksWanted,
    maxTasks: requireInteger('maxTasks', maxTasks, { min: tasksWanted, max: 100_000 }),
    toleratedRatioMilli: requireInteger('toleratedRatioMilli', toleratedRatioMilli, {
      min: 1000,
      max: 10_000,
    }),
    falseAlarmMilli: requireInteger('falseAlarmMilli', falseAlarmMilli, { min: 1, max: 200 }),
  }
}
