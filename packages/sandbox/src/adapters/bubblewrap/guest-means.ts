import { execFile } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { SandboxError } from '../../sandbox-error.ts'
import type { ControlGroupUse, ResolvedBubblewrapBackendOptions } from './bubblewrap-backend-options.ts'
import { type ControlGroupParents, controlGroupParents } from './control-group-parents.ts'
import { inheritedDescriptors } from './inherited-descriptors.ts'
import { seccompFilter } from './seccomp-filter.ts'

/** What all sandboxes of a backend are made with. */
export interface GuestMeans {
  /** What bubblewrap says of itself, such as `bubblewrap 0.8.0`. */
  readonly version: string
  /** Where their control groups are made; undefined where there are to be none. */
  readonly parents: ControlGroupParents | undefined
  /** The filter of their system calls. */
  readonly filter: Buffer
  /** Descriptors of this process that they must not get. */
  readonly inherited: readonly number[]
}

const VERSION = /^bubblewrap (\d+)\.(\d+)\S*/
const LEAST_MINOR = 5
/** Memory that no bound of a process counts. */
const UNBOUND_MEMORY = ['memfd_create']

/**
 * Looks for what sandboxes are made with on this machine.
 * @throws SandboxError `SANDBOX_INFRA` where something that is needed is not there.
 */
export async function findGuestMeans({
  bwrapPath,
  controlGroups,
  startTimeoutMs,
}: Pick<
  ResolvedBubblewrapBackendOptions,
  'bwrapPath' | 'controlGroups' | 'startTimeoutMs'
>): Promise<GuestMeans> {
  if (process.platform !== 'linux') throw SandboxError.infra('bubblewrap needs Linux')
  const parents = chooseParents(controlGroups, ownControlGroupParents)
  const filter = seccompFilter(process.arch, parents === undefined ? UNBOUND_MEMORY : [])
  if (filter === undefined) throw SandboxError.infra(`the system calls of ${process.arch} are not known`)
  const version = await askVersion(bwrapPath, startTimeoutMs)
  return { version, parents, filter, inherited: inheritedDescriptors() }
}

/**
 * Where control groups are made, if there are to be any.
 * @throws SandboxError `SANDBOX_INFRA` where they are required and may not be made.
 */
export function chooseParents(
  use: ControlGroupUse,
  find: () => ControlGroupParents | undefined,
): ControlGroupParents | undefined {
  const parents = use === 'none' ? undefined : find()
  if (use === 'require' && parents === undefined) {
    throw SandboxError.infra('this process may make no control groups that bound memory and processes')
  }
  return parents
}

async function askVersion(bwrapPath: string, timeout: number): Promise<string> {
  let said: string
  try {
    said = (await promisify(execFile)(bwrapPath, ['--version'], { timeout, env: {} })).stdout
  } catch (cause) {
    throw SandboxError.infra(`there is no bubblewrap that runs at ${bwrapPath}`, cause)
  }
  const [version, major, minor] = VERSION.exec(said) ?? []
  if (version === undefined || (Number(major) === 0 && Number(minor) < LEAST_MINOR)) {
    throw SandboxError.infra(
      `bubblewrap 0.${LEAST_MINOR} or later is needed, not ${said.trim().slice(0, 100)}`,
    )
  }
  return version
}

/** Where this process may make control groups; undefined where it may not. */
export function ownControlGroupParents(): ControlGroupParents | undefined {
  return controlGroupParents({
    mounts: read('/proc/self/mountinfo'),
    own: read('/proc/self/cgroup'),
    read,
    isWritable: (path) => {
      try {
        accessSync(path, constants.W_OK)
        return true
      } catch {
        return false
      }
    },
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
