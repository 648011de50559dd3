import { readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { FileCheckpointSink } from '../adapters/file/file-checkpoint-sink.ts'
import { readCheckpointFile } from '../adapters/file/read-checkpoint-file.ts'
import { LogCheckpointSink } from '../adapters/log/log-checkpoint-sink.ts'
import { AuditLinker } from '../chain/audit-linker.ts'
import { signingKeys } from '../testing/audit-scene.ts'
import {
  type Checkpoint,
  checkpointText,
  isCheckpointSigned,
  readCheckpoint,
  signCheckpoint,
} from './checkpoint.ts'

const { signer, keys } = signingKeys()

function checkpointAt(sequence: string): Checkpoint {
  const at = new Date('2026-11-21T10:00:00.123Z')
  return signCheckpoint(signer, { tenantId: 'acme ü', sequence, hash: 'ab'.repeat(32), at })
}

async function collect(path: string): Promise<readonly Checkpoint[]> {
  const checkpoints: Checkpoint[] = []
  for await (const checkpoint of readCheckpointFile(path)) checkpoints.push(checkpoint)
  return checkpoints
}

it('is written as one line, read back as it was, and still signed', () => {
  const checkpoint = checkpointAt(String(2n ** 62n))
  const text = checkpointText(checkpoint)
  expect(text).not.toContain('\n')
  expect(readCheckpoint(text)).toEqual(checkpoint)
  expect(isCheckpointSigned(keys, readCheckpoint(text))).toBe(true)
})

it.each([
  { tenantId: 'other' },
  { sequence: '8' },
  { hash: 'cd'.repeat(32) },
  { at: new Date(0) },
  { keyId: 'k-2' },
  { signature: '' },
  { signature: 'AAAA' },
])('is not signed once it was changed: %o', (change) => {
  expect(isCheckpointSigned(keys, { ...checkpointAt('7'), ...change })).toBe(false)
})

const noCheckpoint = invalidOption('checkpoint', 'a line that a checkpoint was written as')

it.each(['0', '01', String(2n ** 63n)])('%s is the sequence of no checkpoint', (sequence) => {
  const text = checkpointText({ ...checkpointAt('7'), sequence })
  expect(() => readCheckpoint(text)).toThrow(noCheckpoint)
})

it.each(['', '{', 'null', '[]', '{}', '{"tenantId":"a","sequence":"0"}'])('%j is no checkpoint', (text) => {
  expect(() => readCheckpoint(text)).toThrow(noCheckpoint)
})

/** Where the open descriptors of this process lead; none on systems that do not tell. */
async function openFiles(): Promise<readonly string[]> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  return Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
}

it('a file keeps checkpoints line by line, and a line that a crash tore hides no other', async () => {
  const folder = await temporaryFolder('checkpoints')
  try {
    const path = join(folder.path, 'checkpoints.ndjson')
    const sink = new FileCheckpointSink({ path })
    await sink.write(checkpointAt('1'))
    await writeFile(path, (await readFile(path, 'utf8')) + checkpointText(checkpointAt('2')).slice(0, 40))
    await sink.write(checkpointAt('3'))
    expect(await collect(path)).toEqual([checkpointAt('1'), checkpointAt('3')])
    expect((await openFiles()).filter((one) => one.startsWith(folder.path))).toEqual([])
    await expect(collect(join(folder.path, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(
      new FileCheckpointSink({ path: folder.path }).write(checkpointAt('1')),
    ).rejects.toMatchObject({
      code: 'EISDIR',
    })
  } finally {
    await folder.remove()
  }
})

it('a log keeps them as lines that can be read back', async () => {
  const logger = new RecordingLogger()
  await new LogCheckpointSink({ logger }).write(checkpointAt('1'))
  expect(logger.lines).toEqual([
    { level: 'info', fields: { checkpoint: checkpointText(checkpointAt('1')) }, message: 'audit checkpoint' },
  ])
})

it('a signer needs a name and a private Ed25519 key', () => {
  const sink = new LogCheckpointSink({ logger: new RecordingLogger() })
  const publicKey = keys.get('k-1')
  const database = { query: () => undefined, transaction: () => undefined }
  for (const [bad, refused] of [
    [{ ...signer, keyId: '' }, invalidOption('signer.keyId')],
    [{ ...signer, privateKey: publicKey }, invalidOption('signer.privateKey', 'a private Ed25519 key')],
    [{}, invalidOption('signer.keyId')],
  ]) {
    const make = (): AuditLinker =>
      // The casts let in what a caller without types may pass; no query is made.
      new AuditLinker({ database: database as never, checkpoints: { signer: bad as never, sink } })
    expect(make).toThrow(refused)
  }
})
