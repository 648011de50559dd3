import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CallOptions } from '../../budget-calls.ts'
import { BudgetController } from '../../budget-controller.ts'
import { timeOf } from '../time-of.ts'

/** What becomes of calls whose callers do not wait for the answer, on any database. */
export function budgetCancellationContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let tenantId: string
  let budgets: BudgetController
  let gate: Gate
  const aborted = { code: 'ABORTED', retryable: false }
  const ask = (requestId: string, options: CallOptions = {}) =>
    budgets.requestTokens({ requestId, tenantId, projectId: 'p', tokens: 40 }, options)
  const commit = (requestId: string, options: CallOptions = {}) =>
    budgets.commit({ tenantId, requestId, usage: { totalTokens: 30 } }, options)
  const counters = async () => {
    const { usedTokens, reservedTokens } = await budgets.state({ tenantId, projectId: 'p' })
    return [usedTokens, reservedTokens]
  }
  /** Another process, or the same one later. */
  const another = () => new BudgetController({ database: database(), ...timeOf(clock) })
  /** Lets one statement take effect, and its caller go before the answer is there. */
  const leaveAfterSending = async (call: (options: CallOptions) => Promise<unknown>) => {
    const leaving = new AbortController()
    const { isDone, open } = gate.close()
    const refused = expect(call({ signal: leaving.signal })).rejects.toMatchObject(aborted)
    await isDone
    leaving.abort(new Error('gone'))
    await refused
    open()
  }

  describe('a caller that goes away', () => {
    beforeEach(async () => {
      clock = new FakeClock()
      tenantId = randomName('tenant')
      gate = new Gate(database())
      budgets = new BudgetController({ database: gate.asDatabase(), ...timeOf(clock) })
      await budgets.setLimit({
        scope: { tenantId, projectId: 'p' },
        limitTokens: 100,
        actor: { id: 'alice', kind: 'human' },
      })
    })

    test('after its request was sent finds by id what was held, and can give it back', async () => {
      await leaveAfterSending((options) => ask('r1', options))
      budgets = another()
      expect(await ask('r1')).toMatchObject({ isReplay: true, reservation: { status: 'held' } })
      expect(await counters()).toEqual([0, 40])
      await budgets.release({ tenantId, requestId: 'r1' })
      expect(await counters()).toEqual([0, 0])
    })

    test('after its commit was sent is charged, once', async () => {
      await ask('r1')
      await leaveAfterSending((options) => commit('r1', options))
      budgets = another()
      expect(await commit('r1')).toMatchObject({ isReplay: true, reservation: { usedTokens: 30 } })
      expect(await counters()).toEqual([30, 0])
      expect((await budgets.verify({ tenantId })).differences).toEqual([])
    })

    test('while its request waits in the queue leaves nothing behind', async () => {
      const { isDone, open } = gate.close()
      const first = ask('r1')
      await isDone
      const leaving = new AbortController()
      const waiting = expect(ask('r2', { signal: leaving.signal })).rejects.toMatchObject(aborted)
      leaving.abort()
      await waiting
      open()
      await first
      const missing = { code: 'RESERVATION_NOT_FOUND' }
      await expect(budgets.release({ tenantId, requestId: 'r2' })).rejects.toMatchObject(missing)
      expect(await counters()).toEqual([0, 40])
    })
  })

  test('a request of the same id with other content that comes while the first is under way is a conflict', async () => {
    clock = new FakeClock()
    tenantId = randomName('tenant')
    budgets = new BudgetController({ database: database(), ...timeOf(clock) })
    await budgets.setLimit({
      scope: { tenantId, projectId: 'p' },
      limitTokens: 100,
      actor: { id: 'alice', kind: 'human' },
    })
    const other = { requestId: 'r1', tenantId, projectId: 'p', tokens: 41 }
    const [first, second, third] = await Promise.allSettled([
      ask('r1'),
      budgets.requestTokens(other),
      ask('r1'),
    ])
    expect([first, third]).toMatchObject([{ value: { isReplay: false } }, { value: { isReplay: true } }])
    const field = { code: 'REQUEST_CONFLICT', details: { field: 'tokens' } }
    expect(second).toMatchObject({ status: 'rejected', reason: field })
    expect(await counters()).toEqual([0, 40])
  })
}

/** The functions that hold and settle. */
const CHANGES = /budget_(apply|hold_alone|settle_alone)\(/

/** A database that, once closed, keeps the answer to the next batch until it is opened. */
class Gate {
  readonly #database: SqlDatabase
  #next: { readonly done: () => void; readonly isOpen: Promise<void> } | undefined

  constructor(database: SqlDatabase) {
    this.#database = database
  }

  close(): { readonly isDone: Promise<void>; readonly open: () => void } {
    const done = Promise.withResolvers<void>()
    const open = Promise.withResolvers<void>()
    this.#next = { done: done.resolve, isOpen: open.promise }
    return { isDone: done.promise, open: open.resolve }
  }

  asDatabase(): SqlDatabase {
    const query: SqlDatabase['query'] = async (text, values, options) => {
      // Safe: the rows are those of the caller's own statement.
      const result = await this.#database.query<never>(text, values, options)
      // What changed a reservation says when it did.
      const [row] = result.rows as readonly { readonly at?: unknown }[]
      const held = CHANGES.test(text) && row?.at instanceof Date ? this.#next : undefined
      if (held !== undefined) this.#next = undefined
      held?.done()
      await held?.isOpen
      if (options?.signal?.aborted) throw StorageError.of('OUTCOME_UNKNOWN', 'nobody waits any more')
      return result
    }
    return new Proxy(this.#database, {
      get: (target, name) => {
        if (name === 'query') return query
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}
