import { requireInteger, requireNumber, requireText, withDefaults } from '@golden-arch/core/errors'
import type { GateFinding, PromptGate } from '../ports/prompt-gate.ts'
import { decideEvaluation, type EvaluationPolicy, type EvaluationVerdict } from './decide-evaluation.ts'
import { findEvaluation } from './evaluation-rows.ts'

/** What an {@link evaluationGate} asks for. */
export interface EvaluationGateOptions {
  /** Name of the dataset with its version, 1 to 256 characters. Both texts must have a result on it. */
  readonly dataset: string
  /**
   * Two-sided confidence of the interval, 0.5 to 0.9999. Default 0.95: a text that is worse by the margin passes in about 1
   * of 40 cases, one that is worse by more in fewer.
   */
  readonly confidence?: number | undefined
  /**
   * By how much the candidate may be worse, 0 to 1e100: a difference of shares (0.02 is two of a hundred), or of means in
   * their own unit. With 0 a text must be surely better to pass.
   */
  readonly margin: number
  /** Fewest samples of each result, 2 to 1000000000. Default 30. */
  readonly minSamples?: number | undefined
}

const NAME = 'evaluation'
const DEFAULTS = { dataset: undefined, confidence: 0.95, margin: undefined, minSamples: 30 }

/**
 * A gate against a text that may do worse than the one in force: the lower bound of the confidence interval of the
 * difference, candidate minus base, must not fall below minus the margin. Shares are compared by Newcombe's hybrid score
 * interval, means by Welch's. A result that is missing or has too few samples is a finding; results are bound to the hash of
 * the text and to the tenant. Both intervals take the samples as independent; on the same dataset they are alike, which
 * makes the gate stricter than it says, not laxer.
 * @throws InvalidOptionError `INVALID_OPTION` on an option out of its range.
 */
export function evaluationGate(options: EvaluationGateOptions): PromptGate {
  const { confidence, margin, minSamples, ...given } = withDefaults(options, DEFAULTS)
  const dataset = requireText('dataset', given.dataset)
  const policy: EvaluationPolicy = {
    confidence: requireNumber('confidence', confidence, { min: 0.5, max: 0.9999 }),
    margin: requireNumber('margin', margin, { max: 1e100 }),
    minSamples: requireInteger('minSamples', minSamples, { min: 2, max: 1_000_000_000 }),
  }
  return {
    name: NAME,
    async check(tx, { tenantId, agentRole, contentSha256, base }): Promise<readonly GateFinding[]> {
      const role = { tenantId, agentRole, dataset }
      const candidate = await findEvaluation(tx, { ...role, contentSha256 })
      const inForce =
        base === null ? null : await findEvaluation(tx, { ...role, contentSha256: base.contentSha256 })
      const verdict = decideEvaluation(candidate?.result, inForce === null ? null : inForce?.result, policy)
      if (verdict.kind === 'passed') return []
      return [{ gate: NAME, rule: verdict.kind, message: messageOf(verdict, dataset, policy) }]
    },
  }
}

function messageOf(
  verdict: Exclude<EvaluationVerdict, { kind: 'passed' }>,
  dataset: string,
  { confidence, margin, minSamples }: EvaluationPolicy,
): string {
  switch (verdict.kind) {
    case 'missing':
      return `the ${verdict.of} has no result on ${dataset}`
    case 'too-few-samples':
      return `the ${verdict.of} has fewer than ${minSamples} samples on ${dataset}`
    case 'not-comparable':
      return `on ${dataset} one result is a share and the other a mean`
    case 'may-be-worse': {
      const [difference, lower] = [verdict.difference, verdict.lower].map((one) => one.toPrecision(3))
      return `on ${dataset} the difference is ${difference}, at ${confidence} at least ${lower}, less than -${margin}`
    }
  }
}
