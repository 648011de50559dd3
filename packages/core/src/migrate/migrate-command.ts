import type { MigrateArguments } from './cli-arguments.ts'
import type {
  BaselineReport,
  DryRunReport,
  MigrationTitle,
  RepairReport,
  StatusReport,
  UpReport,
} from './migration-report.ts'
import type { Migrator } from './migrator.ts'

/** What a command did or found. */
export type MigrateOutcome =
  | { readonly command: 'status' | 'verify'; readonly report: StatusReport }
  | { readonly command: 'up'; readonly report: UpReport }
  | { readonly command: 'dry-run'; readonly report: DryRunReport }
  | { readonly command: 'baseline'; readonly report: BaselineReport }
  | { readonly command: 'repair'; readonly report: RepairReport }

/**
 * Runs the command that a command line asks for. `verify` gives what `status` does, and its problems are for the caller
 * to judge ({@link hasProblems}).
 * @throws what the method of `Migrator` throws.
 */
export async function runMigrateCommand(
  migrator: Migrator,
  request: Omit<MigrateArguments, 'folders' | 'lockWaitMs'>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<MigrateOutcome> {
  const { command, modules, allowOutOfOrder, grantTo, through, acceptDrift, verdicts } = request
  const stop = signal === undefined ? {} : { signal }
  const selection = modules === undefined ? stop : { modules, ...stop }
  switch (command) {
    case 'up':
      return {
        command,
        report: await migrator.up({
          ...selection,
          allowOutOfOrder,
          ...(grantTo === undefined ? {} : { grantTo }),
        }),
      }
    case 'dry-run':
      return { command, report: await migrator.dryRun({ ...selection, allowOutOfOrder }) }
    case 'status':
    case 'verify':
      return { command, report: await migrator.status(selection) }
    case 'baseline':
      return { command, report: await migrator.baseline({ ...selection, through: through ?? 0 }) }
    case 'repair':
      return { command, report: await migrator.repair({ acceptDrift, verdicts, ...stop }) }
  }
}

/** Whether it found what keeps `up` from running. */
export function hasProblems(outcome: MigrateOutcome): boolean {
  return 'problems' in outcome.report && outcome.report.problems.length > 0
}

/** The outcome in lines for a person: each migration, then how many. */
export function migrateLines(outcome: MigrateOutcome): readonly string[] {
  switch (outcome.command) {
    case 'up': {
      const { applied, grantedTo } = outcome.report
      const lines = listed('applied', applied)
      return grantedTo === undefined ? lines : [...lines, `rights granted to ${grantedTo}`]
    }
    case 'dry-run': {
      const { ran, notTried } = outcome.report
      const lines = listed('would be applied', ran)
      return notTried.length === 0 ? lines : [...lines, ...listed('would be applied, not tried', notTried)]
    }
    case 'status':
    case 'verify': {
      const { records, pending, problems } = outcome.report
      return [
        ...records.map((record) => `${record.state} ${lineOf(record)}`),
        ...listed('pending', pending),
        ...problems.map(({ code, message }) => `${code}: ${message}`),
      ]
    }
    case 'baseline':
      return listed('recorded', outcome.report.recorded)
    case 'repair': {
      const { repaired } = outcome.report
      const lines = repaired.map((line) => `${line.action} ${lineOf(line)}: ${line.because}`)
      return [...lines, `${repaired.length} repaired`]
    }
  }
}

function listed(verb: string, titles: readonly MigrationTitle[]): readonly string[] {
  return [...titles.map((title) => `${verb} ${lineOf(title)}`), `${titles.length} ${verb}`]
}

function lineOf({ version, name, module }: MigrationTitle): string {
  return `${String(version).padStart(3, '0')} ${name} (${module})`
}
