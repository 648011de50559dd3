import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { processStart } from '../../program/process-start.ts'
import type { ControlGroupParents } from './control-group-parents.ts'

const PREFIX = 'golden-arch-sandbox'

/** Who makes control groups: one process, in the process namespace in which its id means something. */
export interface ControlGroupOwner {
  readonly namespace: string
  readonly pid: number
  /** When the process started, in the machine's own count. */
  readonly pidStart: string
}

/** This process. */
export function ownerOfThisProcess(): ControlGroupOwner {
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''
  return { namespace, pid: process.pid, pidStart: processStart(process.pid) ?? '' }
}

/** A new name for a group, which tells its owner. */
export function newControlGroupName({ namespace, pid, pidStart }: ControlGroupOwner): string {
  return [PREFIX, namespace, pid, pidStart, randomBytes(8).toString('hex')].join('.')
}

/**
 * Whether the process that made a group is gone. Of a process in another namespace nothing can be told, so its groups
 * are left to it.
 */
export function isOrphanedControlGroup(
  name: string,
  namespace: string,
  startOf: (pid: number) => string | undefined,
): boolean {
  const [prefix, where, pid, pidStart, ...rest] = name.split('.')
  return prefix === PREFIX && rest.length === 1 && where === namespace && startOf(Number(pid)) !== pidStart
}

/** The names of the groups below these parents whose owner is gone. */
export function orphanedControlGroups(
  parents: ControlGroupParents,
  self: ControlGroupOwner,
): readonly string[] {
  const names = new Set(Object.values(parents.folders).flatMap((folder) => readdirSync(folder)))
  return [...names].filter((name) => isOrphanedControlGroup(name, self.namespace, processStart))
}
