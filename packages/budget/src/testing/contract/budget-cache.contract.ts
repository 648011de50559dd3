import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { type KeyValueStore, MemoryKeyValueStore, type SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { SizedRequest } from '../../budget-request.ts'
import { timeOf } from '../time-of.ts'

/** What a cache may and may not do to a {@link BudgetController}. */
export function budgetCacheContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let tenantId: string
  const projectId = 'p:1'
  const controller = (cache: KeyValueStore | undefined, logger = new RecordingLogger()) =>
    new BudgetController({
      ...{ database: database(), ...timeOf(clock), logger },
      ...(cache === undefined ? {} : { cache }),
    })
  const ask = (changes: Partial<SizedRequest> = {}): SizedRequest => ({
    ...{ requestId: 'r1', tenantId, projectId, tokens: 40 },
    ...changes,
  })
  const live = async (budgets: BudgetController): Promise<readonly unknown[]> => {
    await budgets.setLimit({
      scope: { tenantId, projectId },
      limitTokens: 100,
      actor: { id: 'alice', kind: 'human' },
    })
    const granted = await budgets.requestTokens(ask())
    const committed = await budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 30 } })
    const replays = [await budgets.requestTokens(ask()), await budgets.requestTokens(ask())]
    const denied = await budgets.requestTokens(ask({ requestId: 'r2', tokens: 71 }))
    return [granted, committed, ...replays, denied, await budgets.state({ tenantId, projectId })]
  }

  describe('the cache', () => {
    beforeEach(() => {
      clock = new FakeClock()
      tenantId = randomName('tenant')
    })

    test('a final answer is given from the cache, its payload compared as ever', async () => {
      const metrics = new RecordingMetrics()
      let reads = 0
      const counting = new Proxy(database(), {
        get: (target, name) => {
          if (name === 'query') reads++
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      const cache = new MemoryKeyValueStore({ clock })
      const budgets = new BudgetController({ database: counting, ...timeOf(clock), cache, metrics })
      await live(budgets)
      expect(await cache.get(`budget:req:${tenantId}::r1`)).toBeDefined()
      const before = reads
      expect(await budgets.requestTokens(ask())).toMatchObject({
        isReplay: true,
        reservation: { status: 'committed', usedTokens: 30, heldAt: clock.now() },
      })
      await expect(budgets.requestTokens(ask({ tokens: 41 }))).rejects.toMatchObject({
        code: 'REQUEST_CONFLICT',
        details: { field: 'tokens' },
      })
      expect(reads).toBe(before)
    })

    test('a final answer is kept for 5 minutes, a hold that is open or expired not at all', async () => {
      const cache = new MemoryKeyValueStore({ clock })
      const budgets = controller(cache)
      await live(budgets)
      const key = `budget:req:${tenantId}::r1`
      await clock.advance(299_999)
      expect(await cache.get(key)).toBeDefined()
      await clock.advance(1)
      expect(await cache.get(key)).toBeUndefined()
      expect(await budgets.requestTokens(ask())).toMatchObject({ reservation: { usedTokens: 30 } })
      const open = ask({ requestId: 'open', tokens: 1, ttlMs: 10 })
      for (const _again of [1, 2]) await budgets.requestTokens(open)
      await clock.advance(10)
      await budgets.sweepExpired({ tenantId })
      expect(await budgets.requestTokens(open)).toMatchObject({ reservation: { status: 'expired' } })
      expect(await cache.get(`budget:req:${tenantId}::open`)).toBeUndefined()
      await budgets.commit({ tenantId, requestId: 'open', usage: 'unknown' })
      expect(await budgets.requestTokens(open)).toMatchObject({ reservation: { status: 'late' } })
    })

    test('a state is at most 10 seconds old, and fresh after its limit was set', async () => {
      const cache = new MemoryKeyValueStore({ clock })
      const budgets = controller(cache)
      await live(budgets)
      const used = async () => (await budgets.state({ tenantId, projectId })).usedTokens
      await controller(undefined).requestTokens(ask({ requestId: 'r3', tokens: 1 }))
      await controller(undefined).commit({ tenantId, requestId: 'r3', usage: 'unknown' })
      expect([await used(), (await cache.get(`budget:state:${tenantId}:p%3A1`)) !== undefined]).toEqual([
        30,
        true,
      ])
      await clock.advance(10_000)
      expect(await used()).toBe(31)
      await budgets.setLimit({
        scope: { tenantId, projectId },
        limitTokens: 500,
        actor: { id: 'alice', kind: 'human' },
      })
      expect((await budgets.state({ tenantId, projectId })).limitTokens).toBe(500)
    })

    test('what stands in the place of a state and is of another budget, or not whole, is not believed', async () => {
      const cache = new MemoryKeyValueStore({ clock })
      const budgets = controller(cache)
      await live(budgets)
      const key = `budget:state:${tenantId}:p%3A1`
      const row = JSON.parse((await cache.get(key)) ?? 'null')
      const planted = { ...row, used_tokens: 77 }
      const { reserved_tokens: _left, ...half } = planted
      const put = (value: unknown) => cache.set(key, JSON.stringify(value), { ttlMs: 1000 })
      const used = async () => (await budgets.state({ tenantId, projectId })).usedTokens
      await put(planted)
      expect(await used()).toBe(77)
      for (const wrong of [{ ...planted, tenant_id: 'other' }, { ...planted, project_id: 'q' }, half, null]) {
        await put(wrong)
        expect(await used()).toBe(30)
      }
    })

    const down: KeyValueStore = {
      get: () => Promise.reject(new Error('down')),
      set: () => Promise.reject(new Error('down')),
      delete: () => Promise.reject(new Error('down')),
    }
    const garbled: KeyValueStore = {
      get: () => Promise.resolve('{'),
      set: () => Promise.resolve(true),
      delete: () => Promise.resolve(0),
    }
    test.each([
      ['down', () => down, ['the budget cache gave no answer']],
      ['full of garbage', () => garbled, ['the budget cache holds an unreadable value']],
      ['forgetful', () => ({ ...garbled, get: () => Promise.resolve(undefined) }), []],
    ])('with a cache that is %s every answer is as without one', async (_title, cache, told) => {
      const expected = await live(controller(undefined))
      const first = tenantId
      tenantId = randomName('tenant')
      const logger = new RecordingLogger()
      const answers = await live(controller(cache(), logger))
      expect(new Set(logger.messages())).toEqual(new Set(told))
      expect(logger.messages('debug')).toEqual(logger.messages())
      expect(JSON.parse(text(answers).replaceAll(tenantId, first))).toEqual(JSON.parse(text(expected)))
    })

    test('a cache that hangs costs one time limit, then is left alone for a while', async () => {
      let asked = 0
      const hang = <T>(): Promise<T> => {
        asked++
        return new Promise<T>(() => {})
      }
      const budgets = controller({ get: hang, set: hang, delete: hang })
      let isOver = false
      const ended = live(budgets).finally(() => {
        isOver = true
      })
      let spentMs = 0
      while (!isOver) {
        if (clock.pendingCount > 0 && asked > 0) {
          await clock.advance(1)
          spentMs++
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      await ended
      expect(asked).toBeLessThanOrEqual(3)
      expect(spentMs).toBeLessThan(1000)
    })
  })
}

function text(answers: readonly unknown[]): string {
  return JSON.stringify(answers, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}
