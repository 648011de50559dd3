import { emptyPglite } from '@golden-arch/testkit/pglite'
import { PgliteDatabase } from '../../../../../storage/index.ts'
import { sqlUserStoreUnderTest } from '../../../testing/sql-user-store-under-test.ts'
import { describeUserStoreContract } from '../../../testing/user-store.contract.ts'

describeUserStoreContract('SqlUserStore on PGlite', async () => {
  const database = await PgliteDatabase.open({ create: emptyPglite })
  return sqlUserStoreUnderTest(database, () => database.close())
})
