import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxBackend } from '../ports/sandbox-backend.ts'
import { runPastBeginning } from './run-past-beginning.ts'
import { runProgram } from './run-program.ts'
import { toldOutput } from './told-output.ts'

/** What every backend for JavaScript owes the executor. `create` makes one that may hold two leases at least. */
export function describeSandboxBackend(title: string, create: () => SandboxBackend): void {
  describe(`${title} as a sandbox backend`, () => {
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())

    it('gives the value of the last statement', async () => {
      const outcome = await runProgram(backend, 'const a = [1, 2]; ({ sum: a[0] + a[1], list: a })')
      expect(outcome).toEqual({
        status: 'completed',
        stdout: '',
        stderr: '',
        truncated: { stdout: false, stderr: false },
        value: { sum: 3, list: [1, 2] },
        files: [],
        usage: expect.objectContaining({ isMeasuredByHost: true }),
        place: expect.objectContaining({ runtime: backend.id }),
      })
    })

    it('leaves the value out where JSON has none', async () => {
      for (const code of ['undefined', '(() => 1)', 'Symbol()', 'let x = 1']) {
        const outcome = await runProgram(backend, code)
        expect(outcome.status).toBe('completed')
        expect(outcome).not.toHaveProperty('value')
      }
    })

    it('waits for a promise, by await or as the value of the program', async () => {
      expect((await runProgram(backend, 'const x = await Promise.resolve(20); x + 1')).value).toBe(21)
      expect((await runProgram(backend, 'Promise.resolve().then(async () => ({ a: 1 }))')).value).toEqual({
        a: 1,
      })
      expect((await runProgram(backend, '({ then(done) { done(7) } })')).value).toBe(7)
    })

    it('keeps the two streams apart', async () => {
      const outcome = await runProgram(
        backend,
        'console.log("a", 1); console.error("b"); console.log("ç 😀"); console.warn({ c: [1] })',
      )
      expect(outcome.stdout).toBe('a 1\nç 😀\n')
      expect(outcome.stderr).toBe('b\n{ c: [ 1 ] }\n')
    })

    it('reports what the program throws, at once or later', async () => {
      const thrown = await runProgram(backend, 'console.log("before"); throw new TypeError("no")')
      expect(thrown).toMatchObject({ status: 'failed', error: { name: 'TypeError', message: 'no' } })
      expect(thrown.stdout).toBe('before\n')
      expect(thrown.error?.stack).toContain('guest.js')
      const rejected = await runProgram(backend, 'await null; throw new RangeError("later")')
      expect(rejected).toMatchObject({ status: 'failed', error: { name: 'RangeError', message: 'later' } })
      const text = await runProgram(backend, 'throw "plain"')
      expect(text).toMatchObject({ status: 'failed', error: { name: 'string', message: 'plain' } })
    })

    it('reports a program that does not parse', async () => {
      const outcome = await runProgram(backend, 'let = = 1')
      expect(outcome).toMatchObject({ status: 'failed', error: { name: 'SyntaxError' } })
    })

    it('stops a loop at the wall time and keeps what was written before', async () => {
      const outcome = await runPastBeginning((timeoutMs) =>
        runProgram(backend, 'console.log("begun"); for (;;);', { timeoutMs }),
      )
      expect(outcome).toMatchObject({ status: 'timed-out', stdout: 'begun\n' })
    })

    it('stops at the output limit and cuts between characters', async () => {
      const outcome = await runProgram(backend, 'for (;;) console.log("€".repeat(5))', {
        stdoutLimitBytes: 100,
      })
      expect(outcome).toMatchObject({ status: 'output-limit', truncated: { stdout: true, stderr: false } })
      expect(Buffer.byteLength(outcome.stdout)).toBeGreaterThan(100 - 3)
      expect(Buffer.byteLength(outcome.stdout)).toBeLessThanOrEqual(100)
      expect(outcome.stdout).not.toContain('\uFFFD')
      expect('€€€€€\n'.repeat(20).startsWith(outcome.stdout)).toBe(true)
    })

    it('limits each stream by itself, to the byte', async () => {
      const limits = { stdoutLimitBytes: 6, stderrLimitBytes: 3 }
      const fits = await runProgram(backend, 'console.log("12345"); console.error("12")', limits)
      expect(fits).toMatchObject({ status: 'completed', truncated: { stdout: false, stderr: false } })
      const over = await runProgram(backend, 'console.log("12345"); console.error("123")', limits)
      expect(over).toMatchObject({ status: 'output-limit', truncated: { stdout: false, stderr: true } })
      expect(over.stderr).toBe('123')
    })

    it('takes a value up to its limit, to the byte', async () => {
      const limits = { valueLimitBytes: 10 }
      expect(await runProgram(backend, '"é".repeat(4)', limits)).toMatchObject({
        status: 'completed',
        value: 'éééé',
      })
      const over = await runProgram(backend, '"é".repeat(4) + "x"', limits)
      expect(over).toMatchObject({ status: 'output-limit', error: { name: 'ValueTooLarge' } })
      expect(over).not.toHaveProperty('value')
    })

    it('ends a running program when the signal fires', async () => {
      const controller = new AbortController()
      const { listener } = toldOutput(() => controller.abort())
      const code = 'console.log("begun"); for (;;);'
      const run = runProgram(backend, code, {}, controller.signal, {}, listener)
      expect(await run).toMatchObject({ status: 'cancelled', stdout: 'begun\n' })
    })

    it('does not run a program whose signal has fired already', async () => {
      const outcome = await runProgram(backend, 'for (;;);', { timeoutMs: 60_000 }, AbortSignal.abort())
      expect(outcome.status).toBe('cancelled')
    })

    it('runs two programs side by side without mixing them', async () => {
      const code = (name: string): string =>
        `for (let i = 0; i < 50; i++) { console.log("${name}"); await null } "${name}"`
      const [a, b] = await Promise.all([runProgram(backend, code('a')), runProgram(backend, code('b'))])
      expect(a).toMatchObject({ value: 'a', stdout: 'a\n'.repeat(50) })
      expect(b).toMatchObject({ value: 'b', stdout: 'b\n'.repeat(50) })
    })

    it('refuses a limit that it cannot enforce', () => {
      for (const timeoutMs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => backend.resolveLimits({ timeoutMs })).toThrowError(
          expect.objectContaining({
            code: 'SANDBOX_REQUEST_INVALID',
            details: { field: 'limits.timeoutMs', rule: expect.stringMatching(/^an integer from 1 to \d+$/) },
          }),
        )
      }
    })

    it('takes no more work once closed', async () => {
      const closed = create()
      await closed.prepare()
      await closed.close()
      await closed.close()
      await expect(
        closed.acquire({ language: 'javascript', code: '1', limits: closed.resolveLimits({}) }),
      ).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
      await expect(closed.prepare()).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    })
  })
}
