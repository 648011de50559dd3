/**
 * A process that dies: `node review-crash-process.ts <settings as JSON>`. It casts the vote that settles a round, or
 * closes a round past its deadline, and kills itself with SIGKILL around the first statement that begins as told: before
 * it is sent, or once it is sent and before anything is heard of it.
 */
import { PgDatabase, type PgPool, type PgPoolClient } from '@golden-arch/core/storage'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import type { NewReview } from '../review/index.ts'
import { criticalRejection, newReviewStore } from './review-scene.ts'

/** What the process is told. */
export interface ReviewCrashSettings {
  readonly pool: SchemaPoolConfig
  readonly act: 'vote' | 'sweep'
  readonly review: NewReview
  /** How the statement begins that it dies at. */
  readonly diesAt: string
  readonly moment: 'before' | 'sent'
  /** By which the server knows the process. */
  readonly name: string
}

const settings: ReviewCrashSettings = JSON.parse(process.argv[2] ?? '')

function mortal(client: pg.PoolClient): PgPoolClient {
  // A client of pg is a PgPoolClient; its query is watched alone.
  const watched = client as unknown as PgPoolClient
  const query = watched.query.bind(watched)
  watched.query = (statement) => {
    const isLast = statement.text.trim().startsWith(settings.diesAt)
    if (isLast && settings.moment === 'before') process.kill(process.pid, 'SIGKILL')
    const answer = query(statement)
    // pg writes to the socket before it returns, so that the kernel sends the statement, whatever becomes of this process.
    if (isLast) process.kill(process.pid, 'SIGKILL')
    return answer
  }
  return watched
}

const pool = new pg.Pool({ ...settings.pool, max: 1, application_name: settings.name })
let client: PgPoolClient | undefined
const watchedPool: PgPool = {
  on: (event, listener) => pool.on(event, listener),
  connect: (taken) =>
    pool.connect((error, connected) => {
      if (connected === undefined) return taken(error, undefined)
      // The pool has one client, which is watched once.
      client ??= mortal(connected)
      taken(undefined, client)
    }),
}
const store = newReviewStore(new PgDatabase({ pool: watchedPool }))
if (settings.act === 'sweep') await store.closeDue({ limit: 1 })
else await store.vote({ ...settings.review, agentId: 'security-1', vote: criticalRejection })
await pool.end()
