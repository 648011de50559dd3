import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runContentionRound, setCooldowns } from '../testing/learning-contention.ts'
import { type OpenedGovernance, openOnPostgres } from '../testing/opened-governance.ts'
import { lockRole, selectSituation } from './learning-rows.ts'
import { PromptGovernor } from './prompt-governor.ts'

describeWithService('postgres', '50 proposals at once for each role on PostgreSQL', (address) => {
  let opened: OpenedGovernance
  beforeAll(async () => {
    opened = await openOnPostgres(address, 10)
  })
  afterAll(() => opened.close())

  it('keep every cooldown, in every round, and none fails', async () => {
    await setCooldowns(opened.database, 2)
    for (let round = 0; round < 2; round++) {
      const { told, applied, errors } = await runContentionRound(opened.database, 50)
      expect(errors).toEqual([])
      const once = new Map([
        ['applied', 1],
        ['cooldown_active', 49],
      ])
      for (const role of ['developer', 'reviewer', 'tester'] as const) {
        expect(told[role]).toEqual(once)
        expect(applied.get(role)).toBe(1)
      }
    }
  })

  it('keep every limit of the day and of what waits, in every round, and none fails', async () => {
    await setCooldowns(opened.database, 0)
    const { told, applied, errors } = await runContentionRound(opened.database, 50)
    expect(errors).toEqual([])
    for (const [role, limit] of [
      ['developer', 5],
      ['reviewer', 3],
      ['tester', 5],
    ] as const) {
      expect(told[role]).toEqual(
        new Map([
          ['applied', limit],
          ['daily_limit_reached', 50 - limit],
        ]),
      )
      expect(applied.get(role)).toBe(limit)
    }
    for (const role of ['security', 'architect'] as const) {
      expect(told[role]).toEqual(
        new Map([
          ['pending', 20],
          ['too_many_pending', 30],
        ]),
      )
      expect(applied.get(role)).toBe(0)
    }
  })

  it('are decided at the time after the wait, not at the time at which their transaction began', async () => {
    const { database } = opened
    const situation = await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ began: Date }>('SELECT now() AS began')
      await tx.query('SELECT pg_sleep(0.01)')
      await lockRole(tx, 'acme', 'developer', 1000)
      return { began: rows[0]?.began ?? null, now: (await selectSituation(tx, 'acme', 'developer')).now }
    })
    expect(situation.now.getTime()).toBeGreaterThan(situation.began?.getTime() ?? Number.NaN)
  })

  it('wait no longer than they were told to', async () => {
    const { database } = opened
    const governor = new PromptGovernor({ database, lockTimeoutMs: 1 })
    const locked = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    const holder = database.transaction(async (tx) => {
      await lockRole(tx, 'acme', 'developer', 1000)
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
      proposedBy: { id: 'agent', kind: 'agent' },
    })
    await expect(waiting).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', retryable: true })
    answered.resolve()
    await holder
  })
})
