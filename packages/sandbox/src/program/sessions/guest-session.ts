import type { Clock } from '@golden-arch/core/time'
import type { FileBounds } from '../../file-bounds.ts'
import type { OutputListener, SessionOpening, SessionStep } from '../../ports/sandbox-backend.ts'
import { SandboxError } from '../../sandbox-error.ts'
import type { GuestListener, OpenGuestProcess } from '../guest-process.ts'
import { inputFrame } from '../input-frame.ts'
import { newMark } from '../run-guest-program.ts'
import { type ProgramRun, superviseRun } from '../supervise-run.ts'
import { AfterMark } from './after-mark.ts'
import { SESSION_PROGRAMS } from './session-programs.ts'
import { StepFrame } from './step-frame.ts'
import { stepInput } from './step-input.ts'

/** What a session needs of its backend. */
export interface GuestSessionOptions {
  readonly fileBounds: FileBounds
  readonly clock: Clock
}

/**
 * Steps of one session in a guest that was started ahead: a program that takes them from its standard input. What it writes
 * between two steps belongs to none, and is dropped. A process that a step left behind, and that writes in the midst of a later
 * step's end, spoils it: that step has failed, and the session has ended.
 */
export class GuestSession {
  readonly #guest: OpenGuestProcess
  readonly #options: GuestSessionOptions
  readonly #mark = newMark()
  #listener: GuestListener | undefined
  #isUsable = true

  /** @throws SandboxError `SANDBOX_REQUEST_INVALID` for a language without sessions. */
  constructor(guest: OpenGuestProcess, opening: SessionOpening, options: GuestSessionOptions) {
    this.#guest = guest
    this.#options = options
    const code = SESSION_PROGRAMS[opening.language]
    if (code === undefined) throw SandboxError.requestInvalid('language', 'one that has sessions')
    guest.open(inputFrame({ ...opening, code, argv: [this.#mark] }, this.#mark), {
      onData: (stream, data) => this.#listener?.onData(stream, data),
      onEnd: () => {
        this.#isUsable = false
        this.#listener?.onEnd()
      },
    })
  }

  /** Whether it takes another step. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /**
   * Runs one step; not while another one runs.
   * @throws SandboxError `SANDBOX_SESSION_ENDED`, `SANDBOX_INFRA`
   */
  async run(step: SessionStep, signal: AbortSignal, onOutput?: OutputListener): Promise<ProgramRun> {
    if (!this.#isUsable) throw SandboxError.sessionEnded('guest-ended')
    const nonce = newMark()
    const frame = new StepFrame(this.#options.fileBounds, nonce)
    const hand = (listener: GuestListener): void => {
      const streams = {
        1: new AfterMark(nonce, (data) => listener.onData(1, data)),
        2: new AfterMark(nonce, (data) => listener.onData(2, data)),
      }
      this.#listener = { onData: (from, data) => streams[from].push(data), onEnd: () => listener.onEnd() }
      this.#guest.write(stepInput(step.code, nonce))
      if (!this.#isUsable) listener.onEnd()
    }
    const { clock } = this.#options
    const supervision = { guest: this.#guest, limits: step.limits, mark: this.#mark, frame, hand }
    try {
      const run = await superviseRun({ ...supervision, clock, signal, onOutput })
      const hasEnded = run.cause !== 'done' || frame.isOfSession || frame.refusal === 'malformed'
      if (hasEnded) this.end()
      return run
    } catch (cause) {
      this.end()
      throw cause
    } finally {
      this.#listener = undefined
    }
  }

  /** Takes no more steps. The guest is the backend's to end. */
  end(): void {
    this.#isUsable = false
  }
}
