import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, describeWithService, type PostgresSchema } from '@golden-arch/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LearningScene } from '../../testing/learning-scene.ts'
import { LearningGovernance } from '../learning-governance.ts'
import type { CanaryTrial } from './canary-trial.ts'
import { PromptCanary } from './prompt-canary.ts'
import { promptFor } from './prompt-for.ts'
import { startOutcomeProcess } from './testing/start-outcome-process.ts'

const service: Actor = { id: 'runtime', kind: 'service' }
/** Failures in a row that take a trial with a fifth of the tasks back. */
const FATAL = 5

describeWithService('postgres', 'a trial whose outcomes are recorded by processes', (address) => {
  let schema: PostgresSchema
  let pool: pg.Pool
  let scene: LearningScene
  let canary: PromptCanary

  beforeAll(async () => {
    schema = await createPostgresSchema(address)
    pool = new pg.Pool({ ...schema.poolConfig, max: 4 })
    const database = new PgDatabase({ pool })
    const migrations = await readMigrationFolder('migrations')
    await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'governance'] })
    scene = new LearningScene(database)
    canary = new PromptCanary({
      learning: new LearningGovernance({
        database,
        outbox: new SqlEventOutbox(),
        audit: new SqlAuditLog(),
      }),
    })
  })
  afterAll(async () => {
    await pool.end()
    await schema.drop()
  })

  const startTrial = async (tenantId: string): Promise<CanaryTrial> => {
    const agentRole = 'developer'
    await scene.governor.seed({ tenantId, agentRole, content: 'Write tests.', actor: service })
    return canary.start({
      tenantId,
      canaryId: 'c-1',
      agentRole,
      candidate: { content: 'Write tests first.' },
      shareMilli: 200,
      actor: service,
    })
  }
  /** The first tasks that have the version on trial. */
  const tasksOnTrial = ({ version, contentSha256 }: CanaryTrial, count: number): readonly string[] => {
    const production = { version: 0, contentSha256: '' }
    const found: string[] = []
    for (let index = 0; found.length < count; index++) {
      const taskId = `task-${index}`
      const chosen = promptFor({
        taskId,
        production,
        canary: { version, contentSha256 },
        shareMilli: 200,
      })
      if (chosen.version === version) found.push(taskId)
    }
    return found
  }
  const record = (tenantId: string, taskIds: readonly string[]) =>
    Promise.all(
      taskIds.map((taskId) =>
        canary.recordOutcome({ tenantId, agentRole: 'developer', version: 2, taskId, succeeded: false }),
      ),
    )
  /** The trial was taken back once, with one entry and one event, and its label is gone. */
  const expectTakenBackOnce = async (tenantId: string): Promise<void> => {
    expect(await canary.get({ tenantId, canaryId: 'c-1' })).toMatchObject({
      status: 'rolled-back',
      counts: { canaryTasks: FATAL, canaryFailures: FATAL },
    })
    const entries = await scene.entries(tenantId)
    expect(entries.filter(({ action }) => action === 'prompt.endCanary')).toHaveLength(1)
    const events = await scene.events(tenantId)
    expect(events.filter(({ type }) => type === 'prompt.canaryEnded')).toHaveLength(1)
    const { rows } = await scene.database.query('SELECT label FROM prompt_labels WHERE tenant_id = $1', [
      tenantId,
    ])
    expect(rows).toEqual([{ label: 'production' }])
  }

  it('at once, the same failures by each, is taken back once and told once', async () => {
    const tenantId = 'two-at-once'
    const trial = await startTrial(tenantId)
    const taskIds = tasksOnTrial(trial, 12)
    const processes = [taskIds, [...taskIds].reverse()].map((ids) =>
      startOutcomeProcess({
        database: schema.poolConfig,
        tenantId,
        version: 2,
        taskIds: ids,
        diesAt: 0,
      }),
    )
    await Promise.all(processes.map((one) => one.ready))
    for (const one of processes) one.go()
    const ends = await Promise.all(processes.map((one) => one.ended))
    const said = ends.flatMap((one) => one.said)
    expect(said.filter((line) => line === 'alert')).toHaveLength(1)
    expect(said.filter((line) => line === 'counted rolled-back')).toHaveLength(1)
    expect(said.filter((line) => line.startsWith('counted'))).toHaveLength(FATAL)
    expect(said).toHaveLength(25)
    await expectTakenBackOnce(tenantId)
  })

  // Lock, count, end, label, audit entry, event: then the commit, and what comes after it.
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'one of which is killed at step %d is taken back once',
    async (diesAt) => {
      const tenantId = `killed-at-${diesAt}`
      const trial = await startTrial(tenantId)
      const taskIds = tasksOnTrial(trial, FATAL)
      await record(tenantId, taskIds.slice(0, FATAL - 1))
      const last = taskIds.slice(FATAL - 1)
      const child = startOutcomeProcess({
        database: schema.poolConfig,
        tenantId,
        version: 2,
        taskIds: last,
        diesAt,
      })
      await child.ready
      child.go()
      expect(await child.ended).toEqual({ signal: 'SIGKILL', said: [] })
      const [again] = await record(tenantId, last)
      expect(again?.status).toBe(diesAt === 8 ? 'not-counted' : 'counted')
      await expectTakenBackOnce(tenantId)
    },
  )
})
