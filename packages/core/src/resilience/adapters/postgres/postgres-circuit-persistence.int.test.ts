import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgDatabase } from '../../../storage/index.ts'
import { describeCircuitPersistenceContract } from '../../testing/circuit-persistence.contract.ts'
import { PostgresCircuitPersistence } from './postgres-circuit-persistence.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  describeCircuitPersistenceContract('PostgresCircuitPersistence on PostgreSQL', async () => {
    const schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
    const database = new PgDatabase({ pool })
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules: ['resilience'] })
    return {
      persistence: new PostgresCircuitPersistence({ database }),
      close: async () => {
        await pool.end()
        await schema.drop()
      },
    }
  })
})
