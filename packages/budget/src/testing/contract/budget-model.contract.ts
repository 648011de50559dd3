import { isGoldenError } from '@golden-arch/core/errors'
import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetSettlement } from '../../budget-decision.ts'
import type { BudgetScope } from '../../budget-scope.ts'
import type { TotalUsage } from '../../pricing/usage.ts'
import { BudgetModel, keyOf } from '../budget-model.ts'
import { timeOf } from '../time-of.ts'

type Operation =
  | {
      readonly kind: 'limit'
      readonly scope: Omit<BudgetScope, 'tenantId'>
      readonly limit: number
      readonly isByDay: boolean
    }
  | { readonly kind: 'refund'; readonly id: string; readonly tokens: number }
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
  | { readonly kind: 'extend'; readonly id: string; readonly tokens: number; readonly ttlMs: number }
  | { readonly kind: 'adjust'; readonly scope: RequestScope; readonly tokens: number }
  /** The process ends and another one goes on, with nothing remembered. */
  | { readonly kind: 'restart' }
  /** The next change of a reservation takes effect and its answer is lost on the way. */
  | { readonly kind: 'lose answer' }
  /** All at once; duplicates too. */
  | { readonly kind: 'burst'; readonly steps: readonly Step[] }

type Step = Extract<Operation, { kind: 'request' | 'commit' | 'release' | 'extend' }>

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
const commit = fc.record({ kind: fc.constant('commit' as const), id, usage })
const release = fc.record({ kind: fc.constant('release' as const), id })
const extend = fc.record({
  kind: fc.constant('extend' as const),
  id,
  tokens: fc.constantFrom(1, 10, 30, 60),
  ttlMs: fc.constantFrom(10, 1000),
})
const burst = fc.record({
  kind: fc.constant('burst' as const),
  steps: fc.uniqueArray(fc.oneof(settledRequest, settledRequest, freeRequest, commit, release, extend), {
    minLength: 2,
    maxLength: 8,
    selector: (step) => step.id,
  }),
})
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('limit' as const),
      scope: fc.oneof(fc.constant({}), requestScope),
      limit: fc.constantFrom(0, 20, 50, 100),
      isByDay: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: settledRequest },
  { weight: 2, arbitrary: freeRequest },
  { weight: 3, arbitrary: commit },
  { weight: 2, arbitrary: release },
  { weight: 2, arbitrary: extend },
  { weight: 4, arbitrary: burst },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('adjust' as const),
      scope: requestScope,
      tokens: fc.constantFrom(-10, -3, 5),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('refund' as const), id, tokens: fc.constantFrom(1, 5, 20) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose answer' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 10, 500, 40_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
)

/** How many sequences the long proof wants, in place of the few of a test. */
const longRuns = Number(process.env.BUDGET_MODEL_RUNS ?? '0')

/** The controller on a real database answers and counts as the model does, whatever the order of operations. */
export function budgetModelContract(database: () => SqlDatabase, numRuns: number): void {
  const bounds = longRuns > 0 ? { numRuns: longRuns } : { numRuns, interruptAfterTimeLimit: 60_000 }
  const timeoutMs = 120_000 + longRuns * 2_000
  test(
    'any sequence of operations answers and counts as the model does',
    async () => {
      const scripts = fc.array(operation, { minLength: 1, maxLength: 40, size: 'max' })
      await fc.assert(
        fc.asyncProperty(scripts, (operations) => follow(database(), operations)),
        bounds,
      )
    },
    timeoutMs,
  )
}

async function follow(database: SqlDatabase, operations: readonly Operation[]): Promise<void> {
  const clock = new FakeClock()
  const lossy = new LossyDatabase(database)
  const start = () =>
    // Nobody ages: in the model who comes first is served first.
    new BudgetController({
      database: lossy.asDatabase(),
      ...timeOf(clock),
      laneCount: 1,
      ageAfterDenials: 1000,
    })
  let budgets = start()
  const model = new BudgetModel()
  const tenantId = randomName('tenant')
  for (const [index, one] of operations.entries()) {
    const nowMs = clock.now().getTime()
    model.roll(nowMs)
    const expected: string[] = []
    const answered: Promise<string>[] = []
    switch (one.kind) {
      case 'advance':
        await clock.advance(one.ms)
        break
      case 'restart':
        budgets = start()
        break
      case 'lose answer':
        lossy.losesNext = true
        break
      case 'limit':
        expected.push(model.setLimit({ tenantId, ...one.scope }, one.limit))
        if (one.isByDay) model.countByDay({ tenantId, ...one.scope }, nowMs)
        answered.push(setLimit(budgets, { tenantId, ...one.scope }, one.limit, one.isByDay))
        break
      case 'adjust':
        expected.push(model.adjust({ tenantId, ...one.scope }, one.tokens))
        answered.push(adjust(budgets, { tenantId, ...one.scope }, one.tokens, `a${index}`))
        break
      case 'refund':
        expected.push(model.refund(one.id, one.tokens))
        answered.push(refund(budgets, tenantId, one.id, one.tokens, `f${index}`))
        break
      case 'sweep': {
        const answer = model.sweep(nowMs)
        // Those that a lost answer expired are told to nobody: the repetition finds them done.
        expected.push(lossy.losesNext ? 'expired 0' : answer)
        answered.push(sweep(budgets, tenantId))
        break
      }
      case 'burst': {
        // Holds that are due would be swept in the midst of it.
        expected.push(model.sweep(nowMs))
        lossy.losesNext = false
        expect(await sweep(budgets, tenantId)).toBe(expected.shift())
        // Twice each, the second time as a duplicate; the ledger takes resolutions, extensions and requests in turn.
        const answers = new Map<Step, string>()
        for (const kinds of [['commit', 'release'], ['extend'], ['request']]) {
          for (const step of one.steps)
            if (kinds.includes(step.kind)) answers.set(step, inModel(model, tenantId, step, nowMs))
        }
        for (const step of one.steps) {
          const answer = answers.get(step) ?? ''
          expected.push(answer, asDuplicate(answer))
          answered.push(inDatabase(budgets, tenantId, step), inDatabase(budgets, tenantId, step))
        }
        break
      }
      default: {
        if (lossy.losesNext) {
          // Holds that are due would be swept between the lost answer and its repetition.
          lossy.losesNext = false
          expect(await sweep(budgets, tenantId)).toBe(model.sweep(nowMs))
          lossy.losesNext = true
        }
        const answer = inModel(model, tenantId, one, nowMs)
        // What took effect unseen is found as a replay.
        expected.push(lossy.losesNext ? asDuplicate(answer) : answer)
        answered.push(inDatabase(budgets, tenantId, one))
      }
    }
    expect(await Promise.all(answered)).toEqual(expected)
    model.roll(clock.now().getTime())
    expect(await countersOf(budgets, model.scopes())).toEqual(model.counters())
  }
  const verification = await budgets.verify({ tenantId })
  expect(verification).toEqual({ isConsistent: true, checkedBudgets: model.scopes().length, differences: [] })
}

/** How the same answer is told to one who asks the same once more. */
function asDuplicate(answer: string): string {
  if (answer === 'granted') return 'replayed held'
  return ['committed', 'late', 'released', 'expired'].includes(answer) ? `replayed ${answer}` : answer
}

/** A database whose connection breaks, when told to, after the next batch has committed. */
class LossyDatabase {
  losesNext = false
  readonly #database: SqlDatabase

  constructor(database: SqlDatabase) {
    this.#database = database
  }

  asDatabase(): SqlDatabase {
    const query: SqlDatabase['query'] = async (text, values, options) => {
      // Safe: the rows are those of the caller's own statement.
      const result = await this.#database.query<never>(text, values, options)
      // A batch that finds a period over, or is not plain, has changed nothing yet.
      const [row] = result.rows as readonly { readonly at?: unknown; readonly periods_over?: unknown }[]
      const isDone = row?.at !== null && (row?.periods_over ?? null) === null
      const isLost = this.losesNext && /budget_(apply|hold_alone|settle_alone)/.test(text) && isDone
      if (isLost) this.losesNext = false
      if (isLost) throw StorageError.of('OUTCOME_UNKNOWN', 'the connection was cut')
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

function inModel(model: BudgetModel, tenantId: string, step: Step, nowMs: number): string {
  switch (step.kind) {
    case 'request': {
      const { id: requestId, scope, tokens, ttlMs } = step
      return model.request({ requestId, tenantId, ...scope, tokens, ttlMs }, nowMs)
    }
    case 'commit':
      return model.commit(step.id, step.usage, nowMs)
    case 'release':
      return model.release(step.id, nowMs)
    case 'extend':
      return model.extend(step.id, step.tokens, step.ttlMs, nowMs)
  }
}

function inDatabase(budgets: BudgetController, tenantId: string, step: Step): Promise<string> {
  return named(async () => {
    const key = { tenantId, requestId: step.id }
    switch (step.kind) {
      case 'request': {
        const { scope, tokens, ttlMs } = step
        const decision = await budgets.requestTokens({ ...key, ...scope, tokens, ttlMs })
        if (decision.status === 'denied') return `denied ${decision.level} ${decision.availableTokens}`
        return decision.isReplay ? `replayed ${decision.reservation.status}` : 'granted'
      }
      case 'commit':
        return told(await budgets.commit({ ...key, usage: step.usage }))
      case 'release':
        return told(await budgets.release(key))
      case 'extend': {
        const decision = await budgets.extend({ ...key, tokens: step.tokens, ttlMs: step.ttlMs })
        if (decision.status === 'denied') return `denied ${decision.level} ${decision.availableTokens}`
        return `extended ${decision.reservation.tokens}`
      }
    }
  })
}

function refund(
  budgets: BudgetController,
  tenantId: string,
  requestId: string,
  tokens: number,
  adjustmentId: string,
): Promise<string> {
  return named(async () => {
    await budgets.refund({
      tenantId,
      requestId,
      tokens,
      adjustmentId,
      actor: { id: 'model', kind: 'human' },
      reason: 'model',
    })
    return 'refunded'
  })
}

function setLimit(
  budgets: BudgetController,
  scope: BudgetScope,
  limitTokens: number,
  isByDay: boolean,
): Promise<string> {
  return named(async () => {
    const period = isByDay ? { period: { kind: 'day', timeZone: 'UTC' } as const } : {}
    const change = await budgets.setLimit({
      scope,
      limitTokens,
      actor: { id: 'model', kind: 'human' },
      ...period,
    })
    return `limit ${change.previousLimitTokens === undefined ? 'created' : 'changed'}`
  })
}

function adjust(
  budgets: BudgetController,
  scope: BudgetScope,
  tokens: number,
  adjustmentId: string,
): Promise<string> {
  return named(async () => {
    await budgets.adjust({
      scope,
      tokens,
      adjustmentId,
      actor: { id: 'model', kind: 'human' },
      reason: 'model',
    })
    return 'adjusted'
  })
}

async function sweep(budgets: BudgetController, tenantId: string): Promise<string> {
  return `expired ${(await budgets.sweepExpired({ tenantId })).expiredCount}`
}

async function named(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    if (!isGoldenError(error)) throw error
    return [error.code, error.details.field].filter((part) => part !== undefined).join(' ')
  }
}

function told({ reservation, isReplay }: BudgetSettlement): string {
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
