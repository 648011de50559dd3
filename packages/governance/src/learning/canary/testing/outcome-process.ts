/**
 * A process that records failed tasks: `node outcome-process.ts <settings as JSON>`. It says `ready`, waits for a line, records
 * each task, says what became of it (`counted running`), and `alert` for each alert. It may die by SIGKILL on the way.
 */

import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { PgDatabase, type SqlDatabase, type SqlTransaction } from '@golden-arch/core/storage'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { LearningGovernance } from '../../learning-governance.ts'
import { PromptCanary } from '../prompt-canary.ts'

/** What the process is told. */
export interface OutcomeSettings {
  readonly database: SchemaPoolConfig
  readonly tenantId: string
  readonly version: number
  readonly taskIds: readonly string[]
  /** Before which statement of a transaction it dies, from 1; one past the last is the commit, one more is after it. 0: it lives. */
  readonly diesAt: number
}

const settings: OutcomeSettings = JSON.parse(process.argv[2] ?? '')
const pool = new pg.Pool({ ...settings.database, max: 4 })
const database = new PgDatabase({ pool })
let statements = 0

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

/** One more step of the transaction; the process may not live through it. */
async function step(): Promise<void> {
  statements++
  if (statements !== settings.diesAt) return
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
}

const watched: SqlDatabase = {
  capabilities: database.capabilities,
  query: (text, values, options) => database.query(text, values, options),
  script: (text) => database.script(text),
  session: (run) => database.session(run),
  transaction: async (run, options) => {
    const result = await database.transaction(async (tx) => {
      const stepped: SqlTransaction = {
        scope: 'transaction',
        script: (text) => tx.script(text),
        query: async (text, values, more) => {
          await step()
          return tx.query(text, values, more)
        },
      }
      const value = await run(stepped)
      await step()
      return value
    }, options)
    await step()
    return result
  },
}

const canary = new PromptCanary({
  learning: new LearningGovernance({
    database: watched,
    outbox: new SqlEventOutbox(),
    audit: new SqlAuditLog(),
    alerts: { raise: () => say('alert') },
  }),
})
await database.query('SELECT 1')
say('ready')
await once(process.stdin, 'data')
process.stdin.destroy()
await Promise.all(
  settings.taskIds.map(async (taskId) => {
    const { tenantId, version } = settings
    const task = { tenantId, agentRole: 'developer', version, taskId, succeeded: false } as const
    const { status, trial } = await canary.recordOutcome(task)
    say(`${status} ${trial?.status ?? 'none'}`)
  }),
)
await pool.end()
