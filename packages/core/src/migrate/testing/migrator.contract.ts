import { invalidOption } from '@golden-arch/testkit/options'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../../observability/index.ts'
import type { SqlDatabase, SqlExecutor } from '../../storage/index.ts'
import { Migrator } from '../migrator.ts'
import { migrationsOf } from './migration-files.ts'

/** An empty database, or an empty schema of one, and how to remove it. */
export interface EmptyDatabase {
  readonly database: SqlDatabase
  remove(): Promise<void>
}

const FIRST =
  '-- module: shop\nCREATE TABLE goods (id int PRIMARY KEY);\nINSERT INTO goods VALUES (1), (2);\n'
const SECOND = '-- module: shop\nALTER TABLE goods ADD COLUMN title text;\n'
const INDEX =
  '-- module: shop\n-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY goods_by_title ON goods (title);\n'
const OTHER = '-- module: ledger; requires: shop\nCREATE TABLE entries (id int PRIMARY KEY);\n'
const ALONE = '-- module: alone\nCREATE TABLE lonely (id int PRIMARY KEY);\n'
const FILES = {
  '001_goods.sql': FIRST,
  '002_title.sql': SECOND,
  '005_ledger.sql': OTHER,
  '006_alone.sql': ALONE,
}

/** A database in whose sessions something happens after each script. */
function whileScript(database: SqlDatabase, happens: () => void): SqlDatabase {
  const script = (executor: SqlExecutor): SqlExecutor['script'] => {
    return (text) => executor.script(text).finally(happens)
  }
  return {
    capabilities: database.capabilities,
    query: (text, values, options) => database.query(text, values, options),
    script: (text) => database.script(text),
    transaction: (run, options) => database.transaction(run, options),
    session: (run) =>
      database.session((session) =>
        run({
          scope: 'session',
          query: (text, values, options) => session.query(text, values, options),
          script: script(session),
          transaction: (work, options) =>
            session.transaction(
              (tx) =>
                work({ scope: 'transaction', query: (...args) => tx.query(...args), script: script(tx) }),
              options,
            ),
        }),
      ),
  }
}

/** What a migrator promises on any database. */
export function migratorContract(title: string, open: () => Promise<EmptyDatabase>): void {
  describe(`Migrator on ${title}`, () => {
    let empty: EmptyDatabase
    const migrator = (files: Readonly<Record<string, string>>): Migrator =>
      new Migrator({ database: empty.database, migrations: migrationsOf(files), lockTimeoutMs: 1000 })
    const tables = async (): Promise<readonly string[]> => {
      const { rows } = await empty.database.query<{ name: string }>(
        `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1`,
      )
      return rows.map(({ name }) => name)
    }

    beforeEach(async () => {
      empty = await open()
    })
    afterEach(() => empty.remove())

    test('applies each file once, in order, and a second run applies none', async () => {
      expect((await migrator(FILES).up()).applied.map(({ version }) => version)).toEqual([1, 2, 5, 6])
      expect(await tables()).toEqual(['entries', 'goods', 'lonely', 'schema_migrations'])
      expect((await migrator(FILES).up()).applied).toEqual([])
      const { records, pending, problems } = await migrator(FILES).status()
      expect(records.map(({ version, state, module }) => [version, state, module])).toEqual([
        [1, 'done', 'shop'],
        [2, 'done', 'shop'],
        [5, 'done', 'ledger'],
        [6, 'done', 'alone'],
      ])
      expect(records[0]).toMatchObject({ appliedAt: expect.any(Date), durationMs: expect.any(Number) })
      expect([pending, problems]).toEqual([[], []])
    })

    test('applies the modules asked for and what they require, and says which it added', async () => {
      const report = await migrator(FILES).up({ modules: ['ledger'] })
      expect(report).toMatchObject({ modules: ['ledger', 'shop'], includedModules: ['shop'] })
      expect(await tables()).toEqual(['entries', 'goods', 'schema_migrations'])
      await expect(migrator(FILES).up({ modules: ['nothing'] })).rejects.toMatchObject({
        code: 'MIGRATION_MODULE_UNKNOWN',
      })
      await expect(migrator(FILES).up({ modules: [] })).rejects.toEqual(
        invalidOption('modules', 'a list of at least one module'),
      )
    })

    test('a file that fails leaves nothing of itself, and what came before it stays', async () => {
      const broken = `-- module: shop\nINSERT INTO goods VALUES (3);\nCREATE TABLE half (id int);\nSELECT 1/0;\n`
      const failure = migrator({ ...FILES, '003_broken.sql': broken }).up()
      await expect(failure).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        retryable: false,
        details: { version: 3, name: 'broken' },
        cause: { details: { sqlState: '22012' } },
      })
      expect(await tables()).toEqual(['goods', 'schema_migrations'])
      expect((await empty.database.query('SELECT * FROM goods')).rowCount).toBe(2)
      expect((await migrator(FILES).up()).applied.map(({ version }) => version)).toEqual([5, 6])
    })

    test('refuses an edited, a missing and a late file, with both hashes, and applies nothing then', async () => {
      await migrator(FILES).up({ modules: ['shop'] })
      const edited = { ...FILES, '001_goods.sql': `${FIRST}-- edited\n` }
      const { '002_title.sql': _gone, ...without } = FILES
      const late = { ...FILES, '000000003_late.sql': '-- module: shop\nSELECT 1;\n' }
      const checksum = expect.stringMatching(/^[0-9a-f]{64}$/)
      const both = { fileChecksum: checksum, recordedChecksum: checksum }
      await expect(migrator(edited).up()).rejects.toMatchObject({ code: 'MIGRATION_DRIFT', details: both })
      await expect(migrator(edited).verify()).rejects.toMatchObject({
        code: 'MIGRATION_DRIFT',
        details: both,
      })
      await expect(migrator(without).up()).rejects.toMatchObject({
        code: 'MIGRATION_FILE_MISSING',
        details: { version: 2, fileChecksum: null, recordedChecksum: checksum },
      })
      await migrator({ ...FILES, '004_later.sql': '-- module: shop\nSELECT 2;\n' }).up({ modules: ['shop'] })
      const withLater = { ...late, '004_later.sql': '-- module: shop\nSELECT 2;\n' }
      await expect(migrator(withLater).up()).rejects.toMatchObject({
        code: 'MIGRATION_OUT_OF_ORDER',
        details: both,
      })
      expect(await tables()).toEqual(['goods', 'schema_migrations'])
      const allowed = await migrator(withLater).up({ modules: ['shop'], allowOutOfOrder: true })
      expect(allowed.applied.map(({ version }) => version)).toEqual([3])
    })

    test('status and verify write nothing, not even their own table', async () => {
      expect((await migrator(FILES).status()).pending).toHaveLength(4)
      expect((await migrator(FILES).verify()).problems).toEqual([])
      expect(await tables()).toEqual([])
    })

    test('a dry run runs what waits, leaves nothing, and lists what it could not try', async () => {
      const report = await migrator({ ...FILES, '003_index.sql': INDEX }).dryRun()
      expect(report.ran.map(({ version }) => version)).toEqual([1, 2, 5, 6])
      expect(report.notTried.map(({ version }) => version)).toEqual([3])
      expect(await tables()).toEqual([])
      const broken = { ...FILES, '007_broken.sql': '-- module: shop\nSELECT * FROM nowhere;\n' }
      await expect(migrator(broken).dryRun()).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        details: { version: 7 },
      })
      expect(await tables()).toEqual([])
    })

    test('a baseline records files without running them, and later files run', async () => {
      await empty.database.script(FIRST + SECOND)
      const report = await migrator(FILES).baseline({ through: 2 })
      expect(report.recorded.map(({ version }) => version)).toEqual([1, 2])
      expect((await migrator(FILES).up()).applied.map(({ version }) => version)).toEqual([5, 6])
      expect((await migrator(FILES).status()).records[0]).toMatchObject({ state: 'baseline' })
      await expect(migrator(FILES).baseline({ through: 77 })).rejects.toMatchObject({
        code: 'MIGRATION_VERSION_UNKNOWN',
      })
    })

    test('builds an index concurrently outside a transaction', async () => {
      const files = { ...FILES, '003_index.sql': INDEX }
      await migrator(files).up()
      expect((await migrator(files).status()).records[2]).toMatchObject({ version: 3, state: 'done' })
      const { rows } = await empty.database.query(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('goods_by_title')",
      )
      expect(rows).toEqual([{ indisvalid: true }])
    })

    test('a concurrent index that fails asks for repair, which drops what was left of it', async () => {
      const unique = INDEX.replace('CREATE INDEX', 'CREATE UNIQUE INDEX')
      const files = { ...FILES, '003_index.sql': unique }
      await migrator(FILES).up({ modules: ['shop'] })
      await empty.database.query("UPDATE goods SET title = 'same'")
      await expect(migrator(files).up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
      await expect(migrator(files).up()).rejects.toMatchObject({
        code: 'MIGRATION_INTERRUPTED',
        details: { version: 3 },
      })
      const { repaired } = await migrator(files).repair()
      expect(repaired).toMatchObject([{ version: 3, action: 'drop-and-forget' }])
      await empty.database.query('UPDATE goods SET title = id::text')
      expect((await migrator(files).up()).applied.map(({ version }) => version)).toEqual([3, 5, 6])
    })

    test('an index that is there already is refused before anything is recorded', async () => {
      await migrator(FILES).up({ modules: ['shop'] })
      await empty.database.script('CREATE INDEX goods_by_title ON goods (id)')
      const files = { ...FILES, '003_index.sql': INDEX }
      await expect(migrator(files).up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
      expect((await migrator(files).status()).problems).toEqual([])
    })

    test('repair asks for a verdict where the database shows nothing, and obeys it', async () => {
      const files = {
        ...FILES,
        '003_tidy.sql': '-- module: shop\n-- migrate:no-transaction\nVACUUM nowhere;\n',
      }
      await expect(migrator(files).up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED', retryable: false })
      await expect(migrator(files).repair()).rejects.toMatchObject({ code: 'MIGRATION_REPAIR_UNDECIDED' })
      const { repaired } = await migrator(files).repair({ verdicts: { 3: 'applied' } })
      expect(repaired).toMatchObject([{ version: 3, action: 'finish' }])
      expect((await migrator(files).up()).applied.map(({ version }) => version)).toEqual([5, 6])
    })

    test('repair takes an edited file for applied only where it is named', async () => {
      await migrator(FILES).up()
      const edited = { ...FILES, '001_goods.sql': `${FIRST}-- a better comment\n` }
      await migrator(edited).repair()
      await expect(migrator(edited).verify()).rejects.toMatchObject({ code: 'MIGRATION_DRIFT' })
      const accept = () => migrator(edited).repair({ acceptDrift: [1] })
      expect((await accept()).repaired).toMatchObject([{ version: 1, action: 'accept' }])
      expect((await migrator(edited).verify()).problems).toEqual([])
      expect((await accept()).repaired).toEqual([])
      await expect(migrator(edited).repair({ acceptDrift: [9] })).rejects.toMatchObject({
        code: 'MIGRATION_VERSION_UNKNOWN',
      })
    })

    test('settings that a file changes for its session are put back', async () => {
      const rude = "-- module: shop\nSET search_path TO pg_catalog;\nSET statement_timeout TO '77s';\n"
      const before = await empty.database.query("SELECT current_setting('search_path') AS path")
      await migrator({ '001_rude.sql': rude, '002_goods.sql': FIRST }).up()
      expect(await tables()).toEqual(['goods', 'schema_migrations'])
      const after = await empty.database.query("SELECT current_setting('search_path') AS path")
      expect(after.rows).toEqual(before.rows)
      const { rows } = await empty.database.query("SELECT current_setting('statement_timeout') AS limit")
      expect(rows).not.toEqual([{ limit: '77s' }])
    })

    test('any setting that a file changes is as it was for the next file and after the run', async () => {
      const rude = `-- module: shop
SET session_replication_role TO replica; SET check_function_bodies TO off; SET row_security TO off;
SET standard_conforming_strings TO off; SET TIME ZONE 'Asia/Tokyo';`
      const settings = `string_agg(current_setting(name), ' ' ORDER BY name)
  FROM unnest(ARRAY['session_replication_role', 'check_function_bodies', 'row_security', 'standard_conforming_strings',
    'TimeZone']) AS s (name)`
      const next = `-- module: shop\nCREATE TABLE seen AS SELECT ${settings}`
      const { rows: before } = await empty.database.query(`SELECT ${settings}`)
      await migrator({ '001_rude.sql': rude, '002_next.sql': next }).up()
      expect((await empty.database.query('SELECT * FROM seen')).rows).toEqual(before)
      expect((await empty.database.query(`SELECT ${settings}`)).rows).toEqual(before)
    })

    test('two runs at once of one migrator apply each file once', async () => {
      const one = migrator(FILES)
      const reports = await Promise.all([one.up(), one.up(), one.up()])
      expect(reports.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 4])
    })

    test('a file that lets go of the lock is the last of its run', async () => {
      const rude = '-- module: shop\nSELECT pg_advisory_unlock_all();'
      const alone = '-- module: shop\n-- migrate:no-transaction\nVACUUM;'
      const run = migrator({ '001_rude.sql': rude, '002_alone.sql': alone }).up()
      await expect(run).rejects.toMatchObject({ code: 'MIGRATION_LOCK_NOT_HELD' })
      const { records } = await migrator({ '001_rude.sql': rude, '002_alone.sql': alone }).status()
      expect(records.map(({ version, state }) => [version, state])).toEqual([[1, 'done']])
    })

    test('a logger that throws stops no run', async () => {
      const logger = new Proxy(silentLogger, {
        get: () => () => {
          throw new Error('full')
        },
      })
      const loud = new Migrator({ database: empty.database, migrations: migrationsOf(FILES), logger })
      expect((await loud.up()).applied).toHaveLength(4)
    })

    test('aborted between two files it puts the settings back and lets go of the lock', async () => {
      const controller = new AbortController()
      const logger = { ...silentLogger, info: () => controller.abort('enough') }
      const files = { '001_rude.sql': "-- module: shop\nSET TIME ZONE 'Asia/Tokyo'", '002_goods.sql': FIRST }
      const { rows: before } = await empty.database.query("SELECT current_setting('TimeZone') AS zone")
      const rude = new Migrator({ database: empty.database, migrations: migrationsOf(files), logger })
      await expect(rude.up({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
      expect(await tables()).toEqual(['schema_migrations'])
      expect((await empty.database.query("SELECT current_setting('TimeZone') AS zone")).rows).toEqual(before)
      const { rows: locks } = await empty.database.query(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
      )
      expect(locks).toEqual([])
    })

    test.each([FIRST, INDEX])('aborted during a file it runs the file to its end: %s', async (file) => {
      const controller = new AbortController()
      const database = whileScript(empty.database, () => controller.abort('enough'))
      const before = file === FIRST ? {} : { '001_goods.sql': FIRST, '002_title.sql': SECOND }
      await migrator(before).up()
      const files = { ...before, '003_file.sql': file, '004_next.sql': ALONE }
      const aborted = new Migrator({ database, migrations: migrationsOf(files) })
      await expect(aborted.up({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
      const { records, pending, problems } = await migrator(files).status()
      expect(records.at(-1)).toMatchObject({ version: 3, state: 'done' })
      expect([pending.map(({ version }) => version), problems]).toEqual([[4], []])
    })

    test('a dry run aborted during a file says so, and blames no file', async () => {
      const controller = new AbortController()
      const database = whileScript(empty.database, () => controller.abort('enough'))
      const aborted = new Migrator({ database, migrations: migrationsOf(FILES) })
      await expect(aborted.dryRun({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
      expect(await tables()).toEqual([])
    })

    test('a repair aborted while it drops an index records that it did', async () => {
      const files = { ...FILES, '003_index.sql': INDEX.replace('CREATE INDEX', 'CREATE UNIQUE INDEX') }
      await migrator(FILES).up({ modules: ['shop'] })
      await empty.database.query("UPDATE goods SET title = 'same'")
      await expect(migrator(files).up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
      const controller = new AbortController()
      const database = whileScript(empty.database, () => controller.abort('enough'))
      const aborted = new Migrator({ database, migrations: migrationsOf(files) })
      await aborted.repair({ signal: controller.signal })
      const { records, problems } = await migrator(files).status()
      expect([records.map(({ version }) => version), problems]).toEqual([[1, 2], []])
    })

    test('repair takes no verdict but the two, and no version that is no number', async () => {
      const hostile = [
        ['verdicts.1', { verdicts: { 1: 'maybe' } }],
        ['verdicts.1', { verdicts: { 1: 'toString' } }],
        ['acceptDrift', { acceptDrift: [Number.NaN] }],
        ['acceptDrift', { acceptDrift: '12' }],
      ] as const
      for (const [option, options] of hostile) {
        // What a caller without types may pass.
        const call = migrator(FILES).repair(options as object)
        await expect(call).rejects.toEqual(invalidOption(option))
      }
    })

    test('an aborted call runs no file', async () => {
      const call = migrator(FILES).up({ signal: AbortSignal.abort('enough') })
      await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
      expect(await tables()).toEqual([])
    })
  })
}
