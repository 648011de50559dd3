import { describeWithService, randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PgDatabase, type SqlDatabase, type SqlExecutor } from '../storage/index.ts'
import { Migrator } from './migrator.ts'
import { migrationsOf } from './testing/migration-files.ts'
import { openSchema, type SchemaDatabase } from './testing/postgres-schema-database.ts'

const SHOP = `-- module: shop
CREATE TABLE goods (id int GENERATED ALWAYS AS IDENTITY, title text);
CREATE TABLE old_name (id int);
ALTER TABLE old_name RENAME TO new_name;
CREATE SEQUENCE numbers;
CREATE VIEW titles AS SELECT title FROM goods;
`
const LOG = `-- module: log
CREATE TABLE log (line text);
CREATE FUNCTION log_grant_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('GRANT INSERT ON log TO %I', role_name); END $$;
`
const LATER = '-- module: shop\nCREATE TABLE later (id int);\n'

describeWithService('postgres', 'rights for an application', (address) => {
  const role = randomName('Application').replaceAll('-', '_')
  let schema: SchemaDatabase
  let database: SqlDatabase

  beforeEach(async () => {
    schema = await openSchema(address)
    database = schema.database
    await database.query(`CREATE ROLE "${role}"`)
  })
  afterEach(async () => {
    await database.query(`DROP OWNED BY "${role}"`)
    await database.query(`DROP ROLE "${role}"`)
    await schema.remove()
  })

  const up = (files: Readonly<Record<string, string>>, grantTo = role) =>
    new Migrator({ database, migrations: migrationsOf(files) }).up({ grantTo })
  const asApplication = <T>(run: (executor: SqlExecutor) => Promise<T>): Promise<T> =>
    database.transaction(async (tx) => {
      await tx.query(`SET LOCAL ROLE "${role}"`)
      return run(tx)
    })
  const refused = (sql: string) =>
    expect(
      asApplication((tx) => tx.query(sql)),
      sql,
    ).rejects.toMatchObject({ details: { sqlState: '42501' } })

  it('are to read and to write rows, and to change the shape of nothing', async () => {
    await database.script('CREATE TABLE of_somebody_else (id int)')
    const report = await up({ '001_shop.sql': SHOP, '002_log.sql': LOG })
    expect(report).toMatchObject({ grantedTo: role, applied: [{ version: 1 }, { version: 2 }] })
    const seen = await asApplication(async (tx) => {
      await tx.query("INSERT INTO goods (title) VALUES ('tea')")
      await tx.query("UPDATE goods SET title = 'green tea'")
      await tx.query('INSERT INTO new_name VALUES (1)')
      await tx.query('DELETE FROM new_name')
      await tx.query("SELECT nextval('numbers')")
      await tx.query("INSERT INTO log VALUES ('sold')")
      await tx.query('SELECT version FROM schema_migrations')
      return (await tx.query('SELECT title FROM titles')).rows
    })
    expect(seen).toEqual([{ title: 'green tea' }])
    for (const sql of [
      'SELECT * FROM log',
      'DELETE FROM log',
      'SELECT * FROM of_somebody_else',
      'DELETE FROM schema_migrations',
      'DROP TABLE goods',
      'ALTER TABLE goods ADD COLUMN price int',
      'TRUNCATE goods',
      'CREATE TABLE intruder (id int)',
    ])
      await refused(sql)
  })

  it('reach the numbers that a column draws by itself, and tables of a schema that the files made', async () => {
    const store = randomName('store').replaceAll('-', '_')
    const files = {
      '001_shop.sql': `-- module: shop
CREATE TABLE orders (id bigserial, title text);
CREATE SCHEMA ${store};
CREATE TABLE ${store}.shelves (id serial);
ALTER TABLE ${store}.shelves RENAME TO racks;
CREATE TABLE racks (id int);
`,
    }
    try {
      await up(files)
      await asApplication(async (tx) => {
        await tx.query("INSERT INTO orders (title) VALUES ('tea')")
        await tx.query(`INSERT INTO ${store}.racks DEFAULT VALUES`)
      })
      await refused(`CREATE TABLE ${store}.intruder (id int)`)
      await refused("SELECT setval('orders_id_seq', 1)")
    } finally {
      await database.query(`DROP SCHEMA IF EXISTS ${store} CASCADE`)
    }
  })

  it('come with each release, for what it brought', async () => {
    await up({ '001_shop.sql': SHOP })
    await new Migrator({
      database,
      migrations: migrationsOf({ '001_shop.sql': SHOP, '003_later.sql': LATER }),
    }).up()
    await refused('SELECT * FROM later')
    expect(await up({ '001_shop.sql': SHOP, '003_later.sql': LATER })).toMatchObject({ applied: [] })
    await asApplication((tx) => tx.query('SELECT * FROM later'))
  })

  it('reach nothing of the same name in another schema of the search path', async () => {
    const other = await openSchema(address)
    const pool = new pg.Pool({
      connectionString: address,
      options: `-c search_path=${schema.name},${other.name}`,
    })
    try {
      await other.database.script(`CREATE TABLE old_name (secret text);
        CREATE FUNCTION shop_grant_application(role_name text) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'run with the rights of the owner'; END $$;`)
      const migrator = new Migrator({
        database: new PgDatabase({ pool }),
        migrations: migrationsOf({ '001_shop.sql': SHOP }),
      })
      await migrator.up({ grantTo: role })
      await refused(`SELECT secret FROM ${other.name}.old_name`)
      await asApplication((tx) => tx.query('SELECT title FROM goods'))
    } finally {
      await pool.end()
      await other.remove()
    }
  })

  it('are refused to a role that is not there, and what was applied stays', async () => {
    await expect(up({ '001_shop.sql': SHOP }, 'nobody_here')).rejects.toMatchObject({
      code: 'MIGRATION_ROLE_UNKNOWN',
      details: { role: 'nobody_here' },
    })
    await expect(up({ '001_shop.sql': SHOP }, '')).rejects.toEqual(invalidOption('grantTo'))
    expect(await up({ '001_shop.sql': SHOP })).toMatchObject({ applied: [], grantedTo: role })
  })
})
