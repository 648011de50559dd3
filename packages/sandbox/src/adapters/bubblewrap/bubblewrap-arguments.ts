import type { SandboxRules } from '../../program/sandbox-rules.ts'
import type { ReadOnlyMount } from './read-only-mounts.ts'

/** Whom a guest is, to itself and where this process is root to the machine, too. */
export const GUEST_USER_ID = 65_534

/** File descriptors of the process that becomes bubblewrap. */
export const SECCOMP_FD = 3
/** @see SECCOMP_FD */
export const STATUS_FD = 4
/** The first of those that lead to control groups. */
export const FIRST_GROUP_FD = 5

/** Where the disk of a guest lies until it becomes its `/tmp`; in a mount namespace of its own, so nobody else sees it. */
const DISK = '/dev/shm'

/**
 * Turns a shell into bubblewrap: it enters the control groups, makes the guest's disk and sets what the kernel limits by
 * process, which all that follows inherits. Everything that varies is an argument. Shells name the limit of processes
 * differently.
 */
const START_SCRIPT = `set -eu
groups=$1 disk=$2 files=$3 stack=$4 space=$5 data=$6 tasks=$7
shift 7
[ "$groups" -lt 1 ] || { echo 0 >&5; exec 5>&-; }
[ "$groups" -lt 2 ] || { echo 0 >&6; exec 6>&-; }
[ "$groups" -lt 3 ] || { echo 0 >&7; exec 7>&-; }
[ "$groups" -lt 4 ] || { echo 0 >&8; exec 8>&-; }
mount -t tmpfs -o "$disk" tmpfs ${DISK}
ulimit -c 0
ulimit -n "$files"
ulimit -s "$stack"
ulimit -l 64
[ "$space" = none ] || ulimit -v "$space"
[ "$data" = none ] || ulimit -d "$data"
[ "$tasks" = none ] || ulimit -u "$tasks" 2>/dev/null || ulimit -p "$tasks"
exec "$@"
`

/** What the kernel bounds process by process. */
export interface ProcessBounds {
  /** Bytes of addresses of any kind, or of data alone for an interpreter that reserves more addresses than it uses. */
  readonly memory: { readonly kind: 'addresses' | 'data'; readonly bytes: number }
  /** Processes and threads of the sandbox. */
  readonly maxTasks: number
}

/** What one sandbox is for. */
export interface SandboxPurpose {
  readonly bwrapPath: string
  readonly mounts: readonly ReadOnlyMount[]
  readonly rules: SandboxRules
  readonly stackLimitBytes: number
  /** What bounds each process, where no control group bounds them all. */
  readonly processBounds?: ProcessBounds
  /** Control groups to enter, each by a file descriptor from {@link FIRST_GROUP_FD} on; at most 4. */
  readonly groupCount: number
  /** The interpreter and its arguments. */
  readonly command: readonly string[]
}

/**
 * The command of a sandbox: namespaces of its own for users, processes, network, mounts, names, IPC and control groups, a
 * root that shows what the guest may read, nothing to write but `/tmp`, which is in memory and of which nothing can be
 * executed, no capabilities, no terminal, and an end with the process that started it.
 */
export function sandboxCommand(purpose: SandboxPurpose): readonly [string, ...string[]] {
  const { bwrapPath, rules, stackLimitBytes, processBounds, groupCount, command } = purpose
  const { diskLimitBytes, inodeLimit, openFilesLimit } = rules
  const disk = `noexec,nosuid,nodev,size=${diskLimitBytes},nr_inodes=${inodeLimit},mode=1777`
  return [
    'unshare',
    ...['-U', '-r', '-m', '/bin/sh', '-c', START_SCRIPT, 'sandbox', String(groupCount), disk],
    ...[String(openFilesLimit), kibibytes(stackLimitBytes)],
    ...boundArguments(processBounds),
    bwrapPath,
    ...['--unshare-all', '--unshare-user', '--uid', String(GUEST_USER_ID), '--gid', String(GUEST_USER_ID)],
    ...['--as-pid-1', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'sandbox'],
    ...['--clearenv', '--setenv', 'PATH', '/usr/bin:/bin', '--setenv', 'HOME', '/tmp/work'],
    ...[
      '--setenv',
      'LANG',
      'C.UTF-8',
      '--seccomp',
      String(SECCOMP_FD),
      '--json-status-fd',
      String(STATUS_FD),
    ],
    ...purpose.mounts.flatMap(mountArguments),
    ...['--proc', '/proc', '--dev', '/dev', '--bind', DISK, '/tmp'],
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/', '--', ...command],
  ]
}

function mountArguments(mount: ReadOnlyMount): readonly string[] {
  return mount.kind === 'link' ? ['--symlink', mount.to, mount.path] : ['--ro-bind', mount.source, mount.path]
}

function boundArguments(bounds: ProcessBounds | undefined): readonly string[] {
  if (bounds === undefined) return ['none', 'none', 'none']
  const { kind, bytes } = bounds.memory
  const memory = kind === 'data' ? ['none', kibibytes(bytes)] : [kibibytes(bytes), 'none']
  return [...memory, String(bounds.maxTasks)]
}

function kibibytes(bytes: number): string {
  return String(Math.floor(bytes / 1024))
}
