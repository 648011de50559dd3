import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ExecutionResult, SandboxExecutor } from '@golden-arch/sandbox'
import { describe, expect, it } from 'vitest'
import { findWaysOut } from './isolation-proof.ts'

const { signal } = new AbortController()

/** What ends each program in the same way. */
function ending(outcome: Partial<ExecutionResult>): Pick<SandboxExecutor, 'execute'> {
  // The proof reads these alone.
  return { execute: async () => ({ stdout: '', ...outcome }) as ExecutionResult }
}

describe('a proof of isolation', () => {
  it('finds a file of the host and the variables of the server where a guest is a plain process', async () => {
    const execute: SandboxExecutor['execute'] = async ({ code }) => {
      const env = { DATABASE_URL: 'postgres://localhost', HOME: '/' }
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=commonjs', '-e', code], {
        env,
      })
      // The proof reads these alone.
      return { status: 'completed', stdout } as ExecutionResult
    }
    const ways = await findWaysOut({ execute }, 'container', signal)
    expect(ways).toContain('a file of the host')
    expect(ways).toContain('the variable DATABASE_URL')
    expect(ways).not.toContain('the variable HOME')
  })

  it.each<[string, Partial<ExecutionResult>]>([
    ['was stopped', { status: 'timed-out' }],
    ['told nothing', { status: 'completed' }],
    ['threw', { status: 'completed', value: { thrown: 'x' } }],
  ])('proves nothing where the program %s', async (_title, outcome) => {
    await expect(findWaysOut(ending(outcome), 'wasm', signal)).rejects.toThrow(
      'the proof of isolation ended with',
    )
  })
})
