import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockFolder } from './folder-lock.ts'
import { type StartedChild, startChild } from './testing/child-process.ts'

let folder: TemporaryFolder
const children: StartedChild[] = []

beforeEach(async () => {
  folder = await temporaryFolder('lock')
})
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
  await folder.remove()
})

interface Outcome {
  readonly pid: number
  readonly code: string
  readonly holderPid?: number
}

async function take(count: number): Promise<Outcome[]> {
  const started = Array.from({ length: count }, () => startChild('lock-taker-process.ts', folder.path))
  children.push(...started)
  await Promise.all(started.map((child) => child.printed(1)))
  return started.map((child) => JSON.parse(child.lines[0] ?? '{}'))
}

it('of ten processes at once one gets the folder, and the others are told its pid', async () => {
  const outcomes = await take(10)
  const winners = outcomes.filter((outcome) => outcome.code === 'LOCKED')
  expect(winners).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome !== winners[0])
      expect(outcome).toMatchObject({ code: 'DATABASE_LOCKED', holderPid: winners[0]?.pid })
  }
})

it('a killed holder blocks nobody, and of ten who come after it again one gets the folder', async () => {
  await take(1)
  for (const child of children.splice(0)) await child.kill()
  const codes = (await take(10)).map((outcome) => outcome.code)
  expect(codes.filter((code) => code === 'LOCKED')).toHaveLength(1)
  expect(codes.filter((code) => code === 'DATABASE_LOCKED')).toHaveLength(9)
})

it('a pid that was given to another process since blocks nobody', async () => {
  const note = { pid: process.ppid, hostname: hostname() }
  await writeFile(join(folder.path, 'holder.json'), JSON.stringify(note))
  const lock = await lockFolder(folder.path)
  await lock.release()
})

it('the same process is refused too, and may take the folder again once it has given it back', async () => {
  const lock = await lockFolder(join(folder.path, 'not', 'yet', 'made'))
  await expect(lockFolder(join(folder.path, 'not', 'yet', 'made'))).rejects.toMatchObject({
    code: 'DATABASE_LOCKED',
    retryable: false,
    details: { holderPid: process.pid },
  })
  await lock.release()
  await lock.release()
  await (await lockFolder(join(folder.path, 'not', 'yet', 'made'))).release()
})

it('the refused attempt of the same process does not lose the lock', async () => {
  const lock = await lockFolder(folder.path)
  await lockFolder(folder.path).catch(() => undefined)
  expect(await take(1)).toMatchObject([{ code: 'DATABASE_LOCKED', holderPid: process.pid }])
  await lock.release()
})

it('a note that is missing or not ours leaves the holder unnamed', async () => {
  const lock = await lockFolder(folder.path)
  await writeFile(join(folder.path, 'holder.json'), '{"pid": "x"}')
  const refusal = await lockFolder(folder.path).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'DATABASE_LOCKED', details: { folder: folder.path } })
  expect(refusal).not.toHaveProperty('details.holderPid')
  await lock.release()
})

it('a folder that cannot be made is unavailable', async () => {
  await writeFile(join(folder.path, 'file'), '')
  await expect(lockFolder(join(folder.path, 'file', 'below'))).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  })
})
