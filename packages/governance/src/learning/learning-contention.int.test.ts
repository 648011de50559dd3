import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runContentionRound, setCooldowns } from '../testing/learning-contention.ts'
import { type OpenedGovernance, openOnPostgres } from '../testing/opened-governance.ts'
import { LearningGovernance } from './learning-governance.ts'
import { lockRole, selectSituation } from './learning-rows.ts'
import { PromptGovernor } from './prompt-governor.ts'

describeWithService('postgres', '50 proposals at once for each role on PostgreSQL', (address) => {
  let opened: OpenedGovernance
  beforeAll(async () => {
    opened = await openOnPostgres(address, 10)
  })
  afterAll(() => opened.close())

  it('keep every cooldown, and none fails', async () => {
    await setCooldowns(opened.database, 2)
    const { told, applied, errors } = await runContentionRound(opened.database, 50, ['developer', 'tester'])
    expect(errors).toEqual([])
    const once = new Map([
      ['applied', 1],
      ['cooldown_active', 49],
    ])
    for (const role of ['developer', 'tester'] as const) {
      expect(told.get(role)).toEqual(once)
      expect(applied.get(role)).toBe(1)
    }
  })

  it('keep every limit of the day and of what waits, and none fails', async () => {
    await setCooldowns(opened.database, 0)
    const { told, applied, errors } = await runContentionRound(opened.database, 50, ['reviewer', 'security'])
    expect(errors).toEqual([])
    expect(told.get('reviewer')).toEqual(
      new Map([
        ['applied', 3],
        ['daily_limit_reached', 47],
      ]),
    )
    expect(told.get('security')).toEqual(
      new Map([
        ['pending', 20],
        ['too_many_pending', 30],
      ]),
    )
    expect(applied).toEqual(
      new Map([
        ['reviewer', 3],
        ['security', 0],
      ]),
    )
  })

  it('are decided at the time after the wait, not at the time at which their transaction began', async () => {
    const { database } = opened
    const situation = await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ began: Date }>('SELECT now() AS began')
      await tx.query('SELECT pg_sleep(0.01)')
      await lockRole(tx, 'acme', 'developer', 600_000)
      return { began: rows[0]?.began ?? null, now: (await selectSituation(tx, 'acme', 'developer')).now }
    })
    expect(situation.now.getTime()).toBeGreaterThan(situation.began?.getTime() ?? Number.NaN)
  })

  it('wait no longer than they were told to', async () => {
    const { database } = opened
    const governor = new PromptGovernor({ learning: new LearningGovernance({ database, lockTimeoutMs: 1 }) })
    const locked = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    const holder = database.transaction(async (tx) => {
      await lockRole(tx, 'acme', 'developer', 600_000)
      locked.resolve()
      await answered.promise
    })
    await Promise.race([locked.promise, holder])
    const waiting = governor.propose({
      tenantId: 'acme',
      updateId: 'u-1',
      agentRole: 'developer',
      content: 'text',
      reason: 'none',
      actor: { id: 'agent', kind: 'agent' },
    })
    await expect(waiting).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', retryable: true })
    answered.resolve()
    await holder
  })
})
