import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { describeSqlDatabaseContract } from '../../testing/sql-database.contract.ts'
import { PgDatabase } from './pg-database.ts'

describeWithService('postgres', 'PostgreSQL on a server', (address) => {
  describeSqlDatabaseContract('PgDatabase', async () => {
    const { poolConfig, drop } = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...poolConfig, max: 6 })
    return { database: new PgDatabase({ pool }), close: () => pool.end().then(drop) }
  })
})
