import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgDatabase } from '../../../storage/index.ts'
import { sleep } from '../../../time/index.ts'
import { describeCircuitStoreContract } from '../../testing/circuit-store.contract.ts'
import { describeSharedRegistries, type SharedDatabase } from './shared-registries.contract.ts'
import { SqlCircuitStore } from './sql-circuit-store.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  const open = async (): Promise<SharedDatabase> => {
    const schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 8 })
    const database = new PgDatabase({ pool })
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules: ['resilience'] })
    return {
      database,
      close: async () => {
        await pool.end()
        await schema.drop()
      },
    }
  }

  describeCircuitStoreContract('SqlCircuitStore on PostgreSQL', async () => {
    const { database, close } = await open()
    const store = (): SqlCircuitStore =>
      new SqlCircuitStore({ database, pollIntervalMs: 10, commandTimeoutMs: 60_000 })
    // The database keeps its own time, so that this suite has to wait for it.
    return { stores: [store(), store()], pass: (ms) => sleep(ms), close }
  })
  describeSharedRegistries('PostgreSQL', open)
})
