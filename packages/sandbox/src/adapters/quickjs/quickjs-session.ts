import type { GuestOutcome, GuestPlace } from '../../execution-result.ts'
import type { FileBounds } from '../../file-bounds.ts'
import type {
  OutputListener,
  SessionLease,
  SessionOpening,
  SessionStep,
} from '../../ports/sandbox-backend.ts'
import { SandboxError, type SessionEnd } from '../../sandbox-error.ts'
import type { GuestInputs } from './guest-inputs.ts'
import type { QuickJsThread } from './quickjs-thread.ts'

/** What a {@link QuickJsSession} is made of. */
export interface QuickJsSessionOptions {
  readonly thread: QuickJsThread
  readonly opening: SessionOpening
  readonly fileBounds: FileBounds
  readonly place: GuestPlace
  /** Takes the thread back. */
  readonly onRelease: () => void
}

/** The steps of one session, in an interpreter that a thread keeps for it. */
export class QuickJsSession implements SessionLease {
  readonly #options: QuickJsSessionOptions
  /** Given to the first step, which makes the interpreter. */
  #inputs: GuestInputs | undefined
  #end: SessionEnd | undefined
  #isRunning = false
  #isReleased = false

  constructor(options: QuickJsSessionOptions) {
    const { files = [], env = {} } = options.opening
    this.#options = options
    this.#inputs = { files, stdin: new Uint8Array(), argv: [], env }
  }

  /** Whether it takes another step. */
  get isUsable(): boolean {
    return this.#end === undefined && this.#options.thread.isUsable
  }

  /**
   * Runs one step.
   * @throws SandboxError `SANDBOX_INFRA`; `SANDBOX_SESSION_ENDED`
   */
  async run(step: SessionStep, signal: AbortSignal, onOutput?: OutputListener): Promise<GuestOutcome> {
    const { thread, opening, fileBounds, place } = this.#options
    if (!this.isUsable) throw SandboxError.sessionEnded(this.#end ?? 'guest-ended')
    const { memoryLimitBytes, stackLimitBytes } = opening.limits
    const inputs = this.#inputs
    this.#inputs = undefined
    this.#isRunning = true
    try {
      const { outcome, isGuestIntact } = await thread.run(
        {
          ...(inputs === undefined ? {} : { inputs }),
          isKept: true,
          isTypeScript: opening.language === 'typescript',
          code: step.code,
          limits: { ...step.limits, memoryLimitBytes, stackLimitBytes },
          fileBounds,
        },
        { signal, onOutput },
      )
      if (!isGuestIntact) this.#end ??= 'stopped'
      return { ...outcome, place }
    } catch (cause) {
      this.#end ??= 'guest-ended'
      throw cause
    } finally {
      this.#isRunning = false
    }
  }

  /** Ends the session, and a step that runs with it. Harmless twice. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#end ??= 'closed'
    const { thread, onRelease } = this.#options
    if (this.#isRunning) void thread.terminate()
    else thread.dropGuest()
    onRelease()
  }
}
