import { SandboxError } from '../../sandbox-error.ts'

/** What a {@link WorkerPool} keeps. */
export interface PooledWorker {
  /** Whether it can take more work. */
  readonly isUsable: boolean
  terminate(): Promise<void>
}

/** How a {@link WorkerPool} makes workers, and how many. */
export interface WorkerPoolOptions<W extends PooledWorker> {
  readonly start: () => Promise<W>
  readonly maxWorkers: number
  /** Workers kept ready; a dead one is replaced at once. */
  readonly warmWorkers: number
  /** Times that a worker is used before it is replaced. */
  readonly maxRunsPerWorker: number
  /** Told of a start that nobody waits for and that failed; the next caller tries again and is told itself. */
  readonly onStartFailure: (cause: unknown) => void
}

/** Workers that are ready when asked for, and never more than so many. */
export class WorkerPool<W extends PooledWorker> {
  readonly #options: WorkerPoolOptions<W>
  readonly #idle: W[] = []
  readonly #starting = new Set<Promise<void>>()
  readonly #workers = new Map<W, { runs: number }>()
  #held = 0
  #warmStarts = 0
  #coldStarts = 0
  #isClosed = false

  constructor(options: WorkerPoolOptions<W>) {
    this.#options = options
  }

  /** Workers that wait, and how those in use were come by. */
  get stats(): { readonly warm: number; readonly warmStarts: number; readonly coldStarts: number } {
    return { warm: this.#idle.length, warmStarts: this.#warmStarts, coldStarts: this.#coldStarts }
  }

  /** Workers that live, idle or not. */
  get size(): number {
    return this.#workers.size
  }

  /**
   * Starts as many workers as are to be kept ready.
   * @throws whatever a start throws; SandboxError `SANDBOX_CLOSED` after `close`.
   */
  async prepare(): Promise<void> {
    if (this.#isClosed) throw SandboxError.closed('the backend')
    const missing = this.#options.warmWorkers - this.#workers.size - this.#starting.size
    await Promise.all([
      ...this.#starting,
      ...Array.from({ length: Math.max(0, missing) }, () => this.#start()),
    ])
  }

  /**
   * A worker for the caller alone, until it is given back, and whether it was there already.
   * @throws SandboxError `SANDBOX_INFRA` when all are held, `SANDBOX_CLOSED` after `close`; whatever a start throws.
   */
  async acquire(): Promise<{ readonly worker: W; readonly isWarm: boolean }> {
    if (this.#isClosed) throw SandboxError.closed('the backend')
    if (this.#held >= this.#options.maxWorkers) throw SandboxError.infra('every worker is in use')
    this.#held++
    try {
      const taken = await this.#takeOrStart()
      if (taken.isWarm) this.#warmStarts++
      else this.#coldStarts++
      return taken
    } catch (cause) {
      this.#held--
      throw cause
    }
  }

  /** Takes a worker back, to be used again if it still can be. */
  release(worker: W): void {
    this.#held--
    const record = this.#workers.get(worker)
    if (record === undefined) return
    record.runs++
    if (worker.isUsable && record.runs < this.#options.maxRunsPerWorker) {
      this.#idle.push(worker)
      return
    }
    this.#workers.delete(worker)
    void worker.terminate()
    this.#refill()
  }

  /** Ends every worker. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#starting)
    const workers = [...this.#workers.keys()]
    this.#workers.clear()
    this.#idle.length = 0
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  async #takeOrStart(): Promise<{ readonly worker: W; readonly isWarm: boolean }> {
    for (let isWarm = true; ; isWarm = false) {
      const worker = this.#idle.pop()
      if (worker?.isUsable) return { worker, isWarm }
      if (worker !== undefined) {
        this.#workers.delete(worker)
        continue
      }
      if (this.#isClosed) throw SandboxError.closed('the backend')
      const [starting] = this.#starting
      await (starting ?? this.#start())
    }
  }

  #start(): Promise<void> {
    const started = this.#options.start().then(async (worker) => {
      this.#starting.delete(started)
      if (this.#isClosed) return worker.terminate()
      this.#workers.set(worker, { runs: 0 })
      this.#idle.push(worker)
    })
    this.#starting.add(started)
    started.catch(() => this.#starting.delete(started))
    return started
  }

  #refill(): void {
    if (this.#isClosed || this.#workers.size + this.#starting.size >= this.#options.warmWorkers) return
    this.#start().catch(this.#options.onStartFailure)
  }
}
