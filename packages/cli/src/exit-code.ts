import { isGoldenError } from '@golden-arch/core/errors'

/** What the command's exit codes say. */
export const EXIT_CODES = {
  /** Done, and nothing was found wrong. */
  ok: 0,
  /** Something was found wrong, or the command was refused or failed. */
  failed: 1,
  /** The command line or the configuration was not understood. Nothing was done. */
  usage: 2,
  /** A server cannot be reached, or the client package for it is not installed. */
  unreachable: 3,
  /** Stopped by a signal. */
  interrupted: 130,
} as const

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

const EXIT_CODE_OF: Readonly<Record<string, ExitCode>> = {
  USAGE: EXIT_CODES.usage,
  CONFIG_INVALID: EXIT_CODES.usage,
  ADDRESS_MISSING: EXIT_CODES.usage,
  INVALID_OPTION: EXIT_CODES.usage,
  CLIENT_MISSING: EXIT_CODES.unreachable,
  DEPENDENCY_UNREACHABLE: EXIT_CODES.unreachable,
  DATABASE_UNAVAILABLE: EXIT_CODES.unreachable,
  KEY_VALUE_UNAVAILABLE: EXIT_CODES.unreachable,
  BROKER_UNAVAILABLE: EXIT_CODES.unreachable,
  DEADLINE_EXCEEDED: EXIT_CODES.unreachable,
}

/** The exit code of a command that ended with `error`. */
export function exitCodeOf(error: unknown): ExitCode {
  return (isGoldenError(error) ? EXIT_CODE_OF[error.code] : undefined) ?? EXIT_CODES.failed
}
