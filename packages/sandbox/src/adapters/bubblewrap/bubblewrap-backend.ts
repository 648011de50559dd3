import type { ScheduledTimer } from '@golden-arch/core/time'
import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestOutcome, GuestPlace } from '../../execution-result.ts'
import type { IsolationLevel } from '../../isolation.ts'
import type {
  AcceptedInputs,
  GuestProgram,
  SandboxBackend,
  SandboxBackendStats,
  SandboxLease,
  SessionLease,
  SessionOpening,
} from '../../ports/sandbox-backend.ts'
import { programOutcome } from '../../program/program-outcome.ts'
import { runGuestProgram } from '../../program/run-guest-program.ts'
import { GuestSession } from '../../program/sessions/guest-session.ts'
import type { ProgramRun } from '../../program/supervise-run.ts'
import { resolveLimits } from '../../resolve-limits.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { WarmPool } from '../../warm-pool.ts'
import {
  type BubblewrapBackendOptions,
  type ResolvedBubblewrapBackendOptions,
  type ResolvedSandboxInterpreter,
  resolveBubblewrapBackendOptions,
} from './bubblewrap-backend-options.ts'
import { BUBBLEWRAP_LIMITS } from './bubblewrap-limits.ts'
import { GuestFleet } from './guest-fleet.ts'
import { findGuestMeans, type GuestMeans } from './guest-means.ts'
import type { NamespaceGuest } from './namespace-guest.ts'
import { checkProbe, PROBES } from './probe-namespaces.ts'

/** Time in milliseconds for a probe to run. */
const PROBE_LIMIT_MS = 60_000

/** What is there once the backend is prepared. */
interface Works {
  readonly fleet: GuestFleet
  readonly means: GuestMeans
  readonly warm: ReadonlyMap<SandboxLanguage, WarmPool<NamespaceGuest>>
}

/** A sandbox in use. */
interface HeldGuest {
  readonly guest: NamespaceGuest
  readonly place: GuestPlace
  readonly release: () => void
}

/** What a {@link BubblewrapBackend} is doing, and has done. */
export interface BubblewrapBackendStats extends SandboxBackendStats {
  /** Sandboxes that exist: waiting, running or being removed. */
  readonly sandboxes: number
  readonly orphansReaped: number
}

/**
 * Runs programs in Linux namespaces of their own under a filter of system calls, by bubblewrap, with interpreters of the host.
 * It needs no engine and no root, and user namespaces that are not forbidden. The kernel is shared: hostile code wants gVisor.
 * Each sandbox runs one program or session and is ended; some are kept started ahead. All end with this process.
 */
export class BubblewrapBackend implements SandboxBackend {
  readonly id: string = 'bubblewrap'
  readonly isolation: IsolationLevel = 'namespace'
  readonly languages: readonly SandboxLanguage[]
  readonly sessionLanguages: readonly SandboxLanguage[]
  readonly maxConcurrency: number
  readonly acceptedInputs: AcceptedInputs
  readonly #options: ResolvedBubblewrapBackendOptions
  #works: Works | undefined
  #preparing: Promise<Works> | undefined
  #reapTimer: ScheduledTimer | undefined
  #heldCount = 0
  #warmStarts = 0
  #coldStarts = 0
  #orphansReaped = 0
  #isClosed = false

  /** @throws InvalidOptionError `INVALID_OPTION` */
  constructor(options: BubblewrapBackendOptions) {
    this.#options = resolveBubblewrapBackendOptions(options)
    const { languages, maxConcurrency, environmentNames } = this.#options
    this.languages = [...languages.keys()]
    this.sessionLanguages = this.languages
    this.maxConcurrency = maxConcurrency
    this.acceptedInputs = { files: true, stdin: true, argv: true, environmentNames }
  }

  /** Sandboxes of this backend, and how its programs started. */
  get stats(): BubblewrapBackendStats {
    const pools = [...(this.#works?.warm.values() ?? [])]
    return {
      sandboxes: this.#works?.fleet.count ?? 0,
      warm: pools.reduce((sum, { count }) => sum + count, 0),
      warmStarts: this.#warmStarts,
      coldStarts: this.#coldStarts,
      orphansReaped: this.#orphansReaped,
    }
  }

  /**
   * Fills in the defaults of {@link BUBBLEWRAP_LIMITS}.
   * @throws InvalidRequestError `INVALID_REQUEST` for a limit out of its range.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return resolveLimits(requested, BUBBLEWRAP_LIMITS)
  }

  /**
   * Looks for bubblewrap and control groups, removes orphans, checks that a program in each language really runs isolated, and
   * starts the warm sandboxes. Done once, also by the first {@link acquire}.
   * @throws SandboxError `SANDBOX_CLOSED`; `SANDBOX_INFRA` where this is no Linux, bubblewrap is not there or too old, user
   * namespaces are forbidden, control groups are required and may not be made, or a probe was not isolated as it must be.
   */
  async prepare(): Promise<void> {
    await this.#ready()
  }

  /**
   * A sandbox for this program: one that waits, or else a new one.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrency` are held; `SANDBOX_CLOSED`; what {@link prepare} throws.
   */
  async acquire(program: GuestProgram): Promise<SandboxLease> {
    const held = await this.#hold(program)
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
   * A sandbox for the steps of a session: one that waits, or else a new one.
   * @throws InvalidRequestError `INVALID_REQUEST` for a language without sessions; what {@link acquire} throws.
   */
  async openSession(opening: SessionOpening): Promise<SessionLease> {
    const held = await this.#hold(opening)
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

  /** Ends every sandbox. What still runs is told as ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#reapTimer?.cancel()
    await this.#preparing?.catch(() => {})
    for (const warm of this.#works?.warm.values() ?? []) warm.close()
    await this.#works?.fleet.close()
  }

  async #ready(): Promise<Works> {
    if (this.#isClosed) throw SandboxError.closed('the backend')
    this.#preparing ??= this.#prepare()
    try {
      return await this.#preparing
    } catch (cause) {
      this.#preparing = undefined
      throw cause
    }
  }

  async #hold({ language, limits }: Pick<GuestProgram, 'language' | 'limits'>): Promise<HeldGuest> {
    const { fleet, means, warm } = await this.#ready()
    if (this.#heldCount >= this.maxConcurrency) throw SandboxError.infra('every sandbox is in use')
    this.#heldCount++
    try {
      await fleet.whenFewerRemovals(this.maxConcurrency)
      if (this.#isClosed) throw SandboxError.closed('the backend')
      const ahead = isPlain(limits) ? warm.get(language)?.take() : undefined
      const guest = ahead ?? (await fleet.start({ language, limits }))
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
      const place = { runtime: means.version, isWarmStart, rules: this.#rulesWith(means) }
      return { guest, place, release }
    } catch (cause) {
      this.#heldCount--
      throw cause
    }
  }

  /** The rules, and what bounds memory and processes: without control groups `cpus` is no rule. */
  #rulesWith({ parents }: GuestMeans): GuestPlace['rules'] {
    const { cpus, ...rules } = this.#options.rules
    if (parents === undefined) return { ...rules, memoryBound: 'each process' }
    const cpuRule = parents.folders.cpu === undefined ? {} : { cpus }
    return { ...rules, ...cpuRule, memoryBound: `control group, version ${parents.version}` }
  }

  async #prepare(): Promise<Works> {
    const means = await findGuestMeans(this.#options)
    const fleet = new GuestFleet(this.#options, means)
    this.#orphansReaped += await fleet.reap()
    for (const language of this.languages) await this.#probe(fleet, language)
    const pools = [...this.#options.languages].map(
      ([language, interpreter]) => [language, this.#warmPool(fleet, language, interpreter)] as const,
    )
    this.#works = { fleet, means, warm: new Map(pools) }
    await Promise.all(pools.map(([, warm]) => warm.refill()))
    this.#scheduleLook(this.#works)
    return this.#works
  }

  async #probe(fleet: GuestFleet, language: SandboxLanguage): Promise<void> {
    const limits = this.resolveLimits({ timeoutMs: PROBE_LIMIT_MS })
    const guest = await fleet.start({ language, limits })
    try {
      const program = { language, code: PROBES[language] ?? '', limits }
      const { rules, clock } = this.#options
      const { signal } = new AbortController()
      checkProbe(
        programOutcome(await runGuestProgram(guest, program, { fileBounds: rules, clock, signal })),
        language,
      )
    } finally {
      fleet.remove(guest)
    }
  }

  #warmPool(
    fleet: GuestFleet,
    language: SandboxLanguage,
    { warm, maxWarm }: ResolvedSandboxInterpreter,
  ): WarmPool<NamespaceGuest> {
    const { clock, warmMaxAgeMs, logger } = this.#options
    return new WarmPool({
      minCount: warm,
      maxCount: maxWarm,
      maxAgeMs: warmMaxAgeMs,
      clock,
      start: () => fleet.start({ language, limits: this.resolveLimits({}) }),
      discard: (guest) => fleet.remove(guest),
      onStartFailure: (cause) => logger.warn({ err: cause, backend: this.id }, 'a sandbox did not start'),
    })
  }

  #scheduleLook(works: Works): void {
    if (this.#isClosed) return
    const { clock, reapIntervalMs } = this.#options
    this.#reapTimer = clock.schedule(reapIntervalMs, () => void this.#lookAround(works))
    this.#reapTimer.hold?.(false)
  }

  async #lookAround(works: Works): Promise<void> {
    for (const warm of works.warm.values()) warm.look()
    try {
      this.#orphansReaped += await works.fleet.reap()
    } catch (cause) {
      this.#options.logger.warn({ err: cause, backend: this.id }, 'the look for orphaned sandboxes failed')
    }
    this.#scheduleLook(works)
  }
}

/** Where the host has counted, its figures stand in place of the guest's own. */
function outcomeOf({ guest, place }: HeldGuest, run: ProgramRun): GuestOutcome {
  const { usage } = guest
  return { ...programOutcome(run), ...(usage === undefined ? {} : { usage }), place }
}

function isPlain({ memoryLimitBytes, stackLimitBytes }: ExecutionLimits): boolean {
  return (
    memoryLimitBytes === BUBBLEWRAP_LIMITS.memoryLimitBytes.default &&
    stackLimitBytes === BUBBLEWRAP_LIMITS.stackLimitBytes.default
  )
}
