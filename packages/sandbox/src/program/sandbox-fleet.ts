import type { ExecutionLimits } from '../execution-limits.ts'
import type { SandboxLanguage } from '../execution-request.ts'
import type { GuestOutcome, GuestPlace, GuestUsage } from '../execution-result.ts'
import type { WarmGuest } from '../warm-pool.ts'
import type { OpenGuestProcess } from './guest-process.ts'

/** A guest that waits for its only program or session. */
export interface FleetGuest extends OpenGuestProcess, WarmGuest {
  /** What the host has counted since it was given a program; undefined where the host does not count. */
  readonly usage?: GuestUsage | undefined
}

/** What a new sandbox is for. */
export interface SandboxNeed {
  readonly language: SandboxLanguage
  readonly limits: ExecutionLimits
  /** The longest that it can be of use, in milliseconds. */
  readonly lifeMs: number
}

/** How a backend makes its sandboxes and ends them for certain; all else is the same for each that runs whole programs. */
export interface SandboxFleet<Guest extends FleetGuest> {
  /** Programs that show where they run, for each language. */
  readonly probes: Readonly<Partial<Record<SandboxLanguage, string>>>
  /**
   * Looks for what sandboxes are made with. It comes before anything else, and again where a later step of the preparation failed.
   * @throws SandboxError `SANDBOX_INFRA`, and SandboxError `SANDBOX_ISOLATION_UNAVAILABLE`, where that is not to be had.
   */
  prepare(): Promise<void>
  /**
   * Checks what a probe saw.
   * @throws SandboxError and IsolationUnavailableError as {@link prepare} does, where it was not isolated as it must be.
   */
  checkProbe(outcome: Omit<GuestOutcome, 'place'>, language: SandboxLanguage): void
  /**
   * Starts a sandbox whose shim waits for a program.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a language that there is nothing for; SandboxError `SANDBOX_INFRA`
   */
  start(need: SandboxNeed): Promise<Guest>
  /** Kills and removes a sandbox, in the background. Harmless twice. */
  remove(guest: Guest): void
  /** Waits until fewer than `count` sandboxes are being removed. */
  whenFewerRemovals(count: number): Promise<void>
  /** Where programs of this language run. */
  placeOf(language: SandboxLanguage): Omit<GuestPlace, 'isWarmStart'>
  /**
   * Removes what processes that are gone have left, and returns how many sandboxes that were.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  reap(): Promise<number>
  /** Lets starts come to their end, then removes every sandbox and waits until they are gone. */
  close(): Promise<void>
}
