import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { FIRST_GROUP_FD, GUEST_USER_ID, SECCOMP_FD, STATUS_FD } from './bubblewrap-arguments.ts'
import type { ControlGroup } from './control-group.ts'

const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** What the process of a sandbox is started with. */
export interface SandboxStart {
  readonly command: readonly [string, ...string[]]
  /** The filter of its system calls. */
  readonly filter: Buffer
  /** Its control group, made for it and removed with it; undefined where it gets none. */
  readonly group: ControlGroup | undefined
  /** Descriptors of this process that it must not get. */
  readonly inherited: readonly number[]
}

/**
 * Starts bubblewrap, as nobody where this process is root, in the group's control group, with its filter on the way. Its
 * standard streams and its status are pipes. That it could not be started is told by the process's events.
 * @throws whatever opening a control group throws.
 */
export function spawnSandbox({ command, filter, group, inherited }: SandboxStart): ChildProcess {
  const [file, ...args] = command
  const nothing = openSync('/dev/null', 'r')
  const opened = [nothing]
  const stdio: Exclude<StdioOptions, string> = ['pipe', 'pipe', 'pipe', 'pipe', 'pipe']
  try {
    // What others have left open in this process is no business of the guest's.
    for (const fd of inherited) if (fd > STATUS_FD) stdio[fd] = nothing
    for (const [index, folder] of (group?.folders ?? []).entries()) {
      const entry = openSync(join(folder, 'cgroup.procs'), 'w')
      opened.push(entry)
      stdio[FIRST_GROUP_FD + index] = entry
    }
    const user = process.getuid?.() === 0 ? { uid: GUEST_USER_ID, gid: GUEST_USER_ID } : {}
    const child = spawn(file, args, {
      ...user,
      cwd: '/',
      env: { PATH: SEARCH_PATH, LC_ALL: 'C' },
      stdio: Array.from(stdio, (each) => each ?? 'ignore'),
      // Not in the group of this process's terminal: Ctrl-C there is not meant for it.
      detached: true,
    })
    // Safe: the descriptor was asked for as a pipe, which this end can write.
    const filterEnd = child.stdio[SECCOMP_FD] as Writable | null
    filterEnd?.end(filter)
    return child
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}
