import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, type SchemaPoolConfig, temporaryFolder } from '@golden-arch/testkit'
import pg from 'pg'
import { type ApprovalAct, act } from './approval-acts.ts'
import type { ApprovalCrashSettings, DeathMoment } from './approval-crash-process.ts'
import { type ApprovalRecord, ApprovalScene, person, timelessRecord } from './approval-scene.ts'

const PROCESS = fileURLToPath(new URL('approval-crash-process.ts', import.meta.url))

/** What can be killed while it happens. */
export const ACT_KINDS: readonly ApprovalAct['kind'][] = [
  'approve',
  'reject',
  'break the glass',
  'apply',
  'expire',
  'end broken glass',
]

/** An act that nobody disturbed: its statements, and the rows it left. */
export interface UndisturbedAct {
  readonly statements: readonly string[]
  readonly record: ApprovalRecord
}

/** A schema in which processes die, and what follows is looked at. */
export interface CrashedApprovals {
  /** Runs an act in a process that lives on. */
  undisturbed(kind: ApprovalAct['kind']): Promise<UndisturbedAct>
  /**
   * Runs an act in a process that dies, looks at what it left, and does the act again. Says what is wrong: a state that
   * is neither that before the act nor that after it, or an end that is not that of an undisturbed act.
   */
  killed(
    kind: ApprovalAct['kind'],
    at: { readonly statement: number; readonly moment: DeathMoment },
    expected: UndisturbedAct,
  ): Promise<readonly string[]>
  close(): Promise<void>
}

/** Prepares a schema on the server at `address`. */
export async function openCrashedApprovals(address: string): Promise<CrashedApprovals> {
  const schema = await createPostgresSchema(address)
  const folder = await temporaryFolder('approval-crashes')
  const pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
  const database = new PgDatabase({ pool })
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'governance'] })
  let next = 0

  const prepare = async (
    kind: ApprovalAct['kind'],
  ): Promise<{ scene: ApprovalScene; asked: ApprovalAct }> => {
    // The dead may hold the lock of the role until the server has noticed.
    const scene = await new ApprovalScene(database, 'architect', { lockTimeoutMs: 100_000 }).seed()
    const proposal = await scene.propose('u-0')
    await scene.propose('u-1')
    const { tenantId } = scene
    const byHand = 'SELECT approve_prompt_update($2, $3, $4, $1)'
    if (kind === 'apply') await scene.tamper(byHand, ['u-0', 'ada', 'reads well'])
    if (kind === 'expire') await scene.tamper(`${TIME_IS_UP} AND update_id = 'u-0'`)
    if (kind === 'end broken glass') {
      const glass = { tenantId, updateId: 'glass', agentRole: scene.role, content: 'stop', reason: 'harm' }
      await scene.approvals.breakGlass({ ...glass, actor: person('ada'), expiresInMs: 3_600_000 })
      await scene.tamper(TIME_IS_UP)
    }
    return { scene, asked: { kind, ...proposal } }
  }
  const run = async (
    settings: Omit<ApprovalCrashSettings, 'pool'>,
  ): Promise<{ readonly signal: unknown; readonly said: string }> =>
    runProcess({ ...settings, pool: schema.poolConfig })

  return {
    undisturbed: async (kind) => {
      const { scene, asked } = await prepare(kind)
      const alertLog = join(folder.path, `alerts-${next++}`)
      const { signal, said } = await run({ act: asked, alertLog, diesAt: 0, moment: 'before' })
      if (signal !== null) throw new Error(`the process ended by ${String(signal)}`)
      const statements: readonly string[] = JSON.parse(said)
      return { statements, record: timelessRecord(await scene.record()) }
    },
    killed: async (kind, { statement, moment }, expected) => {
      const { scene, asked } = await prepare(kind)
      const before = timelessRecord(await scene.record())
      const alertLog = join(folder.path, `alerts-${next++}`)
      const { signal } = await run({ act: asked, alertLog, diesAt: statement, moment })
      const problems = signal === 'SIGKILL' ? [] : ['the process did not die']
      const left = timelessRecord(await scene.record())
      if (!isDeepStrictEqual(left, before) && !isDeepStrictEqual(left, expected.record))
        problems.push('it left a half of the act')
      await act(scene.approvals, asked)
      await act(scene.approvals, asked)
      if (!isDeepStrictEqual(timelessRecord(await scene.record()), expected.record))
        problems.push('done again, it did not end as an undisturbed act')
      const own = scene.alerts.filter((alert) => alert.tenantId === scene.tenantId).length
      const alerts = own + (existsSync(alertLog) ? readFileSync(alertLog, 'utf8').split('\n').length - 1 : 0)
      if (kind === 'break the glass' && alerts === 0) problems.push('nobody was paged')
      return problems
    },
    close: async () => {
      await pool.end()
      await schema.drop()
      await folder.remove()
    },
  }
}

const TIME_IS_UP = `UPDATE learning_history SET proposed_at = proposed_at - interval '30 days', expires_at = expires_at - interval '30 days'
  WHERE tenant_id = $1 AND expires_at IS NOT NULL`

async function runProcess(
  settings: ApprovalCrashSettings & { readonly pool: SchemaPoolConfig },
): Promise<{ readonly signal: unknown; readonly said: string }> {
  const args = ['--conditions=golden-arch-source', PROCESS, JSON.stringify(settings)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (data) => {
    said += String(data)
  })
  const [, signal] = await once(child, 'close')
  return { signal, said }
}
