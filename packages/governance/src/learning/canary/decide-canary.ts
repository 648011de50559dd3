import type { CanaryCounts, CanaryPolicy } from './canary-trial.ts'

/** What the outcomes so far say of a trial. */
export interface CanaryVerdict {
  readonly kind: 'continue' | 'roll-back' | 'passed' | 'inconclusive'
  /**
   * How many times better the outcomes are told by a version that fails more often than tolerated than by one that does not,
   * 1e12 at most. It rolls back from 1000 / `falseAlarmMilli` on.
   */
  readonly evidence: number
}

/** How many times as often as tolerated a version may fail for the evidence to look for it; each weighs the same. */
const SOUGHT_RATIOS: readonly number[] = [1.5, 2, 4, 10]
const MAX_EVIDENCE = 1e12

/**
 * Decides on a trial after each outcome. Of the tasks that failed, the share with the version on trial is looked at: where both
 * versions fail alike it is the share of the tasks, as a hash gave it out. The evidence against that is a mean of likelihood
 * ratios (A. Wald 1945, H. Robbins 1970), a supermartingale, which by J. Ville's inequality (1939) ever reaches 1000 /
 * `falseAlarmMilli` with a chance of `falseAlarmMilli` thousandths at most: the bound holds however often one looks. What both
 * versions suffer from, such as an outage, is evidence of nothing.
 */
export function decideCanary(counts: CanaryCounts, policy: CanaryPolicy): CanaryVerdict {
  const evidence = evidenceOf(counts, policy)
  return { kind: kindOf(evidence, counts, policy), evidence: Math.min(evidence, MAX_EVIDENCE) }
}

function kindOf(
  evidence: number,
  { canaryTasks, productionTasks }: CanaryCounts,
  { falseAlarmMilli, tasksWanted, maxTasks }: CanaryPolicy,
): CanaryVerdict['kind'] {
  if (evidence >= 1000 / falseAlarmMilli) return 'roll-back'
  if (canaryTasks >= tasksWanted) return 'passed'
  return canaryTasks + productionTasks >= maxTasks ? 'inconclusive' : 'continue'
}

function evidenceOf(
  { canaryFailures, productionFailures }: CanaryCounts,
  { shareMilli, toleratedRatioMilli }: CanaryPolicy,
): number {
  const share = shareMilli / 1000
  const tolerated = amongFailures(share, toleratedRatioMilli / 1000)
  const ratios = SOUGHT_RATIOS.map((sought) => {
    const worse = amongFailures(share, (sought * toleratedRatioMilli) / 1000)
    return Math.exp(
      canaryFailures * Math.log(worse / tolerated) +
        productionFailures * Math.log((1 - worse) / (1 - tolerated)),
    )
  })
  return ratios.reduce((sum, one) => sum + one) / ratios.length
}

/** The chance that a failed task had the version on trial, if that fails `ratio` times as often as the one in force. */
function amongFailures(share: number, ratio: number): number {
  return (share * ratio) / (share * ratio + 1 - share)
}
