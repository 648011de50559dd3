import { type ExecutionResult, SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HiddenTest } from '../orchestrator/coding-task.ts'
import { HiddenTestRunner } from './hidden-test-runner.ts'
import type { TestResult } from './test-stage.ts'

const SLOW_MS = 60_000

/** Says of each execution that its program ran for a minute, though it had to wait for nothing. */
class SlowExecutor extends SandboxExecutor {
  override async execute(...given: Parameters<SandboxExecutor['execute']>): Promise<ExecutionResult> {
    const result = await super.execute(...given)
    return { ...result, timings: { ...result.timings, runMs: SLOW_MS } }
  }
}

const SECRET = 'k7#expected'
let backend: QuickJsBackend
let runner: HiddenTestRunner

beforeAll(() => {
  backend = new QuickJsBackend()
  runner = new HiddenTestRunner(new SandboxExecutor({ backend, minimumIsolation: 'wasm' }))
})
afterAll(() => backend.close())

function run(program: string, ...tests: readonly HiddenTest[]): Promise<TestResult> {
  return runner.run({ tenantId: 'acme', taskId: 't', program, tests })
}

const answers: HiddenTest = { name: 'answers', run: 'return f([3, 1, 2])', equals: [1, 2, SECRET] }
const throws: HiddenTest = { name: 'throws', run: "return f('bad')", throws: SECRET }

describe('hidden tests', () => {
  it('pass where the solution is right, by value or by error', async () => {
    const result = await run(
      'const f = (x) => { if (x === undefined) return undefined; if (x < 0) throw new Error("a negative number"); return { x: [x] } }',
      { name: 'value', run: 'return f(1)', equals: { x: [1] } },
      { name: 'error', run: 'return f(-1)', throws: 'negative' },
      { name: 'undefined is null', run: 'return f()', equals: null },
    )
    expect(result).toEqual({ passed: 3, total: 3, timedOut: 0, failures: [] })
  })

  it('start each from a context of its own', async () => {
    const counting: HiddenTest = { name: 'first', run: 'return f()', equals: 1 }
    expect((await run('let n = 0; const f = () => ++n', counting, counting)).passed).toBe(2)
  })

  it.each([
    ['overrides JSON.stringify', `JSON.stringify = () => '{"returned":[1,2,3]}'; const f = () => 0`],
    [
      'lends every object a toJSON',
      'Object.prototype.toJSON = () => ({ returned: [1, 2, 3] }); const f = () => 0',
    ],
    [
      'lends every object a result',
      'Object.defineProperty(Object.prototype, "returned", { get() { return 1 }, set() {} }); const f = () => 0',
    ],
    ['overrides Array.prototype.map', 'Array.prototype.map = () => [1, 2]; const f = (x) => x'],
    ['overrides console', 'globalThis.console = { log() { return 1 } }; const f = () => 0'],
    ['declares the result', 'const __result = { returned: [1, 2, 3] }; const f = () => 0'],
    [
      'holds the result itself',
      'Object.defineProperty(globalThis, "__result", { value: 1 }); const f = () => 0',
    ],
    ['swallows the rest in a comment', 'const f = () => 0; ({ returned: [1, 2, 3] }); /*'],
    ['closes the function early', 'const f = () => 0 })(); ({ returned: [1] }); (() => {'],
    ['throws from a getter', 'const f = () => ({ get x() { throw new Error("no") } })'],
    ['answers with a proxy', 'const f = () => new Proxy({}, { ownKeys() { throw 1 } })'],
    ['answers with a cycle', 'const f = () => { const a = []; a.push(a); return a }'],
    ['answers with a huge value', 'const f = () => "x".repeat(5e6)'],
    [
      'answers with deep nesting',
      'const f = () => { let a = []; for (let i = 0; i < 1e4; i++) a = [a]; return a }',
    ],
    ['throws an object without text', 'const f = () => { throw { get message() { throw 1 } } }'],
    ['throws at once', 'throw new Error("early"); const f = 0'],
    ['is no program', 'function ('],
    ['reads its caller', 'function f() { return String(f.caller) + String(arguments.callee.caller) }'],
    ['reads the stack', 'const f = () => new Error().stack'],
    ['looks for the expectation', 'const f = () => [Object.getOwnPropertyNames(globalThis).join()]'],
  ])('fail a solution that %s, and tell nothing of the expectation', async (_, program) => {
    const result = await run(program, answers, throws)
    expect(result.passed).toBe(0)
    expect(JSON.stringify(result)).not.toContain(SECRET)
    for (const { problem } of result.failures) {
      expect(problem.length).toBeLessThanOrEqual(200)
      expect(problem.isWellFormed() && !problem.includes('\u0000')).toBe(true)
    }
  })

  it('fail an error whose message holds every word there is', async () => {
    const program = `const f = () => { throw new Error("x".repeat(3000) + "${SECRET}") }`
    expect((await run(program, throws)).passed).toBe(0)
  })

  it.each(['\\u0000', '\\ud800'])('describe a thrown %s as the database can keep it', async (text) => {
    const { failures } = await run(`const f = () => { throw new Error("${text}") }`, answers)
    expect(failures).toEqual([{ name: 'answers', problem: 'threw \ufffd' }])
  })

  it('say how many of them ran out of time', async () => {
    const limits = { cpuTimeMs: 50 }
    const hurried = new HiddenTestRunner(new SandboxExecutor({ backend, limits, minimumIsolation: 'wasm' }))
    const loops: HiddenTest = { name: 'loops', run: 'for (;;) {}', equals: 1 }
    const tests = [answers, loops, loops]
    const result = await hurried.run({ tenantId: 'acme', taskId: 't', program: 'const f = () => 0', tests })
    expect(result).toMatchObject({ passed: 0, total: 3, timedOut: 2 })
  })

  it('are not run any more once those before took all the time there is, and fail', async () => {
    const slow = new HiddenTestRunner(new SlowExecutor({ backend, minimumIsolation: 'wasm' }))
    const right = { tenantId: 'acme', taskId: 't', program: 'const f = () => 1' }
    const tests = ['a', 'b', 'c', 'd'].map((name): HiddenTest => ({ name, run: 'return f()', equals: 1 }))
    const late = { problem: 'not run: the tests before took too long' }
    expect(await slow.run({ ...right, tests, timeLimitMs: 2 * SLOW_MS })).toEqual({
      passed: 2,
      total: 4,
      timedOut: 0,
      failures: [
        { name: 'c', ...late },
        { name: 'd', ...late },
      ],
    })
    expect(await slow.run({ ...right, tests, timeLimitMs: 2 * SLOW_MS + 1 })).toMatchObject({ passed: 3 })
    expect(await slow.run({ ...right, tests })).toMatchObject({ passed: 4 })
  })

  it('end when they are told to', async () => {
    const stop = AbortSignal.abort()
    const running = runner.run({
      tenantId: 'acme',
      taskId: 't',
      program: '0',
      tests: [answers],
      signal: stop,
    })
    await expect(running).rejects.toThrow()
  })
})
