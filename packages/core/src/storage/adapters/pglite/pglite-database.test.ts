import { PGlite } from '@electric-sql/pglite'
import { temporaryFolder } from '@golden-arch/testkit'
import { describeSqlDatabaseContract } from '../../testing/sql-database.contract.ts'
import { PgliteDatabase } from './pglite-database.ts'

describeSqlDatabaseContract('PgliteDatabase in memory', async () => {
  const database = await PgliteDatabase.open({ create: (dataDir) => PGlite.create({ dataDir }) })
  return { database, close: () => database.close() }
})

describeSqlDatabaseContract('PgliteDatabase in a folder', async () => {
  const folder = await temporaryFolder('pglite')
  const database = await PgliteDatabase.open({
    folder: folder.path,
    create: (dataDir) => PGlite.create({ dataDir }),
  })
  return { database, close: () => database.close().finally(() => folder.remove()) }
})
