import { preparedPglite } from '@golden-arch/testkit/pglite'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgliteDatabase, type SqlDatabase } from '../../../storage/index.ts'
import { describeCircuitPersistenceContract } from '../../testing/circuit-persistence.contract.ts'
import { describeRetention } from './retention.contract.ts'
import { SqlCircuitPersistence } from './sql-circuit-persistence.ts'

async function migrate(database: SqlDatabase): Promise<void> {
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['resilience'] })
}

function openDatabase(): Promise<PgliteDatabase> {
  return PgliteDatabase.open({
    create: () =>
      preparedPglite('resilience', async (pglite) =>
        migrate(await PgliteDatabase.open({ create: async () => pglite })),
      ),
  })
}

describeCircuitPersistenceContract('SqlCircuitPersistence on PGlite', async () => {
  const database = await openDatabase()
  return {
    persistence: new SqlCircuitPersistence({ database }),
    close: () => database.close(),
  }
})

describeRetention('PGlite', async () => {
  const database = await openDatabase()
  return { database, close: () => database.close() }
})
