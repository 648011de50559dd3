/**
 * Proves on a PostgreSQL of its own that a flood of 100,000 dead letters leaves the list, the groups and the count as
 * they were: it compares the plans' work (blocks touched) and prints the times at 1,000 and at 100,000 rows, and the
 * memory that recording and reading take. Exit code 1 if the work grows with the rows or counters disagree with them. A
 * first argument of 0 to 1 scales the flood down.
 */
import { createPostgresSchema, startPostgres } from '@golden-arch/testkit'
import pg from 'pg'
import { PgDatabase, type SqlDatabase } from '../../packages/core/src/storage/index.ts'
import type { DeadLetter } from '../../packages/messaging/src/dead-letters/dead-letter.ts'
import { DeadLetterQueue } from '../../packages/messaging/src/dead-letters/dead-letter-queue.ts'
import { recordDeadLetters } from '../../packages/messaging/src/dead-letters/record-dead-letters.ts'
import type { MessageBroker } from '../../packages/messaging/src/ports/message-broker.ts'
import { prepareMessaging } from '../../packages/messaging/src/testing/messaging-databases.ts'

const scale = Number(process.argv[2] ?? '1')
const FLOOD = Math.max(5000, Math.round(100_000 * scale))
const START = 1000
const BATCH = 200
const KINDS = 40
const TENANTS = 10
const MAX_GROWTH = 4
const MAX_MEMORY_MIB = 256
const ALL = { allTenants: true } as const

const postgres = await startPostgres()
const schema = await createPostgresSchema(postgres.address)
const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
const database = new PgDatabase({ pool })
await prepareMessaging(database)
const broker = {} as MessageBroker // nothing is redriven here
const asked: { readonly text: string; readonly values: readonly unknown[] }[] = []
const queue = new DeadLetterQueue({ broker, database: listeningDatabase() })
const wrong: string[] = []
const rows: Record<string, string | number>[] = []
let recorded = 0
let peakMiB = 0
try {
  await recordUpTo(START)
  const small = await measure()
  const startedAt = performance.now()
  await recordUpTo(FLOOD)
  const seconds = (performance.now() - startedAt) / 1000
  const large = await measure()
  for (const [name, before] of Object.entries(small)) {
    const after = large[name] ?? before
    rows.push({
      question: name,
      [`blocks at ${START}`]: before.blocks,
      [`blocks at ${FLOOD}`]: after.blocks,
      [`ms at ${START}`]: before.ms.toFixed(1),
      [`ms at ${FLOOD}`]: after.ms.toFixed(1),
    })
    if (after.blocks > before.blocks * MAX_GROWTH + 50) {
      wrong.push(`${name} touches ${after.blocks} blocks instead of ${before.blocks}`)
    }
  }
  const counts = await queue.count(ALL)
  const { items } = await queue.groups({ ...ALL, limit: 500 })
  const grouped = items.reduce((sum, { total }) => sum + total, 0)
  if (counts.total !== FLOOD || grouped !== FLOOD) wrong.push(`counted ${counts.total}, grouped ${grouped}`)
  if (peakMiB > MAX_MEMORY_MIB) wrong.push(`the heap grew to ${peakMiB} MiB`)
  console.table(rows)
  console.log(
    `${FLOOD} dead letters in ${items.length} groups; recorded ${Math.round((FLOOD - START) / seconds)}/s; heap at most ${peakMiB} MiB`,
  )
} finally {
  for (const one of wrong) console.log(`WRONG: ${one}`)
  await pool.end()
  await postgres.stop()
}
if (wrong.length > 0) process.exitCode = 1

async function recordUpTo(count: number): Promise<void> {
  while (recorded < count) {
    const length = Math.min(BATCH, count - recorded)
    await recordDeadLetters(
      database,
      Array.from({ length }, (_, index) => letterOf(recorded + index)),
    )
    recorded += length
    peakMiB = Math.max(peakMiB, Math.round(process.memoryUsage().heapUsed / 1_048_576))
  }
  await database.script('ANALYZE dlq_messages; ANALYZE dlq_groups; ANALYZE dlq_totals')
}

function letterOf(number: number): DeadLetter {
  const at = new Date(1_767_225_600_000 + number)
  return {
    source: { stream: 'TASKS', sequence: String(number + 1), consumer: 'hub' },
    tenantId: `tenant-${number % TENANTS}`,
    messageId: `m-${number}`,
    subject: 'tasks.completed',
    headers: {},
    payload: new Uint8Array(256),
    error: `task t-${number} failed`,
    errorCode: `CODE_${number % KINDS}`,
    attempts: 5,
    firstSeenAt: at,
    lastSeenAt: at,
  }
}

interface Work {
  readonly blocks: number
  readonly ms: number
}

async function measure(): Promise<Record<string, Work>> {
  const tenantId = 'tenant-3'
  const fingerprint = (await queue.groups({ ...ALL, limit: 1 })).items[0]?.fingerprint ?? ''
  const middle = String(Math.floor(recorded / 2))
  return {
    'list, all tenants': await workOf(() => queue.list(ALL)),
    'list, one tenant, from the middle': await workOf(() => queue.list({ tenantId, cursor: middle })),
    'list, one kind': await workOf(() => queue.list({ ...ALL, fingerprint })),
    'list, open ones of a tenant': await workOf(() => queue.list({ tenantId, status: 'open' })),
    groups: await workOf(() => queue.groups(ALL)),
    'groups of a tenant': await workOf(() => queue.groups({ tenantId })),
    count: await workOf(() => queue.count(ALL)),
  }
}

/** Blocks that the server touches to answer the question, as EXPLAIN counts them, and the time of the question itself. */
async function workOf(ask: () => Promise<unknown>): Promise<Work> {
  await ask()
  asked.length = 0
  const startedAt = performance.now()
  await ask()
  const ms = performance.now() - startedAt
  let blocks = 0
  for (const { text, values } of asked.splice(0)) {
    const { rows: plans } = await database.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanBuffers }[] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
      values,
    )
    const plan = plans[0]?.['QUERY PLAN'][0]?.Plan
    blocks += (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0)
  }
  return { blocks, ms }
}

interface PlanBuffers {
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
}

/** The database, keeping what it is asked. */
function listeningDatabase(): SqlDatabase {
  return {
    capabilities: database.capabilities,
    query: (text, values = [], options = {}) => {
      asked.push({ text, values })
      return database.query(text, values, options)
    },
    script: (text) => database.script(text),
    transaction: (run) => database.transaction(run),
    session: (run) => database.session(run),
  }
}
