import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxLanguage } from '../execution-request.ts'
import type { GuestOutcome } from '../execution-result.ts'
import type { GuestProgram, OutputListener, SandboxBackend } from '../ports/sandbox-backend.ts'
import { runPastBeginning } from './run-past-beginning.ts'
import { runProgram } from './run-program.ts'
import { toldOutput } from './told-output.ts'

/** The same small programs in each language. */
interface Phrases {
  readonly hello: string
  readonly twoStreams: string
  readonly exitThree: string
  /** Ends by an error that says `went wrong`. */
  readonly goWrong: string
  readonly spin: string
  /** Keeps the processor busy for a while, and ends. */
  readonly work: string
  readonly flood: string
  /** Prints the arguments, `NAME`, standard input and the file `in/a.txt`, each on a line. */
  readonly inputs: string
  /** Writes `out/a/b.txt` with `é` and `out/c`, which is empty. */
  readonly outputs: string
  readonly leave: string
  readonly left: string
}

const PHRASES: Readonly<Record<Exclude<SandboxLanguage, 'typescript'>, Phrases>> = {
  python: {
    hello: 'print("hello é😀")',
    twoStreams: 'import sys\nprint("out")\nprint("err", file=sys.stderr)',
    exitThree: 'print("before")\nraise SystemExit(3)',
    goWrong: 'raise ValueError("went wrong")',
    spin: 'print("begun", flush=True)\nwhile True: pass',
    work: 'sum(range(3_000_000))',
    flood: 'while True: print("€" * 5)',
    inputs:
      'import os, sys\nprint(sys.argv[1:])\nprint(os.environ["NAME"])\nprint(sys.stdin.read())\nprint(open("in/a.txt").read())',
    outputs: 'import os\nos.mkdir("out/a")\nopen("out/a/b.txt", "w").write("é")\nopen("out/c", "w").close()',
    leave: 'open("/tmp/left", "w").write("x")',
    left: 'import os\nprint(os.path.exists("/tmp/left"))',
  },
  javascript: {
    hello: 'console.log("hello é😀")',
    twoStreams: 'console.log("out"); console.error("err")',
    exitThree: 'console.log("before"); process.exit(3)',
    goWrong: 'throw new Error("went wrong")',
    spin: 'console.log("begun"); for (;;);',
    work: 'let n = 0; for (let i = 0; i < 100_000_000; i++) n += i % 7',
    flood: 'for (;;) console.log("€".repeat(5))',
    inputs:
      'const fs = require("node:fs")\nconsole.log(JSON.stringify(process.argv.slice(2)).replaceAll(\'"\', "\'").replaceAll(",", ", "))\nconsole.log(process.env.NAME)\nconsole.log(fs.readFileSync(0, "utf8"))\nconsole.log(fs.readFileSync("in/a.txt", "utf8"))',
    outputs:
      'const fs = require("node:fs")\nfs.mkdirSync("out/a")\nfs.writeFileSync("out/a/b.txt", "é")\nfs.writeFileSync("out/c", "")',
    leave: 'require("node:fs").writeFileSync("/tmp/left", "x")',
    left: 'console.log(require("node:fs").existsSync("/tmp/left") ? "True" : "False")',
  },
  shell: {
    hello: 'echo "hello é😀"',
    twoStreams: 'echo out; echo err >&2',
    exitThree: 'echo before; exit 3',
    goWrong: 'echo went wrong >&2; exit 1',
    spin: 'echo begun; while :; do :; done',
    work: 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done',
    flood: 'while :; do echo €€€€€; done',
    inputs: 'printf "[\'%s\', \'%s\']\\n" "$1" "$2"; echo "$NAME"; cat; echo; cat in/a.txt; echo',
    outputs: 'mkdir out/a; printf é > out/a/b.txt; : > out/c',
    leave: 'echo x > /tmp/left',
    left: '[ -e /tmp/left ] && echo True || echo False',
  },
}

/**
 * What every backend for whole programs owes the executor, in one language. The backend allows the variable `NAME` and two
 * leases at least.
 */
export function describeProgramBackend(
  title: string,
  language: keyof typeof PHRASES,
  create: () => SandboxBackend,
): void {
  describe(`${title} with ${language}`, () => {
    const say = PHRASES[language]
    const never = new AbortController().signal
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())
    const run = (
      code: string,
      limits: Parameters<typeof runProgram>[2] = {},
      more: Partial<GuestProgram> = {},
      signal: AbortSignal = never,
      onOutput?: OutputListener,
    ): Promise<GuestOutcome> => runProgram(backend, code, limits, signal, { language, ...more }, onOutput)

    it('runs a program and says where', async () => {
      const outcome = await run(say.hello)
      expect(outcome).toMatchObject({
        status: 'completed',
        exitCode: 0,
        stdout: 'hello é😀\n',
        stderr: '',
        files: [],
      })
      expect(outcome.place).toMatchObject({
        runtime: expect.stringMatching(/^[a-z]/),
        isWarmStart: expect.any(Boolean),
      })
      const hasImage = backend.isolation === 'container' || backend.isolation === 'gvisor'
      if (hasImage) expect(outcome.place?.imageId).toMatch(/^sha256:[0-9a-f]{64}$/)
    })

    it('keeps the two streams apart', async () => {
      expect(await run(say.twoStreams)).toMatchObject({
        status: 'completed',
        stdout: 'out\n',
        stderr: 'err\n',
      })
    })

    it('tells what is written while the program still runs', async () => {
      const stopping = new AbortController()
      const told = toldOutput(() => stopping.abort())
      const outcome = await run(say.spin, {}, {}, stopping.signal, told.listener)
      expect(told.streams).toEqual({ stdout: 'begun\n', stderr: '' })
      expect(outcome).toMatchObject({ status: 'cancelled', stdout: 'begun\n' })
    })

    it('tells the exit code of a program that fails', async () => {
      const outcome = await run(say.exitThree)
      expect(outcome).toMatchObject({
        status: 'failed',
        exitCode: 3,
        stdout: 'before\n',
        error: { name: 'ExitCode' },
      })
    })

    it('tells what a program says of the error that ends it', async () => {
      const outcome = await run(say.goWrong)
      expect(outcome).toMatchObject({ status: 'failed', exitCode: 1 })
      expect(outcome.stderr.match(/went wrong\n/g)).toHaveLength(1)
      expect(outcome.stderr).not.toContain('[eval]')
    })

    if (language === 'javascript')
      it('runs a program that is an ES module by its syntax', async () => {
        const code = 'import { EOL } from "node:os"\nconst word = await Promise.resolve("awaited")\n'
        const outcome = await run(`${code}console.log(word + EOL.length)`)
        expect(outcome).toMatchObject({ status: 'completed', stdout: 'awaited1\n', stderr: '' })
        expect(await run('console.log(await Promise.resolve(2))')).toMatchObject({ stdout: '2\n' })
        expect(await run(`${code}throw new Error(word)`)).toMatchObject({
          status: 'failed',
          stderr: expect.stringContaining('Error: awaited'),
        })
        const stuck = await run(`${code}await new Promise(() => {})`)
        expect(stuck).toMatchObject({
          status: 'failed',
          exitCode: 13,
          stderr: expect.stringContaining('waits for a promise'),
        })
      })

    if (language === 'javascript')
      it('ends a program that says that it was killed, or closes its streams, and goes on', async () => {
        const liar = `const fs = require('node:fs')
const write = fs.writeSync
fs.writeSync = (fd, data) => {
  const [mark] = /^end-[0-9a-f]{32}/.exec(data.toString()) ?? []
  if (mark === undefined) return write(fd, data)
  write(2, mark)
  write(1, mark + ' -9\\n' + '\\0'.repeat(1024))
  for (;;);
}`
        expect(await run(liar)).toMatchObject({ status: 'killed', signal: 'SIGKILL' })
        const mute = `const fs = require('node:fs')
for (const fd of [1, 2]) fs.closeSync(fd)
setInterval(() => {}, 1000)`
        const { status } = await run(mute, { timeoutMs: 5000 })
        // As its streams end for the host, or are held open by what it runs in.
        expect(['killed', 'timed-out']).toContain(status)
      })

    it('hands over arguments, environment, standard input and files as they are', async () => {
      const content = new TextEncoder().encode('$(whoami) `id`')
      const outcome = await run(
        say.inputs,
        {},
        {
          argv: ['a b', '$HOME;exit 1'],
          env: { NAME: '"; exit 1; #' },
          stdin: 'line é',
          files: [{ path: 'in/a.txt', content }],
        },
      )
      const expected = `['a b', '$HOME;exit 1']\n"; exit 1; #\nline é\n$(whoami) \`id\`\n`
      expect(outcome).toMatchObject({ status: 'completed', stdout: expected, stderr: '' })
    })

    it('brings back the files below out/', async () => {
      const { files = [] } = await run(say.outputs)
      const found = files.map(({ path, content }) => [path, Buffer.from(content).toString()]).sort()
      expect(found).toEqual([
        ['a/b.txt', 'é'],
        ['c', ''],
      ])
    })

    it('stops a loop at the wall time and keeps what was written before', async () => {
      const outcome = await runPastBeginning((timeoutMs) => run(say.spin, { timeoutMs }))
      expect(outcome).toMatchObject({ status: 'timed-out', stdout: 'begun\n' })
    })

    it('stops a loop at the processor time', async () => {
      const spent = await runPastBeginning((cpuTimeMs) => run(say.spin, { cpuTimeMs, timeoutMs: 600_000 }))
      expect(spent).toMatchObject({
        status: 'timed-out',
        stdout: 'begun\n',
        error: { name: 'ProcessorTime' },
      })
      const limits = { cpuTimeMs: 59_000, timeoutMs: 60_000 }
      expect(await run(say.hello, limits)).toMatchObject({ status: 'completed' })
    })

    it('says what a program has used, by its own word at least', async () => {
      const { usage } = await run(say.work)
      expect(usage?.cpuMs).toBeGreaterThan(5)
      expect(usage?.cpuMs).toBeLessThan(30_000)
      expect(usage?.maxMemoryBytes ?? Number.POSITIVE_INFINITY).toBeGreaterThan(1_000_000)
    })

    it('stops at the output limit and cuts between characters', async () => {
      const outcome = await run(say.flood, { stdoutLimitBytes: 100 })
      expect(outcome).toMatchObject({ status: 'output-limit', truncated: { stdout: true, stderr: false } })
      expect('€€€€€\n'.repeat(20).startsWith(outcome.stdout)).toBe(true)
      expect(Buffer.byteLength(outcome.stdout)).toBeGreaterThan(100 - 3)
    })

    it('ends a running program when the signal fires, and one whose signal has fired before', async () => {
      const controller = new AbortController()
      const { listener } = toldOutput(() => controller.abort())
      const running = run(say.spin, {}, {}, controller.signal, listener)
      expect(await running).toMatchObject({ status: 'cancelled', stdout: 'begun\n' })
      expect((await run(say.spin, {}, {}, AbortSignal.abort())).status).toBe('cancelled')
    })

    it('leaves nothing to the next program', async () => {
      expect((await run(say.leave)).status).toBe('completed')
      expect((await run(say.left)).stdout).toBe('False\n')
    })

    it('refuses a limit that it cannot enforce', () => {
      for (const limits of [{ timeoutMs: 0 }, { memoryLimitBytes: 1 }, { valueLimitBytes: 1 }]) {
        expect(() => backend.resolveLimits(limits)).toThrowError(
          expect.objectContaining({
            code: 'SANDBOX_REQUEST_INVALID',
            details: { field: `limits.${Object.keys(limits)[0]}`, rule: expect.stringContaining('integer') },
          }),
        )
      }
    })

    it('takes no more work once closed', async () => {
      const closed = create()
      await closed.close()
      await closed.close()
      const program = { language, code: say.hello, limits: closed.resolveLimits({}) }
      await expect(closed.acquire(program)).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
      await expect(closed.prepare()).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    })
  })
}
