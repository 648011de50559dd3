import { type Counter, type Gauge, METRICS, type Metrics } from '@golden-arch/core/observability'
import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { SandboxBackend, SandboxBackendStats } from './ports/sandbox-backend.ts'

/** Pause between two looks while the backend's numbers change. */
const LOOK_INTERVAL_MS = 10_000
const NOTHING: Required<SandboxBackendStats> = { warm: 0, warmStarts: 0, coldStarts: 0, orphansReaped: 0 }

/**
 * Turns the numbers that a backend keeps of itself into measurements: when told to look, and then again until they rest, as a
 * pool is refilled after the execution that took from it.
 */
export class BackendWatch {
  readonly #backend: SandboxBackend
  readonly #clock: Clock
  readonly #poolSize: Gauge
  readonly #starts: Counter
  readonly #orphansReaped: Counter
  #seen: Required<SandboxBackendStats> = NOTHING
  #timer: ScheduledTimer | undefined
  #isClosed = false

  constructor(backend: SandboxBackend, metrics: Metrics, clock: Clock) {
    this.#backend = backend
    this.#clock = clock
    this.#poolSize = metrics.gauge(METRICS.sandboxPoolSize)
    this.#starts = metrics.counter(METRICS.sandboxStarts)
    this.#orphansReaped = metrics.counter(METRICS.sandboxOrphansReaped)
  }

  /** Measures what has changed. */
  look(): void {
    if (this.#measure()) this.#lookAgain()
  }

  /** Measures a last time. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#measure()
  }

  #measure(): boolean {
    const { stats, id: backend } = this.#backend
    if (stats === undefined) return false
    const { warm, warmStarts, coldStarts, orphansReaped = 0 } = stats
    const seen = this.#seen
    this.#seen = { warm, warmStarts, coldStarts, orphansReaped }
    this.#poolSize.set(warm, { backend })
    const count = (counter: Counter, by: number, labels: Record<string, string>): void => {
      if (by > 0) counter.increment({ backend, ...labels }, by)
    }
    count(this.#starts, warmStarts - seen.warmStarts, { temperature: 'warm' })
    count(this.#starts, coldStarts - seen.coldStarts, { temperature: 'cold' })
    count(this.#orphansReaped, orphansReaped - seen.orphansReaped, {})
    return (
      warm !== seen.warm ||
      warmStarts !== seen.warmStarts ||
      coldStarts !== seen.coldStarts ||
      orphansReaped !== seen.orphansReaped
    )
  }

  #lookAgain(): void {
    if (this.#isClosed) return
    this.#timer?.cancel()
    this.#timer = this.#clock.schedule(LOOK_INTERVAL_MS, () => this.look())
    this.#timer.hold?.(false)
  }
}
