import { EXIT_CODES, type ExitCode } from '../exit-code.ts'

/**
 * How a check ended: `ok`; `warning`: it works, and something may be lost or slow; `error`: it will not work, or what the
 * packages promise does not hold; `unreachable`: it does not answer; `skipped`: it is not configured.
 */
export type FindingStatus = 'ok' | 'warning' | 'error' | 'unreachable' | 'skipped'

/** What one check found. */
export interface Finding {
  /** What was looked at, such as `postgres.fsync`; stable. */
  readonly check: string
  readonly status: FindingStatus
  readonly message: string
  /** What to do about it. Absent where nothing is wrong. */
  readonly fix?: string
}

/** A finding that is as it should be. */
export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message }
}

/** A finding that is not, with what to do about it. */
export function wrong(
  status: 'warning' | 'error' | 'unreachable',
  check: string,
  message: string,
  fix: string,
): Finding {
  return { check, status, message, fix }
}

/** Something that was not looked at. */
export function skipped(check: string, message: string): Finding {
  return { check, status: 'skipped', message }
}

/** How many findings there are of each status. */
export function countFindings(findings: readonly Finding[]): Readonly<Record<FindingStatus, number>> {
  const counts = { ok: 0, warning: 0, error: 0, unreachable: 0, skipped: 0 }
  for (const { status } of findings) counts[status]++
  return counts
}

/** The exit code that findings lead to; with `isStrict` a warning is as bad as an error. */
export function exitCodeOfFindings(findings: readonly Finding[], isStrict: boolean): ExitCode {
  const counts = countFindings(findings)
  if (counts.unreachable > 0) return EXIT_CODES.unreachable
  return counts.error > 0 || (isStrict && counts.warning > 0) ? EXIT_CODES.failed : EXIT_CODES.ok
}
