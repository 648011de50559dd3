import { EncodingError } from './encoding-error.ts'

/** A program to start without a shell, and what it is given. */
export interface ShellCommand {
  /** The program's name or path, as `allowedCommands` lists it. */
  readonly command: string
  /** Arguments that the caller wrote: options and sub-commands. Never put text of a model or a user here. Default: none. */
  readonly options?: readonly string[] | undefined
  /** Texts of others. They stand behind `--`, so that none is read as an option. Default: none. */
  readonly operands?: readonly string[] | undefined
  /** The programs that may be started. */
  readonly allowedCommands: readonly string[]
}

/**
 * The argument vector of a command, for `execFile` or `spawn` without `shell`: no text in it is ever parsed. The program
 * must know `--` (POSIX utility syntax guideline 10): `echo` and `printf` of some systems do not.
 * @throws EncodingError `COMMAND_NOT_ALLOWED` on a program that is not listed; `TEXT_NOT_ENCODABLE` on a NUL character or
 * a lone surrogate, which no argument can hold.
 */
export function shellArguments(command: ShellCommand): readonly [command: string, ...args: string[]] {
  if (!command.allowedCommands.includes(command.command)) {
    throw new EncodingError({ code: 'COMMAND_NOT_ALLOWED', message: 'the command is not on the list' })
  }
  const operands = command.operands ?? []
  const separator = operands.length > 0 ? ['--'] : []
  const args = [...(command.options ?? []), ...separator, ...operands]
  return [command.command, ...args.map(requireArgument)]
}

/**
 * An argument vector as one line that a POSIX shell reads back unchanged: for people to read and to copy. Programs are
 * started with {@link shellArguments}, never through such a line. Control characters stay: show the line through
 * `encodeLogLine` where a terminal prints it.
 * @throws EncodingError `TEXT_NOT_ENCODABLE` on a NUL character or a lone surrogate.
 */
export function quotePosixForDisplay(args: readonly string[]): string {
  return args.map((text) => quote(requireArgument(text))).join(' ')
}

const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/

function quote(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function requireArgument(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw EncodingError.notEncodable('an argument', 'text without NUL characters and lone surrogates')
  }
  return text
}
