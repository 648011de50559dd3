import { meanDifferenceInterval } from '../../statistics/mean-difference.ts'
import { normalQuantile } from '../../statistics/normal-quantile.ts'
import { shareDifferenceInterval } from '../../statistics/share-difference.ts'
import type { EvaluationResult } from './prompt-evaluation.ts'

/** What a candidate's result must reach. */
export interface EvaluationPolicy {
  /** Two-sided confidence of the interval, 0.5 to 0.9999. */
  readonly confidence: number
  /** By how much the candidate may be worse, not negative. */
  readonly margin: number
  /** Fewest samples of each result. */
  readonly minSamples: number
}

/** What the results of a candidate and of the version in force say. */
export type EvaluationVerdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'missing' | 'too-few-samples'; readonly of: 'candidate' | 'base' }
  | { readonly kind: 'not-comparable' }
  | { readonly kind: 'may-be-worse'; readonly lower: number; readonly difference: number }

/**
 * Decides whether a candidate is sure enough not to be worse than the version in force: the lower bound of the interval of
 * the difference, candidate minus base, must not fall below minus the margin. `base` is null for a role's first prompt,
 * which needs a result of its own and no more; a result that is not there is undefined.
 */
export function decideEvaluation(
  candidate: EvaluationResult | undefined,
  base: EvaluationResult | undefined | null,
  { confidence, margin, minSamples }: EvaluationPolicy,
): EvaluationVerdict {
  if (candidate === undefined) return { kind: 'missing', of: 'candidate' }
  if (candidate.samples < minSamples) return { kind: 'too-few-samples', of: 'candidate' }
  if (base === null) return { kind: 'passed' }
  if (base === undefined) return { kind: 'missing', of: 'base' }
  if (base.samples < minSamples) return { kind: 'too-few-samples', of: 'base' }
  const found = compare(candidate, base, confidence)
  if (found === undefined) return { kind: 'not-comparable' }
  return found.lower >= -margin ? { kind: 'passed' } : { kind: 'may-be-worse', ...found }
}

function compare(
  candidate: EvaluationResult,
  base: EvaluationResult,
  confidence: number,
): { readonly lower: number; readonly difference: number } | undefined {
  if (candidate.kind === 'share' && base.kind === 'share') {
    const { lower } = shareDifferenceInterval(candidate, base, normalQuantile((1 + confidence) / 2))
    return { lower, difference: candidate.successes / candidate.samples - base.successes / base.samples }
  }
  if (candidate.kind === 'mean' && base.kind === 'mean') {
    const { lower } = meanDifferenceInterval(candidate, base, confidence)
    return { lower, difference: candidate.mean - base.mean }
  }
  return undefined
}
