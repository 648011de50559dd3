import { emptyPglite } from '@golden-arch/testkit/pglite'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgliteDatabase } from '../../../storage/index.ts'
import { describeSqlStores } from './sql-stores.contract.ts'

describeSqlStores('PGlite', async () => {
  const database = await PgliteDatabase.open({ create: emptyPglite })
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['security'] })
  return { database, close: () => database.close() }
})
