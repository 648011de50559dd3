/**
 * A process that dies: `node approval-crash-process.ts <settings as JSON>`. It takes a person's word, or applies what is
 * due, and kills itself with SIGKILL around the statement of the given number: before it is sent, once it is sent and
 * before anything is heard of it, or once it is answered. One that outlives its settings prints all its statements.
 */
import { appendFileSync, writeSync } from 'node:fs'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { PgDatabase, type PgPool, type PgPoolClient } from '@golden-arch/core/storage'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { PromptApprovals } from '../learning/approvals/prompt-approvals.ts'
import { LearningGovernance } from '../learning/learning-governance.ts'
import { type ApprovalAct, act } from './approval-acts.ts'

/** Where around a statement the process dies. */
export type DeathMoment = 'before' | 'sent' | 'answered'

/** What the process is told. */
export interface ApprovalCrashSettings {
  readonly pool: SchemaPoolConfig
  readonly act: ApprovalAct
  /** A file that takes a line for each alert. */
  readonly alertLog: string
  /** The statement that it dies at, from 1; 0: none. */
  readonly diesAt: number
  readonly moment: DeathMoment
}

const settings: ApprovalCrashSettings = JSON.parse(process.argv[2] ?? '')
const statements: string[] = []

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

function mortal(client: pg.PoolClient): PgPoolClient {
  // A client of pg is a PgPoolClient; its query is watched alone.
  const watched = client as unknown as PgPoolClient
  const query = watched.query.bind(watched)
  watched.query = async (statement) => {
    statements.push(statement.text.trim().split(/\s+/).slice(0, 4).join(' '))
    const isLast = statements.length === settings.diesAt
    if (isLast && settings.moment === 'before') die()
    const answer = query(statement)
    // Whether the server gets to see it is for the kernel to say: both must come out right.
    if (isLast && settings.moment === 'sent') die()
    const result = await answer
    if (isLast) die()
    return result
  }
  return watched
}

const pool = new pg.Pool({ ...settings.pool, max: 1 })
const clients = new WeakSet<pg.PoolClient>()
const watchedPool: PgPool = {
  on: (event, listener) => pool.on(event, listener),
  connect: (taken) =>
    pool.connect((error, client) => {
      if (client === undefined) return taken(error, undefined)
      // A client that is checked out again is watched already.
      if (clients.has(client)) return taken(undefined, client as unknown as PgPoolClient)
      clients.add(client)
      taken(undefined, mortal(client))
    }),
}
const approvals = new PromptApprovals({
  learning: new LearningGovernance({
    database: new PgDatabase({ pool: watchedPool }),
    outbox: new SqlEventOutbox(),
    audit: new SqlAuditLog(),
    alerts: { raise: ({ kind, key }) => appendFileSync(settings.alertLog, `${kind} ${key}\n`) },
  }),
})
await act(approvals, settings.act)
writeSync(1, JSON.stringify(statements))
await pool.end()
