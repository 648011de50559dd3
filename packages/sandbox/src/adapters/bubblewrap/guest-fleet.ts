import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestPlace } from '../../execution-result.ts'
import { interpreterCommand } from '../../program/interpreter-command.ts'
import { LiveGuests } from '../../program/live-guests.ts'
import type { SandboxFleet, SandboxNeed } from '../../program/sandbox-fleet.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { type ProcessBounds, sandboxCommand } from './bubblewrap-arguments.ts'
import type { ResolvedBubblewrapBackendOptions } from './bubblewrap-backend-options.ts'
import { ControlGroup } from './control-group.ts'
import { newControlGroupName, orphanedControlGroups, ownerOfThisProcess } from './control-group-owner.ts'
import { findGuestMeans, type GuestMeans } from './guest-means.ts'
import { NamespaceGuest } from './namespace-guest.ts'
import { checkProbe, PROBES } from './probe-namespaces.ts'
import { readOnlyMounts } from './read-only-mounts.ts'

/** Processes of a sandbox that are not the guest's: bubblewrap itself, outside. */
const OWN_TASKS = 1

/** What Node has mapped to write to before it runs anything, which a bound of each process counts. */
const NODE_RESERVE_BYTES = 640 * 1_048_576

/** All sandboxes of one backend, from their making to their certain end. */
export class GuestFleet implements SandboxFleet<NamespaceGuest> {
  readonly probes: typeof PROBES = PROBES
  readonly #options: ResolvedBubblewrapBackendOptions
  readonly #live: LiveGuests<NamespaceGuest>
  #means: GuestMeans | undefined

  constructor(options: ResolvedBubblewrapBackendOptions) {
    this.#options = options
    this.#live = new LiveGuests((cause) => options.logger.warn({ err: cause }, 'a sandbox was not removed'))
  }

  /** Sandboxes that exist: waiting, running or being removed. */
  get count(): number {
    return this.#live.count
  }

  async prepare(): Promise<void> {
    this.#means = await findGuestMeans(this.#options)
  }

  checkProbe(outcome: Parameters<typeof checkProbe>[0], language: SandboxLanguage): void {
    checkProbe(outcome, language)
  }

  start(need: SandboxNeed): Promise<NamespaceGuest> {
    return this.#live.follow(this.#start(need))
  }

  remove(guest: NamespaceGuest): void {
    this.#live.remove(guest)
  }

  whenFewerRemovals(count: number): Promise<void> {
    return this.#live.whenFewerRemovals(count)
  }

  /** Its rules say what bounds memory and processes: without control groups `cpus` is no rule. */
  placeOf(): Omit<GuestPlace, 'isWarmStart'> {
    const { version: runtime, parents } = this.#found
    const { cpus, ...rules } = this.#options.rules
    if (parents === undefined) return { runtime, rules: { ...rules, memoryBound: 'each process' } }
    const cpuRule = parents.folders.cpu === undefined ? {} : { cpus }
    const memoryBound = `control group, version ${parents.version}`
    return { runtime, rules: { ...rules, ...cpuRule, memoryBound } }
  }

  /** Removes the control groups of processes that are gone, with all that is in them. */
  async reap(): Promise<number> {
    const { parents } = this.#found
    if (parents === undefined) return 0
    const names = orphanedControlGroups(parents, ownerOfThisProcess())
    await Promise.all(names.map((name) => new ControlGroup(parents, name).remove(this.#options.clock)))
    return names.length
  }

  close(): Promise<void> {
    return this.#live.close((guest) => this.remove(guest))
  }

  get #found(): GuestMeans {
    if (this.#means === undefined) throw SandboxError.infra('the backend is not prepared')
    return this.#means
  }

  async #start({ language, limits }: SandboxNeed): Promise<NamespaceGuest> {
    const { languages, rules, bwrapPath, clock, startTimeoutMs } = this.#options
    const { parents, filter, inherited } = this.#found
    const interpreter = languages.get(language)
    if (interpreter === undefined) {
      throw SandboxError.requestInvalid('language', `one of ${[...languages.keys()].join(', ')}`)
    }
    const { memoryLimitBytes, stackLimitBytes } = limits
    const mounts = readOnlyMounts(interpreter)
    const maxTasks = rules.pidsLimit + OWN_TASKS
    const group =
      parents &&
      ControlGroup.create(parents, newControlGroupName(ownerOfThisProcess()), {
        memoryLimitBytes,
        maxTasks,
        cpus: rules.cpus,
      })
    const command = sandboxCommand({
      bwrapPath,
      mounts,
      rules,
      stackLimitBytes,
      groupCount: group?.folders.length ?? 0,
      ...(group === undefined
        ? { processBounds: { memory: memoryBound(language, memoryLimitBytes), maxTasks } }
        : {}),
      command: interpreterCommand(language, interpreter.interpreter, memoryLimitBytes),
    })
    const timeoutMs = startTimeoutMs
    const guest = await NamespaceGuest.start({
      command,
      filter,
      inherited,
      group,
      cpus: rules.cpus,
      clock,
      timeoutMs,
    })
    this.#live.add(guest)
    return guest
  }
}

function memoryBound(language: SandboxLanguage, memoryLimitBytes: number): ProcessBounds['memory'] {
  return language === 'javascript'
    ? { kind: 'data', bytes: memoryLimitBytes + NODE_RESERVE_BYTES }
    : { kind: 'addresses', bytes: memoryLimitBytes }
}
