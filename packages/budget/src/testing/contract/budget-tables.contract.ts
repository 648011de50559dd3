import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import { timeOf } from '../time-of.ts'

const MOVEMENT = `INSERT INTO budget_transactions
  (tenant_id, kind, from_account, to_account, tokens, micros, budget_path, at, actor, adjustment_id)
  SELECT tenant_id, 'adjusted', 'available', 'used', 1, 0, ARRAY[budget_id], now()`

/** What the tables refuse whoever writes: a last line behind functions that never write it. */
export function budgetTablesContract(database: () => SqlDatabase): void {
  let tenantId: string

  beforeEach(async () => {
    tenantId = randomName('tenant')
    const budgets = new BudgetController({ database: database(), ...timeOf(new FakeClock()) })
    const scope = { tenantId, projectId: 'p' }
    await budgets.setLimit({ scope, limitTokens: 100, actor: { id: 'alice', kind: 'human' } })
    await budgets.requestTokens({ ...scope, requestId: 'r1', tokens: 40 })
    await budgets.requestTokens({ ...scope, requestId: 'r2', tokens: 40 })
    await budgets.commit({ tenantId, requestId: 'r2', usage: { totalTokens: 30 } })
  })

  describe('the tables refuse', () => {
    test.each([
      ['tokens below none', 'UPDATE budgets SET used_tokens = -1'],
      ['tokens beyond 2^53 - 1', 'UPDATE budgets SET reserved_tokens = 9007199254740992'],
      ['money below none', 'UPDATE budgets SET used_micros = -1'],
      ['money beyond 2^53 - 1', 'UPDATE budgets SET used_micros = 9007199254740992'],
      ['more than all of a limit as a warning', 'UPDATE budgets SET soft_limit_reached = 101'],
      ['a soft limit of nothing', "UPDATE budgets SET soft_limit_percents = '{0}'"],
      ['a currency that is no code', "UPDATE budgets SET currency = 'usd'"],
      ['an end without a period', "UPDATE budgets SET period_ends_at = period_starts_at + interval '1 day'"],
      [
        'a period that ends before it starts',
        "UPDATE budgets SET period_kind = 'rolling', period_length_ms = 1, period_ends_at = period_starts_at",
      ],
      [
        'a rolling period without a length',
        "UPDATE budgets SET period_kind = 'rolling', period_ends_at = period_starts_at + interval '1 day'",
      ],
      [
        'a day without a time zone',
        "UPDATE budgets SET period_kind = 'day', period_ends_at = period_starts_at + interval '1 day'",
      ],
      ['a task of no project', "UPDATE budgets SET project_id = '', task_id = 't'"],
      ['a limit of money in no currency', 'UPDATE budgets SET limit_micros = 1'],
      [
        'usage of what is still held',
        "UPDATE budget_reservations SET used_tokens = 1 WHERE request_id = 'r1' AND tenant_id = $1",
      ],
      [
        'an open hold that was settled',
        "UPDATE budget_reservations SET settled_at = held_at WHERE request_id = 'r1' AND tenant_id = $1",
      ],
      [
        'a commit without usage',
        "UPDATE budget_reservations SET used_tokens = NULL WHERE request_id = 'r2' AND tenant_id = $1",
      ],
      [
        'the same id twice',
        "INSERT INTO budget_reservations SELECT * FROM budget_reservations WHERE request_id = 'r1' AND tenant_id = $1",
      ],
      ['a correction by nobody', `${MOVEMENT}, NULL, 'a1' FROM budgets`],
      ['a correction without an id', `${MOVEMENT}, 'alice', NULL FROM budgets`],
      ['one correction twice', `${MOVEMENT}, 'alice', 'a1' FROM budgets CROSS JOIN generate_series(1, 2)`],
    ])('%s', async (_what, statement) => {
      const own = statement.includes('$1') ? statement : `${statement} WHERE tenant_id = $1`
      await expect(database().query(own, [tenantId])).rejects.toMatchObject({
        code: expect.stringMatching(/VIOLATION$/),
      })
    })

    test('nothing of the same shape that is right', async () => {
      const right =
        "UPDATE budgets SET limit_micros = 1, currency = 'USD', soft_limit_reached = 100 WHERE tenant_id = $1"
      await expect(database().query(right, [tenantId])).resolves.toMatchObject({ rowCount: 1 })
      const correction = `${MOVEMENT}, 'alice', 'a1' FROM budgets WHERE tenant_id = $1`
      await expect(database().query(correction, [tenantId])).resolves.toMatchObject({ rowCount: 1 })
    })
  })
}
