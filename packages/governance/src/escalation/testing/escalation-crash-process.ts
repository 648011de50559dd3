/**
 * A supervisor that dies: `node escalation-crash-process.ts <settings as JSON>`. It takes an escalation through its life
 * and kills itself with SIGKILL right before the step of the given number: a statement, a commit, or an alert that is
 * handed over. One that outlives its settings prints the names of all its steps.
 */
import { appendFileSync } from 'node:fs'
import { PgDatabase, type SqlDatabase, type SqlTransaction } from '@golden-arch/core/storage'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { liveEscalation } from './escalation-life.ts'

/** What the process is told. */
export interface EscalationCrashSettings {
  readonly pool: SchemaPoolConfig
  readonly tenantId: string
  readonly startAt: string
  /** A file that takes a line for each alert handed over. */
  readonly alertLog: string
  /** Number of the step that it does not live to take, from 1; 0: none. */
  readonly diesBefore: number
}

const settings: EscalationCrashSettings = JSON.parse(process.argv[2] ?? '')
const pool = new pg.Pool({ ...settings.pool, max: 2 })
const database = new PgDatabase({ pool })
const steps: string[] = []
let stage = ''

/** Writes the step down, or dies before it. Nothing else runs meanwhile: the signal is sent before the call returns. */
function step(name: string): void {
  steps.push(`${stage}: ${name}`)
  if (steps.length === settings.diesBefore) process.kill(process.pid, 'SIGKILL')
}

function nameOf(text: string): string {
  return text.trim().split(/\s+/).slice(0, 3).join(' ')
}

const watched: SqlDatabase = {
  capabilities: database.capabilities,
  query: (text, values, options) => {
    step(nameOf(text))
    return database.query(text, values, options)
  },
  script: (text) => database.script(text),
  session: (run) => database.session(run),
  transaction: (run, options) =>
    database.transaction(async (tx) => {
      const watchedTx: SqlTransaction = {
        scope: 'transaction',
        script: (text) => tx.script(text),
        query: (text, values, more) => {
          step(nameOf(text))
          return tx.query(text, values, more)
        },
      }
      const result = await run(watchedTx)
      step('commit')
      return result
    }, options),
}

await liveEscalation({
  database: watched,
  tenantId: settings.tenantId,
  startAt: new Date(settings.startAt),
  alerts: {
    raise: ({ kind, key }) => {
      step('alert')
      appendFileSync(settings.alertLog, `${kind} ${key}\n`)
    },
  },
  onStage: (name) => {
    stage = name
  },
})
console.log(JSON.stringify(steps))
await pool.end()
