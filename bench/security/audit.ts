/**
 * Audit entries of one tenant from 8 writers until each has its place in a hash chain, side by side: this package, alone
 * and in batches, beside a plain insert without a chain and a chain that each writer extends in a transaction of its own.
 * Contenders take turns in each round on one server; medians over the rounds are printed, with the spread.
 * Usage: node --conditions=golden-arch-source bench/security/audit.ts [--rounds 5] [--entries 2000]
 */
import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { createPostgresSchema, randomName, startPostgres } from '@golden-arch/testkit'
import pg from 'pg'
import {
  type AuditEntry,
  AuditLinker,
  AuditWriter,
  SqlAuditLog,
  verifyAuditLog,
} from '../../packages/core/src/audit/index.ts'
import { Migrator, readMigrationFolder } from '../../packages/core/src/migrate/index.ts'
import { PgDatabase, type SqlDatabase } from '../../packages/core/src/storage/index.ts'
import { medianFlushMs } from '../flush-time.ts'
import { rounded } from '../rounded.ts'

const WRITERS = 8
/** Calls that wait at once at each batched writer: a gateway has many requests in flight. */
const CALLS_EACH = 100
const COLUMNS = 'tenant_id, actor, actor_kind, action, resource, outcome, request_id, details, entry_text'

interface Contender {
  readonly name: string
  /** Part of the entries that are written, as the slow ones need not take all day. */
  readonly share: number
  readonly write: (tenantId: string, count: number) => Promise<void>
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, entries: { type: 'string', default: '2000' } },
})
const [rounds, entries] = [Number(values.rounds), Number(values.entries)]
if (!(rounds >= 1 && entries >= WRITERS)) throw new RangeError('--rounds and --entries must be positive')

const server = await startPostgres()
const schema = await createPostgresSchema(server.address)
const pool = new pg.Pool({ ...schema.poolConfig, max: WRITERS + 2 })
const database: SqlDatabase = new PgDatabase({ pool })
try {
  await new Migrator({ database, migrations: await readMigrationFolder('migrations') }).up({
    modules: ['audit'],
  })
  await database.script(`
    CREATE TABLE plain (LIKE audit_log INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING CONSTRAINTS);
    CREATE TABLE single_heads (tenant_id text PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL);
    CREATE TABLE single (LIKE plain INCLUDING ALL, seq bigint NOT NULL, hash bytea NOT NULL, UNIQUE (tenant_id, seq))`)
  await compare()
} finally {
  await pool.end()
  await server.stop()
}

async function compare(): Promise<void> {
  const contenders: readonly Contender[] = [
    {
      name: 'plain insert, no chain',
      share: 1,
      write: (tenant, count) => each(count, (n) => insertPlain(database, tenant, n)),
    },
    {
      name: 'chain of single inserts',
      share: 0.25,
      write: (tenant, count) => each(count, (n) => extendChain(tenant, n)),
    },
    { name: 'SqlAuditLog, one commit each', share: 1, write: writeAlone },
    { name: 'AuditWriter, batches', share: 4, write: writeBatched },
  ]
  console.log(
    `PostgreSQL, Node ${process.version}, ${cpus().length} processors, a flush of the disk ` +
      `${rounded((await medianFlushMs()) * 1000)} µs; ${WRITERS} writers, ${rounds} rounds, medians (least to most)\n`,
  )
  const speeds = new Map<Contender, number[]>(contenders.map((one) => [one, []]))
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      // Another order in each round, so that nobody always follows the same one; the first round only warms.
      const contender = contenders[(turn + round) % contenders.length]
      if (contender === undefined) continue
      const count = Math.ceil((entries * contender.share) / WRITERS) * WRITERS
      const startedAt = performance.now()
      await contender.write(randomName('tenant'), count)
      if (round > 0) speeds.get(contender)?.push((count * 1000) / (performance.now() - startedAt))
    }
  }
  const single = median(speeds.get(contenders[1] as Contender) ?? []) // the chain of single inserts
  for (const [{ name }, measured] of speeds) {
    const middle = median(measured)
    const spread = `(${rounded(Math.min(...measured))} to ${rounded(Math.max(...measured))})`
    console.log(
      `${name.padEnd(29)}${rounded(middle).padStart(8)} entries/s  ${spread.padEnd(18)}${rounded(middle / single).padStart(6)} x a chain of single inserts`,
    )
  }
  const batched = median(speeds.get(contenders[3] as Contender) ?? []) / single // the batched writer
  console.log(
    `\nAim: batches at least 5 x a chain of single inserts: ${batched >= 5 ? 'reached' : 'missed'}, ${rounded(batched)} x`,
  )
}

/** Runs `write` for each number from 8 callers, each of which waits for one call at a time. */
async function each(count: number, write: (number: number) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let number = writer; number < count; number += WRITERS) await write(number)
    }),
  )
}

function entryOf(tenantId: string, number: number): AuditEntry {
  return {
    tenantId,
    actor: { id: `user-${number % 100}`, kind: 'human', requestId: `request-${number}` },
    action: 'task.create',
    resource: `task/t-${number}`,
    outcome: 'allowed',
    details: { number, project: 'apollo' },
  }
}

function columnsOf(entry: AuditEntry): readonly unknown[] {
  const { tenantId, actor, action, resource, outcome, details } = entry
  const text = JSON.stringify(entry)
  return [
    tenantId,
    actor.id,
    actor.kind,
    action,
    resource,
    outcome,
    actor.requestId,
    JSON.stringify(details),
    text,
  ]
}

async function insertPlain(on: SqlDatabase, tenantId: string, number: number): Promise<void> {
  await on.query(
    `INSERT INTO plain (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9)`,
    columnsOf(entryOf(tenantId, number)),
    { prepareAs: 'plain' },
  )
}

async function extendChain(tenantId: string, number: number): Promise<void> {
  const columns = columnsOf(entryOf(tenantId, number))
  await database.transaction(async (tx) => {
    await tx.query(`INSERT INTO single_heads VALUES ($1, 0, '') ON CONFLICT DO NOTHING`, [tenantId])
    const head = await tx.query<{ seq: bigint; hash: Uint8Array }>(
      'SELECT seq, hash FROM single_heads WHERE tenant_id = $1 FOR UPDATE',
      [tenantId],
    )
    const [row] = head.rows
    const hash = createHash('sha256')
      .update(row?.hash ?? '')
      .update(String(columns.at(-1)))
      .digest()
    const seq = (row?.seq ?? 0n) + 1n
    await tx.query(
      `INSERT INTO single (${COLUMNS}, seq, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11)`,
      [...columns, seq, hash],
      { prepareAs: 'single' },
    )
    await tx.query('UPDATE single_heads SET seq = $2, hash = $3 WHERE tenant_id = $1', [tenantId, seq, hash])
  })
}

async function writeAlone(tenantId: string, count: number): Promise<void> {
  const log = new SqlAuditLog()
  await whileLinking(tenantId, count, () =>
    each(count, (number) => database.transaction((tx) => log.append(tx, entryOf(tenantId, number)))),
  )
}

async function writeBatched(tenantId: string, count: number): Promise<void> {
  const writers = Array.from({ length: WRITERS }, () => new AuditWriter({ database }))
  await whileLinking(tenantId, count, async () => {
    let next = 0
    const caller = async (writer: AuditWriter): Promise<void> => {
      while (next < count) await writer.write(entryOf(tenantId, next++))
    }
    await Promise.all(writers.flatMap((writer) => Array.from({ length: CALLS_EACH }, () => caller(writer))))
  })
  await Promise.all(writers.map((writer) => writer.close()))
}

/** Runs `write` beside a linker, and ends when the last entry has its place. */
async function whileLinking(tenantId: string, count: number, write: () => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const linker = new AuditLinker({ database, pollIntervalMs: 50 })
  const linking = linker.run({ signal: stop.signal })
  await write()
  await linker.linkTenant(tenantId)
  stop.abort()
  await linking
  const { rows } = await database.query<{ seq: bigint }>(
    'SELECT seq FROM audit_chain_heads WHERE tenant_id = $1',
    [tenantId],
  )
  if (rows[0]?.seq !== BigInt(count)) throw new Error(`${rows[0]?.seq} of ${count} entries are linked`)
  if (count <= WRITERS * 100 && !(await verifyAuditLog({ database, tenantId })).ok)
    throw new Error('the chain is bad')
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
