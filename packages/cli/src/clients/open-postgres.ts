import { setTimeout } from 'node:timers/promises'
import { endWithClient, PgDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import type pg from 'pg'
import { addressMissing } from '../surroundings/addresses.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { loadClient } from './load-client.ts'
import { unreachable } from './unreachable.ts'

const CONNECT_TIMEOUT_MS = 5000
const CLOSE_TIMEOUT_MS = 500
/** One holds the lock of the migrations, or a transaction; another answers meanwhile. */
const POOL_SIZE = 2

/**
 * Runs `work` with the database that is configured, and closes it.
 * @throws CliError `ADDRESS_MISSING`, `CLIENT_MISSING`, `DEPENDENCY_UNREACHABLE`; what `work` throws.
 */
export async function withPostgres<T>(
  context: CommandContext,
  work: (database: SqlDatabase) => Promise<T>,
): Promise<T> {
  const address = await context.addressOf('postgres')
  if (address === undefined) throw addressMissing('postgres')
  // It is what the package pg exports, which is CommonJS.
  const { default: client } = await loadClient<{ default: typeof pg }>('pg', context.folder)
  context.terminal.progress('connecting to PostgreSQL')
  const pool = new client.Pool({
    connectionString: address,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'golden-arch',
    onConnect: endWithClient,
  })
  try {
    const database = new PgDatabase({ pool })
    await database.query('SELECT 1', [], { signal: context.signal }).catch((error: unknown) => {
      if (context.signal.aborted) throw error
      throw unreachable('postgres', address, error)
    })
    return await work(database)
  } finally {
    // What went wrong before is what is told.
    const closed = pool.end().catch(() => undefined)
    // A pool that is still connecting closes only when that has timed out; who stops the command does not wait for it.
    await (context.signal.aborted ? Promise.race([closed, setTimeout(CLOSE_TIMEOUT_MS)]) : closed)
  }
}
