import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { processStart } from '../../program/process-start.ts'

/** The label that every container of ours has, whoever owns it. */
export const SANDBOX_LABEL = 'golden-arch.sandbox'

const OWNER = `${SANDBOX_LABEL}.owner`
const HOST = `${SANDBOX_LABEL}.host`
const PID = `${SANDBOX_LABEL}.pid`
const PID_START = `${SANDBOX_LABEL}.pid-start`
const CREATED_AT = `${SANDBOX_LABEL}.created-at-ms`
const DEADLINE = `${SANDBOX_LABEL}.deadline-at-ms`

/** Who made a container: one backend in one process. */
export interface ContainerOwner {
  readonly id: string
  /** The machine, its boot and its process namespace: process ids mean the same wherever it is the same. */
  readonly host: string
  readonly pid: number
  /** When the process started, in the machine's own count; empty where the machine does not tell. */
  readonly pidStart: string
}

/** What is known when it is asked whether a container is an orphan. */
export interface OrphanFacts {
  readonly self: ContainerOwner
  readonly nowMs: number
  /** Whether the asking backend knows the container. */
  readonly isKnown: boolean
  /** Time in milliseconds that a container of one's own may be unknown, while the engine's answer is on its way. */
  readonly graceMs: number
  /** When a process of this host started; undefined if there is none. */
  readonly processStart: (pid: number) => string | undefined
}

/** A new owner in this process. */
export function newContainerOwner(): ContainerOwner {
  return {
    id: randomUUID(),
    host: `${hostname()} ${read('/proc/sys/kernel/random/boot_id')} ${link('/proc/self/ns/pid')}`,
    pid: process.pid,
    pidStart: processStart(process.pid) ?? '',
  }
}

/** The labels of a container. `lifeMs` is the longest that it can be of use, in milliseconds. */
export function ownerLabels(owner: ContainerOwner, nowMs: number, lifeMs: number): Record<string, string> {
  return {
    [SANDBOX_LABEL]: '1',
    [OWNER]: owner.id,
    [HOST]: owner.host,
    [PID]: String(owner.pid),
    [PID_START]: owner.pidStart,
    [CREATED_AT]: String(nowMs),
    [DEADLINE]: String(nowMs + lifeMs),
  }
}

/**
 * Whether nobody needs a container any more: its process is proven gone, its deadline has passed, or it is our own and we do not
 * know it. A container whose owner cannot be looked at, on another host, is kept until its deadline.
 */
export function isOrphan(labels: Readonly<Record<string, string>>, facts: OrphanFacts): boolean {
  const { self, nowMs, isKnown, graceMs } = facts
  if (isKnown) return false
  if (nowMs > Number(labels[DEADLINE] ?? Number.NaN)) return true
  if (labels[OWNER] === self.id) return nowMs > Number(labels[CREATED_AT]) + graceMs
  if (labels[HOST] !== self.host || labels[PID_START] === '') return false
  return facts.processStart(Number(labels[PID])) !== labels[PID_START]
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
