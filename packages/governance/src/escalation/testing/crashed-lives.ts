import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, type PostgresSchema, temporaryFolder } from '@golden-arch/testkit'
import pg from 'pg'
import { CLOCK_START, createControlledClock } from './controlled-clock.ts'
import type { EscalationCrashSettings } from './escalation-crash-process.ts'
import { judgeLife, type LifeOutcome, liveEscalation, outlastLocks } from './escalation-life.ts'

const PROCESS = fileURLToPath(new URL('escalation-crash-process.ts', import.meta.url))
const DAY_MS = 86_400_000

/** A life that nobody disturbed. */
export interface UndisturbedLife extends LifeOutcome {
  /** The names of its steps, each a statement, a commit or an alert. */
  readonly steps: readonly string[]
}

/** Where supervisors are killed: a schema with a controlled clock of its own. */
export interface CrashScene {
  readonly database: PgDatabase
  readonly pool: PostgresSchema['poolConfig']
  /** A folder for what the processes leave behind. */
  readonly folder: string
  close(): Promise<void>
}

/** Opens a scene on the PostgreSQL server at `address`. */
export async function openCrashScene(address: string): Promise<CrashScene> {
  const schema = await createPostgresSchema(address)
  const folder = await temporaryFolder('escalations')
  const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
  const database = new PgDatabase({ pool })
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'governance'] })
  await createControlledClock(database)
  const close = async (): Promise<void> => {
    await pool.end()
    await schema.drop()
    await folder.remove()
  }
  return { database, pool: schema.poolConfig, folder: folder.path, close }
}

/** Lives of escalations whose supervisor is killed. */
export class CrashedLives {
  readonly #scene: CrashScene
  #count = 0

  constructor(scene: CrashScene) {
    this.#scene = scene
  }

  /** The names of all steps of a life that nobody disturbs, and what is wrong with it. */
  async undisturbed(): Promise<UndisturbedLife> {
    const settings = this.#next(0)
    const { output } = await run(settings)
    return { steps: JSON.parse(output), ...(await this.#judge(settings)) }
  }

  /** Kills a supervisor right before a step, counted from 1, lets another one go on, and judges the whole. */
  async killedBefore(step: number): Promise<LifeOutcome> {
    const settings = this.#next(step)
    const { signal } = await run(settings)
    if (signal !== 'SIGKILL') return { problems: [`it did not die before step ${step}`], handedTwice: 0 }
    const { tenantId } = settings
    await outlastLocks(this.#scene.database, tenantId)
    const handed: string[] = []
    await liveEscalation({
      database: this.#scene.database,
      tenantId,
      startAt: new Date(settings.startAt),
      alerts: { raise: ({ kind, key }) => void handed.push(`${kind} ${key}`) },
    })
    return this.#judge(settings, handed)
  }

  #next(diesBefore: number): EscalationCrashSettings {
    const number = ++this.#count
    return {
      pool: this.#scene.pool,
      tenantId: `life-${number}`,
      startAt: new Date(CLOCK_START.getTime() + number * DAY_MS).toISOString(),
      alertLog: join(this.#scene.folder, `alerts-${number}`),
      diesBefore,
    }
  }

  #judge(settings: EscalationCrashSettings, handed: readonly string[] = []): Promise<LifeOutcome> {
    const { alertLog, tenantId } = settings
    const before = existsSync(alertLog) ? readFileSync(alertLog, 'utf8').split('\n').filter(Boolean) : []
    return judgeLife(this.#scene.database, tenantId, [...before, ...handed])
  }
}

async function run(
  settings: EscalationCrashSettings,
): Promise<{ readonly output: string; readonly signal: unknown }> {
  const args = ['--conditions=golden-arch-source', PROCESS, JSON.stringify(settings)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const output = await text(child.stdout)
  const [_code, signal] = await closed
  return { output, signal }
}
