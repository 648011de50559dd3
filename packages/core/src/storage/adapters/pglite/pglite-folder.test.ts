import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { durableStartParams } from './durable-commits.ts'
import { PgliteDatabase } from './pglite-database.ts'
import { startChild } from './testing/child-process.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder('pglite')
})
afterEach(() => folder.remove())

const create = (dataDir: string): Promise<PGlite> => PGlite.create({ dataDir })

it.each([
  ['plain', 'process-crash'],
  ['durable', 'power-loss'],
])(
  'every row whose commit was confirmed is there after kill -9 (%s: %s)',
  async (mode, durability) => {
    const writer = startChild('row-writer-process.ts', folder.path, mode)
    await writer.printed(101)
    await writer.kill()
    const [claimed, ...confirmed] = writer.lines
    expect(claimed).toBe(durability)
    const database = await PgliteDatabase.open({ folder: folder.path, create })
    const { rows } = await database.query<{ n: number }>('SELECT n FROM written ORDER BY n')
    await database.close()
    const found = rows.map((row) => String(row.n))
    expect(found.slice(0, confirmed.length)).toEqual(confirmed)
    // The last one may have been committed without the word of it getting out.
    expect(found.length - confirmed.length).toBeLessThanOrEqual(1)
  },
  120_000,
)

it('what a killed first start left is made anew', async () => {
  await mkdir(join(folder.path, 'data', 'base'), { recursive: true })
  await writeFile(join(folder.path, 'data', 'PG_VERSION'), '18\n')
  const database = await PgliteDatabase.open({ folder: folder.path, create })
  expect((await database.query('SELECT 1')).rowCount).toBe(1)
  await database.close()
})

it('a second opening is refused while the first is open, starts nothing, and works after close', async () => {
  const first = await PgliteDatabase.open({ folder: folder.path, create })
  await first.script('CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)')
  let isStarted = false
  const second = PgliteDatabase.open({
    folder: folder.path,
    create: (dataDir) => {
      isStarted = true
      return create(dataDir)
    },
  })
  await expect(second).rejects.toMatchObject({ code: 'DATABASE_LOCKED', details: { holderPid: process.pid } })
  expect(isStarted).toBe(false)
  await Promise.all([first.close(), first.close()])
  const third = await PgliteDatabase.open({ folder: folder.path, create })
  expect((await third.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }])
  await third.close()
})

it('a start that fails is unavailable, and gives the folder free', async () => {
  const failing = (): Promise<never> => Promise.reject(new Error('no memory'))
  await expect(PgliteDatabase.open({ folder: folder.path, create: failing })).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    cause: { message: 'no memory' },
  })
  const database = await PgliteDatabase.open({ folder: folder.path, create })
  await database.close()
})

it('refuses a folder that PGlite itself was opened on', async () => {
  await writeFile(join(folder.path, 'PG_VERSION'), '18\n')
  const opening = PgliteDatabase.open({ folder: folder.path, create })
  await expect(opening).rejects.toMatchObject({ code: 'INVALID_OPTION', details: { option: 'folder' } })
  expect(await readFile(join(folder.path, 'PG_VERSION'), 'utf8')).toBe('18\n')
})

describe('fsync', () => {
  it('is called for each commit, and before the commit is confirmed', async () => {
    const calls: number[] = []
    const database = await PgliteDatabase.open({
      folder: folder.path,
      create: async (dataDir) => {
        const startParams = durableStartParams(PGlite.defaultStartParams)
        const pglite = await PGlite.create({ dataDir, startParams })
        const operations: { fsync?: (stream: { nfd: number }) => number } = nodeFileOperations(pglite)
        operations.fsync = (stream) => {
          calls.push(stream.nfd)
          return 0
        }
        return pglite
      },
    })
    await database.script('CREATE TABLE synced (n int)')
    for (let n = 0; n < 5; n++) {
      const before = calls.length
      await database.query('INSERT INTO synced VALUES (1)')
      expect(calls.length).toBeGreaterThan(before)
    }
    expect(database.capabilities.durability).toBe('power-loss')
    await database.close()
  })

  it('is not claimed where commits do not wait for it', async () => {
    const params = [...durableStartParams(PGlite.defaultStartParams), '-c', 'synchronous_commit=off']
    const database = await PgliteDatabase.open({
      folder: folder.path,
      create: (dataDir) => PGlite.create({ dataDir, startParams: params }),
    })
    expect(database.capabilities.durability).toBe('process-crash')
    await database.close()
  })
})

describe('in memory', () => {
  it('claims no durability, and one transaction at a time', async () => {
    const database = await PgliteDatabase.open({ create })
    expect(database.capabilities).toEqual({ maxConcurrentTransactions: 1, durability: 'memory' })
    await database.close()
  })

  it('closing lets the running transaction end, and refuses whoever waits or comes later', async () => {
    const database = await PgliteDatabase.open({ create })
    let goOn: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const running = database.transaction(async (tx) => {
      await expect(database.close()).rejects.toMatchObject({ code: 'ROOT_DATABASE_IN_TRANSACTION' })
      await gate
      return (await tx.query('SELECT 1')).rowCount
    })
    const waiting = expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
    await new Promise((resolve) => setImmediate(resolve))
    const closing = database.close()
    await waiting
    await expect(database.transaction(async () => 1)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
    goOn()
    expect(await running).toBe(1)
    await closing
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
  })
})

/** The file operations of this instance's folder, which PGlite leaves without a public type. */
function nodeFileOperations(pglite: PGlite): object {
  const operations: unknown = Reflect.get(Reflect.get(pglite.Module, 'NODEFS'), 'stream_ops')
  if (typeof operations !== 'object' || operations === null) throw new Error('no file operations')
  return operations
}
