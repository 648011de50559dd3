import {
  InvalidOptionError,
  requireInteger,
  requireOneOf,
  requireTenantId,
  requireText,
} from '@golden-arch/core/errors'
import { requireRoleName } from '../check-proposal.ts'
import type { EvaluationKey, EvaluationResult } from './prompt-evaluation.ts'

const MAX_SAMPLES = 1_000_000_000
const MAX_SCORE = 1e100

/** Returns the key if it keeps its rules. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireEvaluationKey(key: EvaluationKey): EvaluationKey {
  const { contentSha256 } = key
  if (typeof contentSha256 !== 'string' || !/^[0-9a-f]{64}$/.test(contentSha256)) {
    throw new InvalidOptionError('contentSha256', '64 lower-case hexadecimal digits', contentSha256)
  }
  return {
    tenantId: requireTenantId(key.tenantId),
    agentRole: requireRoleName(key.agentRole),
    contentSha256,
    dataset: requireText('dataset', key.dataset),
  }
}

/** Returns the result if it keeps its rules. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireEvaluationResult(result: EvaluationResult): EvaluationResult {
  const kind = requireOneOf('result.kind', result?.kind, ['share', 'mean'])
  const min = kind === 'share' ? 1 : 2
  const samples = requireInteger('result.samples', result.samples, { min, max: MAX_SAMPLES })
  if (result.kind === 'share') {
    const successes = requireInteger('result.successes', result.successes, { max: samples })
    return { kind: 'share', samples, successes }
  }
  return {
    kind: 'mean',
    samples,
    mean: requireScore('result.mean', result.mean, -MAX_SCORE),
    standardDeviation: requireScore('result.standardDeviation', result.standardDeviation, 0),
  }
}

function requireScore(option: string, value: unknown, min: number): number {
  // Adding zero makes of -0 a 0, which is what the database gives back.
  if (typeof value === 'number' && value >= min && value <= MAX_SCORE) return value + 0
  throw new InvalidOptionError(option, `a number from ${min} to ${MAX_SCORE}`, value)
}
