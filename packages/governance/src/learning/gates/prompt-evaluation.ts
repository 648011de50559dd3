import type { AgentRole } from '@golden-arch/core/tasks'

/**
 * What came out of a dataset: how many of the samples were right, or the mean of a score (higher is better) with the
 * standard deviation of the sample.
 */
export type EvaluationResult =
  | { readonly kind: 'share'; readonly samples: number; readonly successes: number }
  | {
      readonly kind: 'mean'
      readonly samples: number
      readonly mean: number
      readonly standardDeviation: number
    }

/** Which text was evaluated, on what. */
export interface EvaluationKey {
  readonly tenantId: string
  readonly agentRole: AgentRole
  /** SHA-256 of the text in UTF-8, lower-case hexadecimal. */
  readonly contentSha256: string
  /** Name of the dataset with its version, such as `regressions@7`, 1 to 256 characters. */
  readonly dataset: string
}

/** The result of a text on a dataset, as it was recorded. */
export interface PromptEvaluation extends EvaluationKey {
  readonly result: EvaluationResult
  readonly recordedBy: { readonly id: string; readonly kind: 'human' | 'service' }
  readonly recordedAt: Date
}
