import { expect, test } from 'vitest'
import { budgetMiddleware as aiSdkMiddleware } from './ai-sdk/index.ts'
import { guardedFetch } from './fetch/index.ts'
import { BudgetController, BudgetSweeper } from './index.ts'
import { budgetMiddleware as langChainMiddleware } from './langchain/index.ts'
import { budgetModel, budgetModelProvider } from './openai-agents/index.ts'
import { ScriptedLedger } from './testing/scripted-ledger.ts'

interface Part {
  readonly name: string
  /** The least that it is made of: one client, and what else it needs. */
  readonly minimal: Readonly<Record<string, unknown>>
  /** The option that is a client. */
  readonly client: string
  readonly optional: readonly string[]
  readonly make: (options: never) => unknown
}

const database = new ScriptedLedger()
const budgets = new BudgetController({ database })
const holds = {
  client: 'budget',
  minimal: { budget: budgets, scope: { tenantId: 't', projectId: 'p' } },
} as const
const HOLD_OPTIONS = [
  'hold',
  'maxOutputTokens',
  'bytesPerToken',
  'onUnknownUsage',
  'maxCallMs',
  'clock',
  'estimate',
]
const model = { getResponse: async () => ({}), getStreamedResponse: async function* () {} }

/** All that is made of options. */
const PARTS: readonly Part[] = [
  {
    name: 'BudgetController',
    minimal: { database },
    client: 'database',
    optional: [
      ...['now', 'clock', 'metrics', 'tracer', 'logger', 'outbox', 'storesEveryEvent', 'audit', 'cache'],
      ...[
        'cacheTimeoutMs',
        'cacheKeyPrefix',
        'prices',
        'overrun',
        'defaultLimitTokens',
        'operationTimeoutMs',
      ],
      ...['laneCount', 'maxBatchLength', 'maxQueueLength', 'maxRemembered', 'ageAfterDenials'],
    ],
    make: (options) => new BudgetController(options),
  },
  {
    name: 'BudgetSweeper',
    minimal: { budgets },
    client: 'budgets',
    optional: ['pollIntervalMs', 'retentionIntervalMs', 'retentionMs', 'clock', 'logger'],
    make: (options) => new BudgetSweeper(options),
  },
  {
    name: 'guardedFetch',
    ...holds,
    optional: [...HOLD_OPTIONS, 'policy', 'includeUsage', 'refusals', 'maxAnswerBytes'],
    make: (options) => guardedFetch(fetch, options),
  },
  {
    name: 'budgetMiddleware of the AI SDK',
    ...holds,
    optional: HOLD_OPTIONS,
    make: (options) => aiSdkMiddleware(options),
  },
  {
    name: 'budgetMiddleware of LangChain',
    ...holds,
    optional: HOLD_OPTIONS,
    make: (options) => langChainMiddleware(options),
  },
  {
    name: 'budgetModel',
    ...holds,
    optional: [...HOLD_OPTIONS, 'modelId'],
    // Safe: no call is made of it.
    make: (options) => budgetModel(model as never, options),
  },
  {
    name: 'budgetModelProvider',
    ...holds,
    optional: HOLD_OPTIONS,
    make: (options) => budgetModelProvider({ getModel: async () => model as never }, options),
  },
]
const refused = (option: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', details: expect.objectContaining({ option }) })

test.each(PARTS)('$name refuses an option that it does not know', ({ make, minimal }) => {
  expect(() => make({ ...minimal, nonsense: 1 } as never)).toThrow(refused('nonsense'))
})

test.each(PARTS)(
  '$name takes undefined for each option that may be left out',
  ({ make, minimal, optional }) => {
    const absent = Object.fromEntries(optional.map((name) => [name, undefined]))
    expect(() => make({ ...absent, ...minimal } as never)).not.toThrow()
  },
)

test.each(PARTS)('$name refuses to be made without its client', ({ make, minimal, client }) => {
  for (const missing of [undefined, null, {}, 'postgres://db']) {
    expect(() => make({ ...minimal, [client]: missing } as never)).toThrow(refused(client))
  }
})

test.each([
  ['now', 1],
  ['outbox', {}],
  ['audit', {}],
  ['cache', { get: async () => undefined }],
  ['storesEveryEvent', 'yes'],
])('BudgetController refuses %s of another kind', (option, value) => {
  expect(() => new BudgetController({ database, [option]: value } as never)).toThrow(refused(option))
})
