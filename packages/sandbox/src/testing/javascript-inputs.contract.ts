import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestOutcome } from '../execution-result.ts'
import type { GuestProgram, SandboxBackend } from '../ports/sandbox-backend.ts'
import { runPastBeginning } from './run-past-beginning.ts'
import { runProgram } from './run-program.ts'
import { toldOutput } from './told-output.ts'

const PATIENT = { timeoutMs: 60_000 }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const shown = ({ files = [] }: GuestOutcome): readonly (readonly [string, string])[] =>
  files.map(({ path, content }) => [path, Buffer.from(content).toString()])

/**
 * What a backend for JavaScript whose guests have the global object `sandbox` owes them and the executor. The backend allows the
 * variable `NAME`, and takes back at most 1000 bytes in at most 3 files.
 */
export function describeJavaScriptInputs(title: string, create: () => SandboxBackend): void {
  describe(`${title} with files, standard input, arguments and environment`, () => {
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())
    const run = (code: string, more: Partial<GuestProgram> = {}): Promise<GuestOutcome> =>
      runProgram(backend, code, PATIENT, new AbortController().signal, more)

    it('hands them over as they are', async () => {
      const outcome = await run(
        `[sandbox.argv, sandbox.env.NAME, sandbox.readStdin(), sandbox.readTextFile('in/a.txt'),
          [...sandbox.readFile('in/b')], [...sandbox.readStdinBytes()], sandbox.listFiles()]`,
        {
          argv: ['a b', '$HOME;"\\'],
          env: { NAME: '"; é😀' },
          stdin: 'line é\n',
          files: [
            { path: 'in/a.txt', content: bytes('é😀\n') },
            { path: 'in/b', content: Uint8Array.of(0, 255, 128) },
          ],
        },
      )
      expect(outcome.value).toEqual([
        ['a b', '$HOME;"\\'],
        '"; é😀',
        'line é\n',
        'é😀\n',
        [0, 255, 128],
        [...bytes('line é\n')],
        ['in/a.txt', 'in/b'],
      ])
    })

    it('has none of them where the request has none', async () => {
      const { value } = await run(
        '[sandbox.argv, Object.keys(sandbox.env), sandbox.readStdin(), sandbox.listFiles(), sandbox.readStdinBytes().length]',
      )
      expect(value).toEqual([[], [], '', [], 0])
    })

    it('brings back what lies below out/, written as text or bytes, or left as it came', async () => {
      const outcome = await run(
        `sandbox.writeFile('out/a/b.txt', 'é'); sandbox.writeFile('out/c', ''); sandbox.writeFile('scratch', 'x')
         sandbox.writeFile('out/gone', 'x'); sandbox.removeFile('out/gone')
         sandbox.writeFile('out/c', new Uint8Array([104, 105]).buffer)`,
        { files: [{ path: 'out/given', content: bytes('as it was') }] },
      )
      expect(outcome.status).toBe('completed')
      expect([...shown(outcome)].sort()).toEqual([
        ['a/b.txt', 'é'],
        ['c', 'hi'],
        ['given', 'as it was'],
      ])
    })

    it('brings files back from a program that fails by itself', async () => {
      const outcome = await run('sandbox.writeFile("out/log", "so far"); throw new Error("no")')
      expect(outcome).toMatchObject({ status: 'failed', error: { message: 'no' } })
      expect(shown(outcome)).toEqual([['log', 'so far']])
    })

    it('reads text and bytes as one was written as the other, with NUL and broken characters', async () => {
      const { value } = await run(
        `sandbox.writeFile('a', 'x\\0é😀'); sandbox.writeFile('b', new Uint8Array([120, 0, 0xc3, 0xa9, 0xff]))
         const long = '😀\\0é'.repeat(30_000); sandbox.writeFile('c', long); sandbox.writeFile('d', sandbox.readFile('c'))
         ;[[...sandbox.readFile('a')], sandbox.readTextFile('b'), sandbox.readTextFile('d') === long]`,
      )
      expect(value).toEqual([[...bytes('x\0é😀')], 'x\0é\uFFFD', true])
    })

    it('keeps a NUL in output, standard input and files', async () => {
      const outcome = await run(
        'console.log("a\\0b"); sandbox.writeFile("out/f", "c\\0d"); [sandbox.readStdin(), sandbox.readTextFile("g")]',
        { stdin: 'e\0f', files: [{ path: 'g', content: bytes('g\0h') }] },
      )
      expect(outcome).toMatchObject({ stdout: 'a\0b\n', value: ['e\0f', 'g\0h'] })
      expect(shown(outcome)).toEqual([['f', 'c\0d']])
    })

    it('gives each reader bytes of its own, and keeps what was written from later changes', async () => {
      const { value } = await run(
        `const first = sandbox.readFile('in'); first[0] = 1
         const mine = new Uint8Array([5]); sandbox.writeFile('x', mine); mine[0] = 6
         ;[sandbox.readFile('in')[0], sandbox.readFile('x')[0]]`,
        { files: [{ path: 'in', content: Uint8Array.of(7) }] },
      )
      expect(value).toEqual([7, 5])
    })

    it.each([
      ['one byte too many', 'sandbox.writeFile("out/a", "x".repeat(1001))', 'FilesTooLarge'],
      [
        'one byte too many in two files',
        'sandbox.writeFile("out/a", "x".repeat(500)); sandbox.writeFile("out/b", "x".repeat(501))',
        'FilesTooLarge',
      ],
      [
        'characters that are larger than they look',
        'sandbox.writeFile("out/a", "€".repeat(400))',
        'FilesTooLarge',
      ],
      ['a huge file', 'sandbox.writeFile("out/a", new Uint8Array(2e6))', 'FilesTooLarge'],
      ['one file too many', 'for (let i = 0; i < 4; i++) sandbox.writeFile("out/" + i, "")', 'TooManyFiles'],
      ['a flood of files', 'for (let i = 0; i < 2e4; i++) sandbox.writeFile("out/" + i, "")', 'TooManyFiles'],
    ])('stops at its bounds for files: %s', async (_, code, name) => {
      const outcome = await run(code)
      expect(outcome).toMatchObject({ status: 'output-limit', error: { name } })
      expect(outcome).not.toHaveProperty('files')
    })

    it('takes files up to the bounds, to the byte', async () => {
      const outcome = await run(
        'for (const [name, n] of [["a", 998], ["b", 1], ["c", 1]]) sandbox.writeFile("out/" + name, "x".repeat(n))',
      )
      expect(outcome).toMatchObject({ status: 'completed' })
      expect(outcome.files?.map(({ content }) => content.byteLength)).toEqual([998, 1, 1])
    })

    it.each([
      '../a',
      'out/../../etc/passwd',
      '/etc/passwd',
      'out//a',
      'out/',
      './a',
      'a\\b',
      'C:a',
      'out/a\u202eb',
      'out/a\nb',
      'out/a\0b',
      'out/e\u0301',
      'out/-rf',
      'out/a ',
      'out/\ud800',
      'x'.repeat(97),
      'é'.repeat(49),
      `${'a/'.repeat(8)}a`,
      '',
    ])('refuses the path %j at once, to read and to write', async (path) => {
      const quoted = JSON.stringify(path)
      const { value, files } = await run(
        `const tried = []
         for (const call of [() => sandbox.writeFile(${quoted}, 'x'), () => sandbox.readFile(${quoted}), () => sandbox.readTextFile(${quoted}), () => sandbox.removeFile(${quoted})]) {
           try { call(); tried.push('done') } catch (error) { tried.push(error.name) }
         }
         ;[tried, sandbox.listFiles()]`,
      )
      expect(value).toEqual([Array(4).fill('TypeError'), []])
      expect(files).toEqual([])
    })

    it('refuses two paths that differ in case alone', async () => {
      const outcome = await run('sandbox.writeFile("out/a", ""); sandbox.writeFile("out/A", "")')
      expect(outcome).toMatchObject({ status: 'failed', error: { name: 'UnsafeFile' } })
    })

    it('keeps files and folders apart', async () => {
      const { value } = await run(
        `const tried = []
         const attempt = (path) => { try { sandbox.writeFile(path, ''); tried.push('done') } catch (error) { tried.push(error.message) } }
         attempt('a/b'); attempt('a'); attempt('a/b/c'); sandbox.removeFile('a/b'); attempt('a'); attempt('a/b'); tried`,
      )
      expect(value).toEqual(['done', 'a folder: a', 'not a folder: a/b', 'done', 'not a folder: a'])
    })

    it('takes names that mean something to an object as names and nothing else', async () => {
      const names = ['__proto__', 'constructor', 'hasOwnProperty', 'out/__proto__', 'out/toString']
      const outcome = await run(
        `for (const name of ${JSON.stringify(names)}) sandbox.writeFile(name, name)
         ;[sandbox.readTextFile('__proto__'), ({}).polluted, sandbox.listFiles().length]`,
        { files: [{ path: 'prototype', content: bytes('x') }] },
      )
      expect(outcome.value).toEqual(['__proto__', null, 6])
      expect([...shown(outcome)].sort()).toEqual([
        ['__proto__', 'out/__proto__'],
        ['toString', 'out/toString'],
      ])
    })

    it('has an environment without a prototype, and nothing of it can be changed', async () => {
      const { value } = await run(
        `const tried = []
         for (const change of [() => { 'use strict'; sandbox.env.NAME = 'mine' }, () => { 'use strict'; sandbox.argv.push('mine') },
           () => { 'use strict'; sandbox.readStdin = () => 'mine' }]) { try { change(); tried.push('done') } catch (error) { tried.push(error.name) } }
         ;[tried, sandbox.env.NAME, sandbox.env.toString === undefined, sandbox.env.__proto__ === undefined]`,
        { env: { NAME: 'given' }, argv: ['a'] },
      )
      expect(value).toEqual([['TypeError', 'TypeError', 'TypeError'], 'given', true, true])
    })

    it.each([
      ['a number', '5'],
      ['nothing', 'undefined'],
      ['an array', '[1, 2]'],
      ['a proxy of bytes', 'new Proxy(new Uint8Array(2), {})'],
      ['an object that says it is bytes', '({ __proto__: Uint8Array.prototype })'],
    ])('refuses %s as content', async (_, content) => {
      const { status, error } = await run(`sandbox.writeFile('out/a', ${content})`)
      expect({ status, name: error?.name }).toEqual({ status: 'failed', name: 'TypeError' })
    })

    it.each([
      'sandbox.readFile.constructor("return process")().pid',
      'sandbox.constructor.constructor("return process")().pid',
      'sandbox.env.constructor.constructor("return process")().pid',
      'sandbox.argv.constructor.constructor("return process")().pid',
      'sandbox.readFile("a").buffer.constructor.constructor("return process")().pid',
      '(() => { try { sandbox.readFile({ toString() { throw 1 } }) } catch (e) { return e.constructor.constructor("return process")().pid } })()',
      'sandbox.readTextFile.caller.arguments',
    ])('no way out: %s', async (code) => {
      const outcome = await run(code, { files: [{ path: 'a', content: bytes('x') }] })
      expect(outcome.status).toBe('failed')
      expect(outcome.error?.name).toMatch(/^(ReferenceError|TypeError)$/)
    })

    it('works for a guest that breaks what it works with, and tells the truth of files all the same', async () => {
      const outcome = await run(
        `sandbox.writeFile('out/a', 'kept')
         Map.prototype.get = Map.prototype.forEach = Map.prototype.set = () => 'forged'
         String.prototype.startsWith = () => true; JSON.stringify = () => 'forged'; Reflect.apply = null
         Object.defineProperty(Array.prototype, '0', { set() { throw new Error('trap') } })
         Object.prototype.text = 'forged'; Uint8Array.prototype.constructor = function () { return new Proxy({}, {}) }
         sandbox.writeFile('out/b', new Uint8Array([104, 105])); sandbox.writeFile('other', '')
         sandbox = { listFiles: () => ['forged'] }; 1`,
      )
      expect(outcome).toMatchObject({ status: 'completed', value: 1 })
      expect(shown(outcome)).toEqual([
        ['a', 'kept'],
        ['b', 'hi'],
      ])
    })

    it.each([
      ['files that are kept', 'for (let i = 0; ; i++) sandbox.writeFile("f" + i, new Uint8Array(100_000))'],
      ['texts that are kept', 'for (let i = 0; ; i++) sandbox.writeFile("f" + i, "x".repeat(1e6))'],
      ['reading for ever', 'const kept = []; for (;;) kept.push(sandbox.readFile("big"))'],
      ['reading text for ever', 'const kept = []; for (;;) kept.push(sandbox.readTextFile("big"))'],
      [
        'turning text into bytes',
        'sandbox.writeFile("f", "€".repeat(3e6)); const kept = []; for (;;) kept.push(sandbox.readFile("f"))',
      ],
      [
        'turning bytes into text',
        'sandbox.writeFile("f", new Uint8Array(3e6).fill(65)); const kept = []; for (;;) kept.push(sandbox.readTextFile("f"))',
      ],
      [
        'filling all but a crumb, then reading',
        `const kept = []; for (let size = 1 << 20; size > 16; ) { try { kept.push(new Uint8Array(size)) } catch { size >>= 1 } }
         for (;;) kept.push(sandbox.readFile("big"))`,
      ],
    ])('counts files as memory of the guest: %s', async (_, code) => {
      const content = new Uint8Array(1_000_000).fill(120)
      const outcome = await run(code, { files: [{ path: 'big', content }] })
      expect(outcome.status).toBe('out-of-memory')
      expect((await run('"next"')).value).toBe('next')
    })

    it('has as little memory as it may and the largest inputs, and ends in one way or the other', async () => {
      const text = '\u0001'.repeat(4096)
      const { status } = await runProgram(
        backend,
        'sandbox.argv.length + sandbox.readStdin().length',
        { memoryLimitBytes: 16 * 1_048_576, ...PATIENT },
        undefined,
        { argv: Array(64).fill(text), env: { NAME: text }, stdin: 'x'.repeat(10 * 1_048_576) },
      )
      expect(status).toBe('out-of-memory')
    })

    it('says what a program has used, as the host measured it', async () => {
      const { usage } = await run('let n = 0; while (n < 10_000_000) n++; n')
      expect(usage?.isMeasuredByHost).toBe(true)
      expect(usage?.maxMemoryBytes).toBeGreaterThanOrEqual(16 * 1_048_576)
      if (usage?.cpuMs !== undefined) expect(usage.cpuMs).toBeGreaterThan(5)
    })

    it('stops a loop at the processor time', async () => {
      const code = 'console.log("begun"); for (;;);'
      const outcome = await runPastBeginning((cpuTimeMs) =>
        runProgram(backend, code, { cpuTimeMs, timeoutMs: 600_000 }),
      )
      expect(outcome).toMatchObject({
        status: 'timed-out',
        stdout: 'begun\n',
        error: { name: 'ProcessorTime' },
      })
    })

    it('stops what swallows an interruption soon after its processor time, and after its output limit', async () => {
      const swallow = 'async function spin() { console.log("x"); for (;;); } for (;;) spin()'
      const spent = await runProgram(backend, swallow, { cpuTimeMs: 100, timeoutMs: 600_000 })
      expect(spent).toMatchObject({ status: 'timed-out', error: { name: 'ProcessorTime' } })
      const flood = await runProgram(
        backend,
        'async function say() { for (;;) console.log("x") } for (;;) say()',
        {
          stdoutLimitBytes: 100,
          timeoutMs: 600_000,
        },
      )
      expect(flood).toMatchObject({ status: 'output-limit', stdout: 'x\n'.repeat(50) })
    })

    it('tells what is written while the program still runs, and all of it once', async () => {
      const stopping = new AbortController()
      const told = toldOutput(() => stopping.abort())
      const code = 'console.log("begun é😀"); for (;;);'
      const outcome = await runProgram(backend, code, {}, stopping.signal, {}, told.listener)
      expect(told.streams).toEqual({ stdout: 'begun é😀\n', stderr: '' })
      expect(outcome).toMatchObject({ status: 'cancelled', stdout: 'begun é😀\n' })
      const both = toldOutput()
      const whole = await runProgram(
        backend,
        'for (let i = 0; i < 2000; i++) { console.log("é" + i); console.error("😀" + i) }',
        PATIENT,
        undefined,
        {},
        both.listener,
      )
      expect(whole.status).toBe('completed')
      expect(both.streams).toEqual({ stdout: whole.stdout, stderr: whole.stderr })
    })
  })
}
