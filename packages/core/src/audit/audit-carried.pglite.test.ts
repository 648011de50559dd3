import { PGlite } from '@electric-sql/pglite'
import { PgliteDatabase } from '../storage/index.ts'
import { auditCarriedContract } from './audit-carried.contract.ts'

auditCarriedContract('PGlite', async () => {
  const database = await PgliteDatabase.open({ create: () => PGlite.create() })
  return { database, close: () => database.close() }
})
