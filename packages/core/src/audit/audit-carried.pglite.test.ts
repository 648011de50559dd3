import { emptyPglite } from '@golden-arch/testkit/pglite'
import { PgliteDatabase } from '../storage/index.ts'
import { auditCarriedContract } from './audit-carried.contract.ts'

auditCarriedContract('PGlite', async () => {
  const database = await PgliteDatabase.open({ create: emptyPglite })
  return { database, close: () => database.close() }
})
