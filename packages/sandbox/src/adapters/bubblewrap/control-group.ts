import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, sleep } from '@golden-arch/core/time'
import { SandboxError } from '../../sandbox-error.ts'
import type { ControlGroupParents, Controller } from './control-group-parents.ts'
import {
  type ControlGroupLimits,
  type ControlGroupSetting,
  controlGroupSettings,
} from './control-group-settings.ts'

const REMOVAL_PAUSE_MS = 5
const REMOVAL_TRIES = 2000

/** A control group for one guest: one folder, or in version 1 one for each controller. */
export class ControlGroup {
  readonly #parents: ControlGroupParents
  readonly #name: string

  /** Names a group, whether it is there or not. */
  constructor(parents: ControlGroupParents, name: string) {
    this.#parents = parents
    this.#name = name
  }

  /**
   * Makes a group with its limits. Nothing is left behind when that fails.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  static create(parents: ControlGroupParents, name: string, limits: ControlGroupLimits): ControlGroup {
    const group = new ControlGroup(parents, name)
    try {
      for (const folder of group.folders) mkdirSync(folder)
      for (const setting of controlGroupSettings(parents.version, limits)) group.#set(setting)
      return group
    } catch (cause) {
      for (const folder of group.folders) removeFolder(folder)
      throw SandboxError.infra(`a control group could not be made: ${messageOf(cause)}`, cause)
    }
  }

  /** Its folders. */
  get folders(): readonly string[] {
    return [...new Set(Object.values(this.#parents.folders))].map((folder) => join(folder, this.#name))
  }

  /** Milliseconds of processor that its processes have taken; undefined where nobody counts. */
  get usedMs(): number | undefined {
    if (this.#parents.folders.cpuacct === undefined) return undefined
    if (this.#parents.version === 1) return numberIn(this.#read('cpuacct', 'cpuacct.usage'), /^(\d+)/, 1e-6)
    return numberIn(this.#read('cpuacct', 'cpu.stat'), /^usage_usec (\d+)$/m, 1e-3)
  }

  /** The most bytes of memory that its processes held at one time; undefined where the kernel does not say. */
  get maxMemoryBytes(): number | undefined {
    const file = this.#parents.version === 1 ? 'memory.max_usage_in_bytes' : 'memory.peak'
    return numberIn(this.#read('memory', file), /^(\d+)/)
  }

  /** Whether the kernel ended one of its processes at the memory limit. */
  get isOutOfMemory(): boolean {
    const file = this.#parents.version === 1 ? 'memory.oom_control' : 'memory.events'
    return (numberIn(this.#read('memory', file), /^oom_kill (\d+)$/m) ?? 0) > 0
  }

  /** Its processes, by their ids. */
  get processes(): readonly number[] {
    return this.#read('pids', 'cgroup.procs').trim().split('\n').filter(Boolean).map(Number)
  }

  /**
   * Kills what is still in it, and removes it. Harmless where it is gone already.
   * @throws SandboxError `SANDBOX_INFRA` where it may still be there.
   */
  async remove(clock: Clock): Promise<void> {
    for (let turn = 1; ; turn++) {
      const kept = this.folders.filter((folder) => !removeFolder(folder))
      if (kept.length === 0) return
      if (turn === REMOVAL_TRIES) throw SandboxError.infra(`a control group stays: ${kept.join(', ')}`)
      for (const pid of this.processes) kill(pid)
      await sleep(REMOVAL_PAUSE_MS, { clock })
    }
  }

  #set({ controller, file, value, isOptional = false }: ControlGroupSetting): void {
    const folder = this.#parents.folders[controller]
    if (folder === undefined) return
    try {
      writeFileSync(join(folder, this.#name, file), value, { flag: 'r+' })
    } catch (cause) {
      if (!isOptional || codeOf(cause) !== 'ENOENT') throw cause
    }
  }

  #read(controller: Controller, file: string): string {
    const folder = this.#parents.folders[controller]
    try {
      return folder === undefined ? '' : readFileSync(join(folder, this.#name, file), 'utf8')
    } catch {
      return ''
    }
  }
}

/** Whether the folder is gone. */
function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (cause) {
    return codeOf(cause) === 'ENOENT'
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function numberIn(text: string, pattern: RegExp, scale = 1): number | undefined {
  const digits = pattern.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits) * scale
}

function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'no reason given'
}
