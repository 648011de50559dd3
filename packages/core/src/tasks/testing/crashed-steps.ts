import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createPostgresSchema, type PostgresSchema, randomName, temporaryFolder } from '@golden-arch/testkit'
import pg from 'pg'
import { SqlEventOutbox } from '../../events/index.ts'
import { Migrator, readMigrationFolder } from '../../migrate/index.ts'
import { PgDatabase } from '../../storage/index.ts'
import { sleep } from '../../time/index.ts'
import type { StepKey } from '../steps/step.ts'
import { TaskSteps } from '../steps/task-steps.ts'
import { makeDue, requestStep } from './sample-steps.ts'
import type { StepCrashSettings } from './step-crash-process.ts'
import { judgeStep, type LifeEnd, liveStep } from './step-life.ts'

const PROCESS = fileURLToPath(new URL('step-crash-process.ts', import.meta.url))

/** Where services are killed: a schema of its own, and a folder for what they leave behind. */
export interface StepScene {
  readonly database: PgDatabase
  readonly pool: PostgresSchema['poolConfig']
  readonly folder: string
  /** By what the connections of `database` are known to the server. */
  readonly name: string
  close(): Promise<void>
}

/** Opens a scene on the PostgreSQL server at `address`. */
export async function openStepScene(address: string): Promise<StepScene> {
  const schema = await createPostgresSchema(address)
  const folder = await temporaryFolder('steps')
  const name = randomName('steps')
  const pool = new pg.Pool({ ...schema.poolConfig, max: 6, application_name: name })
  const database = new PgDatabase({ pool })
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'tasks'] })
  const close = async (): Promise<void> => {
    await pool.end()
    await schema.drop()
    await folder.remove()
  }
  return { database, pool: schema.poolConfig, folder: folder.path, name, close }
}

/** How a step came through. */
export interface StepOutcome {
  readonly problems: readonly string[]
  readonly calls: number
  /** How the life in the process ended; undefined where it was killed. */
  readonly end: LifeEnd | undefined
}

/** Steps whose services are killed or paused, each followed by another service that goes on. */
export class CrashedSteps {
  readonly #scene: StepScene
  #count = 0

  constructor(scene: StepScene) {
    this.#scene = scene
  }

  /** The names of all acts of a life that nobody disturbs. */
  async acts(): Promise<readonly string[]> {
    const settings = await this.#next('killed', 0)
    const { acts } = await readReport(lines(start(settings)))
    return acts
  }

  /** Kills a service right before an act, counted from 1, lets another one go on, and judges the whole. */
  async killedBefore(act: number): Promise<StepOutcome> {
    const settings = await this.#next('killed', act)
    const child = start(settings)
    child.stdout?.resume()
    const [, signal] = await once(child, 'close')
    if (signal !== 'SIGKILL')
      return { problems: [`it did not die before act ${act}`], calls: 0, end: undefined }
    await this.#goOn(settings)
    return this.#judge(settings, undefined)
  }

  /** Pauses a service right before an act, lets another one go on as if it were dead, wakes it, and judges the whole. */
  async pausedBefore(act: number): Promise<StepOutcome> {
    const settings = await this.#next('paused', act)
    const child = start(settings)
    const said = lines(child)
    const first = await said.next()
    if (first.value !== 'paused')
      return { problems: [`it did not pause before act ${act}`], calls: 0, end: undefined }
    // What the paused one has locked is free only when it goes on: the other waits for it, and not the test.
    const waiting = new AbortController()
    const other = this.#goOn(settings).finally(() => waiting.abort())
    await this.#otherWaitsForLock(waiting.signal)
    writeFileSync(settings.goFile, '')
    const { end } = await readReport(said)
    await other
    return this.#judge(settings, end)
  }

  /** Another service takes over where the lease has lapsed. */
  async #goOn({ key, callLog }: StepCrashSettings): Promise<void> {
    const { database } = this.#scene
    await makeDue(database, key)
    const call = (): void => appendFileSync(callLog, 'called\n')
    await liveStep({ database, key, owner: 'another', call })
  }

  /** Resolves as soon as the other waits for a lock, or `signal` fires. */
  async #otherWaitsForLock(signal: AbortSignal): Promise<void> {
    const { database, name } = this.#scene
    while (!signal.aborted) {
      const { rows } = await database.query<{ waits: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity
                  WHERE application_name = $1 AND wait_event_type = 'Lock') AS waits`,
        [name],
      )
      if (rows[0]?.waits === true) return
      await sleep(10)
    }
  }

  async #judge({ key, callLog }: StepCrashSettings, end: LifeEnd | undefined): Promise<StepOutcome> {
    const log = existsSync(callLog) ? readFileSync(callLog, 'utf8') : ''
    const calls = log.split('\n').filter(Boolean).length
    return { problems: await judgeStep(this.#scene.database, key, calls), calls, end }
  }

  async #next(ends: StepCrashSettings['ends'], before: number): Promise<StepCrashSettings> {
    const { database, folder, pool } = this.#scene
    const key: StepKey = await requestStep(
      database,
      new TaskSteps({ database, outbox: new SqlEventOutbox() }),
    )
    const number = ++this.#count
    const [callLog, goFile] = [join(folder, `calls-${number}`), join(folder, `go-${number}`)]
    return { pool, key, callLog, goFile, ends, before }
  }
}

function start(settings: StepCrashSettings): ChildProcess {
  const args = ['--conditions=golden-arch-source', PROCESS, JSON.stringify(settings)]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

function lines(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new Error('the process has no output')
  return createInterface(child.stdout)[Symbol.asyncIterator]()
}

async function readReport(
  said: AsyncIterator<string>,
): Promise<{ readonly acts: readonly string[]; readonly end: LifeEnd }> {
  return JSON.parse((await said.next()).value ?? '')
}
