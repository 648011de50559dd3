import { invalidOption } from '@golden-arch/testkit/options'
import { preparedPglite } from '@golden-arch/testkit/pglite'
import { expect, it, vi } from 'vitest'
import { Migrator, readMigrationFolder } from '../../../migrate/index.ts'
import { PgliteDatabase, type SqlDatabase } from '../../../storage/index.ts'
import { sleep } from '../../../time/index.ts'
import { describeCircuitStoreContract } from '../../testing/circuit-store.contract.ts'
import { describeSharedRegistries } from './shared-registries.contract.ts'
import { SqlCircuitStore } from './sql-circuit-store.ts'

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

describeCircuitStoreContract('SqlCircuitStore on PGlite', async () => {
  const database = await openDatabase()
  const store = (): SqlCircuitStore =>
    new SqlCircuitStore({ database, pollIntervalMs: 10, commandTimeoutMs: 60_000 })
  // The database keeps its own time, so that this suite has to wait for it.
  return { stores: [store(), store()], pass: (ms) => sleep(ms), close: () => database.close() }
})

describeSharedRegistries('PGlite', async () => {
  const database = await openDatabase()
  return { database, close: () => database.close() }
})

it('a database that is gone is a store that gives no answer, and its listeners hear so once', async () => {
  const database = await openDatabase()
  const store = new SqlCircuitStore({ database, pollIntervalMs: 10, commandTimeoutMs: 60_000 })
  const told: string[] = []
  let isLost: () => void = () => undefined
  const lost = new Promise<void>((resolve) => {
    isLost = resolve
  })
  const subscription = store.subscribe({
    changed: () => undefined,
    subscribed: () => void told.push('subscribed'),
    lost: () => {
      told.push('lost')
      isLost()
    },
  })
  await expect.poll(() => told, { timeout: 60_000 }).toEqual(['subscribed'])
  await database.close()
  await lost
  await expect(store.read([])).rejects.toMatchObject({ code: 'KEY_VALUE_UNAVAILABLE', retryable: true })
  expect(told).toEqual(['subscribed', 'lost'])
  await subscription.close()
})

it.each([
  ['commandTimeoutMs', 0],
  ['pollIntervalMs', 9],
  ['retentionMs', 999],
  ['database', 0],
])('refuses %s of %d', (name, value) => {
  // Nothing is asked of it.
  const database = { query: vi.fn(), transaction: vi.fn() } as unknown as SqlDatabase
  const options = { database, [name]: value }
  expect(() => new SqlCircuitStore(options)).toThrow(invalidOption(name))
})
