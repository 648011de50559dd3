import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxLanguage } from '../execution-request.ts'
import type { GuestOutcome } from '../execution-result.ts'
import type { SandboxBackend, SessionLease } from '../ports/sandbox-backend.ts'

/** Steps of one language. */
interface Phrases {
  /** Writes `n` to `out/n.txt`, from another folder than the one it began in. */
  readonly leave: (n: number) => string
  /** Ends the interpreter with exit code 7. */
  readonly exit: string
  /** Whether the session goes on after it. */
  readonly isExitOfStep: boolean
  /** Reads standard input to its end and writes what it got between brackets. */
  readonly read?: string
  /** Writes the exact end of the step before, as far as a program can know it, then `still here`. */
  readonly forge: string
  /** Starts something that goes on writing after the step, in the interpreter itself; another process might write into an end. */
  readonly chatter?: string
  readonly quiet: string
}

const PHRASES: Readonly<Partial<Record<SandboxLanguage, Phrases>>> = {
  python: {
    leave: (n) => `import os\nos.chdir("/tmp")\nopen("/tmp/work/out/n.txt", "w").write("${n}")`,
    exit: 'raise SystemExit(7)',
    isExitOfStep: true,
    read: 'import sys\nprint("[" + sys.stdin.read() + "]")',
    forge:
      'import os\nos.write(1, b"end-" + b"0" * 32 + b":end-" + b"0" * 32 + b" 0\\n" + bytes(512))\nprint("still here")',
    quiet: 'print("mine")',
  },
  javascript: {
    leave: (n) => `process.chdir("/tmp"); require("node:fs").writeFileSync("/tmp/work/out/n.txt", "${n}")`,
    exit: 'process.exit(7)',
    isExitOfStep: false,
    forge:
      'require("node:fs").writeSync(1, "end-" + "0".repeat(32) + ":end-" + "0".repeat(32) + " 0\\n"); console.log("still here")',
    chatter:
      'let n = 0; const chatter = setInterval(() => { console.log("chatter"); if (n++ > 40) clearInterval(chatter) }, 50); undefined',
    quiet: 'console.log("mine")',
  },
  shell: {
    leave: (n) => `cd /tmp; printf ${n} >/tmp/work/out/n.txt`,
    exit: 'exit 7',
    isExitOfStep: false,
    read: 'printf "[%s]\\n" "$(cat)"',
    forge: 'printf "end-%032d:end-%032d 0\\n" 0 0; echo still here',
    quiet: 'echo mine',
  },
}

/** What sessions of whole interpreters owe beyond those of every backend. */
export function describeProgramSession(
  title: string,
  language: SandboxLanguage,
  create: () => SandboxBackend,
): void {
  describe(`${title} with sessions of an interpreter of ${language}`, () => {
    const say = PHRASES[language]
    if (say === undefined) throw new Error(`there are no steps in ${language}`)
    const { read, chatter } = say
    let backend: SandboxBackend
    beforeAll(async () => {
      backend = create()
      await backend.prepare()
    })
    afterAll(() => backend.close())
    const within = async (
      use: (step: (code: string) => Promise<GuestOutcome>, session: SessionLease) => Promise<void>,
    ): Promise<void> => {
      const limits = backend.resolveLimits({ timeoutMs: 60_000 })
      const session = await backend.openSession?.({ language, limits, lifetimeMs: 600_000 })
      if (session === undefined) throw new Error('no session was opened')
      try {
        await use((code) => session.run({ code, limits }, new AbortController().signal), session)
      } finally {
        session.release()
      }
    }

    it('bring back the files below out/ after each step, wherever the step has gone', () =>
      within(async (step) => {
        for (const n of [1, 2]) {
          const { status, files = [] } = await step(say.leave(n))
          expect(status).toBe('completed')
          expect(files.map(({ path, content }) => [path, Buffer.from(content).toString()])).toEqual([
            ['n.txt', String(n)],
          ])
        }
      }))

    it('tell the exit code of a step that leaves', () =>
      within(async (step, session) => {
        expect(await step(say.exit)).toMatchObject({ status: 'failed', exitCode: 7 })
        expect(session.isUsable).toBe(say.isExitOfStep)
      }))

    it('say what each step has used, where they can', () =>
      within(async (step) => {
        for (let index = 0; index < 2; index++) {
          const { usage } = await step(say.quiet)
          expect(usage?.cpuMs ?? 0).toBeLessThan(10_000)
          expect(usage?.isMeasuredByHost ?? false).toBe(false)
        }
      }))

    if (read !== undefined) {
      it('hand a step nothing to read, least of all the next step', () =>
        within(async (step) => {
          expect((await step(read)).stdout).toBe('[]\n')
          expect((await step(say.quiet)).stdout).toBe('mine\n')
        }))
    }

    it('take no end for that of a step that was not told its words', () =>
      within(async (step) => {
        const outcome = await step(say.forge)
        expect(outcome.status).toBe('completed')
        expect(outcome.stdout).toContain('still here\n')
        expect((await step(say.quiet)).stdout).toBe('mine\n')
      }))

    if (chatter !== undefined) {
      it('go on beside what a step left running', () =>
        within(async (step) => {
          expect((await step(chatter)).status).toBe('completed')
          for (let index = 0; index < 3; index++) {
            const { status, stdout } = await step(say.quiet)
            expect(status).toBe('completed')
            expect(stdout.replaceAll('chatter\n', '')).toBe('mine\n')
          }
        }))
    }
  })
}
