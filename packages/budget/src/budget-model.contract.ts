import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BudgetController } from './budget-controller.ts'
import type { Settlement } from './budget-decision.ts'
import type { BudgetScope } from './budget-scope.ts'
import { BudgetModel, keyOf } from './testing/budget-model.ts'
import type { TotalUsage } from './usage.ts'

type Operation =
  | { readonly kind: 'limit'; readonly scope: Omit<BudgetScope, 'tenantId'>; readonly limit: number }
  | {
      readonly kind: 'request'
      readonly id: string
      readonly scope: RequestScope
      readonly tokens: number
      readonly ttlMs: number
    }
  | { readonly kind: 'commit'; readonly id: string; readonly usage: TotalUsage | 'unknown' }
  | { readonly kind: 'release'; readonly id: string }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'sweep' }

interface RequestScope {
  readonly projectId: string
  readonly taskId?: string
  readonly agentId?: string
}

const requestScope: fc.Arbitrary<RequestScope> = fc.record(
  {
    projectId: fc.constantFrom('p1', 'p2'),
    taskId: fc.constantFrom('t1', 't2'),
    agentId: fc.constantFrom('a1', 'a2'),
  },
  { requiredKeys: ['projectId'] },
)
const id = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8')
const usage: fc.Arbitrary<TotalUsage | 'unknown'> = fc.oneof(
  fc.constant('unknown' as const),
  fc.constantFrom(0, 5, 20, 60).map((totalTokens) => ({ totalTokens })),
)
type RequestOperation = Extract<Operation, { kind: 'request' }>

const freeRequest: fc.Arbitrary<RequestOperation> = fc.record({
  kind: fc.constant('request' as const),
  id,
  scope: requestScope,
  tokens: fc.constantFrom(5, 20, 40),
  ttlMs: fc.constantFrom(10, 1000),
})
/** The payload follows from the id, so that repeating one is a replay. */
const settledRequest: fc.Arbitrary<RequestOperation> = id.map((name) => {
  const number = Number(name.slice(1))
  return {
    kind: 'request',
    id: name,
    scope: {
      projectId: 'p1',
      ...(number % 2 === 0 ? { taskId: 't1' } : {}),
      ...(number % 3 === 0 ? { agentId: 'a1' } : {}),
    },
    tokens: number * 5,
    ttlMs: number % 4 === 0 ? 10 : 1000,
  }
})
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('limit' as const),
      scope: fc.oneof(fc.constant({}), requestScope),
      limit: fc.constantFrom(0, 20, 50, 100),
    }),
  },
  { weight: 6, arbitrary: settledRequest },
  { weight: 2, arbitrary: freeRequest },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const), id, usage }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(1, 10, 500) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
)

/** The controller on a real database answers and counts as the model does, whatever the order of operations. */
export function budgetModelContract(database: () => SqlDatabase, numRuns: number): void {
  test('any sequence of operations answers and counts as the model does', async () => {
    const scripts = fc.array(operation, { minLength: 1, maxLength: 40, size: 'max' })
    await fc.assert(
      fc.asyncProperty(scripts, (operations) => follow(database(), operations)),
      { numRuns, interruptAfterTimeLimit: 60_000 },
    )
  }, 120_000)
}

async function follow(database: SqlDatabase, operations: readonly Operation[]): Promise<void> {
  const clock = new FakeClock()
  const budgets = new BudgetController({ database, clock })
  const model = new BudgetModel()
  const tenantId = randomName('tenant')
  for (const one of operations) {
    if (one.kind === 'advance') {
      await clock.advance(one.ms)
      continue
    }
    const expected = inModel(model, tenantId, one, clock.now().getTime())
    expect(await inDatabase(budgets, tenantId, one)).toBe(expected)
    expect(await countersOf(budgets, model.scopes())).toEqual(model.counters())
  }
  const verification = await budgets.verify({ tenantId })
  expect(verification).toEqual({ isConsistent: true, checkedBudgets: model.scopes().length, differences: [] })
}

type Step = Exclude<Operation, { kind: 'advance' }>

function inModel(model: BudgetModel, tenantId: string, step: Step, nowMs: number): string {
  switch (step.kind) {
    case 'limit':
      return model.setLimit({ tenantId, ...step.scope }, step.limit)
    case 'request':
      return model.request(
        { requestId: step.id, tenantId, ...step.scope, tokens: step.tokens, ttlMs: step.ttlMs },
        nowMs,
      )
    case 'commit':
      return model.commit(step.id, step.usage, nowMs)
    case 'release':
      return model.release(step.id, nowMs)
    case 'sweep':
      return model.sweep(nowMs)
  }
}

async function inDatabase(budgets: BudgetController, tenantId: string, step: Step): Promise<string> {
  try {
    switch (step.kind) {
      case 'limit': {
        const change = await budgets.setLimit({
          scope: { tenantId, ...step.scope },
          limitTokens: step.limit,
          actor: 'model',
        })
        return `limit ${change.previousLimitTokens === undefined ? 'created' : 'changed'}`
      }
      case 'request': {
        const request = {
          requestId: step.id,
          tenantId,
          ...step.scope,
          tokens: step.tokens,
          ttlMs: step.ttlMs,
        }
        const decision = await budgets.requestTokens(request)
        if (decision.status === 'denied') return `denied ${decision.level} ${decision.availableTokens}`
        return decision.isReplay ? `replayed ${decision.reservation.status}` : 'granted'
      }
      case 'commit':
        return told(await budgets.commit({ tenantId, requestId: step.id, usage: step.usage }))
      case 'release':
        return told(await budgets.release({ tenantId, requestId: step.id }))
      case 'sweep':
        return `expired ${(await budgets.sweepExpired({ tenantId })).expiredCount}`
    }
  } catch (error) {
    if (!isGoldenError(error)) throw error
    return [error.code, error.details.field].filter((part) => part !== undefined).join(' ')
  }
}

function told({ reservation, isReplay }: Settlement): string {
  return isReplay ? `replayed ${reservation.status}` : reservation.status
}

async function countersOf(
  budgets: BudgetController,
  scopes: readonly BudgetScope[],
): Promise<Record<string, string>> {
  const counters: Record<string, string> = {}
  for (const scope of scopes) {
    const { limitTokens, usedTokens, reservedTokens } = await budgets.state(scope)
    counters[keyOf(scope)] = `${limitTokens} ${usedTokens} ${reservedTokens}`
  }
  return counters
}
