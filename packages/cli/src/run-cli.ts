import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import { isGoldenError, serializeError } from '@golden-arch/core/errors'
import { CliError } from './cli-error.ts'
import type { Command, CommandEnd } from './command.ts'
import { commandNamed, overview } from './commands.ts'
import { EXIT_CODES, type ExitCode, exitCodeOf } from './exit-code.ts'
import { type OutputStream, Terminal } from './output/terminal.ts'
import { ownVersion } from './own-manifest.ts'
import { CommandContext } from './surroundings/command-context.ts'

/** The world of the command line. */
export interface CliSurroundings {
  /** The words after the program's name. */
  readonly argv: readonly string[]
  /** Where addresses and `NO_COLOR` are looked for. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder in which the command is called. */
  readonly folder: string
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** Stops the command; what runs is ended in good order. Default: nothing does. */
  readonly signal?: AbortSignal
}

/**
 * Runs one command and resolves with its exit code, one of `EXIT_CODES`. It never rejects, and says no password of an
 * address. With `--json` it writes one document: `{ command, ok, exitCode }` with `result`, or with `error`.
 */
export async function runCli(surroundings: CliSurroundings): Promise<ExitCode> {
  const { argv, environment, stdout, stderr } = surroundings
  const terminal = new Terminal({
    stdout,
    stderr,
    isJson: argv.includes('--json'),
    isColourAllowed: !environment.NO_COLOR && environment.TERM !== 'dumb',
  })
  let name: string | null = null
  try {
    const given = readGlobalOptions(argv)
    if (given.isVersionAsked) {
      const version = await ownVersion()
      terminal.say(version)
      return tell(terminal, null, { exitCode: EXIT_CODES.ok, result: { version } })
    }
    const [word, ...words] = given.words
    const command = word === undefined ? undefined : commandNamed(word)
    name = command?.name ?? null
    if (given.isHelpAsked || word === undefined) return help(terminal, command, given.isHelpAsked)
    if (command === undefined) throw CliError.usage(`no such command: ${word}`)
    const context = new CommandContext({
      environment: {
        ...(await readEnvironmentFile(surroundings.folder, given.environmentFile)),
        ...environment,
      },
      folder: surroundings.folder,
      configurationPath: given.configurationPath,
      terminal,
      signal: surroundings.signal ?? new AbortController().signal,
    })
    return tell(terminal, name, await command.run(words, context))
  } catch (error) {
    const isStopped = surroundings.signal?.aborted === true
    return complain(terminal, name, error, isStopped ? EXIT_CODES.interrupted : exitCodeOf(error))
  }
}

interface GlobalOptions {
  readonly words: readonly string[]
  readonly isHelpAsked: boolean
  readonly isVersionAsked: boolean
  readonly configurationPath: string | undefined
  readonly environmentFile: string | undefined
}

const GLOBAL_OPTIONS = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
} as const

/** Takes the options that every command knows out of the words, wherever they stand. */
function readGlobalOptions(argv: readonly string[]): GlobalOptions {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: GLOBAL_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const taken = new Set<number>()
  for (const token of tokens) {
    if (token.kind !== 'option' || !Object.hasOwn(GLOBAL_OPTIONS, token.name)) continue
    taken.add(token.index)
    if (token.value !== undefined && !token.inlineValue) taken.add(token.index + 1)
  }
  return {
    words: argv.filter((_, index) => !taken.has(index)),
    isHelpAsked: values.help === true,
    isVersionAsked: values.version === true,
    configurationPath: pathOf('--config', values.config),
    environmentFile: pathOf('--env-file', values['env-file']),
  }
}

function pathOf(option: string, value: string | boolean | undefined): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw CliError.usage(`${option} needs a file`)
  return value
}

async function readEnvironmentFile(
  folder: string,
  file: string | undefined,
): Promise<Readonly<Record<string, string | undefined>>> {
  if (file === undefined) return {}
  const text = await readFile(resolve(folder, file), 'utf8').catch((cause: unknown) => {
    const message = `--env-file: ${file} cannot be read`
    throw new CliError({ code: 'FILE_UNREADABLE', message, details: { file }, cause })
  })
  return parseEnv(text)
}

function help(terminal: Terminal, command: Command | undefined, isAsked: boolean): ExitCode {
  const text = command?.usage ?? overview()
  if (isAsked) {
    terminal.say(text)
    return tell(terminal, command?.name ?? null, { exitCode: EXIT_CODES.ok, result: { usage: text } })
  }
  terminal.complain(text)
  return complain(terminal, null, CliError.usage('give a command'), EXIT_CODES.usage)
}

function tell(terminal: Terminal, command: string | null, { exitCode, result }: CommandEnd): ExitCode {
  terminal.clearProgress()
  if (terminal.isJson) terminal.document({ command, ok: exitCode === EXIT_CODES.ok, exitCode, result })
  return exitCode
}

/** PostgreSQL's own code, of the error or of what caused it. */
function sqlStateOf(error: unknown): unknown {
  return isGoldenError(error) ? (error.details.sqlState ?? sqlStateOf(error.cause)) : undefined
}

function complain(terminal: Terminal, command: string | null, error: unknown, exitCode: ExitCode): ExitCode {
  const { message } = error instanceof Error ? error : new Error(String(error))
  if (terminal.isJson) {
    const code = isGoldenError(error) ? {} : { code: 'UNEXPECTED', retryable: false, details: {} }
    const { cause: _, name: __, ...told } = { cause: undefined, ...code, ...serializeError(error) }
    terminal.document({ command, ok: false, exitCode, error: told })
    return exitCode
  }
  terminal.complain(isGoldenError(error) ? `${error.code}: ${message}` : `UNEXPECTED: ${message}`)
  const sqlState = sqlStateOf(error)
  // What PostgreSQL says of a table that is not there.
  if (sqlState === '42P01') {
    terminal.complain('its tables are not there: golden-arch migrate status tells more')
  }
  // What it says where a role lacks a right.
  if (sqlState === '42501') {
    terminal.complain(
      'DATABASE_URL names a role that may not: the owner of the tables migrates, and golden-arch migrate up --grant-to gives an application its rights',
    )
  }
  if (isGoldenError(error, 'USAGE')) {
    const subject = command === null ? '' : `${command} `
    terminal.complain(`see golden-arch ${subject}--help`)
  }
  return exitCode
}
