import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import {
  type BubblewrapBackendOptions,
  resolveBubblewrapBackendOptions,
  type SandboxInterpreter,
} from './bubblewrap-backend-options.ts'

const resolve = (more: Partial<BubblewrapBackendOptions> = {}) =>
  resolveBubblewrapBackendOptions({ languages: { python: {} }, ...more })

describe('the options of the bubblewrap backend', () => {
  it('have defaults for all but the languages', () => {
    expect(resolve()).toMatchObject({
      bwrapPath: '/usr/bin/bwrap',
      controlGroups: 'prefer',
      maxConcurrent: 4,
      warmMaxAgeMs: 600_000,
      startTimeoutMs: 30_000,
      reapIntervalMs: 10_000,
      environmentNames: [],
      rules: { pidsLimit: 64, cpus: 1 },
    })
    expect(resolve().languages.get('python')).toEqual({
      interpreter: '/usr/bin/python3',
      root: '/',
      readOnlyPaths: undefined,
      warm: 1,
      maxWarm: 3,
    })
  })

  it('refuse no language, and one that there is not', () => {
    expect(() => resolve({ languages: {} })).toThrow(invalidOption('languages', 'one language at least'))
    const languages = { perl: {} } as BubblewrapBackendOptions['languages']
    expect(() => resolve({ languages })).toThrow(invalidOption('languages', expect.stringContaining('shell')))
  })

  it.each<[string, SandboxInterpreter]>([
    ['interpreter', { interpreter: 'python3' }],
    ['interpreter', { interpreter: '/usr/bin/../bin/python3' }],
    ['root', { root: 'rootfs' }],
    ['root', { root: '/srv/' }],
    ['readOnlyPaths', { readOnlyPaths: ['usr'] }],
    ['warm', { warm: 65 }],
    ['maxWarm', { warm: 3, maxWarm: 2 }],
  ])('refuse a bad %s of an interpreter: %o', (option, python) => {
    const refusal = invalidOption(`languages.python.${option}`)
    expect(() => resolve({ languages: { python } })).toThrow(refusal)
  })

  it.each([
    '/',
    '/home',
    '/root',
    '/etc',
    '/var',
    '/run',
    '/run/docker.sock',
    '/var/run',
    '/proc',
    '/dev/sda',
    '/sys',
    '/tmp/x',
  ])('never let a guest see %s', (path) => {
    const rule = expect.stringMatching(/^(paths of programs and libraries|an absolute path)/)
    expect(() => resolve({ languages: { python: { readOnlyPaths: [path] } } })).toThrow(
      invalidOption('languages.python.readOnlyPaths', rule),
    )
  })

  it('let a guest see programs wherever they are', () => {
    const readOnlyPaths = ['/usr/lib', '/opt/python', '/opt/app/pyenv', '/etc/ssl/certs']
    const { languages } = resolve({ languages: { python: { readOnlyPaths } } })
    expect(languages.get('python')?.readOnlyPaths).toEqual(readOnlyPaths)
  })

  it.each<[string, Partial<BubblewrapBackendOptions>]>([
    ['bwrapPath', { bwrapPath: 'bwrap' }],
    ['controlGroups', { controlGroups: 'maybe' as 'none' }],
    ['maxConcurrent', { maxConcurrent: 0 }],
    ['warmMaxAgeMs', { warmMaxAgeMs: 1 }],
    ['startTimeoutMs', { startTimeoutMs: 1 }],
    ['reapIntervalMs', { reapIntervalMs: 1 }],
    ['rules.pidsLimit', { rules: { pidsLimit: 1 } }],
    ['environmentNames', { environmentNames: ['LD_PRELOAD'] }],
    ['environmentNames', { environmentNames: ['lower'] }],
  ])('refuse a bad %s: %o', (option, more) => {
    expect(() => resolve(more)).toThrow(invalidOption(option))
  })
})
