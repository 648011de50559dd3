import {
  type Counter,
  type Gauge,
  type Histogram,
  METRICS,
  type Metrics,
} from '@golden-arch/core/observability'
import type { ExecutionPriority } from './execution-priority.ts'
import type { SandboxLanguage } from './execution-request.ts'
import type { ExecutionStatus } from './execution-result.ts'
import { SandboxError } from './sandbox-error.ts'

/** Counts and times what an executor does, under the names of the catalogue. */
export class ExecutorMeter {
  readonly #backend: string
  readonly #executions: Counter
  readonly #failures: Counter
  readonly #refusals: Counter
  readonly #executionSeconds: Histogram
  readonly #waitSeconds: Histogram
  readonly #queueDepth: Gauge
  readonly #sessions: Gauge

  constructor(metrics: Metrics, backend: string) {
    this.#backend = backend
    this.#executions = metrics.counter(METRICS.sandboxExecutions)
    this.#failures = metrics.counter(METRICS.sandboxExecutionFailures)
    this.#refusals = metrics.counter(METRICS.sandboxRefusals)
    this.#executionSeconds = metrics.histogram(METRICS.sandboxExecutionSeconds)
    this.#waitSeconds = metrics.histogram(METRICS.sandboxQueueWaitSeconds)
    this.#queueDepth = metrics.gauge(METRICS.sandboxQueueDepth)
    this.#sessions = metrics.gauge(METRICS.sandboxSessionsOpen)
    // Whoever scales by them must be able to tell none from not known.
    this.queueDepth(0)
    this.sessionsOpen(0)
  }

  /** An execution, or a step of a session, has ended `elapsedMs` after its turn began; 0 if it never ran. */
  ended(language: SandboxLanguage, status: ExecutionStatus, elapsedMs: number): void {
    const backend = this.#backend
    this.#executions.increment({ backend, language, status })
    if (elapsedMs > 0) this.#executionSeconds.observe(elapsedMs / 1000, { backend, language })
  }

  /** The host failed to carry one out. */
  failed(language: SandboxLanguage): void {
    this.#failures.increment({ backend: this.#backend, language })
  }

  /** One was refused, if the error is such a refusal. */
  refused(error: unknown): void {
    if (error instanceof SandboxError) this.#refusals.increment({ backend: this.#backend, code: error.code })
  }

  /** One got its turn after so long. */
  waited(priority: ExecutionPriority, queueMs: number): void {
    this.#waitSeconds.observe(queueMs / 1000, { backend: this.#backend, priority })
  }

  /** So many wait now. */
  queueDepth(count: number): void {
    this.#queueDepth.set(count, { backend: this.#backend })
  }

  /** So many sessions are open now. */
  sessionsOpen(count: number): void {
    this.#sessions.set(count, { backend: this.#backend })
  }
}
