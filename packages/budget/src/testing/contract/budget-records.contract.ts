import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { SizedRequest } from '../../budget-request.ts'
import type { BudgetScope } from '../../budget-scope.ts'
import { beforeStatement } from '../before-statement.ts'
import { timeOf } from '../time-of.ts'

/** What a {@link BudgetController} records, and what it refuses, on any database. */
export function budgetRecordsContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let budgets: BudgetController
  let tenantId: string
  const projectId = 'p'
  const ask = (changes: Partial<SizedRequest> = {}): SizedRequest => ({
    requestId: 'r1',
    tenantId,
    projectId,
    tokens: 40,
    ...changes,
  })
  const limit = (limitTokens: number, scope: object = { projectId }) =>
    budgets.setLimit({ scope: { tenantId, ...scope }, limitTokens, actor: { id: 'alice', kind: 'human' } })
  const counters = async (scope: object = { projectId }) => {
    const { usedTokens, reservedTokens, availableTokens } = await budgets.state({ tenantId, ...scope })
    return [usedTokens, reservedTokens, availableTokens]
  }

  beforeEach(() => {
    clock = new FakeClock()
    tenantId = randomName('tenant')
    budgets = new BudgetController({ database: database(), ...timeOf(clock) })
  })

  describe('the ledger', () => {
    test('a counter that was tampered with is found and named', async () => {
      await limit(100)
      await budgets.requestTokens(ask())
      await database().query(
        'UPDATE budgets SET used_tokens = 5, reserved_tokens = 30 WHERE tenant_id = $1',
        [tenantId],
      )
      const scope = { tenantId, projectId }
      expect(await budgets.verify({ tenantId, projectId })).toEqual({
        isConsistent: false,
        checkedBudgets: 1,
        differences: [
          { scope, unit: 'tokens', counter: 'used', counted: 5n, rebuilt: 0n },
          { scope, unit: 'tokens', counter: 'reserved', counted: 30n, rebuilt: 40n },
          { scope, unit: 'tokens', counter: 'held reservations', counted: 30n, rebuilt: 40n },
        ],
      })
    })

    test.each([
      'UPDATE budget_transactions SET tokens = 1',
      'DELETE FROM budget_transactions',
      'TRUNCATE budget_transactions',
    ])('the database refuses %s', async (statement) => {
      await limit(100)
      await expect(database().query(statement)).rejects.toThrow()
    })
  })

  describe('events and audit', () => {
    const events = async () => {
      const { rows } = await database().query<{ event_type: string }>(
        'SELECT event_type FROM outbox WHERE tenant_id = $1 ORDER BY position',
        [tenantId],
      )
      return rows.map((row) => row.event_type)
    }

    beforeEach(() => {
      const sinks = { outbox: new SqlEventOutbox(), audit: new SqlAuditLog() }
      budgets = new BudgetController({ database: database(), ...timeOf(clock), ...sinks })
    })

    test('expiry, late usage and the first denial of each limit are told, grants and commits are not', async () => {
      await limit(100)
      await budgets.requestTokens(ask({ ttlMs: 10 }))
      await budgets.requestTokens(ask({ requestId: 'r2' }))
      await budgets.commit({ tenantId, requestId: 'r2', usage: 'unknown' })
      expect(await events()).toEqual([])
      await clock.advance(10)
      await budgets.sweepExpired({ tenantId })
      await budgets.commit({ tenantId, requestId: 'r1', usage: 'unknown' })
      for (const requestId of ['r3', 'r4']) await budgets.requestTokens(ask({ requestId }))
      await limit(101)
      await budgets.requestTokens(ask({ requestId: 'r5' }))
      expect(await events()).toEqual([
        'budget.expired',
        'budget.late',
        'budget.exhausted',
        'budget.exhausted',
      ])
    })

    test('a limit that a person sets while a program makes sure of one stays, and nothing more is recorded', async () => {
      const entries = async () => {
        const text = 'SELECT actor FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id'
        const { rows } = await database().query<{ actor: string }>(text, [tenantId])
        return rows.map(({ actor }) => actor)
      }
      const order = {
        limitTokens: 7,
        actor: { id: 'program', kind: 'service' },
        isOnlyIfAbsent: true,
      } as const
      const scopes = ['p', 'q', 'r'].map((project) => ({ tenantId, projectId: project }))
      const [present = { tenantId }, overtaken = { tenantId }, absent = { tenantId }] = scopes
      const person = (scope: BudgetScope) =>
        budgets.setLimit({ scope, limitTokens: 100, actor: { id: 'alice', kind: 'human' } })
      await person(present)
      expect(await budgets.setLimit({ scope: present, ...order })).toMatchObject({
        previousLimitTokens: 100,
        state: { limitTokens: 100 },
      })
      const slow = new BudgetController({
        database: beforeStatement(database(), 'budget_set_limit', () => person(overtaken)),
        ...timeOf(clock),
      })
      expect(await slow.setLimit({ scope: overtaken, ...order })).toMatchObject({
        previousLimitTokens: 100,
        state: { limitTokens: 100 },
      })
      const { state, previousLimitTokens } = await budgets.setLimit({ scope: absent, ...order })
      expect([state.limitTokens, previousLimitTokens]).toEqual([7, undefined])
      expect(await entries()).toEqual(['alice', 'alice', 'program'])
      expect((await budgets.verify({ tenantId })).differences).toEqual([])
    })

    test('a limit is set together with its audit entry', async () => {
      await limit(100)
      const { rows } = await database().query(
        'SELECT actor, actor_kind, action, resource, details FROM audit_log WHERE tenant_id = $1',
        [tenantId],
      )
      const details = { scope: { tenantId, projectId }, limitTokens: 100 }
      expect(rows).toEqual([
        {
          actor: 'alice',
          actor_kind: 'human',
          action: 'budget.setLimit',
          resource: 'budget/project',
          details,
        },
      ])
    })
  })

  describe('bad input changes nothing', () => {
    const long = 'x'.repeat(257)
    test.each<[string, Partial<Record<keyof SizedRequest, unknown>>]>([
      ['tokens', { tokens: -1 }],
      ['tokens', { tokens: 0 }],
      ['tokens', { tokens: Number.NaN }],
      ['tokens', { tokens: 1.5 }],
      ['tokens', { tokens: 2 ** 53 }],
      ['tokens', { tokens: '40' }],
      ['requestId', { requestId: '' }],
      ['requestId', { requestId: long }],
      ['requestId', { requestId: 'a\u0000b' }],
      ['requestId', { requestId: '\ud800' }],
      ['tenantId', { tenantId: '' }],
      ['projectId', { projectId: undefined }],
      ['taskId', { taskId: long }],
      ['agentId', { agentId: 7 }],
      ['ttlMs', { ttlMs: 0 }],
      ['ttlMs', { ttlMs: 86_400_001 }],
    ])('a request with a bad %s: %o', async (option, changes) => {
      await limit(100)
      // Safe: the test hands over what a caller without types could.
      await expect(budgets.requestTokens({ ...ask(), ...changes } as SizedRequest)).rejects.toEqual(
        invalidOption(option),
      )
      expect(await counters()).toEqual([0, 0, 100])
    })

    test.each([-1, Number.NaN, 0.5, 2 ** 53])('a commit of %d tokens', async (totalTokens) => {
      await limit(100)
      await budgets.requestTokens(ask())
      const commit = budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens } })
      await expect(commit).rejects.toEqual(invalidOption('usage.totalTokens'))
      expect(await counters()).toEqual([0, 40, 60])
    })

    test('an id with quotes and SQL in it is an id like any other', async () => {
      const requestId = `'); DROP TABLE budgets; --`
      await limit(100)
      await budgets.requestTokens(ask({ requestId }))
      expect(await budgets.release({ tenantId, requestId })).toMatchObject({ reservation: { requestId } })
    })

    test('a limit for a task without its project', async () => {
      await expect(limit(1, { taskId: 't' })).rejects.toEqual(
        invalidOption('projectId', 'given where taskId or agentId is'),
      )
    })
  })
}
