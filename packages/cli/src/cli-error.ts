import { GoldenError } from '@golden-arch/core/errors'

/** Codes of {@link CliError}. */
export type CliErrorCode =
  | 'USAGE'
  | 'CONFIG_INVALID'
  | 'ADDRESS_MISSING'
  | 'CLIENT_MISSING'
  | 'DEPENDENCY_UNREACHABLE'
  | 'MIGRATIONS_NOT_FOUND'
  | 'MANIFEST_INVALID'
  | 'INSTALL_FAILED'
  | 'FILE_UNREADABLE'

/**
 * The command could not be carried out: `USAGE` (the command line), `CONFIG_INVALID` (the configuration, or what stands in
 * a variable as an address and is none), `ADDRESS_MISSING` (no variable says where a server is), `CLIENT_MISSING` (its
 * client package is not installed), `DEPENDENCY_UNREACHABLE` (it does not answer; retryable), `MIGRATIONS_NOT_FOUND` (no
 * installed package carries any), `MANIFEST_INVALID` (package.json cannot be read), `INSTALL_FAILED` (the package manager
 * failed), `FILE_UNREADABLE` (a file that the command line names).
 */
export class CliError extends GoldenError<CliErrorCode> {
  /** The command line cannot be run. */
  static usage(message: string): CliError {
    return new CliError({ code: 'USAGE', message })
  }
}
