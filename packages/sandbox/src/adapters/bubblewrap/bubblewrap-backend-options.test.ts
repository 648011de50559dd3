import { describe, expect, it } from 'vitest'
import {
  type BubblewrapBackendOptions,
  resolveBubblewrapBackendOptions,
  type SandboxInterpreter,
} from './bubblewrap-backend-options.ts'

const resolve = (more: Partial<BubblewrapBackendOptions> = {}) =>
  resolveBubblewrapBackendOptions({ languages: { python: {} }, ...more })
const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })

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
    expect(() => resolve({ languages: {} })).toThrowError(invalid)
    const languages = { perl: {} } as BubblewrapBackendOptions['languages']
    expect(() => resolve({ languages })).toThrowError(invalid)
  })

  it.each([
    { interpreter: 'python3' },
    { interpreter: '/usr/bin/../bin/python3' },
    { root: 'rootfs' },
    { root: '/srv/' },
    { readOnlyPaths: ['usr'] },
    { warm: 65 },
    { warm: 3, maxWarm: 2 },
  ] satisfies SandboxInterpreter[])('refuse the interpreter %o', (python) => {
    expect(() => resolve({ languages: { python } })).toThrowError(invalid)
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
    expect(() => resolve({ languages: { python: { readOnlyPaths: [path] } } })).toThrowError(invalid)
  })

  it('let a guest see programs wherever they are', () => {
    const readOnlyPaths = ['/usr/lib', '/opt/python', '/opt/app/pyenv', '/etc/ssl/certs']
    const { languages } = resolve({ languages: { python: { readOnlyPaths } } })
    expect(languages.get('python')?.readOnlyPaths).toEqual(readOnlyPaths)
  })

  it.each([
    { bwrapPath: 'bwrap' },
    { controlGroups: 'maybe' as 'none' },
    { maxConcurrent: 0 },
    { warmMaxAgeMs: 1 },
    { startTimeoutMs: 1 },
    { reapIntervalMs: 1 },
    { rules: { pidsLimit: 1 } },
    { environmentNames: ['LD_PRELOAD'] },
    { environmentNames: ['lower'] },
  ])('refuse %o', (more) => {
    expect(() => resolve(more)).toThrowError(invalid)
  })
})
