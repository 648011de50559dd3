import { defaultLimits, type ExecutionLimits, type LimitRanges } from '../execution-limits.ts'
import type { SandboxLanguage } from '../execution-request.ts'
import type { GuestOutcome } from '../execution-result.ts'
import type { IsolationLevel } from '../isolation.ts'
import type {
  AcceptedInputs,
  GuestProgram,
  OutputListener,
  SandboxBackend,
  SandboxBackendStats,
  SandboxLease,
  SessionLease,
  SessionOpening,
} from '../ports/sandbox-backend.ts'

const RANGE = Object.freeze({ min: 0, max: 1_000_000, default: 1000 })
const RANGES: LimitRanges = {
  timeoutMs: RANGE,
  cpuTimeMs: RANGE,
  memoryLimitBytes: RANGE,
  stackLimitBytes: RANGE,
  stdoutLimitBytes: RANGE,
  stderrLimitBytes: RANGE,
  valueLimitBytes: RANGE,
}

const EMPTY = Object.freeze({ stdout: '', stderr: '', truncated: { stdout: false, stderr: false } })

/** A run that the test ends when it likes. */
export interface PendingRun {
  readonly program: Pick<GuestProgram, 'code' | 'limits' | 'files'>
  readonly write: OutputListener
  finish(outcome?: Partial<GuestOutcome>): void
  fail(cause: unknown): void
}

/** A session that was opened; the test may end its guest. */
export interface FakeSession {
  readonly opening: SessionOpening
  isUsable: boolean
  isReleased: boolean
}

const STOPPED: ReadonlySet<string> = new Set(['timed-out', 'out-of-memory', 'output-limit', 'cancelled'])

/** A backend whose runs end when the test says so; an abort ends them as cancelled. */
export class FakeSandboxBackend implements SandboxBackend {
  readonly id: string = 'fake'
  readonly isolation: IsolationLevel
  readonly languages: readonly SandboxLanguage[] = ['javascript']
  readonly sessionLanguages: readonly SandboxLanguage[] = ['javascript']
  readonly acceptedInputs: AcceptedInputs = {
    files: true,
    stdin: false,
    argv: false,
    environmentNames: ['NAME'],
  }
  readonly maxConcurrent: number
  /** Sessions that were opened, in order, whether they have ended or not. */
  readonly sessions: FakeSession[] = []
  /** Numbers for whoever measures; unset, the backend keeps none. */
  stats?: SandboxBackendStats
  /** Runs that have begun, in order, whether they have ended or not. */
  readonly runs: PendingRun[] = []
  /** Thrown by `acquire` and `openSession` while set. */
  acquireFailure: unknown
  /** Leases taken and not given back. */
  heldCount = 0
  isClosed = false

  constructor(isolation: IsolationLevel = 'wasm', maxConcurrent = 2) {
    this.isolation = isolation
    this.maxConcurrent = maxConcurrent
  }

  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return { ...defaultLimits(RANGES), ...requested }
  }

  async prepare(): Promise<void> {}

  async acquire(): Promise<SandboxLease> {
    if (this.acquireFailure !== undefined) throw this.acquireFailure
    this.heldCount++
    return {
      run: (program, signal, onOutput) => this.#run(program, signal, onOutput),
      release: () => {
        this.heldCount--
      },
    }
  }

  async openSession(opening: SessionOpening): Promise<SessionLease> {
    if (this.acquireFailure !== undefined) throw this.acquireFailure
    this.heldCount++
    const session: FakeSession = { opening, isUsable: true, isReleased: false }
    this.sessions.push(session)
    return {
      get isUsable() {
        return session.isUsable
      },
      run: async (step, signal, onOutput) => {
        const outcome = await this.#run(step, signal, onOutput)
        if (STOPPED.has(outcome.status)) session.isUsable = false
        return outcome
      },
      release: () => {
        if (!session.isReleased) this.heldCount--
        Object.assign(session, { isUsable: false, isReleased: true })
      },
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  #run(
    program: PendingRun['program'],
    signal: AbortSignal,
    onOutput: OutputListener = () => {},
  ): Promise<GuestOutcome> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) resolve({ ...EMPTY, status: 'cancelled' })
      signal.addEventListener('abort', () => resolve({ ...EMPTY, status: 'cancelled' }), { once: true })
      this.runs.push({
        program,
        write: onOutput,
        finish: (outcome = {}) => resolve({ ...EMPTY, status: 'completed', ...outcome }),
        fail: reject,
      })
    })
  }
}
