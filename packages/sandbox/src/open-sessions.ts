import { randomUUID } from 'node:crypto'
import { TimeError } from '@golden-arch/core/time'
import type { ExecutionTurns, Turn } from './execution-turns.ts'
import { HeldSession, type OpenedSession } from './held-session.ts'
import { encodeFiles } from './input-files.ts'
import type { SessionLease, SessionOpening } from './ports/sandbox-backend.ts'
import { givenLimits } from './resolve-limits.ts'
import { SandboxError, type SessionEnd } from './sandbox-error.ts'
import type { ResolvedSandboxExecutorOptions } from './sandbox-executor-options.ts'
import type { SandboxSession } from './sandbox-session.ts'
import { resolveSessionTimes, type SessionRequest } from './session-request.ts'

/** The sessions of an executor, each in a turn of its own. */
export class OpenSessions {
  readonly #options: ResolvedSandboxExecutorOptions
  readonly #turns: ExecutionTurns
  readonly #sessions = new Set<HeldSession>()
  #openingCount = 0

  constructor(options: ResolvedSandboxExecutorOptions, turns: ExecutionTurns) {
    this.#options = options
    this.#turns = turns
  }

  /** Sessions that are open. */
  get count(): number {
    return this.#sessions.size
  }

  /**
   * Opens a session.
   * @throws what {@link ExecutionTurns.take} throws; SandboxError `SANDBOX_REQUEST_INVALID`; SandboxError `SANDBOX_SESSIONS_FULL` or
   * `SANDBOX_INFRA`; TimeError `ABORTED` where the signal fired first.
   */
  async open(request: SessionRequest, signal: AbortSignal | undefined): Promise<SandboxSession> {
    const { backend, maxSessions, limits: defaults } = this.#options
    const times = resolveSessionTimes(request, backend)
    const { language, files, env } = request
    const limits = backend.resolveLimits({ ...defaults, ...givenLimits(request.limits) })
    const encoded = files === undefined ? undefined : encodeFiles(files)
    const opening = { language, limits, lifetimeMs: times.lifetimeMs, files: encoded, env }
    if (this.#sessions.size + this.#openingCount >= maxSessions) {
      const error = SandboxError.sessionsFull(maxSessions)
      this.#turns.meter.refused(error)
      throw error
    }
    this.#openingCount++
    try {
      const turn = await this.#turns.take(request, signal)
      if (turn.startMs === undefined) throw TimeError.aborted(signal?.reason)
      const sessionId = request.sessionId ?? `session-${randomUUID()}`
      const lease = await this.#lease(opening, sessionId, turn, signal)
      return this.#hold({ ...request, ...times, limits, sessionId }, lease, turn)
    } finally {
      this.#openingCount--
    }
  }

  /** Ends all sessions; a step that runs may end by itself. */
  drain(end: SessionEnd): void {
    for (const session of this.#sessions) session.drain(end)
  }

  /** Ends all sessions, in the middle of a step if need be. */
  stop(end: SessionEnd): void {
    for (const session of this.#sessions) session.stop(end)
  }

  async #lease(
    opening: SessionOpening,
    sessionId: string,
    turn: Turn,
    signal: AbortSignal | undefined,
  ): Promise<SessionLease> {
    const { backend } = this.#options
    let lease: SessionLease | undefined
    try {
      lease = await backend.openSession?.(opening)
      if (lease === undefined) throw SandboxError.infra(`backend ${backend.id} opens no sessions`)
    } catch (cause) {
      this.#turns.leave(turn)
      throw this.#turns.fail(opening, sessionId, cause)
    }
    if (signal?.aborted !== true && !this.#turns.isClosed) return lease
    lease.release()
    this.#turns.leave(turn)
    throw this.#turns.isClosed ? SandboxError.closed('the executor') : TimeError.aborted(signal?.reason)
  }

  #hold(request: OpenedSession, lease: SessionLease, turn: Turn): HeldSession {
    const { meter } = this.#turns
    const session: HeldSession = new HeldSession({
      request,
      lease,
      executor: this.#options,
      turns: this.#turns,
      onRelease: () => {
        this.#sessions.delete(session)
        meter.sessionsOpen(this.#sessions.size)
        this.#turns.leave(turn)
      },
    })
    this.#sessions.add(session)
    meter.sessionsOpen(this.#sessions.size)
    this.#turns.look()
    return session
  }
}
