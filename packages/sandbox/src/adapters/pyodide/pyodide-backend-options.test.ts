import { describe, expect, it } from 'vitest'
import { childArguments } from './child-command.ts'
import { findPyodide } from './find-pyodide.ts'
import { PyodideBackend } from './pyodide-backend.ts'
import { resolvePyodideBackendOptions } from './pyodide-backend-options.ts'

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

  it.each([
    { warm: -1 },
    { warm: 2, maxWarm: 1 },
    { maxConcurrent: 0 },
    { rules: { diskLimitBytes: 1 } },
    { rules: { maxFiles: -1 } },
    { pyodideFolder: 'node_modules/pyodide' },
    { environmentNames: ['PYTHONPATH'] },
    { environmentNames: ['a b'] },
  ])('refuses %j at once', (options) => {
    expect(() => new PyodideBackend(options)).toThrowError(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('findPyodide', () => {
  it('says so where there is none', () => {
    expect(() => findPyodide('/no/such/folder')).toThrowError(
      expect.objectContaining({ code: 'SANDBOX_INFRA' }),
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
