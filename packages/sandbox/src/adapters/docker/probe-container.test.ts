import { describe, expect, it } from 'vitest'
import { checkProbe } from './probe-container.ts'

const GVISOR = 'Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016'
const LINUX = 'Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)'
const devices = (...names: readonly string[]): string =>
  [
    'Inter-|   Receive  |  Transmit',
    ' face |bytes    packets|bytes',
    ...names.map((name) => `${name.padStart(6)}:  0  0`),
  ].join('\n')
const saw = (...lines: readonly string[]): Parameters<typeof checkProbe>[0] => ({
  status: 'completed',
  stdout: lines.join('\n'),
  stderr: '',
})

describe('what a probe saw', () => {
  it('is accepted in gVisor, and with runc, without a network', () => {
    checkProbe(saw(GVISOR, devices('lo')), 'runsc', 'python', 'docker-runsc')
    checkProbe(saw(LINUX, devices('lo', 'tunl0', 'sit0')), 'runc', 'python', 'docker-runc')
  })

  it('is refused where a runtime only calls itself gVisor', () => {
    for (const version of [LINUX, '', 'gVisor'])
      expect(() => checkProbe(saw(version, devices('lo')), 'runsc', 'shell', 'docker-runsc')).toThrowError(
        expect.objectContaining({
          code: 'SANDBOX_ISOLATION_UNAVAILABLE',
          details: { required: 'gvisor', available: 'container', backend: 'docker-runsc' },
        }),
      )
  })

  it.each(['eth0', 'eth0@if5', 'ens3', 'wg0', 'tap0', 'lo2'])('is refused with the network %s', (name) => {
    for (const [runtime, version] of [
      ['runsc', GVISOR],
      ['runc', LINUX],
    ] as const)
      expect(() => checkProbe(saw(version, devices('lo', name)), runtime, 'python', 'docker')).toThrowError(
        expect.objectContaining({ code: 'SANDBOX_INFRA', message: expect.stringContaining(name) }),
      )
  })

  it('is refused where it did not run', () => {
    const failed = { status: 'killed', stdout: GVISOR, stderr: 'no such file' } as const
    expect(() => checkProbe(failed, 'runsc', 'python', 'docker')).toThrowError(
      expect.objectContaining({ code: 'SANDBOX_INFRA', message: expect.stringContaining('no such file') }),
    )
  })
})
