import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { PgDatabase } from '../storage/index.ts'
import { auditCarriedContract } from './audit-carried.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  auditCarriedContract('PostgreSQL', async () => {
    const schema = await createPostgresSchema(address)
    const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
    const close = async (): Promise<void> => {
      await pool.end()
      await schema.drop()
    }
    return { database: new PgDatabase({ pool }), close }
  })
})
