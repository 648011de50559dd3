import { resolve } from 'node:path'
import {
  hasProblems,
  Migrator,
  migrateLines,
  readMigrateArguments,
  runMigrateCommand,
} from '@golden-arch/core/migrate'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { CliError } from '../cli-error.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import { type Command, type CommandEnd, SERVER_ALONE } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { readInstalledMigrations } from './installed-migrations.ts'

const USAGE = `usage: golden-arch migrate <status | up | verify | repair | baseline> [options]
  status    what is applied, what waits, and what is wrong
  up        applies what waits; --dry-run runs all of it and rolls it back
  verify    whether what is applied is what the files say; files that wait are no fault
  repair    settles a file whose end was not recorded, and takes edited files for applied where told to
  baseline  takes what is there for applied, without running it

  --module <name>            only this module and what it requires; may be given several times
  --folder <path>            a folder of NNN_name.sql files in place of those that the installed packages carry;
                             may be given several times
  --dry-run                  up: nothing of it stays
  --lock-wait-ms <n>         how long to wait for another runner (default 60000)
  --allow-out-of-order       up: run files numbered below one that is applied
  --grant-to <role>          up: give this role what an application needs of the modules
  --through <version>        baseline: the last version to take as applied
  --accept-drift <version>   repair: take the edited file for what was applied; nothing of it is run
  --verdict <version>=applied|not-applied
                             repair: how a file without a transaction ended, where the database shows nothing

${SERVER_ALONE}
Exit code: 0 done; 1 refused, failed, or a problem found by status or verify; 2 not understood; 3 no database.`

/** `golden-arch migrate`: core's `Migrator` on the migrations of the packages that are installed. */
export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'applies and checks the migrations of the packages',
  usage: USAGE,
  run: runMigrate,
}

async function runMigrate(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const reading = readMigrateArguments(words, { isFolderOptional: true })
  if (!reading.ok) throw CliError.usage(reading.reason)
  const { migrations: settings } = await context.configuration()
  const { folders, lockWaitMs, ...given } = reading.arguments
  const request = { ...given, modules: given.modules ?? settings?.modules }
  const migrations = await readInstalledMigrations(
    context.folder,
    folders.length > 0 ? folders.map((one) => resolve(context.folder, one)) : (settings?.folders ?? []),
  )
  const { terminal, signal } = context
  const outcome = await withPostgres(context, async (database) => {
    const logger = progressOf(context)
    const migrator = new Migrator({
      database,
      migrations,
      logger,
      ...(lockWaitMs === undefined ? {} : { lockWaitMs }),
    })
    terminal.progress(`migrate ${request.command}`)
    return runMigrateCommand(migrator, request, { signal })
  })
  for (const line of migrateLines(outcome)) terminal.say(line)
  const exitCode = hasProblems(outcome) ? EXIT_CODES.failed : EXIT_CODES.ok
  return { exitCode, result: { action: outcome.command, ...outcome.report } }
}

/** Each migration that has run takes the place of the one before it. */
function progressOf({ terminal }: CommandContext): Logger {
  return {
    ...silentLogger,
    info: (fields, message) => {
      if ('name' in fields) terminal.progress(`${message}: ${String(fields.name)}`)
    },
  }
}
