import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgDatabase } from '../../../storage/index.ts'
import { describeCircuitPersistenceContract } from '../../testing/circuit-persistence.contract.ts'
import { describeRetention, type RetentionDatabase } from './retention.contract.ts'
import { SqlCircuitPersistence } from './sql-circuit-persistence.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  const open = async (): Promise<RetentionDatabase> => {
    const schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
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

  describeCircuitPersistenceContract('SqlCircuitPersistence on PostgreSQL', async () => {
    const { database, close } = await open()
    return { persistence: new SqlCircuitPersistence({ database }), close }
  })
  describeRetention('PostgreSQL', open)
})
