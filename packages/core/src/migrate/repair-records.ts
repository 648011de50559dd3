import { InvalidOptionError, requireInteger, requireOneOf } from '../errors/index.ts'
import type { SqlSession } from '../storage/index.ts'
import { TimeError } from '../time/index.ts'
import { type Migration, onlyStatement } from './migration.ts'
import { MigrationError } from './migration-error.ts'
import type { MigrationLedger } from './migration-ledger.ts'
import { isSame } from './migration-plan.ts'
import type { MigrationRecord } from './migration-record.ts'
import { type RepairLine, titleOf } from './migration-report.ts'
import { decideRepair, type RepairDecision, type RepairVerdict } from './repair-decision.ts'
import { effectOf, observe, type StatementEffect } from './statement-effect.ts'

/** What repair may take as given. */
export interface RepairOptions {
  /** By version: how a begun migration ended, for those of which the database shows nothing. Default: none. */
  readonly verdicts?: Readonly<Record<number, RepairVerdict>> | undefined
  /**
   * Versions whose file was edited after it was applied, where the database is as the file says now: nothing of it is run.
   * Default: none.
   */
  readonly acceptDrift?: readonly number[] | undefined
  /** Ends the wait for the lock, and the repair between two records. */
  readonly signal?: AbortSignal | undefined
}

/** @throws InvalidOptionError `INVALID_OPTION` on a version that is no number, and on a verdict but the two. */
export function requireRepairOptions({ verdicts = {}, acceptDrift = [] }: RepairOptions): void {
  if (!Array.isArray(acceptDrift))
    throw new InvalidOptionError('acceptDrift', 'a list of versions', acceptDrift)
  for (const version of acceptDrift) requireInteger('acceptDrift', version, { min: 1 })
  for (const [version, verdict] of Object.entries(verdicts)) {
    requireInteger('verdicts', Number(version), { min: 1 })
    requireOneOf(`verdicts.${version}`, verdict, ['applied', 'not-applied'])
  }
}

/**
 * Settles each begun record, then takes over the checksums of the files named in `acceptDrift`. What is done to one
 * record is done on `unaborted`, so that it is done whole.
 * @throws MigrationError `MIGRATION_REPAIR_UNDECIDED`, `MIGRATION_VERSION_UNKNOWN`.
 */
export async function repairRecords(
  session: SqlSession,
  unaborted: SqlSession,
  ledger: MigrationLedger,
  migrations: readonly Migration[],
  options: RepairOptions,
): Promise<readonly RepairLine[]> {
  const records = await ledger.read(session)
  const lines: RepairLine[] = []
  for (const version of options.acceptDrift ?? []) {
    const migration = migrations.find((one) => one.version === version)
    const record = records.find((one) => one.version === version)
    if (migration === undefined || record?.module !== migration.module) throw notThere(version)
  }
  for (const record of records) {
    if (record.state !== 'running') continue
    if (options.signal?.aborted) throw TimeError.aborted(options.signal.reason)
    const effect = await lookAt(session, record, migrations)
    const decision = decideRepair(effect, options.verdicts?.[record.version])
    lines.push(await settle(unaborted, ledger, record, decision))
  }
  for (const migration of migrations) {
    if (options.acceptDrift?.includes(migration.version) !== true) continue
    const record = records.find(({ version }) => version === migration.version)
    if (record !== undefined && isSame(migration, record)) continue
    await session.transaction((tx) => ledger.accept(tx, migration))
    lines.push({ ...titleOf(migration), action: 'accept', because: `the file is ${migration.checksum} now` })
  }
  return lines
}

async function settle(
  session: SqlSession,
  ledger: MigrationLedger,
  record: MigrationRecord,
  decision: RepairDecision,
): Promise<RepairLine> {
  switch (decision.action) {
    case 'ask':
      throw undecided(record, decision.because)
    case 'finish':
      await ledger.finish(session, record.version, 0)
      break
    case 'drop-and-forget':
      // As a script, for it waits for every transaction that may still use the index.
      await session.script(`DROP INDEX CONCURRENTLY IF EXISTS ${decision.leftover}`)
      await ledger.forget(session, record.version)
      break
    case 'forget':
      await ledger.forget(session, record.version)
      break
  }
  return { ...titleOf(record), action: decision.action, because: decision.because }
}

async function lookAt(
  session: SqlSession,
  record: MigrationRecord,
  migrations: readonly Migration[],
): Promise<StatementEffect> {
  const migration = migrations.find(
    ({ version, checksum }) => version === record.version && checksum === record.checksum,
  )
  if (migration === undefined)
    return { kind: 'unknown', evidence: 'the file that was begun is not there unchanged' }
  return effectOf(session, observe(onlyStatement(migration)))
}

function undecided(record: MigrationRecord, because: string): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_REPAIR_UNDECIDED',
    message:
      `whether migration ${record.version} (${record.name}) took effect cannot be decided: ${because}; ` +
      'look at the database, mend it, and give a verdict "applied" or "not-applied"',
    details: { ...titleOf(record), recordedChecksum: record.checksum, because },
  })
}

function notThere(version: number): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_VERSION_UNKNOWN',
    message: `version ${version} has no file and record of one module, so there is no drift to accept`,
    details: { version },
  })
}
