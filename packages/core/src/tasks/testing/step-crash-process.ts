/**
 * A service that dies or is paused: `node step-crash-process.ts <settings as JSON>`. It takes a step through its life,
 * and before the statement, commit or call of the given number it either kills itself with SIGKILL, or stands still as a
 * whole, timers included, until it is told to go on. One that outlives its settings prints the names of all its acts and
 * how the life ended.
 */
import { appendFileSync, existsSync, writeSync } from 'node:fs'
import type { SchemaPoolConfig } from '@golden-arch/testkit'
import pg from 'pg'
import { PgDatabase, type SqlDatabase, type SqlTransaction } from '../../storage/index.ts'
import type { StepKey } from '../steps/step.ts'
import { liveStep } from './step-life.ts'

/** What the process is told. */
export interface StepCrashSettings {
  readonly pool: SchemaPoolConfig
  readonly key: StepKey
  /** A file that takes a line for each call. */
  readonly callLog: string
  /** A file whose coming ends the pause. */
  readonly goFile: string
  readonly ends: 'killed' | 'paused'
  /** Number of the act before which that happens, from 1; 0: none. */
  readonly before: number
}

const settings: StepCrashSettings = JSON.parse(process.argv[2] ?? '')
const pool = new pg.Pool({ ...settings.pool, max: 2 })
const database = new PgDatabase({ pool })
const acts: string[] = []
let stage = ''

/** Writes the act down, or ends before it. Nothing else runs meanwhile. */
function act(name: string): void {
  acts.push(`${stage}: ${name}`)
  if (acts.length !== settings.before) return
  if (settings.ends === 'killed') process.kill(process.pid, 'SIGKILL')
  writeSync(1, 'paused\n')
  const turn = new Int32Array(new SharedArrayBuffer(4))
  while (!existsSync(settings.goFile)) Atomics.wait(turn, 0, 0, 5)
}

function nameOf(text: string): string {
  return text.trim().split(/\s+/).slice(0, 2).join(' ')
}

const watched: SqlDatabase = {
  capabilities: database.capabilities,
  query: (text, values, options) => {
    act(nameOf(text))
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
          act(nameOf(text))
          return tx.query(text, values, more)
        },
      }
      const result = await run(watchedTx)
      act('commit')
      return result
    }, options),
}

const end = await liveStep({
  database: watched,
  key: settings.key,
  owner: `process-${process.pid}`,
  call: () => {
    act('call')
    appendFileSync(settings.callLog, 'called\n')
  },
  onStage: (name) => {
    stage = name
  },
})
writeSync(1, `${JSON.stringify({ acts, end })}\n`)
await pool.end()
