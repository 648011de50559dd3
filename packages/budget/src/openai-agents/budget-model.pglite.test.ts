import { invalidOption } from '@golden-arch/testkit/options'
import type { Model } from '@openai/agents'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openAi } from '../model-calls/testing/dialects.ts'
import {
  AGENTS_SDKS,
  type AgentsSdk,
  agentsClient,
  lookTool,
  providerAt,
} from '../model-calls/testing/openai-agents-client.ts'
import { describePayingClient, type PayingClient } from '../model-calls/testing/paying-client.contract.ts'
import { messageOf, responseBegun, responseOf, responses } from '../model-calls/testing/responses-dialect.ts'
import { events, json, ScriptedProvider } from '../model-calls/testing/scripted-provider.ts'
import { createPriceTable } from '../pricing/price-table.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { type BudgetModelOptions, budgetModel } from './budget-model.ts'
import { budgetModelProvider } from './budget-model-provider.ts'

const payingClient = (sdk: AgentsSdk, useResponses: boolean): PayingClient =>
  agentsClient(sdk, useResponses ? responses : openAi, ({ url, holds }) =>
    budgetModelProvider(providerAt(sdk, url, useResponses), holds),
  )

for (const [name, sdk] of AGENTS_SDKS) {
  describePayingClient(`${name} by Responses with a provider that pays`, payingClient(sdk, true))
}
const [[name, sdk]] = AGENTS_SDKS
describePayingClient(`${name} by Chat Completions with a provider that pays`, payingClient(sdk, false))

let database: TestDatabase
let budgets: BudgetController
beforeAll(async () => {
  database = await openPglite()
  const prices = createPriceTable({
    version: '1',
    effectiveFrom: new Date('2020-01-01T00:00:00Z'),
    currency: 'USD',
    models: { small: { input: 1_000_000, cachedRead: 100_000, output: 4_000_000 } },
  })
  budgets = new BudgetController({ database: database.database, prices })
})
afterAll(() => database.close())

describe.each(AGENTS_SDKS)('agents of %s, whose models pay', (name, sdk) => {
  let provider: ScriptedProvider
  let projects = 0
  let scope: { readonly tenantId: string; readonly projectId: string }

  beforeEach(async () => {
    provider = await ScriptedProvider.start()
    scope = { tenantId: 't', projectId: `${name}-${projects++}` }
    const limitMoney = { currency: 'USD', micros: 1_000_000n }
    await budgets.setLimit({ scope, limitTokens: 10_000, limitMoney, actor: { id: 'alice', kind: 'human' } })
  })
  afterEach(() => provider.stop())

  const holds = (options: Partial<BudgetModelOptions> = {}): BudgetModelOptions => ({
    ...{ budget: budgets, scope, hold: 'price' },
    ...options,
  })
  const runner = (options: Partial<BudgetModelOptions> = {}) => {
    const modelProvider = budgetModelProvider(providerAt(sdk, provider.url, true), holds(options))
    return new sdk.Runner({ modelProvider, tracingDisabled: true })
  }
  const helper = (settings: Partial<ConstructorParameters<typeof sdk.Agent>[0]> = {}) =>
    new sdk.Agent({ name: 'helper', model: 'small', modelSettings: { maxTokens: 100 }, ...settings })
  const books = async () => {
    expect(await budgets.verify(scope)).toMatchObject({ isConsistent: true })
    const { usedTokens, reservedTokens, money } = await budgets.state(scope)
    return { used: usedTokens, held: reservedTokens, micros: money?.used.micros }
  }

  it('are charged by the price of their model, cached tokens by theirs', async () => {
    provider.answer(responses.text)
    await runner().run(helper(), 'Hello')
    // 5 of the 20 tokens of input were read from a cache, at a tenth of the price.
    expect(await books()).toEqual({ used: 27, held: 0, micros: 16n + 4n * 7n })
  })

  it('pay for each turn, with the results of tools', async () => {
    provider.answer(responses.toolCall, responses.text)
    const result = await runner().run(helper({ tools: [lookTool(sdk)] }), 'Hello')
    expect(result.finalOutput).toBe('Hello there')
    expect(await books()).toMatchObject({ used: 54, held: 0 })
  })

  it('have a hold for each attempt of the runner’s retry, and none that is repeated for a denial', async () => {
    const attempts: unknown[] = []
    const policy: NonNullable<Parameters<typeof sdk.retryPolicies.any>[0]> = (context) => {
      attempts.push(context.providerAdvice?.suggested)
      return context.providerAdvice?.suggested === true
    }
    const retry = { maxRetries: 2, backoff: { initialDelayMs: 1, jitter: false }, policy }
    provider.answer(json({ error: { message: 'slow down' } }, 429), responses.text)
    const patient = helper({ modelSettings: { maxTokens: 100, retry } })
    expect((await runner().run(patient, 'Hello')).finalOutput).toBe('Hello there')
    expect(await books()).toMatchObject({ used: 27, held: 0 })

    const dear = helper({ modelSettings: { maxTokens: 20_000, retry } })
    await expect(runner().run(dear, 'Hello')).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' })
    expect(attempts).toEqual([true, false])
    expect(provider.calls).toHaveLength(2)
  })

  it('are charged nothing for a stream that is refused', async () => {
    provider.answer(json({ error: { message: 'slow down' } }, 429))
    const result = await runner().run(helper(), 'Hello', { stream: true })
    await expect(result.completed).rejects.toThrow('slow down')
    expect(await books()).toMatchObject({ used: 0, held: 0 })
  })

  it('are charged to the token for a stream that ended at its limit, though the runner throws', async () => {
    const incomplete = responseOf([], 'incomplete')
    provider.answer(
      events(...responseBegun('Hello '), { type: 'response.incomplete', response: incomplete }),
      json(incomplete),
    )
    const result = await runner().run(helper(), 'Hello', { stream: true })
    await expect(result.completed).rejects.toThrow('incomplete')
    expect(await books()).toMatchObject({ used: 27, held: 0 })
    // Of an answer in one piece the SDK tells nobody but its runner what it used.
    await expect(runner().run(helper(), 'Hello')).rejects.toThrow('incomplete')
    const { used, held } = await books()
    expect([used > 127, held]).toEqual([true, 0])
  })

  it('are charged their hold where a provider tells no usage, or as the option says', async () => {
    const answer = responseOf([messageOf('Hello there')], 'completed', null)
    const untold = json(answer)
    provider.answer(
      untold,
      events(...responseBegun(), { type: 'response.completed', response: answer }),
      untold,
    )
    await runner().run(helper(), 'Hello')
    const { used } = await books()
    expect(used).toBeGreaterThan(100)
    await (await runner().run(helper(), 'Hello', { stream: true })).completed
    expect(await books()).toMatchObject({ used: 2 * used, held: 0 })
    await runner({ onUnknownUsage: 'release' }).run(helper(), 'Hello')
    expect(await books()).toMatchObject({ used: 2 * used, held: 0 })
  })

  it('are settled where nobody reads on', async () => {
    provider.answer(openAi.stream)
    const model = await budgetModelProvider(providerAt(sdk, provider.url, false), holds()).getModel('small')
    for await (const event of model.getStreamedResponse(requestOf())) {
      if (event.type === 'output_text_delta') break
    }
    const { used, held } = await books()
    expect(held).toBe(0)
    expect(used).toBeGreaterThan(100)
  })

  it.each([true, false])('are settled where a stream is called off (Responses: %s)', async (useResponses) => {
    const caller = new AbortController()
    provider.answer((response) => {
      const [begun] = useResponses
        ? responseBegun()
        : [{ choices: [{ index: 0, delta: { content: 'Hello' } }] }]
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`data: ${JSON.stringify(begun)}\n\n`)
    })
    const modelProvider = budgetModelProvider(providerAt(sdk, provider.url, useResponses), holds())
    const { signal } = caller
    const options = { signal, stream: true } as const
    const result = await new sdk.Runner({ modelProvider, tracingDisabled: true }).run(
      helper(),
      'Hello',
      options,
    )
    for await (const _event of result) caller.abort()
    await result.completed
    const { used, held } = await books()
    expect([used > 100, held]).toEqual([true, 0])
  })

  it('pay by a model that is no name', async () => {
    provider.answer(responses.text)
    const own = await providerAt(sdk, provider.url, true).getModel('small')
    const model: Model = budgetModel(own, holds({ modelId: 'small' }))
    const result = await new sdk.Runner({ tracingDisabled: true }).run(helper({ model }), 'Hello')
    expect(result.finalOutput).toBe('Hello there')
    expect(await books()).toMatchObject({ used: 27, held: 0 })
  })

  it('are not asked for a price where nobody names the model', async () => {
    await expect(runner().run(helper({ model: '' }), 'Hello')).rejects.toEqual(invalidOption('model'))
    expect(provider.calls).toEqual([])
  })

  it('hold what an estimate says, in the scope of the call', async () => {
    const held: unknown[] = []
    const off = budgets.on(
      'budget.reserved',
      ({
        reservation: {
          tokens,
          scope: { taskId },
        },
      }) => held.push({ tokens, taskId }),
    )
    provider.answer(responses.text)
    const estimate = () => ({ inputTokens: 400, maxOutputTokens: 600 })
    await runner({ estimate, scope: ({ modelId }) => ({ ...scope, taskId: modelId }) }).run(helper(), 'Hello')
    off()
    expect(held).toEqual([{ tokens: 1000, taskId: 'small' }])
  })
})

/** What a runner asks of a model for an agent without anything of its own. */
function requestOf(): Parameters<Model['getResponse']>[0] {
  return {
    input: 'Hello',
    modelSettings: { maxTokens: 100 },
    ...{ tools: [], handoffs: [], outputType: 'text', tracing: false },
  }
}
