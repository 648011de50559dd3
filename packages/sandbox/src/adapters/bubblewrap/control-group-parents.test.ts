import { describe, expect, it } from 'vitest'
import { type ControlGroupFacts, controlGroupParents } from './control-group-parents.ts'

const FIRST = [
  '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory',
  '39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids',
].join('\n')
const SECOND = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'

const facts = (given: Partial<ControlGroupFacts>): ControlGroupFacts => ({
  mounts: '',
  own: '',
  read: () => '',
  isWritable: () => true,
  ...given,
})

describe('the parents of control groups', () => {
  it('are the groups of this process, one for each controller, in version 1', () => {
    const own = '8:pids:/\n4:memory:/service/a\n2:cpu,cpuacct:/service\n0::/'
    expect(controlGroupParents(facts({ mounts: FIRST, own }))).toEqual({
      version: 1,
      folders: {
        memory: '/sys/fs/cgroup/memory/service/a',
        pids: '/sys/fs/cgroup/pids',
        cpu: '/sys/fs/cgroup/cpu,cpuacct/service',
        cpuacct: '/sys/fs/cgroup/cpu,cpuacct/service',
      },
    })
  })

  it('are found within the part of a tree that a container sees', () => {
    const mounts = FIRST.replaceAll(' / /sys/fs/cgroup/', ' /docker/abc /sys/fs/cgroup/')
    const own = '8:pids:/docker/abc\n4:memory:/docker/abc/x\n'
    expect(controlGroupParents(facts({ mounts, own }))?.folders).toEqual({
      memory: '/sys/fs/cgroup/memory/x',
      pids: '/sys/fs/cgroup/pids',
    })
    expect(controlGroupParents(facts({ mounts, own: '8:pids:/other\n4:memory:/other' }))).toBeUndefined()
  })

  it('are none where memory or processes cannot be limited', () => {
    const own = '8:pids:/\n4:memory:/\n'
    for (const closed of ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/pids']) {
      const isWritable = (path: string): boolean => path !== closed
      expect(controlGroupParents(facts({ mounts: FIRST, own, isWritable }))).toBeUndefined()
    }
    expect(controlGroupParents(facts({}))).toBeUndefined()
  })

  it('are, in version 2, the group beside which this process lies, if it gives memory and processes', () => {
    const own = '0::/user.slice/app.slice/our.scope\n'
    const read = (path: string): string =>
      path === '/sys/fs/cgroup/user.slice/app.slice/cgroup.subtree_control' ? 'cpu memory pids\n' : ''
    const folder = '/sys/fs/cgroup/user.slice/app.slice'
    expect(controlGroupParents(facts({ mounts: SECOND, own, read }))).toEqual({
      version: 2,
      folders: { memory: folder, pids: folder, cpu: folder, cpuacct: folder },
    })
    const isWritable = (path: string): boolean => path !== `${folder}/cgroup.procs`
    expect(controlGroupParents(facts({ mounts: SECOND, own, read, isWritable }))).toBeUndefined()
    expect(controlGroupParents(facts({ mounts: SECOND, own, read: () => 'memory' }))).toBeUndefined()
  })

  it('are found among lines that tell of no mount', () => {
    const own = '0::/\n'
    const read = (): string => 'memory pids'
    const broken = [
      '',
      '30 23 0:26',
      '30 23 0:26 / /somewhere rw',
      ' - cgroup2 cgroup2 rw',
      '1 2 3 / /x rw - cgroup2',
    ]
    expect(controlGroupParents(facts({ mounts: broken.join('\n'), own, read }))).toBeUndefined()
    const mounts = [...broken, SECOND].join('\n')
    expect(controlGroupParents(facts({ mounts, own, read }))?.version).toBe(2)
  })

  it('do not lie above what is mounted', () => {
    const read = (path: string): string =>
      path === '/sys/fs/cgroup/cgroup.subtree_control' ? 'memory pids\n' : ''
    const found = controlGroupParents(facts({ mounts: SECOND, own: '0::/\n', read }))
    expect(found?.folders).toEqual({
      memory: '/sys/fs/cgroup',
      pids: '/sys/fs/cgroup',
      cpuacct: '/sys/fs/cgroup',
    })
    expect(controlGroupParents(facts({ mounts: SECOND, own: '0::/\n' }))).toBeUndefined()
  })
})
