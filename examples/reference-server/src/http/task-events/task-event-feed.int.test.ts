import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { taskEventFeedContract } from './task-event-feed.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  taskEventFeedContract(
    'PostgreSQL',
    async () => {
      const schema = await createPostgresSchema(address)
      const pool = new pg.Pool({ ...schema.poolConfig, max: 10 })
      const database = new PgDatabase({ pool })
      const migrations = await readMigrationFolder('migrations')
      await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'tasks'] })
      return {
        database,
        close: async () => {
          await pool.end()
          await schema.drop()
        },
      }
    },
    true,
  )
})
