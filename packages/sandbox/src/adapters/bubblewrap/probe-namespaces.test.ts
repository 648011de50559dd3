import { describe, expect, it } from 'vitest'
import { checkProbe } from './probe-namespaces.ts'

const SEEN = `Name:\tpython3
Uid:\t65534\t65534\t65534\t65534
Gid:\t65534\t65534\t65534\t65534
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t0000000000000000
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t1

Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes
    lo:       0       0    0    0    0     0          0         0        0
`
const check = (stdout: string, status: 'completed' | 'failed' = 'completed'): void =>
  checkProbe({ status, stdout, stderr: 'no such interpreter' }, 'python')

describe('a probe of a sandbox', () => {
  it('passes where it saw what it must', () => {
    expect(() => check(SEEN)).not.toThrow()
  })

  it.each([
    ['as another user', 'ran as 0, 65534', SEEN.replace('Uid:\t65534', 'Uid:\t0')],
    ['as root in the second place', 'ran as 65534, 0', SEEN.replace('65534\t65534\nGid', '65534\t0\nGid')],
    [
      'with a capability',
      'had capabilities: CapBnd 0000000000000400',
      SEEN.replace('CapBnd:\t0000000000000000', 'CapBnd:\t0000000000000400'),
    ],
    [
      'with a way to privileges',
      'could have got privileges',
      SEEN.replace('NoNewPrivs:\t1', 'NoNewPrivs:\t0'),
    ],
    ['without a filter', 'ran without a filter of system calls', SEEN.replace('Seccomp:\t2', 'Seccomp:\t0')],
    ['with a root to write to', 'could write to the root', `the root is writable\n${SEEN}`],
    ['with a network', 'has a network: eth0', `${SEEN}  eth0:  1 2 3\n`],
    ['without seeing its network', 'did not see its network', SEEN.split('Inter')[0] ?? ''],
    ['without seeing anything', 'ran as ', ''],
  ])('fails where it ran %s', (_, what, stdout) => {
    const message = expect.stringContaining(`the probe in python ${what}`)
    expect(() => check(stdout)).toThrow(expect.objectContaining({ code: 'SANDBOX_INFRA', message }))
  })

  it('fails with the words of what did not run', () => {
    expect(() => check(SEEN, 'failed')).toThrowError(/failed: no such interpreter/)
  })
})
