import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import type { BudgetControllerOptions } from '../budget-controller-options.ts'
import { ScriptedLedger, type SeenBatch } from '../testing/scripted-ledger.ts'

describe('batching', () => {
  let ledger: ScriptedLedger
  let release: () => void
  const controller = (options: Partial<BudgetControllerOptions> = {}) =>
    new BudgetController({ database: ledger, laneCount: 1, ...options })
  const ask = (requestId: string, tenantId = 't', tokens = 1) => ({
    requestId,
    tenantId,
    projectId: 'p',
    tokens,
  })
  const seen = () => ledger.batches.map(({ requests }) => requests.join(' '))
  /** Lets the first batch wait until `release` is called. */
  const holdFirst = () => {
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    ledger.fate = () => (ledger.batches.length === 1 ? gate : undefined)
  }
  /** Waits until so many batches were sent. */
  const sent = async (count: number) => {
    while (ledger.batches.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  const failing = (error: Error, when: (batch: SeenBatch) => boolean) => {
    ledger.fate = (batch) => {
      if (when(batch)) throw error
    }
  }

  beforeEach(() => {
    ledger = new ScriptedLedger()
  })

  test('calls that come together travel together, and the next batch forms while one is under way', async () => {
    holdFirst()
    const budgets = controller()
    const first = budgets.requestTokens(ask('a'))
    await sent(1)
    const others = ['b', 'c', 'd'].map((id) => budgets.requestTokens(ask(id)))
    expect(budgets.queueLength).toBe(4)
    release()
    await Promise.all([first, ...others])
    expect(seen()).toEqual(['a', 'b c d'])
    expect(budgets.queueLength).toBe(0)
  })

  test.each([
    ['beside this process, in two halves that take turns', 8, [150, 150, 150, 150]],
    ['in this process, all together, since none goes on while it works', 1, [300, 300]],
  ])('many callers travel to a database %s', async (_, maxConcurrentTransactions, lengths) => {
    ledger = new ScriptedLedger(maxConcurrentTransactions)
    const budgets = controller()
    const call = async (caller: number) => {
      for (const step of ['first', 'second']) await budgets.requestTokens(ask(`${step} ${caller}`))
    }
    await Promise.all(Array.from({ length: 300 }, (_, caller) => call(caller)))
    expect(ledger.batches.map(({ requests }) => requests.length)).toEqual(lengths)
  })

  test('a batch holds no more than its cap, and each tenant gets a place in it', async () => {
    holdFirst()
    const budgets = controller({ maxBatchLength: 3 })
    const all = [budgets.requestTokens(ask('x'))]
    await sent(1)
    for (const id of ['a1', 'a2', 'a3', 'a4']) all.push(budgets.requestTokens(ask(id, 'a')))
    all.push(budgets.requestTokens(ask('b1', 'b')))
    release()
    await Promise.all(all)
    expect(seen()).toEqual(['x', 'a1 b1 a2', 'a3 a4'])
  })

  test('one root budget keeps to one lane, and different ones use all lanes', async () => {
    let atOnce = 0
    let most = 0
    ledger.fate = async () => {
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce--
    }
    const one = controller({ laneCount: 4 })
    await Promise.all(Array.from({ length: 50 }, (_, id) => one.requestTokens(ask(`r${id}`))))
    expect(most).toBe(1)
    await Promise.all(Array.from({ length: 50 }, (_, id) => one.requestTokens(ask(`r${id}`, `t${id}`))))
    expect(most).toBe(4)
  })

  test('the same request that comes while the first is under way shares its answer as a replay', async () => {
    const metrics = new RecordingMetrics()
    const budgets = controller({ metrics })
    const decisions = await Promise.all([1, 2, 3].map(() => budgets.requestTokens(ask('a'))))
    expect(decisions.map((one) => one.status === 'granted' && one.isReplay)).toEqual([false, true, true])
    expect(seen()).toEqual(['a'])
  })

  test('another step with the same reservation waits for the first, and never travels with it', async () => {
    const budgets = controller()
    const [decision, settlement, other] = await Promise.all([
      budgets.requestTokens(ask('a')),
      budgets.commit({ tenantId: 't', requestId: 'a', usage: { totalTokens: 1 } }),
      budgets.requestTokens(ask('b')),
    ])
    expect([decision.status, settlement.reservation.status, other.status]).toEqual([
      'granted',
      'committed',
      'granted',
    ])
    expect(ledger.batches).toEqual([
      { requests: ['a', 'b'], resolutions: [] },
      { requests: [], resolutions: ['a'] },
    ])
  })

  describe('too many', () => {
    test('a call beyond the bound is refused at once and says when to come again', async () => {
      holdFirst()
      const budgets = controller({ maxQueueLength: 2 })
      const kept = ['a', 'b'].map((id) => budgets.requestTokens(ask(id)))
      await expect(budgets.requestTokens(ask('c'))).rejects.toMatchObject({
        code: 'BUDGET_OVERLOADED',
        retryable: true,
        details: { queueLength: 2, retryAfterMs: expect.any(Number) },
      })
      release()
      await Promise.all(kept)
      expect(await budgets.requestTokens(ask('c'))).toMatchObject({ status: 'granted' })
    })
  })

  describe('aborting', () => {
    test('a caller that waits is taken out of the queue; its step is never sent', async () => {
      holdFirst()
      const budgets = controller()
      const first = budgets.requestTokens(ask('a'))
      await sent(1)
      const aborting = new AbortController()
      const gone = budgets.requestTokens(ask('b'), { signal: aborting.signal })
      const behind = budgets.commit({ tenantId: 't', requestId: 'a', usage: 'unknown' }, aborting)
      const stays = budgets.requestTokens(ask('c'))
      const refused = [gone, behind].map((one) => expect(one).rejects.toMatchObject({ code: 'ABORTED' }))
      await Promise.resolve()
      aborting.abort(new Error('changed my mind'))
      await Promise.all(refused)
      expect(budgets.queueLength).toBe(2)
      release()
      await Promise.all([first, stays])
      expect(ledger.batches).toEqual([
        { requests: ['a'], resolutions: [] },
        { requests: ['c'], resolutions: [] },
      ])
    })

    test('a caller whose step was sent goes without the answer, and who asked the same gets it', async () => {
      holdFirst()
      const budgets = controller()
      const aborting = new AbortController()
      const gone = budgets.requestTokens(ask('a'), { signal: aborting.signal })
      const stays = budgets.requestTokens(ask('a'))
      await sent(1)
      const refused = expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
      aborting.abort()
      await refused
      release()
      expect(await stays).toMatchObject({ status: 'granted' })
      expect(budgets.queueLength).toBe(0)
    })

    test('a step that waits is sent as long as one of those who asked for it stays', async () => {
      holdFirst()
      const budgets = controller()
      const first = budgets.requestTokens(ask('a'))
      await sent(1)
      const aborting = new AbortController()
      const gone = budgets.requestTokens(ask('b'), { signal: aborting.signal })
      const stays = budgets.requestTokens(ask('b'))
      const refused = expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
      await Promise.resolve()
      aborting.abort()
      await refused
      release()
      expect(await Promise.all([first, stays])).toMatchObject([{ status: 'granted' }, { status: 'granted' }])
      expect(seen()).toEqual(['a', 'b'])
    })

    test('a signal that has fired already sends nothing', async () => {
      const request = controller().requestTokens(ask('a'), { signal: AbortSignal.abort() })
      await expect(request).rejects.toMatchObject({ code: 'ABORTED' })
      expect(ledger.batches).toEqual([])
    })
  })

  describe('failures', () => {
    const clock = new FakeClock()
    const all = (budgets: BudgetController, ids: readonly string[]) =>
      Promise.allSettled(ids.map((id) => budgets.requestTokens(ask(id))))
    const codes = (settled: readonly PromiseSettledResult<unknown>[]) =>
      settled.map((one) => (one.status === 'fulfilled' ? 'granted' : (one.reason.code ?? one.reason.message)))
    const patient = async <T>(work: Promise<T>): Promise<T> => {
      let isOver = false
      const ended = work.finally(() => {
        isOver = true
      })
      while (!isOver) {
        await clock.advance(20)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return ended
    }

    test('a poisoned entry is isolated by splitting: the others are served', async () => {
      const poison = StorageError.of('CHECK_VIOLATION', 'bad', { details: { sqlState: '23514' } })
      failing(poison, ({ requests }) => requests.includes('r5'))
      const ids = Array.from({ length: 8 }, (_, id) => `r${id}`)
      expect(codes(await all(controller(), ids))).toEqual(
        ids.map((id) => (id === 'r5' ? 'CHECK_VIOLATION' : 'granted')),
      )
      expect(ledger.batches.length).toBeLessThanOrEqual(7)
    })

    test.each([
      'DEADLOCK',
      'SERIALIZATION_FAILURE',
      'OUTCOME_UNKNOWN',
      'DATABASE_UNAVAILABLE',
      'UNIQUE_VIOLATION',
    ] as const)('a batch that ended in %s is sent again with the same ids', async (code) => {
      failing(StorageError.of(code, 'once'), () => ledger.batches.length < 3)
      expect(codes(await patient(all(controller({ clock }), ['a', 'b'])))).toEqual(['granted', 'granted'])
      expect(seen()).toEqual(['a b', 'a b', 'a b'])
    })

    test('an outcome that stays unknown is told as such, retryable, after a bounded number of tries', async () => {
      failing(StorageError.of('OUTCOME_UNKNOWN', 'gone'), () => true)
      const settled = await patient(all(controller({ clock }), ['a', 'b']))
      expect(codes(settled)).toEqual(['BUDGET_OUTCOME_UNKNOWN', 'BUDGET_OUTCOME_UNKNOWN'])
      expect(settled[0]).toMatchObject({ reason: { retryable: true } })
      expect(ledger.batches).toHaveLength(5)
    })

    test('any other failure reaches every caller of the batch at once, and the next batch goes', async () => {
      failing(StorageError.of('QUERY_FAILED', 'no such function'), () => ledger.batches.length === 1)
      const budgets = controller()
      expect(codes(await all(budgets, ['a', 'b']))).toEqual(['QUERY_FAILED', 'QUERY_FAILED'])
      expect(codes(await all(budgets, ['c']))).toEqual(['granted'])
    })

    test('a database that gives no answer ends in a typed error at the deadline, for those in the queue too', async () => {
      ledger.fate = () => new Promise(() => {})
      const budgets = controller({ clock, operationTimeoutMs: 100 })
      const first = all(budgets, ['a'])
      await sent(1)
      const second = all(budgets, ['b'])
      expect(codes(await patient(first))).toEqual(['DEADLINE_EXCEEDED'])
      expect(codes(await patient(second))).toEqual(['DEADLINE_EXCEEDED'])
      expect(budgets.queueLength).toBe(0)
    })
  })
})
