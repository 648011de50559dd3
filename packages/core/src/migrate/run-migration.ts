import { isGoldenError } from '../errors/index.ts'
import type { SqlExecutor, SqlSession } from '../storage/index.ts'
import type { Clock } from '../time/index.ts'
import { type Migration, onlyStatement } from './migration.ts'
import { MigrationError } from './migration-error.ts'
import type { MigrationLedger } from './migration-ledger.ts'
import type { MigrationLock } from './migration-lock.ts'
import { effectOf, type ObservableStatement, observe, type StatementEffect } from './statement-effect.ts'

/** What running one file needs. */
export interface RunContext {
  readonly ledger: MigrationLedger
  readonly lock: MigrationLock
  readonly clock: Clock
  readonly lockTimeoutMs: number
  readonly statementTimeoutMs: number
}

/**
 * Runs one file and records it; gives the milliseconds that it took.
 * @throws MigrationError `MIGRATION_FAILED` with its cause, `MIGRATION_LOCK_NOT_HELD`.
 */
export async function runMigration(
  session: SqlSession,
  migration: Migration,
  context: RunContext,
): Promise<number> {
  try {
    if (migration.mode === 'no-transaction') return await runAlone(session, migration, context)
    return await session.transaction((tx) => runWithin(tx, migration, context))
  } catch (error) {
    throw failureOf(migration, error)
  }
}

/** Runs a file in a transaction that the caller holds open, and records it there. */
export async function runWithin(tx: SqlExecutor, migration: Migration, context: RunContext): Promise<number> {
  const { ledger, lock, clock } = context
  await limitWaits(tx, context.lockTimeoutMs, context.statementTimeoutMs, true)
  await lock.assertHeld(tx)
  const startedMs = clock.monotonicMs()
  await tx.script(migration.sql)
  const durationMs = clock.monotonicMs() - startedMs
  await ledger.insert(tx, migration, 'done', durationMs)
  return durationMs
}

/** An error of the file as one of ours; one of ours as it is. */
export function failureOf(migration: Migration, error: unknown): unknown {
  if (error instanceof MigrationError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new MigrationError({
    code: 'MIGRATION_FAILED',
    message:
      migration.mode === 'transaction'
        ? `migration ${migration.fileName} failed and left nothing behind: ${reason}`
        : `migration ${migration.fileName} failed outside a transaction; run repair: ${reason}`,
    // Only what left nothing behind can simply be tried again.
    retryable: migration.mode === 'transaction' && isGoldenError(error) && error.retryable,
    details: detailsOf(migration),
    cause: error,
  })
}

async function runAlone(session: SqlSession, migration: Migration, context: RunContext): Promise<number> {
  const { ledger, lock, clock } = context
  const statement = observe(onlyStatement(migration))
  const before = await effectOf(session, statement)
  if (wouldMislead(statement, before)) throw standsInTheWay(migration, before)
  // A lock limit would make a concurrent build give up on waiting for old transactions and leave an invalid index.
  await limitWaits(session, 0, context.statementTimeoutMs, false)
  await lock.assertHeld(session)
  await ledger.insert(session, migration, 'running', 0)
  const startedMs = clock.monotonicMs()
  await session.script(migration.sql)
  const durationMs = clock.monotonicMs() - startedMs
  const after = await effectOf(session, statement)
  if (after.kind === 'not-applied' || after.kind === 'half-applied') throw new Error(after.evidence)
  await ledger.finish(session, migration.version, durationMs)
  return durationMs
}

/** Whether an interrupted run could no longer be told from what was there before it. */
function wouldMislead(statement: ObservableStatement, before: StatementEffect): boolean {
  if (before.kind === 'half-applied') return true
  return before.kind === 'applied' && statement.kind !== 'other' && !statement.isTolerant
}

function standsInTheWay(migration: Migration, before: StatementEffect): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_FAILED',
    message: `migration ${migration.fileName} was not begun: ${before.evidence} already`,
    details: { ...detailsOf(migration), evidence: before.evidence },
  })
}

async function limitWaits(
  executor: SqlExecutor,
  lockTimeoutMs: number,
  statementTimeoutMs: number,
  isLocal: boolean,
): Promise<void> {
  await executor.query("SELECT set_config('lock_timeout', $1, $3), set_config('statement_timeout', $2, $3)", [
    String(lockTimeoutMs),
    String(statementTimeoutMs),
    isLocal,
  ])
}

function detailsOf(migration: Migration): Readonly<Record<string, unknown>> {
  return {
    version: migration.version,
    name: migration.name,
    module: migration.module,
    fileChecksum: migration.checksum,
  }
}
