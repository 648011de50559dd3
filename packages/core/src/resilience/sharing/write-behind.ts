import type { Counter, Logger } from '../../observability/index.ts'
import { type Clock, type ScheduledTimer, withDeadline } from '../../time/index.ts'
import type { CircuitPersistence, PersistedCircuit } from '../ports/circuit-persistence.ts'

/** What a {@link WriteBehind} works with. */
export interface WriteBehindOptions {
  readonly persistence: CircuitPersistence
  readonly clock: Clock
  readonly logger: Logger
  readonly failures: Counter
  readonly delayMs: number
  readonly timeoutMs: number
}

/** The circuit as it is at the moment of writing; its remaining time is not that of the moment of the change. */
export type CircuitSnapshot = () => PersistedCircuit | undefined

const MAX_PENDING = 10_000
const BATCH_LENGTH = 500
const MAX_DELAY_MS = 30_000

/** Writes circuits some time after they changed, each once for all its changes since, and tries again when that fails. */
export class WriteBehind {
  readonly #options: WriteBehindOptions
  readonly #pending = new Map<string, CircuitSnapshot>()
  #timer: ScheduledTimer | undefined
  #writing: Promise<void> | undefined
  #failuresInRow = 0
  #isClosed = false

  constructor(options: WriteBehindOptions) {
    this.#options = options
  }

  /** Notes that the circuit changed. Beyond 10000 names that wait, the one that waits longest is forgotten. */
  put(name: string, snapshot: CircuitSnapshot): void {
    this.#pending.delete(name)
    this.#pending.set(name, snapshot)
    if (this.#pending.size > MAX_PENDING) {
      const oldest = this.#pending.keys().next()
      if (!oldest.done) this.#pending.delete(oldest.value)
    }
    this.#schedule()
  }

  /** Writes what waits, in one attempt, and no more after it. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#timer = undefined
    await this.#writing
    await this.#write()
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#writing !== undefined) return
    const { clock, delayMs } = this.#options
    const waitMs = Math.min(MAX_DELAY_MS, delayMs * 2 ** Math.min(this.#failuresInRow, 20))
    this.#timer = clock.schedule(waitMs, () => {
      this.#timer = undefined
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
        if (this.#pending.size > 0) this.#schedule()
      })
    })
  }

  async #write(): Promise<void> {
    const { persistence, clock, timeoutMs, logger, failures } = this.#options
    while (this.#pending.size > 0) {
      const batch = [...this.#pending].slice(0, BATCH_LENGTH)
      for (const [name] of batch) this.#pending.delete(name)
      try {
        const circuits = batch.map(([, snapshot]) => snapshot()).filter((one) => one !== undefined)
        await withDeadline({ timeoutMs, clock }, () => persistence.save(circuits))
        this.#failuresInRow = 0
      } catch (error) {
        this.#failuresInRow++
        failures.increment({ operation: 'save' })
        if (this.#failuresInRow === 1) logger.warn({ err: error }, 'circuits could not be written down')
        for (const [name, snapshot] of batch) {
          if (!this.#pending.has(name)) this.#pending.set(name, snapshot)
        }
        return
      }
    }
  }
}
