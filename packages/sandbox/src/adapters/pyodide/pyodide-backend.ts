import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestOutcome } from '../../execution-result.ts'
import type { IsolationLevel } from '../../isolation.ts'
import type {
  AcceptedInputs,
  GuestProgram,
  OutputListener,
  SandboxBackend,
  SandboxBackendStats,
  SandboxLease,
} from '../../ports/sandbox-backend.ts'
import { programOutcome } from '../../program/program-outcome.ts'
import { runGuestProgram } from '../../program/run-guest-program.ts'
import { resolveLimits } from '../../resolve-limits.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { WarmPool } from '../../warm-pool.ts'
import { childArguments } from './child-command.ts'
import { findPyodide } from './find-pyodide.ts'
import {
  type PyodideBackendOptions,
  type ResolvedPyodideBackendOptions,
  resolvePyodideBackendOptions,
} from './pyodide-backend-options.ts'
import { PYODIDE_LIMITS } from './pyodide-limits.ts'
import { PyodideProcess } from './pyodide-process.ts'

const WASM_PAGE_BYTES = 65_536
/** What Node and Pyodide's own JavaScript may hold, beside Python's memory and the guest's files. */
const OWN_BYTES = 384 * 1_048_576

/**
 * Runs Python in Pyodide, in a child process for each program. **This is not a boundary**: Pyodide hands JavaScript objects of
 * the child to the guest, and what keeps them harmless (Node's permissions, no code from strings, an empty environment) is a
 * seat belt by the word of those who made it. A guest that gets out of Python is a process of your user, without files but with
 * your network on Node 24 and before. Take it for code that you trust and want to bound; for any other take a stronger level.
 *
 * Bounded are time, Python's memory (by the engine), files and output. There is the standard library and no package, no thread,
 * no process and no event loop.
 */
export class PyodideBackend implements SandboxBackend {
  readonly id: string = 'pyodide'
  readonly isolation: IsolationLevel = 'best-effort'
  readonly languages: readonly SandboxLanguage[] = Object.freeze(['python'] as const)
  readonly acceptedInputs: AcceptedInputs
  readonly maxConcurrent: number
  readonly #options: ResolvedPyodideBackendOptions
  readonly #warm: WarmPool<PyodideProcess>
  readonly #live = new Set<PyodideProcess>()
  readonly #pending = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()
  #heldCount = 0
  #warmStarts = 0
  #coldStarts = 0
  #isClosed = false

  /** @throws InvalidOptionError `INVALID_OPTION` */
  constructor(options: PyodideBackendOptions = {}) {
    this.#options = resolvePyodideBackendOptions(options)
    const { maxConcurrent, environmentNames, warm, maxWarm, warmMaxAgeMs, clock, logger } = this.#options
    this.maxConcurrent = maxConcurrent
    this.acceptedInputs = Object.freeze({ files: true, stdin: true, argv: true, environmentNames })
    this.#warm = new WarmPool({
      minCount: warm,
      maxCount: maxWarm,
      maxAgeMs: warmMaxAgeMs,
      clock,
      start: () => this.#start(PYODIDE_LIMITS.memoryLimitBytes.default),
      discard: (guest) => this.#remove(guest),
      onStartFailure: (cause) => logger.warn({ err: cause, backend: this.id }, 'a Pyodide did not start'),
    })
  }

  /** How many children wait, and how programs came by theirs. */
  get stats(): SandboxBackendStats {
    return { warm: this.#warm.count, warmStarts: this.#warmStarts, coldStarts: this.#coldStarts }
  }

  /** Child processes that exist: waiting, running or being ended. */
  get childCount(): number {
    return this.#live.size
  }

  /**
   * Fills in the defaults of {@link PYODIDE_LIMITS}.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a limit out of its range.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return resolveLimits(requested, PYODIDE_LIMITS)
  }

  /**
   * Checks that Pyodide is there, and starts the warm children.
   * @throws SandboxError `SANDBOX_INFRA`, `SANDBOX_CLOSED`
   */
  async prepare(): Promise<void> {
    if (this.#isClosed) throw SandboxError.closed('the backend')
    findPyodide(this.#options.pyodideFolder)
    await this.#warm.refill()
  }

  /**
   * A child process for this program: one that waits, or else a new one, which takes seconds.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrent` are held; `SANDBOX_CLOSED`.
   */
  async acquire({ limits }: GuestProgram): Promise<SandboxLease> {
    if (this.#isClosed) throw SandboxError.closed('the backend')
    if (this.#heldCount >= this.maxConcurrent) throw SandboxError.infra('every sandbox is in use')
    this.#heldCount++
    try {
      const isPlain = limits.memoryLimitBytes === PYODIDE_LIMITS.memoryLimitBytes.default
      const ahead = isPlain ? this.#warm.take() : undefined
      const guest = ahead ?? (await this.#start(limits.memoryLimitBytes))
      const isWarmStart = ahead !== undefined
      if (isWarmStart) this.#warmStarts++
      else this.#coldStarts++
      let isReleased = false
      return {
        run: (program, signal, onOutput) => this.#run(guest, { program, signal, onOutput, isWarmStart }),
        release: () => {
          if (isReleased) return
          isReleased = true
          this.#heldCount--
          this.#remove(guest)
        },
      }
    } catch (cause) {
      this.#heldCount--
      throw this.#isClosed ? SandboxError.closed('the backend') : cause
    }
  }

  /** Ends every child. What still runs fails or is `killed`. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#closing.abort()
    this.#warm.close()
    for (const guest of this.#live) this.#remove(guest)
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(guest: PyodideProcess, held: HeldRun): Promise<GuestOutcome> {
    const { program, signal, onOutput, isWarmStart } = held
    const { rules, clock } = this.#options
    const run = await runGuestProgram(guest, program, { fileBounds: rules, clock, signal, onOutput })
    return { ...programOutcome(run), place: { runtime: 'pyodide', isWarmStart, rules: { ...rules } } }
  }

  async #start(memoryLimitBytes: number): Promise<PyodideProcess> {
    const { pyodideFolder, childUrl, rules, clock, startTimeoutMs } = this.#options
    const { diskLimitBytes } = rules
    const folder = findPyodide(pyodideFolder)
    const maxPages = Math.floor(memoryLimitBytes / WASM_PAGE_BYTES)
    const starting = PyodideProcess.start({
      args: childArguments(childUrl, { folder, maxPages, diskLimitBytes }),
      residentLimitBytes: memoryLimitBytes + diskLimitBytes + OWN_BYTES,
      clock,
      timeoutMs: startTimeoutMs,
      signal: this.#closing.signal,
    })
    this.#note(starting)
    const guest = await starting
    this.#live.add(guest)
    if (!this.#isClosed) return guest
    this.#remove(guest)
    throw SandboxError.closed('the backend')
  }

  #remove(guest: PyodideProcess): void {
    const removal = guest
      .remove()
      .catch((cause: unknown) =>
        this.#options.logger.warn({ err: cause, backend: this.id }, 'a Pyodide was not ended'),
      )
      .finally(() => this.#live.delete(guest))
    this.#note(removal)
  }

  #note(pending: Promise<unknown>): void {
    const forget = (): void => void this.#pending.delete(pending)
    this.#pending.add(pending)
    pending.then(forget, forget)
  }
}

/** A run, and how its child was come by. */
interface HeldRun {
  readonly program: GuestProgram
  readonly signal: AbortSignal
  readonly onOutput: OutputListener | undefined
  readonly isWarmStart: boolean
}
