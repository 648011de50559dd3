import { describe, expect, it } from 'vitest'
import { resolveSandboxRules } from '../../program/sandbox-rules.ts'
import { type SandboxPurpose, sandboxCommand } from './bubblewrap-arguments.ts'

const PURPOSE: SandboxPurpose = {
  bwrapPath: '/usr/bin/bwrap',
  mounts: [
    { kind: 'bind', source: '/srv/root/usr', path: '/usr' },
    { kind: 'link', to: 'usr/bin', path: '/bin' },
  ],
  rules: resolveSandboxRules({ diskLimitBytes: 1_048_576, inodeLimit: 100, openFilesLimit: 40 }),
  stackLimitBytes: 8_388_608,
  groupCount: 4,
  command: ['/usr/bin/python3', '-c', 'shim'],
}
const commandOf = (more: Partial<SandboxPurpose> = {}): readonly string[] =>
  sandboxCommand({ ...PURPOSE, ...more })
/** The arguments of the script that turns a shell into bubblewrap. */
const scriptArguments = (command: readonly string[]): readonly string[] => {
  const start = command.indexOf('sandbox') + 1
  return command.slice(start, command.indexOf(PURPOSE.bwrapPath))
}

describe('the command of a sandbox', () => {
  it('unshares every namespace, drops every capability and dies with its parent', () => {
    const command = commandOf()
    const flags = ['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--as-pid-1']
    expect(command).toEqual(expect.arrayContaining([...flags, '--clearenv']))
    expect(command.join(' ')).toContain('--uid 65534 --gid 65534')
    expect(command.join(' ')).toContain('--cap-drop ALL')
    expect(command).not.toContain('--share-net')
  })

  it('shows the guest what it may read, and makes all but its disk read-only in the end', () => {
    const text = commandOf().join(' ')
    expect(text).toContain('--ro-bind /srv/root/usr /usr --symlink usr/bin /bin')
    expect(text).not.toMatch(/--(dev-)?bind(-try)? (?!\/dev\/shm \/tmp )/)
    expect(text).toMatch(
      /--bind \/dev\/shm \/tmp --remount-ro \/dev --remount-ro \/ --chdir \/ -- \/usr\/bin\/python3 -c shim$/,
    )
  })

  it('gives the disk its size and number of files, and lets nothing on it be executed', () => {
    const [groups, disk, files, stack, ...bounds] = scriptArguments(commandOf())
    expect(groups).toBe('4')
    expect(disk).toBe('noexec,nosuid,nodev,size=1048576,nr_inodes=100,mode=1777')
    expect([files, stack]).toEqual(['40', '8192'])
    expect(bounds).toEqual(['none', 'none', 'none'])
  })

  it('bounds each process where no control group bounds them all', () => {
    const bounds = (kind: 'addresses' | 'data'): readonly string[] =>
      scriptArguments(
        commandOf({ groupCount: 0, processBounds: { memory: { kind, bytes: 1_048_576 }, maxTasks: 65 } }),
      ).slice(4)
    expect(bounds('addresses')).toEqual(['1024', 'none', '65'])
    expect(bounds('data')).toEqual(['none', '1024', '65'])
  })
})
