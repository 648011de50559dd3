import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import { interpreterCommand } from '../../program/interpreter-command.ts'
import { InvalidRequestError } from '../../sandbox-error.ts'
import { type ProcessBounds, sandboxCommand } from './bubblewrap-arguments.ts'
import type { ResolvedBubblewrapBackendOptions } from './bubblewrap-backend-options.ts'
import { ControlGroup } from './control-group.ts'
import { newControlGroupName, orphanedControlGroups, ownerOfThisProcess } from './control-group-owner.ts'
import type { GuestMeans } from './guest-means.ts'
import { NamespaceGuest } from './namespace-guest.ts'
import { readOnlyMounts } from './read-only-mounts.ts'

/** Processes of a sandbox that are not the guest's: bubblewrap itself, outside. */
const OWN_TASKS = 1

/** What Node has mapped to write to before it runs anything, which a bound of each process counts. */
const NODE_RESERVE_BYTES = 640 * 1_048_576

/** What a new sandbox is for. */
export interface GuestNeed {
  readonly language: SandboxLanguage
  readonly limits: Pick<ExecutionLimits, 'memoryLimitBytes' | 'stackLimitBytes'>
}

/** All sandboxes of one backend, from their making to their certain end. */
export class GuestFleet {
  readonly #options: ResolvedBubblewrapBackendOptions
  readonly #means: GuestMeans
  readonly #live = new Set<NamespaceGuest>()
  readonly #starting = new Set<Promise<unknown>>()
  readonly #removals = new Set<Promise<void>>()

  constructor(options: ResolvedBubblewrapBackendOptions, means: GuestMeans) {
    this.#options = options
    this.#means = means
  }

  /** Sandboxes that exist: waiting, running or being removed. */
  get count(): number {
    return this.#live.size + this.#removals.size
  }

  /**
   * Starts a sandbox whose shim waits for a program.
   * @throws InvalidRequestError `INVALID_REQUEST` for a language without an interpreter; SandboxError `SANDBOX_INFRA`
   */
  start(need: GuestNeed): Promise<NamespaceGuest> {
    const starting = this.#start(need)
    this.#starting.add(starting)
    const forget = (): void => void this.#starting.delete(starting)
    starting.then(forget, forget)
    return starting
  }

  /** Kills and removes a sandbox, in the background. Harmless twice. */
  remove(guest: NamespaceGuest): void {
    if (!this.#live.delete(guest)) return
    const removal = guest
      .remove()
      .catch((cause: unknown) => this.#options.logger.warn({ err: cause }, 'a sandbox was not removed'))
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }

  /** Waits until fewer than `count` sandboxes are being removed. */
  async whenFewerRemovals(count: number): Promise<void> {
    while (this.#removals.size >= count) await Promise.race(this.#removals)
  }

  /**
   * Removes the control groups of processes that are gone, with all that is in them, and returns how many.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  async reap(): Promise<number> {
    const { parents } = this.#means
    if (parents === undefined) return 0
    const names = orphanedControlGroups(parents, ownerOfThisProcess())
    await Promise.all(names.map((name) => new ControlGroup(parents, name).remove(this.#options.clock)))
    return names.length
  }

  /** Lets starts come to their end, then removes every sandbox and waits until they are gone. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#starting)
    for (const guest of this.#live) this.remove(guest)
    await Promise.allSettled(this.#removals)
  }

  async #start({ language, limits }: GuestNeed): Promise<NamespaceGuest> {
    const { languages, rules, bwrapPath, clock, startTimeoutMs } = this.#options
    const { parents, filter, inherited } = this.#means
    const interpreter = languages.get(language)
    if (interpreter === undefined) {
      throw new InvalidRequestError('language', `one of ${[...languages.keys()].join(', ')}`)
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
