import { requireInteger, requireText } from '../errors/index.ts'
import type { SqlSession } from '../storage/index.ts'
import { TimeError } from '../time/index.ts'
import { boundedSession } from './bounded-session.ts'
import { grantApplication } from './grant-application.ts'
import {
  catalogueOf,
  type MigrationCatalogue,
  type MigrationSelection,
  selectModules,
} from './migration-catalogue.ts'
import { MigrationError } from './migration-error.ts'
import { MigrationLedger } from './migration-ledger.ts'
import { MigrationLock } from './migration-lock.ts'
import { type MigrationPlan, type PlanOptions, planMigrations } from './migration-plan.ts'
import {
  type BaselineReport,
  type DryRunReport,
  type MigrationRun,
  type RepairReport,
  type SelectionReport,
  type StatusReport,
  titleOf,
  type UpReport,
} from './migration-report.ts'
import {
  type MigrationRunOptions,
  type MigratorOptions,
  type ResolvedMigratorOptions,
  requireModules,
  resolveMigratorOptions,
  type SelectionOptions,
  type UpOptions,
} from './migrator-options.ts'
import { type RepairOptions, repairRecords, requireRepairOptions } from './repair-records.ts'
import { failureOf, type RunContext, runMigration, runWithin } from './run-migration.ts'
import { SessionSettings } from './session-settings.ts'

/** PostgreSQL's limit for a name. */
const MAX_NAME_LENGTH = 63

/**
 * Brings the schema of a database up to date with a set of migration files, one runner at a time, each file once.
 * Every call but `status` and `verify` first takes an advisory lock, and fails with `MIGRATION_LOCK_TIMEOUT`
 * (retryable) or `MIGRATION_LOCK_NOT_HELD` behind a pooler in transaction mode. Every call fails with TimeError `ABORTED`,
 * and `DEADLINE_EXCEEDED` (retryable) when the database does not answer a question of the runner's own within a minute.
 */
export class Migrator {
  readonly #options: ResolvedMigratorOptions
  readonly #catalogue: MigrationCatalogue

  /**
   * @throws InvalidOptionError `INVALID_OPTION`; MigrationError `MIGRATION_VERSION_DUPLICATE`,
   * `MIGRATION_REQUIREMENT_MISSING`.
   */
  constructor(options: MigratorOptions) {
    this.#options = resolveMigratorOptions(options)
    this.#catalogue = catalogueOf(options.migrations)
  }

  /**
   * Says where each migration stands. It changes nothing and waits for no lock.
   * @throws MigrationError `MIGRATION_MODULE_UNKNOWN`, `MIGRATION_SCHEMA_MISSING`; StorageError by code.
   */
  async status(options: SelectionOptions = {}): Promise<StatusReport> {
    const selection = this.#select(options)
    const { database, clock } = this.#options
    const all = await database.session(async (raw) => {
      const session = boundedSession(raw, { clock, signal: options.signal })
      return (await MigrationLedger.of(session)).read(session)
    })
    const { pending, problems } = planMigrations(selection, all)
    const records = all.filter((record) => selection.modules.includes(record.module))
    return { ...reportOf(selection), records, pending: pending.map(titleOf), problems }
  }

  /**
   * Makes sure that what is applied is what the files say. It changes nothing, and files that wait are no fault.
   * @throws MigrationError the first of the problems that `status` lists, all of them in `details.problems`.
   */
  async verify(options: SelectionOptions = {}): Promise<StatusReport> {
    const report = await this.status(options)
    refuseProblems(report.problems)
    return report
  }

  /**
   * Runs every file that has no record, in order of version, each in a transaction with its record; a failure leaves
   * the files before it applied. Then it gives rights to the role that is named, all of them or none.
   * @throws InvalidOptionError `INVALID_OPTION`; MigrationError `MIGRATION_ROLE_UNKNOWN`, `MIGRATION_DRIFT`, `MIGRATION_FILE_MISSING`, `MIGRATION_OUT_OF_ORDER`,
   * `MIGRATION_VERSION_TAKEN`, `MIGRATION_INTERRUPTED`, `MIGRATION_FAILED`, `MIGRATION_MODULE_UNKNOWN`.
   */
  async up(options: UpOptions & PlanOptions = {}): Promise<UpReport> {
    const selection = this.#select(options)
    const { grantTo } = options
    if (grantTo !== undefined) requireText('grantTo', grantTo, MAX_NAME_LENGTH)
    return this.#exclusively(options.signal, async (session, context, settings, unaborted) => {
      await context.ledger.create(session)
      const { pending } = await this.#plan(session, context.ledger, selection, options)
      const applied: MigrationRun[] = []
      for (const migration of pending) {
        refuseAborted(options.signal)
        // What a file has done is recorded, whatever the signal says meanwhile.
        const durationMs = await runMigration(unaborted, migration, context)
        await settings.restore(unaborted)
        await settings.endWithClient()
        const run = { ...titleOf(migration), durationMs }
        this.#options.logger.info({ ...run, checksum: migration.checksum }, 'migration applied')
        applied.push(run)
      }
      if (grantTo === undefined) return { ...reportOf(selection), applied }
      await session.transaction((tx) => grantApplication(tx, grantTo, selection, context.ledger))
      this.#options.logger.info({ role: grantTo, modules: selection.modules }, 'rights granted')
      return { ...reportOf(selection), applied, grantedTo: grantTo }
    })
  }

  /**
   * Runs every file that waits in one transaction and rolls all of it back. Locks that the files take are held until
   * then. Files without a transaction are listed, not run.
   * @throws MigrationError as `up`.
   */
  async dryRun(options: MigrationRunOptions & PlanOptions = {}): Promise<DryRunReport> {
    const selection = this.#select(options)
    return this.#exclusively(options.signal, async (session, context, _settings, unaborted) => {
      const { pending } = await this.#plan(session, context.ledger, selection, options)
      const ran: MigrationRun[] = []
      const everythingRan = new Error('roll back')
      // A file that runs is run to its end: a signal between its statements would be told as its failure.
      const attempt = unaborted.transaction(async (tx) => {
        await context.ledger.create(tx)
        for (const migration of pending) {
          refuseAborted(options.signal)
          if (migration.mode === 'no-transaction') continue
          const durationMs = await runWithin(tx, migration, context).catch((error: unknown) => {
            throw failureOf(migration, error)
          })
          ran.push({ ...titleOf(migration), durationMs })
        }
        throw everythingRan
      })
      await attempt.catch((error: unknown) => {
        if (error !== everythingRan) throw error
      })
      const notTried = pending.filter(({ mode }) => mode === 'no-transaction').map(titleOf)
      return { ...reportOf(selection), ran, notTried }
    })
  }

  /**
   * Records the files up to and including version `through` as applied without running them: for a database that had
   * their tables before it had records.
   * @throws InvalidOptionError `INVALID_OPTION`; MigrationError `MIGRATION_VERSION_UNKNOWN` when no selected file has
   * that version; the problems of `up`.
   */
  async baseline(options: MigrationRunOptions & { readonly through: number }): Promise<BaselineReport> {
    const through = requireInteger('through', options.through, { min: 1 })
    const selection = this.#select(options)
    if (!selection.migrations.some(({ version }) => version === through)) throw versionUnknown(through)
    return this.#exclusively(options.signal, async (session, { ledger }) => {
      await ledger.create(session)
      const plan = await this.#plan(session, ledger, selection, { allowOutOfOrder: true })
      const covered = plan.pending.filter(({ version }) => version <= through)
      await session.transaction(async (tx) => {
        for (const migration of covered) await ledger.insert(tx, migration, 'baseline', 0)
      })
      return { ...reportOf(selection), recorded: covered.map(titleOf) }
    })
  }

  /**
   * Settles files that were begun outside a transaction and whose end was not recorded: by what the database shows, an
   * invalid index being dropped, and by a person's verdict where it shows nothing. Takes edited files for applied where
   * told to.
   * @throws InvalidOptionError `INVALID_OPTION`; MigrationError `MIGRATION_REPAIR_UNDECIDED` when nothing decides, or a
   * verdict contradicts what is seen; `MIGRATION_VERSION_UNKNOWN`.
   */
  async repair(options: RepairOptions = {}): Promise<RepairReport> {
    requireRepairOptions(options)
    return this.#exclusively(options.signal, async (session, { ledger }, _settings, unaborted) => {
      const { migrations } = this.#catalogue
      const repaired = await repairRecords(session, unaborted, ledger, migrations, options)
      for (const line of repaired) this.#options.logger.warn({ ...line }, 'migration repaired')
      return { repaired }
    })
  }

  #select(options: SelectionOptions): MigrationSelection {
    return selectModules(this.#catalogue, requireModules(options))
  }

  async #plan(
    session: SqlSession,
    ledger: MigrationLedger,
    selection: MigrationSelection,
    options: PlanOptions,
  ): Promise<MigrationPlan> {
    const plan = planMigrations(selection, await ledger.read(session), options)
    refuseProblems(plan.problems)
    return plan
  }

  #exclusively<T>(
    signal: AbortSignal | undefined,
    work: (
      session: SqlSession,
      context: RunContext,
      settings: SessionSettings,
      unaborted: SqlSession,
    ) => Promise<T>,
  ): Promise<T> {
    const { database, lockWaitMs, clock, lockTimeoutMs, statementTimeoutMs } = this.#options
    return database.session(async (raw) => {
      const session = boundedSession(raw, { clock, signal })
      const unaborted = boundedSession(raw, { clock, signal: undefined })
      const ledger = await MigrationLedger.of(session)
      const lock = new MigrationLock(ledger.schema)
      const settings = await SessionSettings.of(session)
      const wait = { lockWaitMs, clock, closing: unaborted, signal }
      try {
        await settings.endWithClient()
        return await lock.hold(session, wait, () =>
          work(session, { ledger, lock, clock, lockTimeoutMs, statementTimeoutMs }, settings, unaborted),
        )
      } finally {
        // A connection that is gone needs no settings; any other has them back before its pool gets it.
        await settings.restore(unaborted).catch(() => undefined)
      }
    })
  }
}

function reportOf({ modules, includedModules }: MigrationSelection): SelectionReport {
  return { modules, includedModules }
}

function refuseProblems(problems: readonly MigrationError[]): void {
  const [first] = problems
  if (first === undefined) return
  throw new MigrationError({
    code: first.code,
    message: problems.length === 1 ? first.message : `${first.message} (and ${problems.length - 1} more)`,
    details: { ...first.details, problems: problems.map(({ code, message }) => ({ code, message })) },
  })
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw TimeError.aborted(signal.reason)
}

function versionUnknown(version: number): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_VERSION_UNKNOWN',
    message: `no selected migration has version ${version}`,
    details: { version },
  })
}
