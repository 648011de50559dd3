import { open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type BackupScene, openBackupScene } from './backup-scene.ts'
import { holdTable, killChild, migrate } from './backup-states.ts'
import { describeWithClients } from './describe-with-clients.ts'

describeWithClients('a restore', () => {
  let scene: BackupScene
  let role: string
  let backup: string
  let bytes: Buffer
  let sum: string
  /** Empty before each test. */
  let target = ''

  beforeAll(async () => {
    scene = await openBackupScene()
    const database = await scene.newDatabase()
    await migrate(database)
    role = await scene.newRole()
    await scene.ask(`GRANT SELECT ON tasks TO ${role}`, database)
    expect(await (await scene.backUp(database)).end).toMatchObject({ code: 0 })
    const [name = ''] = await scene.names()
    backup = join(scene.folder, name)
    bytes = await readFile(backup)
    sum = await readFile(`${backup}.sha256`, 'utf8')
  })
  afterAll(() => scene.close())
  afterEach(() => scene.hangUp())

  beforeEach(async () => {
    await writeFile(backup, bytes)
    await writeFile(`${backup}.sha256`, sum)
    if (target === '' || (await tables()) > 0) target = await scene.newDatabase('heir')
  })

  const tables = async (): Promise<number> => {
    const rows = await scene.ask<{ count: string }>(
      "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
      target,
    )
    return Number(rows[0]?.count)
  }

  it('brings everything back, rights too, with statistics for the planner', async () => {
    expect(await (await scene.restore(target)).end).toMatchObject({ code: 0 })
    const rows = await scene.ask(
      `SELECT has_table_privilege('${role}', 'tasks', 'SELECT') AS reads,
              EXISTS (SELECT 1 FROM pg_stats WHERE tablename = 'schema_migrations') AS is_analysed,
              pg_get_userbyid(relowner) = '${new URL(target).username}' AS is_owned
         FROM pg_class WHERE oid = 'tasks'::regclass`,
      target,
    )
    expect(rows).toEqual([{ reads: true, is_analysed: true, is_owned: true }])
  })

  it.each([
    ['cut off', () => truncate(backup, bytes.length - 1)],
    ['with one bit flipped', flipBit],
    ['without its checksum', () => rm(`${backup}.sha256`)],
    ['with the checksum of another', beSwapped],
    ['with a checksum of nothing', () => writeFile(`${backup}.sha256`, '')],
  ])('refuses a backup %s, and changes nothing', async (_case, spoil) => {
    await spoil()
    expect(await (await scene.restore(target)).end).toMatchObject({ code: 3 })
    expect(await tables()).toBe(0)
  })

  async function flipBit(): Promise<void> {
    const file = await open(backup, 'r+')
    const place = Math.floor(bytes.length / 2)
    await file.write(Buffer.from([(bytes[place] ?? 0) ^ 1]), 0, 1, place)
    await file.close()
  }

  /** The checksum is right, of a backup beside this one. */
  async function beSwapped(): Promise<void> {
    await writeFile(join(scene.folder, 'other.dump'), bytes)
    await writeFile(`${backup}.sha256`, sum.replace(/golden\S+/, 'other.dump'))
    await truncate(backup, bytes.length - 1)
  }

  it.each([
    ['TABLE orders', '(id int)'],
    ['SCHEMA shop', ''],
    ['VIEW shop.lines', 'AS SELECT 1', 'CREATE SCHEMA shop', 'DROP SCHEMA shop'],
    ['FUNCTION one()', 'RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
    ['TYPE mood', "AS ENUM ('calm')"],
  ])(
    'refuses a database that has the %s, and changes nothing',
    async (thing, rest, before = '', after = '') => {
      if (before !== '') await scene.ask(before, target)
      await scene.ask(`CREATE ${thing} ${rest}`, target)
      const { code, output } = await (await scene.restore(target)).end
      const name = thing.replace(/.*[ .]|\(.*/g, '')
      expect([code, output]).toEqual([4, expect.stringMatching(`not empty, it has .*${name}`)])
      // It is still there, and it alone.
      await scene.ask(`DROP ${thing}`, target)
      if (after !== '') await scene.ask(after, target)
      expect(await tables()).toBe(0)
    },
  )

  it('takes a database for empty that has but what an extension brought', async () => {
    await scene.ask('CREATE EXTENSION pgcrypto', target)
    expect(await (await scene.restore(target)).end).toMatchObject({ code: 0 })
  })

  it('that fails at its end has changed nothing, and succeeds once the reason is gone', async () => {
    await scene.ask(`ALTER ROLE ${role} RENAME TO ${role}_away`)
    const { code, output } = await (await scene.restore(target)).end
    await scene.ask(`ALTER ROLE ${role}_away RENAME TO ${role}`)
    expect([code, output]).toEqual([1, expect.stringContaining(`role "${role}" does not exist`)])
    expect(await tables()).toBe(0)
    expect(await (await scene.restore(target)).end).toMatchObject({ code: 0 })
  })

  it('that is killed on its way has changed nothing', async () => {
    // Triggers come after the rows.
    const held = await holdTable(scene, {
      table: 'pg_catalog.pg_trigger',
      address: target,
      program: 'pg_restore',
    })
    const run = await scene.restore(target)
    await held.isWaitedFor()
    killChild(run.child)
    expect(await run.end).toMatchObject({ code: 1 })
    await held.release()
    expect(await tables()).toBe(0)
    expect(await (await scene.restore(target)).end).toMatchObject({ code: 0 })
  })

  it('says what there is where it is told of no backup', async () => {
    const { code, output } = await (await scene.restore(target, { BACKUP: 'golden-architecture-1.dump' })).end
    expect([code, output]).toEqual([2, expect.stringContaining(backup.slice(scene.folder.length + 1))])
    expect(await (await scene.restore(target, { BACKUP: '../x.dump' })).end).toMatchObject({ code: 2 })
    await rename(backup, join(scene.folder, 'away'))
    expect(await (await scene.restore(target)).end).toMatchObject({ code: 2 })
    await rename(join(scene.folder, 'away'), backup)
    expect(await (await scene.restore(`${target}x`)).end).toMatchObject({ code: 1 })
    expect(await tables()).toBe(0)
  })
})
