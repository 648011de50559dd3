import { invalidOption, type OptionsPart, optionsContract } from '@golden-arch/testkit/options'
import { expect, test } from 'vitest'
import { budgetMiddleware as aiSdkMiddleware } from './ai-sdk/index.ts'
import { guardedFetch } from './fetch/index.ts'
import { BudgetController, BudgetSweeper } from './index.ts'
import { budgetMiddleware as langChainMiddleware } from './langchain/index.ts'
import { budgetModel, budgetModelProvider } from './openai-agents/index.ts'
import { ScriptedLedger } from './testing/scripted-ledger.ts'

interface Part extends OptionsPart {
  /** The option that is a client. */
  readonly client: string
}

const database = new ScriptedLedger()
const budgets = new BudgetController({ database })
const holds = {
  client: 'budget',
  least: { budget: budgets, scope: { tenantId: 't', projectId: 'p' } },
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
    least: { database },
    client: 'database',
    others: [
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
    least: { budgets },
    client: 'budgets',
    others: ['pollIntervalMs', 'retentionIntervalMs', 'retentionMs', 'clock', 'logger'],
    make: (options) => new BudgetSweeper(options),
  },
  {
    name: 'guardedFetch',
    ...holds,
    others: [...HOLD_OPTIONS, 'policy', 'includeUsage', 'refusals', 'maxAnswerBytes'],
    make: (options) => guardedFetch(fetch, options),
  },
  {
    name: 'budgetMiddleware of the AI SDK',
    ...holds,
    others: HOLD_OPTIONS,
    make: (options) => aiSdkMiddleware(options),
  },
  {
    name: 'budgetMiddleware of LangChain',
    ...holds,
    others: HOLD_OPTIONS,
    make: (options) => langChainMiddleware(options),
  },
  {
    name: 'budgetModel',
    ...holds,
    others: [...HOLD_OPTIONS, 'modelId'],
    // Safe: no call is made of it.
    make: (options) => budgetModel(model as never, options),
  },
  {
    name: 'budgetModelProvider',
    ...holds,
    others: HOLD_OPTIONS,
    make: (options) => budgetModelProvider({ getModel: async () => model as never }, options),
  },
]

optionsContract(PARTS)

test.each(PARTS)('$name refuses to be made without its client', ({ make, least, client }) => {
  for (const missing of [undefined, null, {}, 'postgres://db']) {
    expect(() => make({ ...least, [client]: missing } as never)).toThrow(invalidOption(client))
  }
})

test.each([
  ['now', 1],
  ['outbox', {}],
  ['audit', {}],
  ['cache', { get: async () => undefined }],
  ['storesEveryEvent', 'yes'],
])('BudgetController refuses %s of another kind', (option, value) => {
  expect(() => new BudgetController({ database, [option]: value } as never)).toThrow(invalidOption(option))
})
