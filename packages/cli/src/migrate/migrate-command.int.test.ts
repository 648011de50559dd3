import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeWithService, type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { openPostgresOfATest, type PostgresOfATest } from '../testing/postgres-of-a-test.ts'

describeWithService('postgres', 'golden-arch migrate', (address) => {
  let postgres: PostgresOfATest
  let folder: TemporaryFolder

  beforeEach(async () => {
    postgres = await openPostgresOfATest(address)
    folder = await temporaryFolder('cli-migrate')
    await writeFile(join(folder.path, '001_goods.sql'), '-- module: shop\nCREATE TABLE goods (id int);\n')
    await writeFile(
      join(folder.path, '002_entries.sql'),
      '-- module: ledger\nCREATE TABLE entries (id int);\n',
    )
  })
  afterEach(async () => {
    await postgres.close()
    await folder.remove()
  })

  const migrate = (...words: readonly string[]) =>
    callCli(['migrate', ...words], { environment: { DATABASE_URL: postgres.url } })
  const own = () => ['--folder', folder.path]

  test('takes the migrations of the installed packages, one module with what it requires', async () => {
    const { exitCode, document } = await migrate('status', '--module', 'messaging', '--json')
    expect(exitCode).toBe(0)
    expect(document).toMatchObject({
      command: 'migrate',
      ok: true,
      exitCode: 0,
      result: { action: 'status', records: [], problems: [] },
    })
    expect(document.result.modules).toContain('messaging')
    expect(document.result.modules).not.toContain('budget')
    expect(document.result.pending.map((one: { name: string }) => one.name)).toContain('messaging')
  })

  test("the packages are the application's own, and those that only its packages see", async () => {
    const app = join(folder.path, 'app')
    const budget = join(app, 'node_modules', '@golden-arch', 'budget')
    const core = join(budget, 'node_modules', '@golden-arch', 'core')
    for (const [path, name, file] of [
      [budget, '@golden-arch/budget', '002_b.sql'],
      [core, '@golden-arch/core', '001_a.sql'],
    ] as const) {
      await mkdir(join(path, 'migrations'), { recursive: true })
      await writeFile(join(path, 'package.json'), JSON.stringify({ name }))
      await writeFile(join(path, 'migrations', file), `-- module: ${file.slice(4, 5)}\nSELECT 1;\n`)
    }
    const { document } = await callCli(['migrate', 'status', '--json'], {
      folder: app,
      environment: { DATABASE_URL: postgres.url },
    })
    expect(document.result.pending).toEqual([
      { version: 1, name: 'a', module: 'a' },
      { version: 2, name: 'b', module: 'b' },
    ])
  })

  test('without packages and folders there is nothing to migrate', async () => {
    const { exitCode, document } = await callCli(['migrate', 'up', '--json'], {
      folder: folder.path,
      environment: { DATABASE_URL: postgres.url },
    })
    expect(exitCode).toBe(1)
    expect(document.error).toMatchObject({
      code: 'MIGRATIONS_NOT_FOUND',
      message: expect.stringContaining('@golden-arch/budget'),
    })
  })

  test('goes through a dry run, up, verify, drift and repair', async () => {
    expect((await migrate('up', '--dry-run', ...own())).said.at(-1)).toBe('2 would be applied')
    expect((await migrate('status', ...own())).said.at(-1)).toBe('2 pending')
    const up = await migrate('up', '--json', ...own())
    expect(up.exitCode).toBe(0)
    expect(up.document.result).toMatchObject({
      action: 'up',
      applied: [
        { version: 1, name: 'goods', module: 'shop', durationMs: expect.any(Number) },
        { version: 2, name: 'entries', module: 'ledger', durationMs: expect.any(Number) },
      ],
    })
    expect((await migrate('verify', ...own())).exitCode).toBe(0)

    await writeFile(
      join(folder.path, '002_entries.sql'),
      '-- module: ledger\nCREATE TABLE entries (id bigint);\n',
    )
    const drifted = await migrate('verify', '--json', ...own())
    expect(drifted.exitCode).toBe(1)
    expect(drifted.document).toMatchObject({
      ok: false,
      exitCode: 1,
      result: { problems: [{ code: 'MIGRATION_DRIFT' }] },
    })
    const refused = await migrate('up', ...own())
    expect(refused).toMatchObject({ exitCode: 1, said: [] })
    expect(refused.complaints).toMatch(/^MIGRATION_DRIFT: /)
    expect(await migrate('repair', '--accept-drift', '2', ...own())).toMatchObject({
      exitCode: 0,
      said: [expect.stringContaining('accept 002 entries (ledger)'), '1 repaired'],
    })
    expect((await migrate('verify', ...own())).exitCode).toBe(0)
  })

  test('a role that owns nothing is told who migrates', async () => {
    await postgres.database.script(
      `DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO pg_monitor', current_schema()); END $$`,
    )
    const url = new URL(postgres.url)
    url.searchParams.set('options', `${url.searchParams.get('options')} -c role=pg_monitor`)
    const environment = { DATABASE_URL: url.href }
    const { exitCode, complaints } = await callCli(['migrate', 'up', ...own()], { environment })
    expect(exitCode).toBe(1)
    expect(complaints).toMatch(
      /permission denied .*\nDATABASE_URL names a role that may not: the owner of the tables migrates/,
    )
  })

  test('the configuration names folders and modules', async () => {
    const config = { migrations: { folders: ['.'], modules: ['shop'] } }
    await migrate('up', ...own())
    const file = join(folder.path, 'golden-arch.config.json')
    await writeFile(file, JSON.stringify(config))
    const { document } = await migrate('status', '--json', '--config', file)
    expect(document.result).toMatchObject({ modules: ['shop'], records: [{ name: 'goods' }] })
  })

  test('a terminal sees what is being done, and no trace of it stays', async () => {
    const { complaints } = await callCli(['migrate', 'status', ...own()], {
      environment: { DATABASE_URL: postgres.url },
      isTty: true,
    })
    expect(complaints).toContain('connecting to PostgreSQL')
    expect(complaints.endsWith('\r\u001b[2K')).toBe(true)
  })

  test('a signal that has fired stops it before anything is done', async () => {
    const call = { environment: { DATABASE_URL: postgres.url }, signal: AbortSignal.abort() }
    expect((await callCli(['migrate', 'up', ...own()], call)).exitCode).toBe(130)
  })
})

test('no database: the place is named, the password is not, and the exit code says it', async () => {
  const environment = { DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/x' }
  const { exitCode, document } = await callCli(['migrate', 'status', '--json'], { environment })
  expect(exitCode).toBe(3)
  expect(document).toMatchObject({
    command: 'migrate',
    ok: false,
    exitCode: 3,
    error: {
      code: 'DEPENDENCY_UNREACHABLE',
      retryable: true,
      details: { dependency: 'postgres', place: '127.0.0.1:1' },
    },
  })
  expect(JSON.stringify(document)).not.toContain('hunter2')
})

test.each([
  [['migrate'], 'USAGE', 'give one command of status, up, '],
  [['migrate', 'down'], 'USAGE', 'received down'],
  [['migrate', 'up', '--unknown'], 'USAGE', "'--unknown'"],
  [['migrate', 'status'], 'ADDRESS_MISSING', 'set DATABASE_URL, DATABASE_URL_FILE, or databaseUrl'],
  [
    ['migrate', 'status', '--config', 'no-such-file.json'],
    'CONFIG_INVALID',
    'no-such-file.json: cannot be read',
  ],
])('%j is not understood: %s %s', async (argv, code, message) => {
  const { exitCode, document } = await callCli([...argv, '--json'])
  expect(exitCode).toBe(2)
  expect(document.error).toMatchObject({ code, message: expect.stringContaining(message) })
})
