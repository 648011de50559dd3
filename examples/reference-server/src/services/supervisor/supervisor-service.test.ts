import { createEvent } from '@golden-arch/core/events'
import { type Alert, silentMetrics } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { LearningGovernance, PromptCanary } from '@golden-arch/governance/learning'
import { randomName } from '@golden-arch/testkit'
import promClient from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { reachOnce } from '../../await-dependency.ts'
import { readConfiguration } from '../../configuration.ts'
import { Health } from '../../health.ts'
import type { ServerContext } from '../../server-context.ts'
import { assembleSharedParts } from '../../shared-parts.ts'
import { type FailingDatabase, failingDatabase } from '../../testing/failing-database.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { RolePrompts } from '../agent-runtime/role-prompts.ts'
import { AskingBench } from '../agent-runtime/testing/asking-bench.ts'
import { createSupervisorService } from './supervisor-service.ts'

/** Each wait ends with what is waited for. */
const PATIENT = { timeout: 110_000, interval: 50 }
const ada = { id: 'ada', kind: 'human' } as const

describe('the supervisor', () => {
  let own: Awaited<ReturnType<typeof openServerDatabase>>
  let failing: FailingDatabase
  let context: ServerContext
  let logger: RecordingLogger
  let stopping: AbortController
  let running: Promise<unknown>
  let tenantId = ''
  const alerts: Alert[] = []

  beforeAll(async () => {
    own = await openServerDatabase()
  })
  beforeEach(async () => {
    tenantId = randomName('t')
    logger = new RecordingLogger()
    alerts.length = 0
    failing = failingDatabase(own)
    context = await supervised(failing.database)
    stopping = new AbortController()
    const { signal } = stopping
    const service = await createSupervisorService(context)
    running = Promise.all([service.run(signal, signal), context.relay.run({ signal })])
  })
  afterEach(async () => {
    failing.setAway(false)
    stopping.abort()
    await running
    await context.broker.close({ drainTimeoutMs: 10_000 })
  })
  afterAll(() => own.close())

  async function supervised(database: SqlDatabase): Promise<ServerContext> {
    const limits = { projectLimitTokens: 1000, taskLimitTokens: 100 }
    const names = { tenantId, projectId: 'p' }
    const parts = await assembleSharedParts({
      ...{ database, logger, metrics: silentMetrics, ...names, ...limits },
      alerts: { raise: (alert) => void alerts.push(alert) },
    })
    return {
      ...parts,
      ...names,
      configuration: readConfiguration({}),
      version: '0.0.0',
      roles: ['supervisor'],
      isExclusive: true,
      redis: undefined,
      jetstream: undefined,
      registry: new promClient.Registry(),
      health: new Health({ database: async () => undefined }),
      watchAddress: undefined,
      reach: reachOnce,
      closeLater: () => undefined,
    }
  }

  const count = async (sql: string, values: readonly unknown[] = [tenantId]): Promise<number> => {
    const { rows } = await own.query<{ n: bigint }>(`SELECT count(*) AS n ${sql}`, values)
    return Number(rows[0]?.n)
  }
  const appendEntry = (action: string): Promise<void> =>
    own.transaction((tx) =>
      context.audit.append(tx, { tenantId, actor: ada, action, resource: 'thing/1', outcome: 'allowed' }),
    )
  const unlinked = (action: string): Promise<number> =>
    count(
      `FROM audit_log AS a WHERE tenant_id = $1 AND action = $2
          AND NOT EXISTS (SELECT 1 FROM audit_chain AS c WHERE c.tenant_id = $1 AND c.entry_id = a.entry_id)`,
      [tenantId, action],
    )
  const appendEvents = (): Promise<void> =>
    own.transaction((tx) =>
      context.outbox.append(
        tx,
        ['budget.expired', 'budget.late'].map((type) =>
          createEvent({ type, tenantId, source: 'budget', data: {} }, new Date()),
        ),
      ),
    )
  const written = (): Promise<number> =>
    count("FROM audit_log WHERE tenant_id = $1 AND resource LIKE 'event/%'")

  it('gives each entry of the audit log its place in the chain', async () => {
    await appendEntry('thing.made')
    await expect.poll(() => unlinked('thing.made'), PATIENT).toBe(0)
  })

  it('writes each budget event that leaves the outbox into the audit log, once', async () => {
    await appendEvents()
    await expect.poll(written, PATIENT).toBe(2)
  })

  it('raises an escalation that nobody takes on to the next level', async () => {
    const report = {
      tenantId,
      subject: { kind: 'breaker', id: 'm' },
      reason: 'stuck',
      severity: 'critical',
    } as const
    const { escalation } = await own.transaction((tx) => context.escalations.report(report, { tx }))
    await own.query(
      `UPDATE escalations SET timer_since = timer_since - interval '1 hour', due_at = clock_timestamp()
        WHERE tenant_id = $1 AND escalation_id = $2`,
      [tenantId, escalation.escalationId],
    )
    await expect
      .poll(async () => (await context.escalations.get(escalation)).level, PATIENT)
      .not.toBe(escalation.level)
  })

  it('tells who looks after prompts of a trial that is taken back', async () => {
    const agentRole = 'reviewer'
    await new RolePrompts(context).seed(tenantId)
    const canary = new PromptCanary({ learning: new LearningGovernance({ database: own }) })
    const candidate = { content: 'You are a reviewer who fails.' }
    const share = { shareMilli: 200, falseAlarmMilli: 200 }
    const started = await canary.start({
      ...{ tenantId, canaryId: 'trial', agentRole, candidate, actor: ada },
      ...share,
    })
    const bench = new AskingBench(own, { tenantId })
    const onTrial: string[] = []
    for (let number = 1; onTrial.length < 10; number++) {
      const taskId = `root-${number}`
      const chosen = await canary.choose({ tenantId, agentRole, taskId })
      if (chosen?.version === started.version) onTrial.push(taskId)
    }
    for (const taskId of onTrial) {
      await bench.addTask(taskId, 'p')
      await own.query(
        `INSERT INTO task_effects (tenant_id, effect_id, task_id, state, result, settled_at)
         VALUES ($1, $2, $2, 'done', $3::jsonb, clock_timestamp())`,
        [tenantId, taskId, JSON.stringify({ kind: 'answered', agentRole, promptVersion: started.version })],
      )
    }
    const ended = { type: 'task.transitioned', tenantId, source: 'orchestrator' }
    const data = { kind: 'root', to: 'failed' }
    await own.transaction((tx) =>
      context.outbox.append(
        tx,
        onTrial.map((subject) => createEvent({ ...ended, subject, data }, new Date())),
      ),
    )
    await expect
      .poll(async () => (await canary.get({ tenantId, canaryId: 'trial' })).status, PATIENT)
      .toBe('rolled-back')
    // It is raised after the commit.
    const told = (): number => alerts.filter((alert) => alert.kind === 'learning.canaryRolledBack').length
    await expect.poll(told, { timeout: 20_000, interval: 50 }).toBe(1)
  })

  it('outlives an outage of the database, in each of its loops, and does what waited then', async () => {
    failing.setAway(true)
    await appendEntry('thing.lost')
    await expect.poll(() => failing.failed(), PATIENT).toBeGreaterThan(20)
    expect(await unlinked('thing.lost')).toBe(1)
    failing.setAway(false)
    await expect.poll(() => unlinked('thing.lost'), PATIENT).toBe(0)
    await appendEvents()
    await expect.poll(written, PATIENT).toBe(2)
  })
})
