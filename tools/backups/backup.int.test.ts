import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type BackupScene, openBackupScene } from './backup-scene.ts'
import { emptyFolder, holdTable, killChild, migrate, oldBackup, readable } from './backup-states.ts'
import { describeWithClients } from './describe-with-clients.ts'
import type { ScriptRun } from './script-run.ts'

/** The file that a dump is to write. */
const FILE = `for word; do case $word in --file=*) file=\${word#--file=};; esac; done`

describeWithClients('a backup', () => {
  let scene: BackupScene
  let database: string
  let first: readonly string[]

  beforeAll(async () => {
    scene = await openBackupScene()
    database = await scene.newDatabase()
    await migrate(database)
  })
  afterAll(() => scene.close())
  afterEach(() => scene.hangUp())

  beforeEach(async () => {
    await emptyFolder(scene.programs)
    await emptyFolder(scene.folder)
    await oldBackup(scene.folder, 1)
    first = await scene.names()
  })

  /** Puts a program before PostgreSQL's own: a shell script. */
  async function standIn(name: string, script: string): Promise<void> {
    const path = join(scene.programs, name)
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o755)
  }

  it('is a dump with its checksum, readable by its user alone', async () => {
    expect(await (await scene.backUp(database)).end).toMatchObject({ code: 0 })
    const names = (await scene.names()).filter((name) => !first.includes(name))
    expect(names).toEqual([
      expect.stringMatching(/^golden-architecture-\d{8}T\d{6}Z\.dump$/),
      expect.stringMatching(/^golden-architecture-\d{8}T\d{6}Z\.dump\.sha256$/),
    ])
    expect(await readable(join(scene.folder, names[0] ?? ''))).toBe('600')
    expect(await readFile(join(scene.folder, names[1] ?? ''), 'utf8')).toMatch(
      new RegExp(`^[0-9a-f]{64} {2}${names[0]}\n$`),
    )
  })

  it.each([
    ['whose dump is empty', 'pg_dump', `${FILE}; : >"$file"`, 3],
    ['that is cut off', 'pg_dump', '', 3],
    ['whose checksum cannot be made', 'sha256sum', 'exit 1', 1],
    ['that the disk does not take', 'sync', 'exit 1', 1],
  ])('%s leaves the others as they were, and nothing of itself', async (_case, program, script, code) => {
    await standIn(program, script === '' ? cutting() : script)
    expect(await (await scene.backUp(database)).end).toMatchObject({ code })
    expect(await scene.names()).toEqual(first)
  })

  /** The real dump, of which the end is then gone: its list stands at its start. */
  function cutting(): string {
    return `PATH=\${PATH#*:}
${FILE}
pg_dump "$@" && truncate --size=-100 "$file"
pg_restore --list "$file" >"${scene.programs}/list"`
  }

  it('that is cut off has its list all the same, so that a look at the list would not do', async () => {
    await standIn('pg_dump', cutting())
    await (await scene.backUp(database)).end
    expect(await readFile(join(scene.programs, 'list'), 'utf8')).toContain(
      'TABLE DATA public schema_migrations',
    )
  })

  it('that finds no room leaves the others as they were, and nothing of itself', async () => {
    const { code, output } = await (await scene.backUp(database, { FILE_BLOCKS: '8' })).end
    expect([code, output]).toEqual([1, expect.stringContaining('File too large')])
    expect(await scene.names()).toEqual(first)
  })

  it('of a database that is not the system, or not there, is none', async () => {
    const other = await scene.newDatabase()
    const { code, output } = await (await scene.backUp(other)).end
    expect([code, output]).toEqual([3, expect.stringContaining('not the database of the system')])
    expect(await (await scene.backUp(`${other}x`)).end).toMatchObject({ code: 1 })
    expect(await scene.names()).toEqual(first)
  })

  it('whose dump is killed leaves the others as they were, and nothing of itself', async () => {
    const held = await holdTable(scene, { table: 'tasks', address: database, program: 'pg_dump' })
    const run = await scene.backUp(database)
    await held.isWaitedFor()
    expect(await scene.names()).toContainEqual(expect.stringMatching(/\.dump\.incomplete$/))
    killChild(run.child)
    expect(await run.end).toMatchObject({ code: 1 })
    await held.release()
    expect(await scene.names()).toEqual(first)
  })

  it('that is told to stop ends its dump, and leaves nothing', async () => {
    const held = await holdTable(scene, { table: 'tasks', address: database, program: 'pg_dump' })
    const run = await scene.backUp(database)
    await held.isWaitedFor()
    run.child.kill('SIGTERM')
    // The dump is ended, and does not end by itself once it has waited long enough.
    const { code, output } = await run.end
    expect([code, output]).toEqual([1, expect.not.stringContaining('canceling statement')])
    await held.isLeft()
    await held.release()
    expect(await scene.names()).toEqual(first)
  })

  it('that is killed is cleared away by the next, which waits for nobody while its dump is at work', async () => {
    const held = await holdTable(scene, { table: 'tasks', address: database, program: 'pg_dump' })
    const run = await scene.backUp(database)
    await held.isWaitedFor()
    run.child.kill('SIGKILL')
    await once(run.child, 'exit')
    const left = await scene.names()
    expect(left).toHaveLength(first.length + 1)
    expect(left).toContainEqual(expect.stringMatching(/\.dump\.incomplete$/))
    expect(await (await scene.backUp(database)).end).toMatchObject({ code: 4 })
    expect(await scene.names()).toEqual(left)
    await held.release()
    await run.end
    // One that was killed when its checksum had its name, and its dump had not.
    await writeFile(join(scene.folder, 'golden-architecture-20260101T000000Z.dump.incomplete'), 'half')
    await writeFile(join(scene.folder, 'golden-architecture-20260101T000000Z.dump.sha256'), 'of the whole')
    await untilNamed(() => scene.backUp(database))
    expect((await scene.names()).filter((name) => /incomplete$|20260101/.test(name))).toEqual([])
  })

  it('takes away older ones once it is there, but for the newest so many', async () => {
    const [twenty] = await Promise.all([20, 30, 40, 50].map((days) => oldBackup(scene.folder, days)))
    await writeFile(join(scene.folder, 'notes.txt'), 'of a person')
    const kept = { KEEP_DAYS: '14', KEEP_AT_LEAST: '3' }
    await standIn('pg_dump', 'exit 1')
    expect(await (await scene.backUp(database, kept)).end).toMatchObject({ code: 1 })
    expect(await scene.names()).toHaveLength(11)
    await emptyFolder(scene.programs)
    expect(await (await scene.backUp(database, kept)).end).toMatchObject({ code: 0 })
    const [own = '', ...others] = (await scene.names()).filter((name) => name.endsWith('.dump')).reverse()
    expect(others).toEqual([first[0], twenty])
    expect(await scene.names()).toEqual(
      [...others, own]
        .flatMap((name) => [name, `${name}.sha256`])
        .concat('notes.txt')
        .sort(),
    )
    // However few are wanted, what is young stays.
    await untilNamed(() => scene.backUp(database, { KEEP_AT_LEAST: '1' }))
    expect(await scene.names()).toContain(first[0])
    expect(await scene.names()).not.toContain(twenty)
  })

  /** A second backup of one second has no name of its own, and is refused. */
  async function untilNamed(backUp: () => Promise<ScriptRun>): Promise<void> {
    for (let code: number | null = 1; code === 1; ) code = (await (await backUp()).end).code
  }

  it('counts no dump without its checksum among those that stay', async () => {
    const [twenty, thirty] = [await oldBackup(scene.folder, 20), await oldBackup(scene.folder, 30)]
    await writeFile(join(scene.folder, 'golden-architecture-29990101T000000Z.dump'), 'of somebody else')
    await (await scene.backUp(database, { KEEP_DAYS: '14', KEEP_AT_LEAST: '3' })).end
    expect(await scene.names()).toContain(twenty)
    expect(await scene.names()).not.toContain(thirty)
  })

  it.each([
    { KEEP_DAYS: 'many' },
    { KEEP_AT_LEAST: '0' },
    { KEEP_AT_LEAST: '-1' },
    { BACKUP_FOLDER: '/no/such/folder' },
    { DATABASE_URL_FILE: '/no/such/file' },
  ])('is none where it is told %o', async (told) => {
    expect(await (await scene.backUp(database, told)).end).toMatchObject({ code: 2 })
    expect(await scene.names()).toEqual(first)
  })
})
