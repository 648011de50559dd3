import { PGlite } from '@electric-sql/pglite'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgliteDatabase } from '../../../storage/index.ts'
import { describeCircuitPersistenceContract } from '../../testing/circuit-persistence.contract.ts'
import { describeRetention } from './retention.contract.ts'
import { SqlCircuitPersistence } from './sql-circuit-persistence.ts'

async function openDatabase(): Promise<PgliteDatabase> {
  const database = await PgliteDatabase.open({ create: () => PGlite.create() })
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['resilience'] })
  return database
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
