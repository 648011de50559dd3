/**
 * A process that dies by SIGKILL: `node audit-crash-process.ts <settings as JSON>`. It writes entries through a batched
 * writer and through transactions, prints the number of each that was confirmed, links them in small batches and writes
 * checkpoints. Where it dies is chosen; with `never` it goes on until somebody kills it.
 */

import { createPrivateKey } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { PgDatabase, type SqlDatabase } from '../../storage/index.ts'
import { FileCheckpointSink } from '../adapters/file/file-checkpoint-sink.ts'
import { SqlAuditLog } from '../adapters/sql/sql-audit-log.ts'
import { AuditWriter } from '../audit-writer.ts'
import { AuditLinker } from '../chain/audit-linker.ts'
import { openAuditPglite } from './audit-databases.ts'
import { entryOf } from './audit-scene.ts'

/** Where the process dies. */
export type DeathPoint = 'amid-writes' | 'before-commit' | 'amid-links' | 'before-note' | 'never'

/** What the process is told. */
export interface CrashSettings {
  /** A pool on a prepared schema, or a folder of PGlite. */
  readonly database: SchemaPoolConfig | { readonly folder: string }
  readonly tenantId: string
  /** Number of its first entry. */
  readonly first: number
  readonly dies: DeathPoint
  readonly checkpointFile: string
  readonly keyId: string
  /** The private key in PEM form. */
  readonly privateKey: string
}

const ENTRIES = 20

const settings: CrashSettings = JSON.parse(process.argv[2] ?? '')
const { tenantId, dies } = settings

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

async function open(): Promise<SqlDatabase> {
  if ('folder' in settings.database) return (await openAuditPglite(settings.database.folder)).database
  return new PgDatabase({ pool: new pg.Pool({ ...settings.database, max: 4 }) })
}

const database = await open()
let links = 0
const watched: SqlDatabase = {
  capabilities: database.capabilities,
  query: async (text, values, options) => {
    const answer = database.query(text, values, options)
    if (dies === 'amid-links' && text.includes('audit_link(') && ++links === 2) {
      answer.catch(() => {})
      return await die()
    }
    // The answer is of the type that was asked for.
    return (await answer) as never
  },
  script: (text) => database.script(text),
  transaction: (run) =>
    database.transaction((tx) =>
      run({
        scope: tx.scope,
        query: (text, values, options) =>
          dies === 'before-note' && text.includes('audit_note_checkpoint')
            ? die()
            : tx.query(text, values, options),
        script: (text) => tx.script(text),
      }),
    ),
  session: (run) => database.session(run),
}

const log = new SqlAuditLog()
const writer = new AuditWriter({ database, maxBatchLength: 5 })
const signer = { keyId: settings.keyId, privateKey: createPrivateKey(settings.privateKey) }
const linker = new AuditLinker({
  database: watched,
  maxBatchLength: 4,
  checkpoints: { signer, sink: new FileCheckpointSink({ path: settings.checkpointFile }), everyEntries: 8 },
})

let confirmed = 0
// Written at once, as a kill must not lose the word that an entry is stored.
const confirm = (number: number): void => {
  writeSync(1, `${number}\n`)
  confirmed++
}

async function writeRound(first: number): Promise<void> {
  const numbers = Array.from({ length: ENTRIES }, (_, index) => first + index)
  const batched = numbers.slice(0, ENTRIES / 2).map(async (number) => {
    await writer.write(entryOf(tenantId, number))
    confirm(number)
    if (dies === 'amid-writes' && confirmed === ENTRIES / 4) await die()
  })
  await Promise.all(batched)
  for (const number of numbers.slice(ENTRIES / 2)) {
    await database.transaction(async (tx) => {
      await log.append(tx, entryOf(tenantId, number))
      if (dies === 'before-commit' && number === first + ENTRIES - 1) await die()
    })
    confirm(number)
  }
}

for (let first = settings.first; ; first += ENTRIES) {
  await writeRound(first)
  for (let hasMore = true; hasMore; ) hasMore = (await linker.runOnce()).hasMore
}
