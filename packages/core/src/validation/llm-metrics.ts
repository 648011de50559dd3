import { METRICS, type Metrics } from '../observability/index.ts'
import type { LlmOutcome } from './outcome.ts'
import type { AskOutcome } from './re-ask/ask-outcome.ts'

/** Counts what became of answers and askings. Labels are codes and names of fixes, never a part of an answer. */
export class LlmMetrics {
  readonly #failures: ReturnType<Metrics['counter']>
  readonly #fixes: ReturnType<Metrics['counter']>
  readonly #attempts: ReturnType<Metrics['counter']>

  constructor(metrics: Metrics) {
    this.#failures = metrics.counter(METRICS.llmValidationFailures)
    this.#fixes = metrics.counter(METRICS.llmValidationFixes)
    this.#attempts = metrics.counter(METRICS.llmAttempts)
  }

  /** Counts an answer's refusal by its code, or its fixes by their names. */
  answer(outcome: LlmOutcome<unknown>): void {
    if (!outcome.ok) {
      this.#failures.increment({ code: outcome.code })
      return
    }
    if (outcome.fixes.length === 0) return
    const amounts = new Map<string, number>()
    for (const { name } of outcome.fixes) amounts.set(name, (amounts.get(name) ?? 0) + 1)
    for (const [name, amount] of amounts) this.#fixes.increment({ name }, amount)
  }

  /** Counts the calls of an asking by how it ended. */
  asked(outcome: AskOutcome<unknown>): void {
    const calls = outcome.attempts.length
    if (calls > 0) this.#attempts.increment({ outcome: outcome.ok ? 'value' : outcome.stop }, calls)
  }
}
