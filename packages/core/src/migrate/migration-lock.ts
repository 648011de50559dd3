import { createHash } from 'node:crypto'
import type { SqlExecutor, SqlSession } from '../storage/index.ts'
import { type Clock, sleep, TimeError } from '../time/index.ts'
import { MigrationError } from './migration-error.ts'

/** How to wait for the lock. */
export interface LockWait {
  readonly lockWaitMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  /** The same session, for letting go of the lock after the signal has fired too. */
  readonly closing: SqlExecutor
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 500

/**
 * The advisory lock of one schema's migrations, held by a session. It is asked for again and again rather than waited
 * for in the server: a waiting statement keeps a snapshot, for which a CREATE INDEX CONCURRENTLY of the holder would
 * wait in turn.
 */
export class MigrationLock {
  readonly #key: string

  constructor(schema: string) {
    const hash = createHash('sha256').update(`golden-arch/schema_migrations/${schema}`).digest()
    // A positive 63-bit number, so that its halves are found unchanged in pg_locks.
    this.#key = (hash.readBigUInt64BE() >> 1n).toString()
  }

  /**
   * Runs `work` with the lock held by `session`.
   * @throws MigrationError `MIGRATION_LOCK_TIMEOUT` (retryable); `MIGRATION_LOCK_NOT_HELD` behind a pooler that moves
   * sessions; TimeError `ABORTED`.
   */
  async hold<T>(session: SqlSession, wait: LockWait, work: () => Promise<T>): Promise<T> {
    await this.#acquire(session, wait)
    try {
      await this.assertHeld(session)
      return await work()
    } finally {
      await wait.closing
        .query('SELECT pg_advisory_unlock($1::bigint)', [this.#key])
        .catch(ignoreLostConnection)
    }
  }

  /**
   * Makes sure that the very connection that runs this statement holds the lock.
   * @throws MigrationError `MIGRATION_LOCK_NOT_HELD` otherwise.
   */
  async assertHeld(executor: SqlExecutor): Promise<void> {
    const { rows } = await executor.query<{ held: boolean }>(
      `SELECT count(*) > 0 AS held FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid() AND objsubid = 1
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = ($1::bigint >> 32)::oid AND objid = ($1::bigint & 4294967295)::oid`,
      [this.#key],
    )
    if (rows[0]?.held === true) return
    throw new MigrationError({
      code: 'MIGRATION_LOCK_NOT_HELD',
      message:
        'this connection does not hold the migration lock that was just taken: a pooler in transaction mode moves ' +
        'sessions between connections; connect to the database directly, or through session pooling',
    })
  }

  async #acquire(session: SqlSession, wait: LockWait): Promise<void> {
    const { clock, lockWaitMs, signal } = wait
    const startedMs = clock.monotonicMs()
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (signal?.aborted) throw TimeError.aborted(signal.reason)
      const { rows } = await session.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_lock($1::bigint) AS taken',
        [this.#key],
      )
      if (rows[0]?.taken === true) return
      const leftMs = lockWaitMs - (clock.monotonicMs() - startedMs)
      if (leftMs <= 0) throw lockTimeout(lockWaitMs)
      await sleep(Math.min(pauseMs, leftMs), { clock, signal })
    }
  }
}

function lockTimeout(lockWaitMs: number): MigrationError {
  return new MigrationError({
    code: 'MIGRATION_LOCK_TIMEOUT',
    message: `another runner holds the migration lock; it was not free within ${lockWaitMs} ms`,
    retryable: true,
    details: { lockWaitMs },
  })
}

/** A connection that is gone has lost its locks with it. */
function ignoreLostConnection(): void {}
