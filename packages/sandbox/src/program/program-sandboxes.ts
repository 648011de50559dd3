import type { Logger } from '@golden-arch/core/observability'
import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { ExecutionLimits, LimitRanges } from '../execution-limits.ts'
import type { SandboxLanguage } from '../execution-request.ts'
import type { GuestOutcome, GuestPlace } from '../execution-result.ts'
import type { FileBounds } from '../file-bounds.ts'
import type {
  GuestProgram,
  SandboxBackendStats,
  SandboxLease,
  SessionLease,
  SessionOpening,
} from '../ports/sandbox-backend.ts'
import { resolveLimits } from '../resolve-limits.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { WarmCounts } from '../warm-counts.ts'
import { WarmPool } from '../warm-pool.ts'
import { programOutcome } from './program-outcome.ts'
import { runGuestProgram } from './run-guest-program.ts'
import type { FleetGuest, SandboxFleet } from './sandbox-fleet.ts'
import { GuestSession } from './sessions/guest-session.ts'
import type { ProgramRun } from './supervise-run.ts'

/** Time in milliseconds for a probe to run. */
const PROBE_LIMIT_MS = 60_000

/** What {@link ProgramSandboxes} is built from. */
export interface ProgramSandboxesOptions<Guest extends FleetGuest> {
  /** The backend's name, for log lines. */
  readonly backend: string
  readonly fleet: SandboxFleet<Guest>
  readonly languages: ReadonlyMap<SandboxLanguage, WarmCounts>
  readonly limits: LimitRanges
  /** Longest use in milliseconds of what was started ahead; what is held for longer is started for it. */
  readonly maxWarmUseMs: number
  readonly maxConcurrent: number
  readonly warmMaxAgeMs: number
  readonly reapIntervalMs: number
  readonly rules: FileBounds
  readonly clock: Clock
  readonly logger: Logger
}

/** A sandbox in use. */
interface HeldSandbox<Guest> {
  readonly guest: Guest
  readonly place: GuestPlace
  readonly release: () => void
}

/**
 * The sandboxes of a backend that runs whole programs: each is held for one program or session and then removed, some wait started
 * ahead, and what dead processes have left is looked for now and then.
 */
export class ProgramSandboxes<Guest extends FleetGuest> {
  readonly #options: ProgramSandboxesOptions<Guest>
  readonly #warm = new Map<SandboxLanguage, WarmPool<Guest>>()
  #preparing: Promise<void> | undefined
  #lookTimer: ScheduledTimer | undefined
  #heldCount = 0
  #warmStarts = 0
  #coldStarts = 0
  #orphansReaped = 0
  #isClosed = false

  constructor(options: ProgramSandboxesOptions<Guest>) {
    this.#options = options
  }

  /** What waits, and how programs came by their sandboxes. */
  get stats(): Required<SandboxBackendStats> {
    return {
      warm: [...this.#warm.values()].reduce((sum, { count }) => sum + count, 0),
      warmStarts: this.#warmStarts,
      coldStarts: this.#coldStarts,
      orphansReaped: this.#orphansReaped,
    }
  }

  /**
   * Fills in the defaults.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a limit out of its range.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return resolveLimits(requested, this.#options.limits)
  }

  /**
   * Prepares the fleet, removes orphans, checks a probe in each language and starts what waits. Done once; again after a failure.
   * @throws SandboxError `SANDBOX_CLOSED`, `SANDBOX_INFRA`; what the fleet throws.
   */
  async prepare(): Promise<void> {
    if (this.#isClosed) throw SandboxError.closed('the backend')
    this.#preparing ??= this.#prepare()
    try {
      await this.#preparing
    } catch (cause) {
      this.#preparing = undefined
      throw cause
    }
  }

  /**
   * A sandbox for this program: one that waits, or else a new one.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrent` are held; `SANDBOX_CLOSED`; what {@link prepare} throws.
   */
  async acquire(program: GuestProgram): Promise<SandboxLease> {
    const held = await this.#hold(program, this.#options.limits.timeoutMs.max)
    const { rules, clock } = this.#options
    return {
      run: async (given, signal, onOutput) => {
        const options = { fileBounds: rules, clock, signal, onOutput }
        return outcomeOf(held, await runGuestProgram(held.guest, given, options))
      },
      release: held.release,
    }
  }

  /**
   * A sandbox for the steps of a session: one that waits, where it may live long enough, or else a new one.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a language without sessions; what {@link acquire} throws.
   */
  async openSession(opening: SessionOpening): Promise<SessionLease> {
    const held = await this.#hold(opening, opening.lifetimeMs)
    const { rules, clock } = this.#options
    try {
      const session = new GuestSession(held.guest, opening, { fileBounds: rules, clock })
      return {
        get isUsable() {
          return session.isUsable
        },
        run: async (step, signal, onOutput) => outcomeOf(held, await session.run(step, signal, onOutput)),
        release: () => {
          session.end()
          held.release()
        },
      }
    } catch (cause) {
      held.release()
      throw cause
    }
  }

  /** Removes every sandbox. What still runs is told as ended, or fails with `SANDBOX_INFRA`. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#lookTimer?.cancel()
    for (const warm of this.#warm.values()) warm.close()
    await Promise.allSettled([this.#preparing])
    await this.#options.fleet.close()
  }

  async #hold(
    { language, limits }: Pick<GuestProgram, 'language' | 'limits'>,
    lifeMs: number,
  ): Promise<HeldSandbox<Guest>> {
    const { fleet, maxConcurrent, maxWarmUseMs } = this.#options
    await this.prepare()
    if (this.#heldCount >= maxConcurrent) throw SandboxError.infra('every sandbox is in use')
    this.#heldCount++
    try {
      await fleet.whenFewerRemovals(maxConcurrent)
      if (this.#isClosed) throw SandboxError.closed('the backend')
      const mayWait = this.#isPlain(limits) && lifeMs <= maxWarmUseMs
      const ahead = mayWait ? this.#warm.get(language)?.take() : undefined
      const guest = ahead ?? (await fleet.start({ language, limits, lifeMs }))
      const isWarmStart = ahead !== undefined
      if (isWarmStart) this.#warmStarts++
      else this.#coldStarts++
      let isReleased = false
      const release = (): void => {
        if (isReleased) return
        isReleased = true
        this.#heldCount--
        fleet.remove(guest)
      }
      return { guest, place: { ...fleet.placeOf(language), isWarmStart }, release }
    } catch (cause) {
      this.#heldCount--
      throw cause
    }
  }

  async #prepare(): Promise<void> {
    const { fleet, languages } = this.#options
    await fleet.prepare()
    this.#orphansReaped += await fleet.reap()
    for (const language of languages.keys()) await this.#probe(language)
    if (this.#isClosed) return
    for (const [language, counts] of languages) this.#warm.set(language, this.#warmPool(language, counts))
    this.#scheduleLook()
    await Promise.all([...this.#warm.values()].map((warm) => warm.refill()))
  }

  async #probe(language: SandboxLanguage): Promise<void> {
    const { fleet, limits: ranges, rules, clock } = this.#options
    const limits = this.resolveLimits({ timeoutMs: PROBE_LIMIT_MS })
    const guest = await fleet.start({ language, limits, lifeMs: ranges.timeoutMs.max })
    try {
      const program = { language, code: fleet.probes[language] ?? '', limits }
      const { signal } = new AbortController()
      const run = await runGuestProgram(guest, program, { fileBounds: rules, clock, signal })
      fleet.checkProbe(programOutcome(run), language)
    } finally {
      fleet.remove(guest)
    }
  }

  #warmPool(language: SandboxLanguage, { warm, maxWarm }: WarmCounts): WarmPool<Guest> {
    const { backend, fleet, clock, warmMaxAgeMs, maxWarmUseMs, logger } = this.#options
    const limits = this.resolveLimits({})
    return new WarmPool({
      minCount: warm,
      maxCount: maxWarm,
      maxAgeMs: warmMaxAgeMs,
      clock,
      start: () => fleet.start({ language, limits, lifeMs: warmMaxAgeMs + maxWarmUseMs }),
      discard: (guest) => fleet.remove(guest),
      onStartFailure: (cause) => logger.warn({ err: cause, backend }, 'a sandbox did not start'),
    })
  }

  #isPlain({ memoryLimitBytes, stackLimitBytes }: ExecutionLimits): boolean {
    const { limits } = this.#options
    return (
      memoryLimitBytes === limits.memoryLimitBytes.default &&
      stackLimitBytes === limits.stackLimitBytes.default
    )
  }

  #scheduleLook(): void {
    if (this.#isClosed) return
    const { clock, reapIntervalMs } = this.#options
    this.#lookTimer = clock.schedule(reapIntervalMs, () => void this.#lookAround())
    this.#lookTimer.hold?.(false)
  }

  async #lookAround(): Promise<void> {
    const { backend, fleet, logger } = this.#options
    for (const warm of this.#warm.values()) warm.look()
    try {
      this.#orphansReaped += await fleet.reap()
    } catch (cause) {
      logger.warn({ err: cause, backend }, 'the look for orphaned sandboxes failed')
    }
    this.#scheduleLook()
  }
}

/** Where the host has counted, its figures stand in place of the guest's own. */
function outcomeOf({ guest, place }: HeldSandbox<FleetGuest>, run: ProgramRun): GuestOutcome {
  const { usage } = guest
  return { ...programOutcome(run), ...(usage === undefined ? {} : { usage }), place }
}
