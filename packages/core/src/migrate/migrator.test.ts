import { PGlite } from '@electric-sql/pglite'
import { afterAll, expect, test } from 'vitest'
import { PgliteDatabase } from '../storage/index.ts'
import { Migrator } from './migrator.ts'
import { type EmptyDatabase, migratorContract } from './testing/migrator.contract.ts'
import { repositoryMigrationsContract } from './testing/repository-migrations.contract.ts'

const database = await PgliteDatabase.open({ create: () => PGlite.create() })
afterAll(() => database.close())

/** One instance serves all tests: to start another takes longer than a test. */
async function open(): Promise<EmptyDatabase> {
  return { database, remove: () => database.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public') }
}

migratorContract('PGlite', open)
repositoryMigrationsContract('PGlite', open)

test('a migrator refuses options out of their range', () => {
  for (const bad of [{ lockWaitMs: -1 }, { lockTimeoutMs: 0 }, { statementTimeoutMs: 2 ** 31 }]) {
    expect(() => new Migrator({ database, migrations: [], ...bad })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  }
})
