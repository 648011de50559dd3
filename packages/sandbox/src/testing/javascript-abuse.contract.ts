import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ExecutionLimits } from '../execution-limits.ts'
import type { ExecutionStatus, GuestOutcome } from '../execution-result.ts'
import type { SandboxBackend } from '../ports/sandbox-backend.ts'
import { runProgram } from './run-program.ts'

interface Abuse {
  readonly title: string
  readonly code: string
  readonly status: ExecutionStatus
  readonly limits?: Partial<ExecutionLimits>
  readonly also?: Partial<GuestOutcome>
}

/** For programs whose end is no timeout: so much that a busy machine does not make one of them. */
const PATIENT = { timeoutMs: 60_000 }
const HURRIED = { timeoutMs: 100 }
const overflow = { name: 'InternalError', message: 'stack overflow' }

const ABUSES: readonly Abuse[] = [
  { title: 'an infinite loop', code: 'for (;;);', status: 'timed-out', limits: HURRIED },
  {
    title: 'a loop that catches and finally continues',
    code: 'for (;;) { try { for (;;); } catch {} finally { continue } }',
    status: 'timed-out',
    limits: HURRIED,
  },
  {
    title: 'a loop over async functions, which swallow an interruption',
    code: 'async function spin() { for (;;); } for (;;) spin()',
    status: 'timed-out',
    limits: HURRIED,
  },
  {
    title: 'a regular expression that backtracks for ever',
    code: '/(a+)+$/.test("a".repeat(40) + "b")',
    status: 'timed-out',
    limits: HURRIED,
  },
  {
    title: 'a sort whose comparison never ends',
    code: '[1, 2, 3].sort(() => { for (;;); })',
    status: 'timed-out',
    limits: HURRIED,
  },
  {
    title: 'a proxy that spins in a trap',
    code: 'Object.keys(new Proxy({}, { ownKeys() { for (;;); } }))',
    status: 'timed-out',
    limits: HURRIED,
  },
  {
    title: 'a flood of microtasks',
    code: 'const again = () => Promise.resolve().then(again); again(); await new Promise(() => {})',
    status: 'timed-out',
    limits: HURRIED,
  },
  {
    title: 'a value whose toJSON spins',
    code: '({ toJSON() { for (;;); } })',
    status: 'timed-out',
    limits: HURRIED,
  },
  {
    title: 'a promise that never settles',
    code: 'new Promise(() => {})',
    status: 'failed',
    also: { error: expect.objectContaining({ name: 'UnsettledPromise' }) },
  },
  {
    title: 'unbounded recursion',
    code: 'const f = () => f() + 1; f()',
    status: 'failed',
    also: { error: expect.objectContaining(overflow) },
  },
  {
    title: 'recursion with the largest stack on offer',
    code: 'const f = (n) => f(n + 1) + 1; f(0)',
    status: 'failed',
    limits: { stackLimitBytes: 1_048_576, ...PATIENT },
    also: { error: expect.objectContaining(overflow) },
  },
  {
    title: 'recursion in a parser',
    code: 'eval("[".repeat(1e5))',
    status: 'failed',
    limits: PATIENT,
  },
  {
    title: 'recursion in a regular expression',
    code: 'new RegExp("(".repeat(1e5) + ")".repeat(1e5)).test("")',
    status: 'failed',
    limits: PATIENT,
  },
  {
    title: 'arrays that are kept',
    code: 'const kept = []; for (;;) kept.push(new Array(1000).fill(1))',
    status: 'out-of-memory',
    limits: PATIENT,
  },
  {
    title: 'objects that are kept',
    code: 'const kept = {}; for (let i = 0; ; i++) kept["k" + i] = { i }',
    status: 'out-of-memory',
    limits: PATIENT,
  },
  { title: 'a huge string', code: '"x".repeat(1 << 28)', status: 'out-of-memory', limits: PATIENT },
  { title: 'a huge buffer', code: 'new ArrayBuffer(1e9)', status: 'out-of-memory', limits: PATIENT },
  {
    title: 'memory kept by promises',
    code: 'const kept = []; for (;;) { kept.push(new Array(1000).fill(await 1)) }',
    status: 'out-of-memory',
    limits: PATIENT,
  },
  {
    title: 'a flood of output',
    code: 'for (;;) console.log("x".repeat(1000))',
    status: 'output-limit',
    limits: PATIENT,
    also: { truncated: { stdout: true, stderr: false } },
  },
  {
    title: 'a flood of errors, all caught',
    code: 'for (;;) { try { console.error("x") } catch {} }',
    status: 'output-limit',
    limits: PATIENT,
    also: { truncated: { stdout: false, stderr: true } },
  },
  {
    title: 'one huge line',
    code: 'console.log("x".repeat(5e6)); "done"',
    status: 'output-limit',
    limits: PATIENT,
  },
  {
    title: 'a value that nests too deep',
    code: 'let v = []; for (let i = 0; i < 300; i++) v = [v]; v',
    status: 'failed',
    limits: PATIENT,
    also: { error: expect.objectContaining({ name: 'ValueTooDeep' }) },
  },
  {
    title: 'a value that overflows the stack while it is written',
    code: 'let v = []; for (let i = 0; i < 4000; i++) v = [v]; v',
    status: 'failed',
    limits: { stackLimitBytes: 16_384, ...PATIENT },
    also: { error: expect.objectContaining(overflow) },
  },
  {
    title: 'a cyclic value',
    code: 'const v = {}; v.v = v; v',
    status: 'failed',
    also: { error: expect.objectContaining({ name: 'TypeError' }) },
  },
  { title: 'a value with a BigInt', code: '({ n: 1n })', status: 'failed' },
  {
    title: 'a value whose getter throws',
    code: '({ get x() { throw new Error("got") } })',
    status: 'failed',
    also: { error: expect.objectContaining({ message: 'got' }) },
  },
  {
    title: 'a value whose toJSON throws',
    code: '({ toJSON() { throw new Error("json") } })',
    status: 'failed',
    also: { error: expect.objectContaining({ message: 'json' }) },
  },
  {
    title: 'a value that is a throwing proxy',
    code: 'new Proxy({}, { get() { throw new Error("trap") }, ownKeys() { throw new Error("trap") } })',
    status: 'failed',
    also: { error: expect.objectContaining({ message: 'trap' }) },
  },
  {
    title: 'an error that lies about itself',
    code: 'throw { get name() { throw 1 }, get message() { for (let i = 0; i < 10; i++); return 2 } }',
    status: 'failed',
    also: { error: { name: 'Error', message: '', stack: '' } },
  },
  {
    title: 'an error with a huge message',
    code: 'throw new Error("x".repeat(1e6))',
    status: 'failed',
    limits: PATIENT,
    also: { error: expect.objectContaining({ message: 'x'.repeat(4096) }) },
  },
  {
    title: 'console.log of a cyclic value',
    code: 'const v = { a: [] }; v.a.push(v); console.log(v)',
    status: 'completed',
    also: { stdout: '{ a: [ [Circular] ] }\n' },
  },
  {
    title: 'console.log of hostile values',
    code: `console.log(new Proxy({}, { ownKeys() { throw 1 } }), { get a() { throw 2 } },
      { toString() { throw 3 } }, Object.create(null), new Error(), 1n, Symbol("s"))`,
    status: 'completed',
    also: { stdout: expect.stringMatching(/^\[unreadable\] \{ a: \[Getter\] \} /) },
  },
  {
    title: 'a guest that breaks what the host reads with',
    code: `JSON.stringify = () => "forged"; Promise.prototype.then = undefined; String.prototype.slice = null
      Array.prototype[Symbol.iterator] = null; Object.prototype.toJSON = () => "polluted"
      globalThis.Promise = null; Reflect.apply = null; Set.prototype.has = null
      console.log([1]); 1`,
    status: 'completed',
    also: { value: 1, stdout: '[ 1 ]\n' },
  },
]

const WAYS_OUT: readonly string[] = [
  'process.exit(1)',
  'require("node:fs")',
  'await fetch("http://127.0.0.1")',
  'await import("node:fs")',
  'await import("./quickjs-worker.ts")',
  'constructor.constructor("return process")().pid',
  'console.log.constructor("return process")().pid',
  'console.constructor.constructor("return process")().pid',
  '(async () => {}).constructor("return process")().then((p) => p.pid)',
  'new WebAssembly.Memory({ initial: 1 })',
  'new Worker("x")',
  'postMessage("x")',
  'Deno.pid',
  'std.getenv("PATH")',
  'os.exec(["true"])',
  '[].at.caller.name.length',
]

/** What a hostile program may try, on any backend for JavaScript; after each the next program is untouched. */
export function describeJavaScriptAbuse(title: string, create: () => SandboxBackend): void {
  describe(`${title} under abuse`, () => {
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())
    afterEach(async () => {
      const next = await runProgram(
        backend,
        'console.log("next"); [typeof leaked, Object.keys(Object.prototype)]',
        PATIENT,
      )
      expect(next).toMatchObject({ status: 'completed', stdout: 'next\n', value: ['undefined', []] })
    })

    it.each(ABUSES)('$title: $status', async ({ code, status, limits, also }) => {
      const outcome = await runProgram(backend, code, limits)
      expect(outcome).toMatchObject({ status, ...also })
    })

    it.each(WAYS_OUT)('no way out: %s', async (code) => {
      const outcome = await runProgram(backend, code)
      expect(outcome.status).toBe('failed')
      expect(outcome.error?.name).toMatch(/^(ReferenceError|TypeError)$/)
    })

    it('finds nothing in the global object beyond the language, the console and what came with the request', async () => {
      const { value } = await runProgram(
        backend,
        'Object.getOwnPropertyNames(globalThis).filter((name) => /^[a-z]/.test(name)).sort()',
      )
      expect(value).toEqual([
        'console',
        'decodeURI',
        'decodeURIComponent',
        'encodeURI',
        'encodeURIComponent',
        'escape',
        'eval',
        'globalThis',
        'isFinite',
        'isNaN',
        'parseFloat',
        'parseInt',
        'sandbox',
        'undefined',
        'unescape',
      ])
    })

    it('carries neither globals nor prototypes over to the next program', async () => {
      await runProgram(
        backend,
        `globalThis.leaked = 1; Object.prototype.leaked = 2; Array.prototype.map = () => "mine"
         Math.random = () => 4; console.log = () => {}; delete globalThis.JSON`,
      )
      const { value, stdout } = await runProgram(
        backend,
        'console.log("x"); [typeof leaked, ({}).leaked === undefined, [1].map((n) => n + 1), Math.random() === 4, typeof JSON]',
      )
      expect(value).toEqual(['undefined', true, [2], false, 'object'])
      expect(stdout).toBe('x\n')
    })

    it('leaves the prototypes of the host alone, whatever the value is', async () => {
      const { value } = await runProgram(
        backend,
        'JSON.parse(\'{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}\')',
      )
      expect(Object.hasOwn(Object(value), '__proto__')).toBe(true)
      expect(({} as { polluted?: number }).polluted).toBeUndefined()
    })

    it.each([32, 64])('gives a program no more memory than its limit of %i MiB', async (limitMib) => {
      const blockBytes = 65_536
      const outcome = await runProgram(
        backend,
        `const kept = []; try { for (;;) kept.push(new Uint8Array(${blockBytes}).fill(1)) } catch {} kept.length`,
        { memoryLimitBytes: limitMib * 1_048_576, ...PATIENT },
      )
      expect(outcome.status).toBe('completed')
      const gotMib = (Number(outcome.value) * blockBytes) / 1_048_576
      expect(gotMib).toBeLessThan(limitMib)
      expect(gotMib).toBeGreaterThan(limitMib / 2)
    })

    it('lets a program recover from a lack of memory that it catches', async () => {
      const outcome = await runProgram(
        backend,
        'let kept = []; try { for (;;) kept.push(new Array(1000).fill(1)) } catch (e) { kept = null; e.message }',
        PATIENT,
      )
      expect(outcome).toMatchObject({ status: 'completed', value: 'out of memory' })
    })
  })
}
