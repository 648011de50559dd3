import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgDatabase } from '../../../storage/index.ts'
import { describeSqlStores } from './sql-stores.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  describeSqlStores('PostgreSQL', async () => {
    const schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 6 })
    const database = new PgDatabase({ pool })
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules: ['security'] })
    return {
      database,
      close: async () => {
        await pool.end()
        await schema.drop()
      },
    }
  })
})
