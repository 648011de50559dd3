import { join } from 'node:path'
import pg from 'pg'
import { libraryEnvironment } from '../server/private-server.ts'
import { runCommand } from '../server/run-command.ts'
import { waitUntil } from '../server/wait-until.ts'
import type { StartedService } from '../service.ts'
import { startPostgresWithClients } from './start-postgres-with-clients.ts'

/** A PostgreSQL with a standby that has all that is committed. */
export interface ReplicatedPostgres {
  readonly primary: StartedService
  readonly standby: StartedService
  /** Makes the standby a primary that waits for nobody; resolves once it takes writes. */
  promote(): Promise<void>
  stop(): Promise<void>
}

const COPY_LIMIT_MS = 120_000
const WAIT_LIMIT_MS = 120_000
const STANDBY = 'standby'

/**
 * Starts a primary and a synchronous standby: a commit is answered once both have it. Throws `ServiceUnavailableError`
 * where no programs of PostgreSQL are found with `pg_basebackup` beside them.
 */
export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const { service: primary, programs, startBeside } = await startPostgresWithClients()
  try {
    const standby = await startBeside((recipe) => ({
      ...recipe,
      async prepare(folder) {
        const source = new URL(primary.address)
        source.searchParams.set('application_name', STANDBY)
        const copy = ['--pgdata', folder.dataPath, '--dbname', source.href, '--write-recovery-conf']
        const quickly = ['--checkpoint', 'fast', '--no-sync']
        await runCommand(join(programs.folder, 'pg_basebackup'), [...copy, ...quickly], {
          timeLimitMs: COPY_LIMIT_MS,
          env: libraryEnvironment(programs.libraryPath),
          user: folder.user,
          onStart: folder.recordProcess,
        })
        folder.recordProcess(undefined)
      },
    }))
    // After the copy was made: promoted, it must not wait for a standby that it has not.
    await ask(primary.address, `ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`)
    await ask(primary.address, 'SELECT pg_reload_conf()')
    await holds(primary.address, "SELECT sync_state = 'sync' AS holds FROM pg_stat_replication")
    return {
      primary,
      standby,
      promote: async () => {
        await ask(standby.address, 'SELECT pg_promote(false)')
        await holds(standby.address, 'SELECT NOT pg_is_in_recovery() AS holds')
      },
      stop: async () => {
        await standby.stop()
        await primary.stop()
      },
    }
  } catch (error) {
    await primary.stop()
    throw error
  }
}

async function ask(address: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: address })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function holds(address: string, sql: string): Promise<void> {
  await waitUntil(
    async () => {
      // The statement gives a row with this column, or none.
      const [row] = (await ask(address, sql)) as readonly { readonly holds: boolean }[]
      if (row?.holds !== true) throw new Error(`does not hold: ${sql}`)
    },
    WAIT_LIMIT_MS,
    new AbortController().signal,
  )
}
