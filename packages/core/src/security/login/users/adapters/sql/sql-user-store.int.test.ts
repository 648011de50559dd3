import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { PgDatabase } from '../../../../../storage/index.ts'
import { sqlUserStoreUnderTest } from '../../../testing/sql-user-store-under-test.ts'
import { describeUserStoreContract } from '../../../testing/user-store.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  describeUserStoreContract('SqlUserStore on PostgreSQL', async () => {
    const schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 8 })
    return sqlUserStoreUnderTest(new PgDatabase({ pool }), async () => {
      await pool.end()
      await schema.drop()
    })
  })
})
