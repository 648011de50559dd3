import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxLanguage } from '../execution-request.ts'
import type { GuestOutcome } from '../execution-result.ts'
import type {
  OutputListener,
  SandboxBackend,
  SessionLease,
  SessionOpening,
} from '../ports/sandbox-backend.ts'
import { runPastBeginning } from './run-past-beginning.ts'
import { toldOutput } from './told-output.ts'

/** The same small steps in each language. */
interface Phrases {
  /** Sets `x` to 41 and writes nothing. */
  readonly remember: string
  /** Writes `x` plus 1. */
  readonly recall: string
  /** Writes `gone` if there is no `x`. */
  readonly lacks: string
  readonly greet: string
  /** Fails by itself, and leaves the interpreter as it is. */
  readonly fail: string
  readonly spin: string
  readonly flood: string
  /** Writes the file `in/a.txt` and the variable `NAME`. */
  readonly inputs: string
}

/** For Node, and for an interpreter without modules, which has the global object `sandbox`. */
const JAVASCRIPT_INPUTS = `console.log(globalThis.sandbox?.readTextFile("in/a.txt") ?? require("node:fs").readFileSync("in/a.txt", "utf8"))
  console.log(globalThis.sandbox?.env.NAME ?? process.env.NAME)`

const PHRASES: Readonly<Record<SandboxLanguage, Phrases>> = {
  python: {
    remember: 'x = 41',
    recall: 'print(x + 1)',
    lacks: 'print("there" if "x" in globals() else "gone")',
    greet: 'print("hello é😀")',
    fail: 'raise ValueError("no")',
    spin: 'print("begun", flush=True)\nwhile True: pass',
    flood: 'while True: print("€" * 5)',
    inputs: 'import os\nprint(open("in/a.txt").read())\nprint(os.environ["NAME"])',
  },
  javascript: {
    remember: 'let x = 41; undefined',
    recall: 'console.log(x + 1)',
    lacks: 'console.log(typeof x === "undefined" ? "gone" : "there")',
    greet: 'console.log("hello é😀")',
    fail: 'throw new TypeError("no")',
    spin: 'console.log("begun"); for (;;);',
    flood: 'for (;;) console.log("€".repeat(5))',
    inputs: JAVASCRIPT_INPUTS,
  },
  typescript: {
    remember: 'let x: number = 41; undefined',
    recall: 'console.log((x as number) + 1)',
    lacks: 'console.log(typeof x === "undefined" ? "gone" : "there")',
    greet: 'console.log("hello é😀" satisfies string)',
    fail: 'throw new TypeError("no" as string)',
    spin: 'console.log("begun"); for (;;);',
    flood: 'for (;;) console.log("€".repeat(5))',
    inputs: JAVASCRIPT_INPUTS,
  },
  shell: {
    remember: 'x=41',
    recall: 'echo $((x + 1))',
    lacks: '[ -z "$x" ] && echo gone || echo there',
    greet: 'echo "hello é😀"',
    fail: '(exit 3)',
    spin: 'echo begun; while :; do :; done',
    flood: 'while :; do echo €€€€€; done',
    inputs: 'cat in/a.txt; echo; echo "$NAME"',
  },
}

/**
 * What every backend with sessions owes the executor, in one language. `create` makes one for two leases at one time; one that
 * accepts files allows the variable `NAME`, too.
 */
export function describeSessionBackend(
  title: string,
  language: SandboxLanguage,
  create: () => SandboxBackend,
): void {
  describe(`${title} with sessions in ${language}`, () => {
    const say = PHRASES[language]
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())

    const open = async (more: Partial<SessionOpening> = {}, on = backend): Promise<SessionLease> => {
      const limits = on.resolveLimits({ timeoutMs: 60_000 })
      const session = await on.openSession?.({ language, limits, lifetimeMs: 600_000, ...more })
      if (session === undefined) throw new Error(`${on.id} opened no session`)
      return session
    }
    const step = (
      session: SessionLease,
      code: string,
      limits: Parameters<SandboxBackend['resolveLimits']>[0] = {},
      signal: AbortSignal = new AbortController().signal,
      onOutput?: OutputListener,
    ): Promise<GuestOutcome> =>
      session.run({ code, limits: backend.resolveLimits({ timeoutMs: 60_000, ...limits }) }, signal, onOutput)
    const within = async (
      use: (session: SessionLease) => Promise<void>,
      opening?: Partial<SessionOpening>,
    ): Promise<void> => {
      const session = await open(opening)
      try {
        await use(session)
      } finally {
        session.release()
      }
    }

    it('says that it offers them', () => {
      expect(backend.sessionLanguages).toContain(language)
    })

    it('finds in each step what the steps before it have left', () =>
      within(async (session) => {
        expect(await step(session, say.remember)).toMatchObject({ status: 'completed', stdout: '' })
        expect(await step(session, say.greet)).toMatchObject({ stdout: 'hello é😀\n' })
        expect(await step(session, say.recall)).toMatchObject({ status: 'completed', stdout: '42\n' })
        expect(session.isUsable).toBe(true)
      }))

    it('goes on after a step that failed by itself', () =>
      within(async (session) => {
        await step(session, say.remember)
        expect(await step(session, say.fail)).toMatchObject({ status: 'failed' })
        expect(session.isUsable).toBe(true)
        expect(await step(session, say.recall)).toMatchObject({ status: 'completed', stdout: '42\n' })
      }))

    it('keeps two sessions apart, and a session from the one before it', async () => {
      await within(async (first) => {
        await step(first, say.remember)
        await within(async (second) => {
          expect((await step(second, say.lacks)).stdout).toBe('gone\n')
          expect((await step(first, say.recall)).stdout).toBe('42\n')
        })
      })
      await within(async (next) => {
        expect((await step(next, say.lacks)).stdout).toBe('gone\n')
      })
    })

    it('has its files and its environment in every step', async () => {
      if (backend.acceptedInputs?.files !== true) return
      const files = [{ path: 'in/a.txt', content: new TextEncoder().encode('é') }]
      await within(
        async (session) => {
          for (let index = 0; index < 2; index++) {
            expect(await step(session, say.inputs)).toMatchObject({ stdout: 'é\n"; exit 1; #\n' })
          }
        },
        { files, env: { NAME: '"; exit 1; #' } },
      )
    })

    it('counts the output of each step by itself', () =>
      within(async (session) => {
        const limits = { stdoutLimitBytes: Buffer.byteLength('hello é😀\n') }
        for (let index = 0; index < 3; index++) {
          expect(await step(session, say.greet, limits)).toMatchObject({
            status: 'completed',
            truncated: { stdout: false },
          })
        }
      }))

    it('tells what a step writes while it runs, and ends when the step is cancelled', () =>
      within(async (session) => {
        const stopping = new AbortController()
        const told = toldOutput(() => stopping.abort())
        const outcome = await step(session, say.spin, {}, stopping.signal, told.listener)
        expect(outcome.status).toBe('cancelled')
        expect(told.streams).toEqual({ stdout: 'begun\n', stderr: '' })
        await expectEnded(session)
      }))

    it('ends with a step that takes too long', async () => {
      const outcome = await runPastBeginning(async (timeoutMs) => {
        const session = await open()
        try {
          const ended = await step(session, say.spin, { timeoutMs })
          await expectEnded(session)
          return ended
        } finally {
          session.release()
        }
      })
      expect(outcome).toMatchObject({ status: 'timed-out', stdout: 'begun\n' })
    })

    it('ends with a step that writes too much', () =>
      within(async (session) => {
        const outcome = await step(session, say.flood, { stdoutLimitBytes: 100 })
        expect(outcome).toMatchObject({ status: 'output-limit', truncated: { stdout: true } })
        expect(Buffer.byteLength(outcome.stdout)).toBeLessThanOrEqual(100)
        await expectEnded(session)
      }))

    it('counts a session as a lease until it is released, once', async () => {
      const [first, second] = [await open(), await open()]
      await expect(open()).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
      first.release()
      first.release()
      await expectEnded(first)
      const third = await open()
      await expect(open()).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
      second.release()
      third.release()
    })

    it('ends its sessions when it is closed, and opens no more', async () => {
      const closing = create()
      await closing.prepare()
      const session = await open({}, closing)
      await closing.close()
      await expectEnded(session)
      session.release()
      await expect(open({}, closing)).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    })

    async function expectEnded(session: SessionLease): Promise<void> {
      expect(session.isUsable).toBe(false)
      await expect(step(session, say.greet)).rejects.toMatchObject({ code: 'SANDBOX_SESSION_ENDED' })
    }
  })
}
