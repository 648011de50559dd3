import { dirname, join } from 'node:path'

/** What the kernel limits or counts by control groups, as far as it is of use here. */
export type Controller = 'memory' | 'pids' | 'cpu' | 'cpuacct'

/** Folders in which this process may make control groups. */
export interface ControlGroupParents {
  readonly version: 1 | 2
  /** The folder of each controller; those of memory and processes are always there. In version 2 all are the same. */
  readonly folders: Readonly<Partial<Record<Controller, string>>>
}

/** What is known of the machine's control groups. */
export interface ControlGroupFacts {
  /** The text of `/proc/self/mountinfo`. */
  readonly mounts: string
  /** The text of `/proc/self/cgroup`. */
  readonly own: string
  /** Reads a file of a control group; empty where there is none. */
  readonly read: (path: string) => string
  /** Whether this process may write to a file or make folders in a folder. */
  readonly isWritable: (path: string) => boolean
}

interface Mount {
  readonly root: string
  readonly point: string
  readonly type: string
  readonly options: readonly string[]
}

/**
 * Where groups for guests can be made: below the group of this process, or beside it where version 2 wants groups
 * without processes of their own.
 * @returns undefined where memory and processes cannot both be limited so.
 */
export function controlGroupParents(facts: ControlGroupFacts): ControlGroupParents | undefined {
  const mounts = facts.mounts.split('\n').flatMap(mountOf)
  const own = facts.own.split('\n').flatMap((line) => {
    const [, , controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    return controllers === undefined || path === undefined
      ? []
      : [{ controllers: controllers.split(','), path }]
  })
  return firstVersion(facts, mounts, own) ?? secondVersion(facts, mounts, own)
}

interface Membership {
  readonly controllers: readonly string[]
  readonly path: string
}

function firstVersion(
  { isWritable }: ControlGroupFacts,
  mounts: readonly Mount[],
  own: readonly Membership[],
): ControlGroupParents | undefined {
  const folders: Partial<Record<Controller, string>> = {}
  for (const controller of ['memory', 'pids', 'cpu', 'cpuacct'] as const) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller))
    const member = own.find(({ controllers }) => controllers.includes(controller))
    const folder = mount && member && folderIn(mount, member.path)
    if (folder !== undefined && isWritable(folder)) folders[controller] = folder
  }
  return folders.memory === undefined || folders.pids === undefined ? undefined : { version: 1, folders }
}

function secondVersion(
  { read, isWritable }: ControlGroupFacts,
  mounts: readonly Mount[],
  own: readonly Membership[],
): ControlGroupParents | undefined {
  const mount = mounts.find(({ type }) => type === 'cgroup2')
  const member = own.find(({ controllers }) => controllers.join() === '')
  const folder = mount && member && folderIn(mount, member.path)
  if (mount === undefined || folder === undefined) return undefined
  const candidates = folder === mount.point ? [folder] : [folder, dirname(folder)]
  for (const each of candidates) {
    const given = read(join(each, 'cgroup.subtree_control')).trim().split(/\s+/)
    const isOurs = isWritable(each) && isWritable(join(each, 'cgroup.procs'))
    if (!isOurs || !given.includes('memory') || !given.includes('pids')) continue
    const cpu = given.includes('cpu') ? { cpu: each } : {}
    // Every group of version 2 counts processor time.
    return { version: 2, folders: { memory: each, pids: each, ...cpu, cpuacct: each } }
  }
  return undefined
}

function folderIn({ root, point }: Mount, path: string): string | undefined {
  // Of a mounted part of the tree, only what lies in that part can be seen.
  if (root !== '/' && path !== root && !path.startsWith(`${root}/`)) return undefined
  const below = root === '/' ? path : path.slice(root.length)
  return below === '' || below === '/' ? point : join(point, below)
}

function mountOf(line: string): readonly Mount[] {
  const [before = '', after = ''] = line.split(' - ')
  const [, , , root, point] = before.split(' ')
  const [type, , options] = after.split(' ')
  if (root === undefined || point === undefined || type === undefined || options === undefined) return []
  return [{ root, point, type, options: options.split(',') }]
}
