import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { emptyPglite } from '@golden-arch/testkit/pglite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PgliteDatabase } from '../storage/index.ts'
import { runMigrateCli } from './cli.ts'
import { readMigrateArguments } from './cli-arguments.ts'

describe('the migration command', () => {
  let folder: TemporaryFolder
  let database: PgliteDatabase
  let closed = 0
  let addresses: string[] = []

  beforeAll(async () => {
    folder = await temporaryFolder('migrations')
    database = await PgliteDatabase.open({ create: emptyPglite })
    await writeFile(join(folder.path, '001_goods.sql'), '-- module: shop\nCREATE TABLE goods (id int);\n')
    await writeFile(
      join(folder.path, '002_entries.sql'),
      '-- module: ledger\nCREATE TABLE entries (id int);\n',
    )
  })
  afterAll(async () => {
    await database.close()
    await folder.remove()
  })

  const run = async (
    argv: readonly string[],
    environment: Record<string, string> = { DATABASE_URL: 'db://secret' },
  ) => {
    const said: string[] = []
    const exitCode = await runMigrateCli({
      argv: [...argv, '--folder', folder.path],
      environment,
      say: (line) => said.push(line),
      complain: (line) => said.push(line),
      connect: async (address) => {
        addresses.push(address)
        return { database, close: async () => void closed++ }
      },
    })
    return { exitCode, said }
  }

  test('goes through status, dry run, up, verify and a refusal, and lets go of each connection', async () => {
    addresses = []
    closed = 0
    expect(await run(['status', '--module', 'shop'])).toEqual({
      exitCode: 0,
      said: ['pending 001 goods (shop)', '1 pending'],
    })
    expect((await run(['dry-run'])).said.at(-1)).toBe('2 would be applied')
    expect((await run(['up', '--dry-run'])).said.at(-1)).toBe('2 would be applied')
    expect((await run(['baseline', '--through', '1', '--module', 'shop'])).said).toEqual([
      'recorded 001 goods (shop)',
      '1 recorded',
    ])
    expect(await run(['up'])).toEqual({ exitCode: 0, said: ['applied 002 entries (ledger)', '1 applied'] })
    expect((await run(['up', '--grant-to', 'postgres'])).said.at(-1)).toBe('rights granted to postgres')
    expect(await run(['up', '--grant-to', 'nobody'])).toMatchObject({
      exitCode: 1,
      said: [expect.stringMatching(/^MIGRATION_ROLE_UNKNOWN: /)],
    })
    expect(await run(['verify'])).toMatchObject({ exitCode: 0 })
    await writeFile(
      join(folder.path, '002_entries.sql'),
      '-- module: ledger\nCREATE TABLE entries (id bigint);\n',
    )
    expect(await run(['verify'])).toMatchObject({ exitCode: 1 })
    const refused = await run(['up'])
    expect(refused).toMatchObject({ exitCode: 1, said: [expect.stringMatching(/^MIGRATION_DRIFT: /)] })
    expect(refused.said.join()).not.toContain('secret')
    expect(await run(['repair', '--accept-drift', '2'])).toEqual({
      exitCode: 0,
      said: [
        expect.stringMatching(/^accept 002 entries \(ledger\): the file is [0-9a-f]{64} now$/),
        '1 repaired',
      ],
    })
    expect(await run(['verify'])).toMatchObject({ exitCode: 0 })
    expect(closed).toBe(addresses.length)
  })

  test('takes the address from a file where it is told to', async () => {
    const file = join(folder.path, 'address')
    await writeFile(file, 'db://from-a-file\n')
    addresses = []
    expect((await run(['status'], { DATABASE_URL_FILE: file })).exitCode).toBe(0)
    expect(addresses).toEqual(['db://from-a-file'])
  })

  test.each([{}, { DATABASE_URL: '' }, { DATABASE_URL: ' \n' }, { DATABASE_URL_FILE: '' }])(
    'with no address, as in %j, it says how it is used and connects to nothing',
    async (environment) => {
      addresses = []
      expect(await run(['status'], environment)).toMatchObject({
        exitCode: 2,
        said: [expect.anything(), expect.stringContaining('usage:')],
      })
      expect(addresses).toEqual([])
    },
  )

  test('an empty file of an address connects to nothing', async () => {
    const file = join(folder.path, 'empty')
    await writeFile(file, '\n')
    addresses = []
    expect(await run(['status'], { DATABASE_URL_FILE: file })).toMatchObject({ exitCode: 1 })
    expect(addresses).toEqual([])
  })

  test('a connection that cannot be closed does not hide what went wrong before', async () => {
    const complaints: string[] = []
    const exitCode = await runMigrateCli({
      argv: ['up', '--folder', folder.path, '--module', 'nowhere'],
      environment: { DATABASE_URL: 'db://secret' },
      say: () => undefined,
      complain: (line) => complaints.push(line),
      connect: async () => ({ database, close: () => Promise.reject(new Error('not closed')) }),
    })
    expect([exitCode, complaints]).toEqual([
      1,
      ['Error: not closed', expect.stringMatching(/^MIGRATION_MODULE_UNKNOWN: /)],
    ])
  })

  test.each([
    [[]],
    [['down']],
    [['up', 'status']],
    [['up', '--through', '3']],
    [['baseline']],
    [['baseline', '--through', 'x']],
    [['up', '--verdict', '3=applied']],
    [['repair', '--verdict', '3=maybe']],
    [['up', '--unknown']],
    [['status', '--dry-run']],
    [['status', '--grant-to', 'app']],
    [['up', '--dry-run', '--grant-to', 'app']],
  ])('does not run %j', (argv) => {
    expect(readMigrateArguments([...argv, '--folder', 'f'])).toMatchObject({ ok: false })
  })

  test('needs a folder, unless its caller has migrations of its own', () => {
    expect(readMigrateArguments(['up'])).toMatchObject({ ok: false })
    expect(readMigrateArguments(['up'], { isFolderOptional: true })).toMatchObject({ ok: true })
  })
})
