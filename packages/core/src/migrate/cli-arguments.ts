import { parseArgs } from 'node:util'
import type { RepairVerdict } from './repair-decision.ts'

const COMMANDS = ['status', 'up', 'dry-run', 'verify', 'baseline', 'repair'] as const

/** What the command line may ask for. */
export type MigrateCommand = (typeof COMMANDS)[number]

/** A command line of migrations, read. */
export interface MigrateArguments {
  /** `up --dry-run` is `dry-run`. */
  readonly command: MigrateCommand
  /** Empty only where no folder was asked for. */
  readonly folders: readonly string[]
  /** Undefined: every module that has a file. */
  readonly modules: readonly string[] | undefined
  readonly allowOutOfOrder: boolean
  /** The role that `up` gives rights to. */
  readonly grantTo: string | undefined
  readonly lockWaitMs: number | undefined
  readonly through: number | undefined
  readonly acceptDrift: readonly number[]
  readonly verdicts: Readonly<Record<number, RepairVerdict>>
}

/** A command line that can be run, or why it cannot. */
export type MigrateReading =
  | { readonly ok: true; readonly arguments: MigrateArguments }
  | { readonly ok: false; readonly reason: string }

/** How a command line is read. */
export interface MigrateReadingOptions {
  /** Whether a command line without `--folder` can be run. Default false. */
  readonly isFolderOptional?: boolean | undefined
}

/** How the command is used. */
export const CLI_USAGE: string = `usage: migrate <${COMMANDS.join(' | ')}> --folder <path> [options]
  --folder <path>            a folder of NNN_name.sql files; may be given several times
  --module <name>            only this module and what it requires; may be given several times
  --dry-run                  up: run all of it and roll it back, as the command dry-run does
  --lock-wait-ms <n>         how long to wait for another runner (default 60000)
  --allow-out-of-order       up, dry-run: run files numbered below one that is applied
  --grant-to <role>          up: give this role what an application needs of the modules
  --through <version>        baseline: the last version to take as applied
  --accept-drift <version>   repair: take the edited file for what was applied; nothing of it is run
  --verdict <version>=applied|not-applied
                             repair: how a file without a transaction ended, where the database shows nothing
The database is DATABASE_URL, or the content of the file DATABASE_URL_FILE.`

const OPTIONS = {
  folder: { type: 'string', multiple: true },
  module: { type: 'string', multiple: true },
  'dry-run': { type: 'boolean' },
  'lock-wait-ms': { type: 'string' },
  'allow-out-of-order': { type: 'boolean' },
  'grant-to': { type: 'string' },
  through: { type: 'string' },
  'accept-drift': { type: 'string', multiple: true },
  verdict: { type: 'string', multiple: true },
} as const

/** Reads the words after the program's name. */
export function readMigrateArguments(
  argv: readonly string[],
  { isFolderOptional = false }: MigrateReadingOptions = {},
): MigrateReading {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
    const given = COMMANDS.find((one) => one === positionals[0])
    if (given === undefined || positionals.length > 1) {
      const received = positionals.length === 0 ? '' : `, received ${positionals.join(' ')}`
      return refuse(`give one command of ${COMMANDS.join(', ')}${received}`)
    }
    if (values.folder === undefined && !isFolderOptional) return refuse('give at least one --folder')
    if (values['dry-run'] === true && given !== 'up') return refuse('--dry-run belongs to up')
    const command = values['dry-run'] === true ? 'dry-run' : given
    if ((command === 'baseline') !== (values.through !== undefined)) {
      return refuse('--through belongs to baseline, and baseline needs it')
    }
    if (command !== 'up' && values['grant-to'] !== undefined) {
      return refuse('--grant-to belongs to up, and to no dry run of it')
    }
    if (command !== 'repair' && (values.verdict ?? values['accept-drift']) !== undefined) {
      return refuse('--verdict and --accept-drift belong to repair')
    }
    return {
      ok: true,
      arguments: {
        command,
        folders: values.folder ?? [],
        modules: values.module,
        allowOutOfOrder: values['allow-out-of-order'] ?? false,
        grantTo: values['grant-to'],
        lockWaitMs: optionalInteger('--lock-wait-ms', values['lock-wait-ms']),
        through: optionalInteger('--through', values.through),
        acceptDrift: (values['accept-drift'] ?? []).map((text) => integer('--accept-drift', text)),
        verdicts: Object.fromEntries((values.verdict ?? []).map(verdict)),
      },
    }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function verdict(text: string): readonly [number, RepairVerdict] {
  const [version, word, ...rest] = text.split('=')
  if (version === undefined || rest.length > 0 || (word !== 'applied' && word !== 'not-applied')) {
    throw new RangeError(`--verdict must be <version>=applied or <version>=not-applied, received ${text}`)
  }
  return [integer('--verdict', version), word]
}

function optionalInteger(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : integer(option, text)
}

function integer(option: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`${option} must be a number, received ${text}`)
  return Number(text)
}

function refuse(reason: string): MigrateReading {
  return { ok: false, reason }
}
