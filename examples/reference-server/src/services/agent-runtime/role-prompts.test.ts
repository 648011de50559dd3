import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Alert } from '@golden-arch/core/observability'
import { AGENT_ROLES } from '@golden-arch/core/tasks'
import {
  LearningGovernance,
  PromptCanary,
  PromptGovernor,
  PromptRegistry,
} from '@golden-arch/governance/learning'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openServerDatabase } from '../../testing/server-database.ts'
import { ROLE_PROMPTS } from './prompts.ts'
import { RolePrompts } from './role-prompts.ts'
import { AskingBench } from './testing/asking-bench.ts'
import { answering, ScriptedPort } from './testing/scripted-port.ts'

const ACTOR = { id: 'ada', kind: 'human' } as const

let database: Awaited<ReturnType<typeof openServerDatabase>>
let prompts: RolePrompts
/** Prompts are a tenant's: each test has one of its own. */
let tenantId: string
let bench: AskingBench
let next = 0

beforeAll(async () => {
  database = await openServerDatabase()
  prompts = new RolePrompts({ database, outbox: new SqlEventOutbox(), audit: new SqlAuditLog() })
})
afterAll(() => database.close())
beforeEach(() => {
  tenantId = `tenant-${++next}`
  bench = new AskingBench(database, { tenantId })
})

const system = { role: 'system', content: 'as the caller has it' } as const
const user = { role: 'user', content: 'do it' } as const
const port = (): ScriptedPort => new ScriptedPort('m', () => answering('{"n":1}'))

describe('governed prompts', () => {
  it('are those that come along where a tenant asks for the first time, and can be taken back to from its first change on', async () => {
    const model = port()
    const question = await bench.question({ messages: [system, user] })
    const replies = [1, 2].map(async (attempt) =>
      bench.runtime(model, { prompts }).ask({ ...question, attempt }),
    )
    for (const reply of await Promise.all(replies)) expect(reply.answeredBy?.promptVersion).toBe(1)
    const told = { role: 'system', content: ROLE_PROMPTS.developer }
    for (const { messages } of model.calls) expect(messages).toEqual([told, user])
    // Another tenant's prompts are none of ours.
    const registry = new PromptRegistry({ database })
    expect((await registry.listVersions({ tenantId, agentRole: 'developer' })).items).toHaveLength(1)
    expect((await registry.listVersions({ tenantId: 'globex', agentRole: 'developer' })).items).toEqual([])
  })

  describe('once they are seeded', () => {
    beforeEach(() => prompts.seed(tenantId))

    it('are one version for each role, however often they are seeded', async () => {
      await prompts.seed(tenantId)
      const registry = new PromptRegistry({ database })
      for (const agentRole of AGENT_ROLES) {
        const { items } = await registry.listVersions({ tenantId, agentRole })
        expect(items).toHaveLength(1)
        expect((await registry.findCurrent({ tenantId, agentRole }))?.content).toBe(ROLE_PROMPTS[agentRole])
      }
    })

    it('take the place of what the question brings, by the role of its agent; the version is kept with the call', async () => {
      const model = port()
      const question = await bench.question({ agentId: 'security-1', messages: [system, user] })
      const reply = await bench.runtime(model, { prompts }).ask(question)
      expect(model.calls[0]?.messages).toEqual([{ role: 'system', content: ROLE_PROMPTS.security }, user])
      expect(reply.answeredBy?.promptVersion).toBe(1)
      expect((await bench.effects(question))[0]?.result).toMatchObject({
        agentRole: 'security',
        promptVersion: 1,
        model: 'm',
      })
    })

    it('are named by the question where its agent has no role', async () => {
      const model = port()
      const messages = [user]
      await bench.runtime(model, { prompts }).ask(await bench.question({ agentId: 'bot', messages }))
      await bench
        .runtime(model, { prompts })
        .ask(await bench.question({ agentId: 'bot', role: 'tester', messages }))
      expect(model.calls.map((call) => call.messages[0]?.content)).toEqual(['do it', ROLE_PROMPTS.tester])
    })

    it('change with an update that is in force', async () => {
      const governor = new PromptGovernor({ learning: new LearningGovernance({ database }) })
      const content = 'You are a tester, and a better one.'
      const registry = new PromptRegistry({ database })
      const current = await registry.findCurrent({ tenantId, agentRole: 'tester' })
      const decision = await governor.propose({
        tenantId,
        updateId: 'better',
        agentRole: 'tester',
        content,
        reason: 'it learned',
        expectedBaseVersion: current?.version ?? null,
        actor: ACTOR,
      })
      expect(decision.status).toBe('applied')
      const model = port()
      const reply = await bench
        .runtime(model, { prompts })
        .ask(await bench.question({ agentId: 'tester-1', messages: [system, user] }))
      expect(model.calls[0]?.messages[0]?.content).toBe(content)
      expect(reply.answeredBy?.promptVersion).toBe(2)
    })

    it('are tried on a share of the roots, whose ends settle the trial', async () => {
      const canary = new PromptCanary({ learning: new LearningGovernance({ database }), maxShareMilli: 999 })
      const content = 'You are a reviewer on trial.'
      await canary.start({
        tenantId,
        canaryId: 'trial',
        agentRole: 'reviewer',
        candidate: { content },
        actor: ACTOR,
        shareMilli: 500,
      })
      const seen = new Set<string | undefined>()
      for (let tries = 0; seen.size < 2 && tries < 100; tries++) {
        const model = port()
        const question = await bench.question({ agentId: 'reviewer-1', messages: [system, user] })
        const partId = `${question.taskId}/part`
        await bench.addTask(partId, question.projectId, question.taskId)
        await bench.runtime(model, { prompts }).ask({ ...question, taskId: partId })
        // What another role was told is no word on this one's trial.
        await bench.runtime(port(), { prompts }).ask({ ...question, agentId: 'developer-1', step: 'other' })
        await prompts.recordOutcome({ tenantId, taskId: question.taskId, succeeded: true })
        await prompts.recordOutcome({ tenantId, taskId: question.taskId, succeeded: true })
        seen.add(model.calls[0]?.messages[0]?.content)
      }
      expect(seen).toEqual(new Set([content, ROLE_PROMPTS.reviewer]))
      const { counts } = await canary.get({ tenantId, canaryId: 'trial' })
      expect(counts.canaryTasks).toBeGreaterThan(0)
      expect(counts.productionTasks).toBeGreaterThan(0)
      expect(Math.min(counts.canaryTasks, counts.productionTasks)).toBe(1)
      // A root that asked no reviewer tells nothing of the trial.
      const other = await bench.question()
      await prompts.recordOutcome({ tenantId, taskId: other.taskId, succeeded: false })
      expect((await canary.get({ tenantId, canaryId: 'trial' })).counts).toEqual(counts)
    })

    it('that fail on trial are taken back, and who looks after prompts is told', async () => {
      const alerts: Alert[] = []
      const told = new RolePrompts({
        ...{ database, outbox: new SqlEventOutbox(), audit: new SqlAuditLog() },
        alerts: { raise: (alert) => void alerts.push(alert) },
      })
      const canary = new PromptCanary({ learning: new LearningGovernance({ database }), maxShareMilli: 999 })
      const trial = { tenantId, canaryId: 'trial' }
      await canary.start({
        ...trial,
        agentRole: 'reviewer',
        candidate: { content: 'You are a reviewer who fails.' },
        actor: ACTOR,
        shareMilli: 500,
        falseAlarmMilli: 200,
      })
      for (let roots = 0; roots < 100 && (await canary.get(trial)).status === 'running'; roots++) {
        const question = await bench.question({ agentId: 'reviewer-1', messages: [system, user] })
        const reply = await bench.runtime(port(), { prompts: told }).ask(question)
        const succeeded = reply.answeredBy?.promptVersion === 1
        await told.recordOutcome({ tenantId, taskId: question.taskId, succeeded })
      }
      expect((await canary.get(trial)).status).toBe('rolled-back')
      expect(alerts).toMatchObject([
        { kind: 'learning.canaryRolledBack', tenantId, details: { agentRole: 'reviewer' } },
      ])
    })
  })
})
