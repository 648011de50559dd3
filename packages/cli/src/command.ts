import type { ExitCode } from './exit-code.ts'
import type { CommandContext } from './surroundings/command-context.ts'

/** How a command ended. */
export interface CommandEnd {
  readonly exitCode: ExitCode
  /** What `--json` shows. */
  readonly result: unknown
}

/** One command of the command line. */
export interface Command {
  readonly name: string
  /** What it does, in half a line. */
  readonly summary: string
  /** How it is used, in lines. */
  readonly usage: string
  /** Runs it on the words behind its name. */
  run(words: readonly string[], context: CommandContext): Promise<CommandEnd>
}

/** A line of help for what speaks with the database. */
export const SERVER_ALONE =
  'It speaks with a PostgreSQL server. A folder of PGlite it cannot open: the process that has it open does this itself.'
