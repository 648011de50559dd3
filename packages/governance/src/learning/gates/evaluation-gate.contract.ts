import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../../testing/opened-governance.ts'
import { LearningGovernance } from '../learning-governance.ts'
import type { GateFinding } from '../ports/prompt-gate.ts'
import { contentSha256 } from '../prompt-content.ts'
import { evaluationGate } from './evaluation-gate.ts'
import { type EvaluationCommand, PromptEvaluations } from './prompt-evaluations.ts'

const bench: Actor = { id: 'bench', kind: 'service' }
const dataset = 'regressions@7'
const result = { kind: 'share', samples: 1000, successes: 900 } as const

/** What evaluations and their gate do on any SqlDatabase. Registers its tests. */
export function evaluationGateContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`evaluations on ${title}`, () => {
    let opened: OpenedGovernance
    let evaluations: PromptEvaluations
    let tenantId = ''

    beforeAll(async () => {
      opened = await open()
      const { database } = opened
      const records = { outbox: new SqlEventOutbox(), audit: new SqlAuditLog() }
      evaluations = new PromptEvaluations({ learning: new LearningGovernance({ database, ...records }) })
    })
    beforeEach(() => {
      tenantId = randomName('t')
    })
    afterAll(() => opened.close())

    const command = (content: string, more: Partial<EvaluationCommand> = {}): EvaluationCommand => ({
      tenantId,
      agentRole: 'reviewer',
      contentSha256: contentSha256(content),
      dataset,
      result,
      actor: bench,
      ...more,
    })
    const check = (content: string, base: string | null): Promise<readonly GateFinding[]> => {
      const gate = evaluationGate({ dataset, margin: 0.05 })
      return opened.database.transaction((tx) =>
        gate.check(tx, {
          tenantId,
          agentRole: 'reviewer',
          content,
          contentSha256: contentSha256(content),
          base: base === null ? null : { version: 1, content: base, contentSha256: contentSha256(base) },
        }),
      )
    }
    const auditOf = async (): Promise<readonly unknown[]> => {
      const { rows } = await opened.database.query<{ action: string; outcome: string }>(
        'SELECT action, outcome FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id',
        [tenantId],
      )
      return rows.map(({ action, outcome }) => `${action} ${outcome}`)
    }
    const eventsOf = async (): Promise<readonly string[]> => {
      const { rows } = await opened.database.query<{ event_type: string }>(
        'SELECT event_type FROM outbox WHERE tenant_id = $1 ORDER BY position',
        [tenantId],
      )
      return rows.map((row) => row.event_type)
    }

    it('are recorded once, with audit entry and event, and told again', async () => {
      const recorded = await evaluations.record(command('new'))
      expect(recorded).toMatchObject({ tenantId, dataset, result, recordedBy: { id: 'bench' } })
      const again = await Promise.all([1, 2, 3].map(() => evaluations.record(command('new'))))
      for (const one of again) expect(one).toEqual(recorded)
      expect(await evaluations.find(command('new'))).toEqual(recorded)
      expect(await evaluations.find(command('other'))).toBeUndefined()
      expect(await auditOf()).toEqual(['prompt.evaluate allowed'])
      expect(await eventsOf()).toEqual(['prompt.evaluated'])
    })

    it('keep means as they were given', async () => {
      const mean = { kind: 'mean', samples: 2, mean: -0.1, standardDeviation: 0 } as const
      await evaluations.record(command('mean', { result: mean }))
      expect(await evaluations.find(command('mean'))).toMatchObject({ result: mean })
      expect(await evaluations.record(command('mean', { result: mean }))).toMatchObject({ result: mean })
    })

    it('are not tried again until they pass', async () => {
      await evaluations.record(command('new', { result: { ...result, successes: 10 } }))
      await expect(evaluations.record(command('new'))).rejects.toMatchObject({
        code: 'LEARNING_EVALUATION_CONFLICT',
        message: expect.stringContaining(command('new').dataset),
      })
      expect(await evaluations.find(command('new'))).toMatchObject({ result: { successes: 10 } })
      expect(await auditOf()).toEqual(['prompt.evaluate allowed', 'prompt.evaluate denied'])
    })

    it('recorded by two at once with other results are one and a refusal', async () => {
      const results = await Promise.allSettled(
        [1, 2].map((successes) => evaluations.record(command('new', { result: { ...result, successes } }))),
      )
      expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(await eventsOf()).toEqual(['prompt.evaluated'])
    })

    it('are not recorded by agents, nor for a role without rules', async () => {
      const agent: Actor = { id: 'reviewer-1', kind: 'agent' }
      await expect(evaluations.record(command('new', { actor: agent }))).rejects.toMatchObject({
        code: 'LEARNING_NEEDS_PERSON',
      })
      // Safe: what a caller without types may pass.
      const agentRole = 'poet' as 'reviewer'
      await expect(evaluations.record(command('new', { agentRole }))).rejects.toMatchObject({
        code: 'LEARNING_UNKNOWN_ROLE',
        message: expect.stringContaining('role poet'),
      })
      expect(await auditOf()).toEqual(['prompt.evaluate denied', 'prompt.evaluate denied'])
      expect(await eventsOf()).toEqual([])
    })

    it.each<[string, Partial<EvaluationCommand>]>([
      ['contentSha256', { contentSha256: 'abc' }],
      ['contentSha256', { contentSha256: 'A'.repeat(64) }],
      ['dataset', { dataset: '' }],
      ['tenantId', { tenantId: 'half \ud83d' }],
      ['result.kind', { result: { kind: 'median' } as never }],
      ['result.successes', { result: { kind: 'share', samples: 10, successes: 11 } }],
      ['result.samples', { result: { kind: 'share', samples: 0, successes: 0 } }],
      ['result.samples', { result: { kind: 'mean', samples: 1, mean: 1, standardDeviation: 0 } }],
      ['result.mean', { result: { kind: 'mean', samples: 2, mean: Number.NaN, standardDeviation: 0 } }],
      ['result.standardDeviation', { result: { kind: 'mean', samples: 2, mean: 1, standardDeviation: -1 } }],
      ['result.mean', { result: { kind: 'mean', samples: 2, mean: 1e301, standardDeviation: 1 } }],
    ])('that break the rule of %s are refused at once: %j', async (option, more) => {
      await expect(evaluations.record(command('new', more))).rejects.toEqual(invalidOption(option))
    })

    it('let a text pass that is surely not worse by more than the margin', async () => {
      await evaluations.record(command('base'))
      await evaluations.record(command('as good', { result: { ...result, successes: 905 } }))
      await evaluations.record(command('worse', { result: { ...result, successes: 860 } }))
      expect(await check('as good', 'base')).toEqual([])
      expect(await check('worse', 'base')).toEqual([
        {
          gate: 'evaluation',
          rule: 'may-be-worse',
          message: expect.stringMatching(
            /difference is -0\.0400, at 0\.95 at least -0\.06.*less than -0\.05/,
          ),
        },
      ])
    })

    it('that are missing or too small are findings', async () => {
      expect(await check('new', 'base')).toMatchObject([
        { rule: 'missing', message: expect.stringContaining('candidate') },
      ])
      await evaluations.record(command('new'))
      expect(await check('new', 'base')).toMatchObject([
        { rule: 'missing', message: expect.stringContaining('base') },
      ])
      expect(await check('new', null)).toEqual([])
      const small = { kind: 'share', samples: 29, successes: 29 } as const
      await evaluations.record(command('base', { result: small }))
      expect(await check('new', 'base')).toMatchObject([
        { rule: 'too-few-samples', message: expect.stringContaining('base') },
      ])
    })

    it('bind to the very text, dataset, role and tenant', async () => {
      await evaluations.record(command('base'))
      await evaluations.record(command('new ', { actor: bench }))
      await evaluations.record(command('new', { dataset: 'regressions@8' }))
      await evaluations.record(command('new', { agentRole: 'tester' }))
      await evaluations.record(command('new', { tenantId: randomName('other') }))
      expect(await check('new', 'base')).toMatchObject([{ rule: 'missing' }])
    })
  })
}
