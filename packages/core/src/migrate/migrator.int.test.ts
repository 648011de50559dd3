import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeWithService, randomName, type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SqlDatabase, SqlSession } from '../storage/index.ts'
import { systemClock } from '../time/index.ts'
import { MigrationLedger } from './migration-ledger.ts'
import { MigrationLock } from './migration-lock.ts'
import { Migrator } from './migrator.ts'
import { startMigrate } from './testing/migrate-process.ts'
import { migrationsOf } from './testing/migration-files.ts'
import { migratorContract } from './testing/migrator.contract.ts'
import { openSchema, type SchemaDatabase } from './testing/postgres-schema-database.ts'
import { repositoryMigrationsContract } from './testing/repository-migrations.contract.ts'

const GOODS = '-- module: shop\nCREATE TABLE goods (id int);\nINSERT INTO goods VALUES (1);\n'
const TITLE = '-- module: shop\nALTER TABLE goods ADD COLUMN title text;\n'
const INDEX =
  '-- module: shop\n-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY goods_by_id ON goods (id);\n'
/** Sleeps for ten minutes unless there is a table `awake`. */
const SLEEPY =
  '-- module: shop\nCREATE TABLE half (id int);\n' +
  "DO $$ BEGIN IF to_regclass('awake') IS NULL THEN PERFORM pg_sleep(600); END IF; END $$;\n"

describeWithService('postgres', 'migrations on a server', (address) => {
  migratorContract('PostgreSQL', () => openSchema(address))
  repositoryMigrationsContract('PostgreSQL', () => openSchema(address))

  let schema: SchemaDatabase
  let folder: TemporaryFolder

  beforeEach(async () => {
    schema = await openSchema(address)
    folder = await temporaryFolder('migrations')
  })
  afterEach(async () => {
    await schema.remove()
    await folder.remove()
  })

  const write = (fileName: string, text: string): Promise<void> =>
    writeFile(join(folder.path, fileName), text)
  const exists = async (name: string): Promise<boolean> =>
    (await schema.database.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [name])).rowCount === 1
  const soon = (check: () => Promise<void>): Promise<void> =>
    vi.waitFor(check, { timeout: 20_000, interval: 50 })

  test('ten processes at once apply each file once', async () => {
    await write('001_goods.sql', `${GOODS}SELECT pg_sleep(0.2);\n`)
    await write('002_more.sql', '-- module: shop\nINSERT INTO goods VALUES (2);\n')
    await write('003_index.sql', INDEX)
    const url = schema.addressFor(randomName('racer'))
    const runners = Array.from({ length: 10 }, () => startMigrate(url, 'up', '--folder', folder.path))
    const ends = await Promise.all(runners.map(({ ended }) => ended))
    expect(ends.filter(({ exitCode }) => exitCode !== 0)).toEqual([])
    expect(ends.map(({ output }) => output.trim().split('\n').at(-1)).sort()).toEqual([
      ...Array.from({ length: 9 }, () => '0 applied'),
      '3 applied',
    ])
    expect((await schema.database.query('SELECT id FROM goods ORDER BY id')).rows).toEqual([
      { id: 1 },
      { id: 2 },
    ])
  }, 120_000)

  test('a runner killed in the middle of a file leaves nothing half applied, and the next one completes', async () => {
    await write('001_sleepy.sql', SLEEPY)
    const name = randomName('killed')
    const { child, ended } = startMigrate(schema.addressFor(name), 'up', '--folder', folder.path)
    await soon(async () => {
      const text = "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'PgSleep'"
      expect((await schema.database.query(text, [name])).rowCount).toBe(1)
    })
    child.kill('SIGKILL')
    expect((await ended).exitCode).toBe(null)
    expect(await exists('half')).toBe(false)
    await schema.database.script('CREATE TABLE awake (id int)')
    const next = await startMigrate(schema.addressFor(name), 'up', '--folder', folder.path).ended
    expect(next).toMatchObject({ exitCode: 0, output: expect.stringContaining('1 applied') })
    expect(await exists('half')).toBe(true)
  }, 60_000)

  test('a runner killed while it builds an index is repaired, and the next one completes', async () => {
    await write('001_goods.sql', GOODS)
    const name = randomName('killed')
    const run = (...argv: readonly string[]) =>
      startMigrate(schema.addressFor(name), ...argv, '--folder', folder.path)
    await run('up').ended
    await write('002_index.sql', INDEX)
    await schema.database.transaction(async (tx) => {
      // The build waits for the end of this transaction, which has written to its table.
      await tx.query('INSERT INTO goods VALUES (2)')
      const { child, ended } = run('up')
      await soon(async () => {
        const text = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('goods_by_id') AND NOT indisvalid"
        expect((await tx.query(text)).rowCount).toBe(1)
      })
      child.kill('SIGKILL')
      await ended
      await soon(async () => {
        const text =
          'SELECT pg_stat_clear_snapshot(), count(*)::int AS alive FROM pg_stat_activity WHERE application_name = $1'
        expect((await tx.query<{ alive: number }>(text, [name])).rows[0]?.alive).toBe(0)
      })
    })
    const refused = await run('up').ended
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining('MIGRATION_INTERRUPTED') })
    const repaired = await run('repair').ended
    expect(repaired).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('drop-and-forget 002 index'),
    })
    expect(await run('up').ended).toMatchObject({ exitCode: 0, output: expect.stringContaining('1 applied') })
    expect(await run('verify').ended).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('0 pending'),
    })
  }, 120_000)

  test('a runner that waits longer than allowed for another gives up with a retryable error', async () => {
    const migrator = new Migrator({
      database: schema.another(),
      migrations: migrationsOf({ '001_goods.sql': GOODS }),
      lockWaitMs: 60,
    })
    await schema.database.session(async (holder) => {
      const lock = new MigrationLock((await MigrationLedger.of(holder)).schema)
      await lock.hold(holder, { lockWaitMs: 0, clock: systemClock, closing: holder }, async () => {
        await expect(migrator.up()).rejects.toMatchObject({
          code: 'MIGRATION_LOCK_TIMEOUT',
          retryable: true,
        })
      })
    })
    expect((await migrator.up()).applied).toHaveLength(1)
  })

  test('a migration does not queue behind a long transaction, and can be tried again', async () => {
    const migrator = new Migrator({
      database: schema.another(),
      migrations: migrationsOf({ '001_goods.sql': GOODS, '002_title.sql': TITLE }),
      lockTimeoutMs: 50,
    })
    await schema.database.script('CREATE TABLE goods (id int)')
    await migrator.baseline({ through: 1 })
    await schema.database.transaction(async (tx) => {
      await tx.query('SELECT * FROM goods')
      await expect(migrator.up()).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        retryable: true,
        cause: { code: 'LOCK_TIMEOUT' },
      })
    })
    expect((await migrator.up()).applied).toHaveLength(1)
  })

  test('behind a pooler that moves a session between connections nothing is run', async () => {
    const migrations = migrationsOf({ '001_goods.sql': GOODS })
    const database = movingSessions(schema.database, schema.another())
    const migrator = new Migrator({ database, migrations })
    await expect(migrator.up()).rejects.toMatchObject({ code: 'MIGRATION_LOCK_NOT_HELD' })
    expect(await exists('goods')).toBe(false)
  })
})

/** A database whose sessions send each statement over another connection, as a pooler in transaction mode may. */
function movingSessions(one: SqlDatabase, other: SqlDatabase): SqlDatabase {
  const session: SqlDatabase['session'] = (run) =>
    one.session((first) =>
      other.session((second) => {
        let count = 0
        const next = (): SqlSession => (count++ % 2 === 0 ? first : second)
        return run({
          scope: 'session',
          query: (...call) => next().query(...call),
          script: (...call) => next().script(...call),
          transaction: (...call) => next().transaction(...call),
        })
      }),
    )
  return {
    capabilities: one.capabilities,
    query: (...call) => one.query(...call),
    script: (...call) => one.script(...call),
    transaction: (...call) => one.transaction(...call),
    session,
  }
}
