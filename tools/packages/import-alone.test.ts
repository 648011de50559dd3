import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('import-alone.ts', import.meta.url))

function importAlone(code: string): { readonly status: number | null; readonly said: string } {
  const { status, stderr } = spawnSync(
    process.execPath,
    [program, `data:text/javascript,${encodeURIComponent(code)}`],
    {
      encoding: 'utf8',
      timeout: 30_000,
    },
  )
  return { status, said: stderr }
}

describe('an import alone', () => {
  it('is well where the module only gives names', () => {
    expect(importAlone('export const one = 1')).toEqual({ status: 0, said: '' })
  })

  it.each([
    ['makes a global name', 'globalThis.leaked = 1', 'the global names'],
    ['adds to a built-in', 'Array.prototype.last = () => undefined', 'Array.prototype'],
    ['sets the environment', "process.env.LEAKED = 'yes'", 'the environment'],
    ['listens to the process', "process.on('uncaughtException', () => {})", 'the listeners of the process'],
    ['leaves a timer', 'setTimeout(() => {}, 300)', 'what is open'],
  ])('is not where the module %s', (_, code, what) => {
    const { status, said } = importAlone(`${code}; export const one = 1`)
    expect(status).toBe(1)
    expect(said).toContain(`changes ${what} by being imported`)
  })

  it('is not where the module exports nothing', () => {
    expect(importAlone('const one = 1').status).toBe(1)
  })
})
