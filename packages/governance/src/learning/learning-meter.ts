import { type Counter, METRICS, type Metrics } from '@golden-arch/core/observability'
import { LearningError } from './learning-error.ts'

/** What people, agents and time do to prompts, as it is counted. */
export type LearningActName =
  | 'propose'
  | 'rollback'
  | 'seed'
  | 'approve'
  | 'reject'
  | 'acknowledge-freeze'
  | 'break-glass'
  | 'apply-due'
  | 'expire'

/** Counts acts on prompts by what came of them, under the name of the catalogue. */
export class LearningMeter {
  readonly #acts: Counter

  constructor(metrics: Metrics) {
    this.#acts = metrics.counter(METRICS.learningActs)
  }

  /** An act whose transaction is committed: the status of its answer, `denied` for a refusal, else `done`. */
  acted(act: LearningActName, result: unknown): void {
    this.count(act, result instanceof LearningError ? 'denied' : statusOf(result))
  }

  /** Several acts that came to the same. */
  count(act: LearningActName, outcome: string, amount = 1): void {
    if (amount > 0) this.#acts.increment({ act, outcome }, amount)
  }
}

function statusOf(result: unknown): string {
  if (typeof result !== 'object' || result === null || !('status' in result)) return 'done'
  return typeof result.status === 'string' ? result.status : 'done'
}
