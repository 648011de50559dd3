import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@golden-arch/core/time'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ControlGroup } from './control-group.ts'
import type { ControlGroupParents } from './control-group-parents.ts'
import { controlGroupSettings } from './control-group-settings.ts'

const LIMITS = { memoryLimitBytes: 1_048_576, maxTasks: 65, cpus: 0.5 }

describe('the settings of a control group', () => {
  const written = (version: 1 | 2): Record<string, string> =>
    Object.fromEntries(controlGroupSettings(version, LIMITS).map(({ file, value }) => [file, value]))

  it('bound memory with swap, tasks and processor in version 1', () => {
    expect(written(1)).toEqual({
      'memory.limit_in_bytes': '1048576',
      'memory.memsw.limit_in_bytes': '1048576',
      'pids.max': '65',
      'cpu.cfs_period_us': '100000',
      'cpu.cfs_quota_us': '50000',
    })
  })

  it('bound the same in version 2', () => {
    expect(written(2)).toEqual({
      'memory.max': '1048576',
      'memory.swap.max': '0',
      'pids.max': '65',
      'cpu.max': '50000 100000',
    })
  })
})

describe('a control group', () => {
  let root: TemporaryFolder
  beforeEach(async () => {
    root = await temporaryFolder('control-group')
  })
  afterEach(() => root.remove())

  const parentsOf = (version: 1 | 2): ControlGroupParents => {
    const all = { memory: root.path, pids: root.path, cpu: root.path, cpuacct: root.path }
    return { version, folders: all }
  }
  /** The files that the kernel would have put there. */
  const fill = (files: Readonly<Record<string, string>>): void => {
    mkdirSync(join(root.path, 'one'), { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root.path, 'one', name), text)
  }

  it('tells of use and of deaths at the limit in version 1', () => {
    fill({
      'cpuacct.usage': '1500000000\n',
      'memory.max_usage_in_bytes': '4096\n',
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
      'cgroup.procs': '12\n13\n',
    })
    const group = new ControlGroup(parentsOf(1), 'one')
    expect(group).toMatchObject({ usedMs: 1500, maxMemoryBytes: 4096, isOutOfMemory: true })
    expect(group.processes).toEqual([12, 13])
  })

  it('tells of use and of deaths at the limit in version 2', () => {
    fill({
      'cpu.stat': 'usage_usec 2500\nuser_usec 2000\n',
      'memory.peak': '8192\n',
      'memory.events': 'low 0\noom 3\noom_kill 0\noom_group_kill 0\n',
    })
    const group = new ControlGroup(parentsOf(2), 'one')
    expect(group).toMatchObject({ usedMs: 2.5, maxMemoryBytes: 8192, isOutOfMemory: false })
    fill({ 'memory.events': 'oom 3\noom_kill 2\n' })
    expect(group.isOutOfMemory).toBe(true)
  })

  it('does not say what the kernel does not', () => {
    const group = new ControlGroup({ version: 2, folders: { memory: root.path, pids: root.path } }, 'one')
    expect(group.usedMs).toBeUndefined()
    expect(group.maxMemoryBytes).toBeUndefined()
    expect(group.isOutOfMemory).toBe(false)
    expect(group.processes).toEqual([])
  })

  it('leaves nothing behind when it cannot be made', () => {
    expect(() => ControlGroup.create(parentsOf(2), 'one', LIMITS)).toThrowError(
      expect.objectContaining({
        code: 'SANDBOX_INFRA',
        message: expect.stringContaining('a control group could not be made: '),
      }),
    )
    // Made once more: it would be there already.
    mkdirSync(join(root.path, 'one'))
  })

  it('is removed once nothing is in it', async () => {
    fill({ held: '' })
    const group = new ControlGroup(parentsOf(1), 'one')
    const removal = group.remove(systemClock)
    rmSync(join(root.path, 'one', 'held'))
    await removal
    await group.remove(systemClock)
    expect(() => mkdirSync(join(root.path, 'one'))).not.toThrow()
  })
})
