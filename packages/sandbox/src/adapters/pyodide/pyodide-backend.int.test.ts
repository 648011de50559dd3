import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeProgramBackend } from '../../testing/program-backend.contract.ts'
import { PYODIDE_ABUSES } from '../../testing/pyodide-abuse.ts'
import { runProgram } from '../../testing/run-program.ts'
import { tryAbuse } from '../../testing/try-abuse.ts'
import { findPyodide } from './find-pyodide.ts'
import { PyodideBackend } from './pyodide-backend.ts'

// A child takes seconds to load Python, on a busy machine many.
const TIMEOUT_MS = 240_000
vi.setConfig({ testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS })

const create = (): PyodideBackend =>
  new PyodideBackend({ maxConcurrent: 2, environmentNames: ['NAME'], startTimeoutMs: TIMEOUT_MS })

function reasonToSkip(): string | undefined {
  try {
    findPyodide(undefined)
    return undefined
  } catch (error) {
    // Where everything must run, it is a failure of the tests below.
    return process.env.CI === undefined ? String(error) : undefined
  }
}

const reason = reasonToSkip()
if (reason !== undefined) console.warn(`skipped: Pyodide, since ${reason}`)

describe.skipIf(reason !== undefined)('Pyodide in a child process', () => {
  describeProgramBackend('Pyodide', 'python', create)

  describe('PyodideBackend', () => {
    let backend: PyodideBackend
    beforeAll(() => {
      backend = create()
      return backend.prepare()
    })
    afterAll(() => backend.close())

    it.each(PYODIDE_ABUSES.filter(({ isShortForm }) => isShortForm))('bears $title', async (abuse) => {
      expect((await tryAbuse(backend, abuse)).failure).toBeUndefined()
    })

    it('says so where its child is not to be found', async () => {
      const childUrl = new URL('./no-such-child.ts', import.meta.url)
      const missing = new PyodideBackend({ childUrl, startTimeoutMs: TIMEOUT_MS })
      const run = runProgram(missing, '1', {}, undefined, { language: 'python' })
      await expect(run).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
      await missing.close()
    })

    it('tells a crash of the interpreter as a failure with the exit code of an abort', async () => {
      const outcome = await runProgram(backend, 'import os; os.abort()', {}, undefined, {
        language: 'python',
      })
      expect(outcome).toMatchObject({ status: 'failed', exitCode: 134, error: { name: 'ExitCode' } })
    })

    it('bounds the bytes of many files as it does those of one', async () => {
      const rules = { diskLimitBytes: 1_048_576 }
      const small = new PyodideBackend({ rules, startTimeoutMs: TIMEOUT_MS })
      const code = `import os
count = 0
try:
    while count < 40:
        with open(f"f{count}", "wb", buffering=0) as file: file.write(bytes(400_000))
        count += 1
except OSError as error:
    print(count, error.strerror)
os.truncate("f0", 0)
with open("last", "wb", buffering=0) as file: print(file.write(bytes(400_000)))`
      const outcome = await runProgram(small, code, {}, undefined, { language: 'python' })
      expect(outcome).toMatchObject({ status: 'completed', stdout: '2 No space left on device\n400000\n' })
      await small.close()
    })

    it('says that it is no boundary by its level', () => {
      expect(backend.isolation).toBe('best-effort')
    })

    it('hands out no more leases than it may, and ends every child when it is closed', async () => {
      const other = create()
      const program = { language: 'python', code: 'print(1)', limits: other.resolveLimits({}) } as const
      const leases = await Promise.all([other.acquire(program), other.acquire(program)])
      await expect(other.acquire(program)).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
      for (const lease of leases) lease.release()
      await other.close()
      expect(other.childCount).toBe(0)
    })

    it('gives up a start when it is closed', async () => {
      const other = create()
      const starting = expect(other.prepare()).resolves.toBeUndefined()
      await other.close()
      await starting
      expect(other.childCount).toBe(0)
    })

    it('ends a child whose program takes another memory limit than the default, too', async () => {
      const outcome = await runProgram(
        backend,
        'kept = []\ntry:\n    while True: kept.append(bytearray(1 << 20))\nexcept MemoryError:\n    count = len(kept)\n    kept = None\n    print(count < 96)',
        { memoryLimitBytes: 96 * 1_048_576, timeoutMs: 60_000 },
        undefined,
        { language: 'python' },
      )
      expect(outcome).toMatchObject({ status: 'completed', stdout: 'True\n', place: { isWarmStart: false } })
    })
  })
})
