import type { ExecutionLimits, SandboxBackend, SandboxLanguage } from '@golden-arch/sandbox'
import { OVERSHOOT_LIMIT_MS, timed } from './contender.ts'

const HELLO: Readonly<Record<SandboxLanguage, string>> = {
  python: 'print(1)',
  javascript: 'console.log(1)',
  typescript: 'console.log(1 as number)',
  shell: 'echo 1',
}
const ENDLESS: Readonly<Record<SandboxLanguage, string>> = {
  python: 'while True: pass',
  javascript: 'for (;;);',
  typescript: 'for (;;);',
  shell: 'while :; do :; done',
}

/** Runs the small program on a backend: from asking for a sandbox to the whole result. */
export function hello(
  backend: SandboxBackend,
  language: SandboxLanguage,
  limits: Partial<ExecutionLimits> = {},
): Promise<number> {
  return timed(async () => {
    const program = {
      language,
      code: HELLO[language],
      limits: backend.resolveLimits({ timeoutMs: 60_000, ...limits }),
    }
    const lease = await backend.acquire(program)
    const outcome = await lease.run(program, new AbortController().signal)
    lease.release()
    if (outcome.stdout !== '1\n') throw new Error(`${backend.id} gave ${outcome.status}: ${outcome.stderr}`)
  })
}

/** How late the end of a program that never ends by itself is told. */
export async function overshoot(backend: SandboxBackend, language: SandboxLanguage): Promise<number> {
  const limits = backend.resolveLimits({ timeoutMs: OVERSHOOT_LIMIT_MS })
  const program = { language, code: ENDLESS[language], limits }
  const lease = await backend.acquire(program)
  try {
    return (
      (await timed(async () => {
        const { status } = await lease.run(program, new AbortController().signal)
        if (status !== 'timed-out') throw new Error(`${backend.id} gave ${status}`)
      })) - OVERSHOOT_LIMIT_MS
    )
  } finally {
    lease.release()
  }
}
