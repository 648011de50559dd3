import type { GuestOutcome } from '../execution-result.ts'
import type { SandboxBackend } from '../ports/sandbox-backend.ts'
import type { ProgramAbuse } from './program-abuse.ts'
import { runProgram } from './run-program.ts'

/** How one abuse ended. */
export interface AbuseReport {
  readonly outcome: GuestOutcome
  /** What was not as it must be; undefined where all was. */
  readonly failure: string | undefined
}

/** Runs one abuse, and then a harmless program, which must not notice. */
export async function tryAbuse(backend: SandboxBackend, abuse: ProgramAbuse): Promise<AbuseReport> {
  const { language, code, limits } = abuse
  const never = new AbortController().signal
  const outcome = await runProgram(backend, code, limits, never, { language })
  const [nextLanguage, nextCode] = backend.languages.includes('shell')
    ? (['shell', 'echo next'] as const)
    : (['python', 'print("next")'] as const)
  const next = await runProgram(backend, nextCode, { timeoutMs: 60_000 }, never, { language: nextLanguage })
  return { outcome, failure: failureOf(backend, abuse, outcome, next) }
}

function failureOf(
  backend: SandboxBackend,
  { statuses, isContainedByItsWord, isHarmlessInOwnKernel }: ProgramAbuse,
  outcome: GuestOutcome,
  next: GuestOutcome,
): string | undefined {
  const isHarmless = isHarmlessInOwnKernel === true && backend.isolation === 'gvisor'
  const { status, stdout, stderr } = outcome
  if (!statuses.includes(status)) {
    return `ended with ${status}, not ${statuses.join(' or ')}: ${stdout.slice(-200)} ${stderr.slice(-300)}`
  }
  if (isContainedByItsWord === true && !isHarmless && stdout !== 'contained\n')
    return `not contained: ${stdout.slice(-300)}`
  if (next.status !== 'completed' || next.stdout !== 'next\n')
    return `the next program ended with ${next.status}`
  return undefined
}
