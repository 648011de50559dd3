import { createPostgresSchema } from '@golden-arch/testkit'
import { preparedPglite } from '@golden-arch/testkit/pglite'
import pg from 'pg'
import { Migrator, readMigrationFolder } from '../../migrate/index.ts'
import { PgDatabase, PgliteDatabase, type SqlDatabase } from '../../storage/index.ts'

/** A database with the modules events, audit and tasks applied, and how to leave it. */
export interface TaskDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** A schema of its own on the server at `address`, with up to `max` connections. */
export async function openTasksOnPostgres(address: string, max = 8): Promise<TaskDatabase> {
  const schema = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...schema.poolConfig, max })
  const database = new PgDatabase({ pool })
  await migrate(database)
  const close = async (): Promise<void> => {
    await pool.end()
    await schema.drop()
  }
  return { database, close }
}

/** A database in the process. */
export async function openTasksOnPglite(): Promise<TaskDatabase> {
  const database = await PgliteDatabase.open({
    create: () =>
      preparedPglite('events, audit, tasks', async (pglite) =>
        migrate(await PgliteDatabase.open({ create: async () => pglite })),
      ),
  })
  return { database, close: () => database.close() }
}

/** One database in the process for several suites, one after the other: to start one takes longer than they do. */
export class SharedPglite {
  #opening: Promise<TaskDatabase> | undefined

  /** Opens it, without a task, step or agent of those who had it before. */
  readonly open = async (): Promise<TaskDatabase> => {
    this.#opening ??= openTasksOnPglite()
    const { database } = await this.#opening
    await database.script('TRUNCATE tasks, task_counts, task_quotas, agents CASCADE')
    return { database, close: async () => {} }
  }

  /** Closes it for all. */
  async close(): Promise<void> {
    await (await this.#opening)?.close()
  }
}

async function migrate(database: SqlDatabase): Promise<void> {
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'tasks'] })
}
