import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { childArguments } from './child-command.ts'
import { findPyodide } from './find-pyodide.ts'
import { PyodideBackend } from './pyodide-backend.ts'
import { type PyodideBackendOptions, resolvePyodideBackendOptions } from './pyodide-backend-options.ts'

describe('resolvePyodideBackendOptions', () => {
  it('fills in the defaults', () => {
    expect(resolvePyodideBackendOptions({})).toMatchObject({
      warm: 1,
      maxWarm: 2,
      maxConcurrent: 2,
      environmentNames: [],
    })
    expect(resolvePyodideBackendOptions({ warm: 16 }).maxWarm).toBe(16)
  })

  it.each<[string, PyodideBackendOptions]>([
    ['warm', { warm: -1 }],
    ['maxWarm', { warm: 2, maxWarm: 1 }],
    ['maxConcurrent', { maxConcurrent: 0 }],
    ['warmMaxAgeMs', { warmMaxAgeMs: 999 }],
    ['startTimeoutMs', { startTimeoutMs: 99 }],
    ['rules.diskLimitBytes', { rules: { diskLimitBytes: 1 } }],
    ['rules.maxFiles', { rules: { maxFiles: -1 } }],
    ['rules.filesLimitBytes', { rules: { filesLimitBytes: -1 } }],
    ['pyodideFolder', { pyodideFolder: 'node_modules/pyodide' }],
    ['childUrl', { childUrl: '/child.js' as never }], // as from plain JavaScript
    ['environmentNames', { environmentNames: ['PYTHONPATH'] }],
    ['environmentNames', { environmentNames: ['a b'] }],
  ])('refuses a bad %s at once: %j', (option, options) => {
    expect(() => new PyodideBackend(options)).toThrow(invalidOption(option))
  })
})

describe('findPyodide', () => {
  it('says so where there is none', () => {
    expect(() => findPyodide('/no/such/folder')).toThrowError(
      expect.objectContaining({
        code: 'SANDBOX_INFRA',
        message: expect.stringContaining('/no/such/folder'),
      }),
    )
  })
})

describe('childArguments', () => {
  it('takes permissions away and gives back two folders to read', () => {
    const start = { folder: '/modules/pyodide', maxPages: 1024, diskLimitBytes: 5 }
    const args = childArguments(new URL('file:///app/dist/adapters/pyodide/pyodide-child.js'), start)
    expect(args).toContain('--permission')
    expect(args).toContain('--disallow-code-generation-from-strings')
    expect(args.filter((each) => each.startsWith('--allow'))).toEqual([
      '--allow-fs-read=/modules/pyodide/',
      '--allow-fs-read=/app/dist/',
    ])
  })
})
