import type { SqlDatabase } from '@golden-arch/core/storage'
import { invalidOption } from '@golden-arch/testkit/options'
import { expect, test } from 'vitest'
import { BudgetController } from './budget-controller.ts'
import type { BudgetControllerOptions } from './budget-controller-options.ts'
import { ScriptedLedger } from './testing/scripted-ledger.ts'

const MONEY = { currency: 'USD', micros: 5n }
const KEY = { tenantId: 't', requestId: 'r' }
const SCOPE = { tenantId: 't', projectId: 'p', taskId: 'x', agentId: 'a' }
const WHO = { actor: { id: 'alice', kind: 'human' }, reason: 'a slip' }
const PARTS = {
  inputTokens: 4,
  cachedReadTokens: 1,
  cachedWriteTokens: 1,
  outputTokens: 1,
  reasoningTokens: 1,
}
const FLAGS = { inputIncludesCached: true, outputIncludesReasoning: true }

/** Orders that are good as they stand: each field of them is spoiled in turn. */
const GOOD: readonly (readonly [keyof BudgetController, object])[] = [
  ['requestTokens', { ...KEY, ...SCOPE, tokens: 4, cost: MONEY, ttlMs: 5 }],
  ['commit', { ...KEY, usage: { totalTokens: 4, cost: MONEY }, overrun: 'allow' }],
  ['commit', { ...KEY, usage: { ...PARTS, ...FLAGS } }],
  ['release', KEY],
  ['extend', { ...KEY, ttlMs: 5, tokens: 5 }],
  ['extend', { ...KEY, cost: MONEY }],
  [
    'setLimit',
    { scope: SCOPE, limitTokens: 5, limitMoney: MONEY, period: { kind: 'rolling', lengthMs: 5000 }, ...WHO },
  ],
  [
    'setLimit',
    { scope: SCOPE, period: { kind: 'day', timeZone: 'UTC' }, softLimitPercents: [5, 50], ...WHO },
  ],
  ['adjust', { scope: SCOPE, adjustmentId: 'a1', tokens: 5, cost: MONEY, ...WHO }],
  ['refund', { ...KEY, adjustmentId: 'f1', tokens: 5, cost: MONEY, ...WHO }],
  ['sweepExpired', { tenantId: 't', limit: 5 }],
  ['forgetEnded', { retentionMs: 500_000_000, limit: 5 }],
  ['verify', { tenantId: 't', projectId: 'p' }],
  ['rebuild', { tenantId: 't', projectId: 'p', ...WHO }],
  ['state', SCOPE],
  ['below', { tenantId: 't', projectId: 'p' }],
  ['forecast', SCOPE],
  ['withBudget', { ...KEY, ...SCOPE, tokens: 4 }],
]
/** No field of any order takes one of these. */
const BAD: readonly unknown[] = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 53), 2 ** 53, 1.5],
  ...['', 'a\u0000b', 'x'.repeat(2000), [null], Symbol('s'), () => 1],
]
const OPTIONS = {
  ...{ cacheTimeoutMs: 1, operationTimeoutMs: 1, laneCount: 1, maxBatchLength: 1, maxQueueLength: 1 },
  ...{ maxRemembered: 1, ageAfterDenials: 1, defaultLimitTokens: 1, overrun: 'cap', cacheKeyPrefix: 'b:' },
  ...{ prices: [] },
} as const

test.each(GOOD.flatMap(([method, order]) => pathsOf(order).map((path) => [method, path, order] as const)))(
  '%s refuses what is no %j by name, and the database hears nothing',
  async (method, path, order) => {
    // Every statement would throw another error.
    const budgets = new BudgetController({ database: new ScriptedLedger() })
    for (const bad of [...BAD, ...(path.length === 0 ? [null] : [])]) {
      // Safe: the test hands over what a caller without types could.
      const call = budgets[method] as (order: unknown, run: unknown) => Promise<unknown>
      const called = call.call(
        budgets,
        spoiled(order, path, bad),
        method === 'withBudget' ? async () => 1 : undefined,
      )
      await expect(called).rejects.toEqual(invalidOption(expect.stringContaining(path.at(-1) ?? '')))
    }
  },
)

test.each(Object.keys(OPTIONS))('the option %s is refused by name where it is bad', (name) => {
  const database: SqlDatabase = new ScriptedLedger()
  for (const bad of [...BAD, 0.5]) {
    // Safe: the test hands over what a caller without types could.
    const options = { database, ...OPTIONS, [name]: bad } as BudgetControllerOptions
    expect(() => new BudgetController(options)).toThrow(invalidOption(name))
  }
})

test('a model without price tables is refused by name', async () => {
  const budgets = new BudgetController({ database: new ScriptedLedger() })
  const order = { ...KEY, projectId: 'p', model: 'small', inputTokens: 1, maxOutputTokens: 1 }
  const rule = expect.stringContaining('price')
  await expect(budgets.requestTokens(order)).rejects.toEqual(invalidOption('model', rule))
})

test.each([
  [5, -5n],
  [-5, 5n],
])('an adjustment by %d tokens and %d micros is refused: they go different ways', async (tokens, micros) => {
  const budgets = new BudgetController({ database: new ScriptedLedger() })
  const order = {
    scope: SCOPE,
    adjustmentId: 'a1',
    tokens,
    cost: { currency: 'USD', micros },
    reason: 'a slip',
  }
  const adjusted = budgets.adjust({ ...order, actor: { id: 'alice', kind: 'human' } })
  await expect(adjusted).rejects.toEqual(invalidOption('cost', 'of the same sign as tokens'))
})

test.each([
  ['cacheTimeoutMs', 10_000],
  ['operationTimeoutMs', 600_000],
  ['laneCount', 64],
  ['maxBatchLength', 1024],
  ['maxQueueLength', 1_000_000],
  ['maxRemembered', 1_000_000],
  ['ageAfterDenials', 1000],
])('%s is 1 to %i', (option, max) => {
  const make = (value: number) => new BudgetController({ database: new ScriptedLedger(), [option]: value })
  for (const value of [1, max]) expect(() => make(value)).not.toThrow()
  for (const value of [0, max + 1]) expect(() => make(value)).toThrow(invalidOption(option))
})

test('a controller without a database, and a lease without a function, are refused', async () => {
  // Safe: as above.
  expect(() => new BudgetController({} as BudgetControllerOptions)).toThrow('database')
  const budgets = new BudgetController({ database: new ScriptedLedger() })
  const run = undefined as unknown as () => Promise<void>
  const leased = budgets.withBudget({ ...KEY, projectId: 'p', tokens: 1 }, run)
  await expect(leased).rejects.toEqual(invalidOption('run', 'a function'))
})

/** The ways to all that is in an order, itself included. */
function pathsOf(order: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof order !== 'object' || order === null || Array.isArray(order)) return [path]
  return [path, ...Object.entries(order).flatMap(([name, value]) => pathsOf(value, [...path, name]))]
}

function spoiled(order: object, [first, ...rest]: readonly string[], bad: unknown): unknown {
  if (first === undefined) return bad
  const fields: Readonly<Record<string, unknown>> = { ...order }
  const value = fields[first]
  return { ...fields, [first]: typeof value === 'object' ? spoiled(value ?? {}, rest, bad) : bad }
}
