import { createAgent, createMiddleware, modelRetryMiddleware, providerStrategy } from 'langchain'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BudgetController } from '../budget-controller.ts'
import { openAi } from '../model-calls/testing/dialects.ts'
import {
  chatModel,
  LANGCHAINS,
  type LangChainMiddleware,
  langChainClient,
} from '../model-calls/testing/langchain-client.ts'
import { describePayingClient } from '../model-calls/testing/paying-client.contract.ts'
import { json, ScriptedProvider } from '../model-calls/testing/scripted-provider.ts'
import { createPriceTable } from '../pricing/price-table.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { type BudgetMiddlewareOptions, budgetMiddleware } from './budget-middleware.ts'

for (const [name, langchain] of LANGCHAINS) {
  const client = langChainClient(langchain, ({ url, holds, maxTokens }) => ({
    model: chatModel(url, { maxTokens }),
    middleware: [langchain.createMiddleware(budgetMiddleware(holds))],
  }))
  describePayingClient(`${name} with a middleware that pays`, client)
}

describe('an agent of langchain 1.5 with a middleware that pays', () => {
  let database: TestDatabase
  let provider: ScriptedProvider
  let budgets: BudgetController
  let projects = 0
  let scope: { readonly tenantId: string; readonly projectId: string }

  beforeAll(async () => {
    database = await openPglite()
    const prices = createPriceTable({
      version: '1',
      effectiveFrom: new Date('2020-01-01T00:00:00Z'),
      currency: 'USD',
      models: { small: { input: 1_000_000, cachedRead: 500_000, output: 4_000_000 } },
    })
    budgets = new BudgetController({ database: database.database, prices })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    provider = await ScriptedProvider.start()
    scope = { tenantId: 't', projectId: `p${projects++}` }
    const limitMoney = { currency: 'USD', micros: 1_000_000n }
    await budgets.setLimit({ scope, limitTokens: 10_000, limitMoney, actor: { id: 'alice', kind: 'human' } })
  })
  afterEach(() => provider.stop())

  const messages = [{ role: 'user' as const, content: 'Hello' }]
  const pays = (options: Partial<BudgetMiddlewareOptions> = {}) =>
    createMiddleware(budgetMiddleware({ budget: budgets, scope, hold: 'price', ...options }))
  const heldTokens = async (run: () => Promise<unknown>): Promise<number[]> => {
    const held: number[] = []
    const off = budgets.on('budget.reserved', ({ reservation }) => held.push(reservation.tokens))
    await run()
    off()
    return held
  }
  /** An answer of 20 tokens of input, 15 of them cached, and 7 of output. */
  const answers = (content: string) =>
    json({
      ...{ id: 'c1', object: 'chat.completion', created: 1, model: 'small' },
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: {
        ...{ prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 },
        prompt_tokens_details: { cached_tokens: 15 },
      },
    })

  it('holds and charges by the price of the model, cached tokens by theirs', async () => {
    provider.answer(answers('Hello'))
    await createAgent({ model: chatModel(provider.url), middleware: [pays()] }).invoke({ messages })
    const { money, usedTokens } = await budgets.state(scope)
    expect(usedTokens).toBe(27)
    // 5 tokens of input, 15 that were cached at half of it, 7 of output at four times.
    expect(money).toMatchObject({ used: { micros: 5n + 8n + 28n }, reserved: { micros: 0n } })
  })

  it('has a hold for each attempt of a retry that stands before it', async () => {
    provider.answer(json({ error: { message: 'slow down' } }, 429), openAi.text)
    // Its types know no optional property that is left out exactly.
    const retries = modelRetryMiddleware({
      maxRetries: 1,
      initialDelayMs: 0,
    }) as unknown as LangChainMiddleware
    const agent = createAgent({ model: chatModel(provider.url), middleware: [retries, pays()] })
    const held = await heldTokens(() => agent.invoke({ messages }))
    expect(held).toHaveLength(2)
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 27, reservedTokens: 0 })
  })

  it('is charged nothing where a wrapped error tells that the model was not asked', async () => {
    provider.answer(json({ error: { message: 'slow down' } }, 429))
    const passes = createMiddleware({ name: 'passes', wrapModelCall: (call, handler) => handler(call) })
    const agent = createAgent({ model: chatModel(provider.url), middleware: [pays(), passes] })
    await expect(agent.invoke({ messages })).rejects.toThrow('slow down')
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 0, reservedTokens: 0 })
  })

  it('is charged nothing where nobody listens', async () => {
    const { url } = provider
    await provider.stop()
    const agent = createAgent({ model: chatModel(url), middleware: [pays()] })
    await expect(agent.invoke({ messages })).rejects.toThrow()
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 0, reservedTokens: 0 })
    provider = await ScriptedProvider.start()
  })

  it('is charged to the token where the agent is asked for an object', async () => {
    provider.answer(answers('{"sum":3}'))
    const responseFormat = providerStrategy(z.object({ sum: z.number() }))
    const agent = createAgent({ model: chatModel(provider.url), responseFormat, middleware: [pays()] })
    expect((await agent.invoke({ messages })).structuredResponse).toEqual({ sum: 3 })
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 27, reservedTokens: 0 })
  })

  it('lets the context of a run say who pays', async () => {
    provider.answer(openAi.text)
    const contextSchema = z.object({ project: z.string() })
    const middleware = createMiddleware({
      contextSchema,
      ...budgetMiddleware<z.infer<typeof contextSchema>>({
        ...{ budget: budgets, hold: 'price' },
        scope: ({ runtime }) => ({ tenantId: 't', projectId: runtime.context.project }),
      }),
    })
    const agent = createAgent({ model: chatModel(provider.url), middleware: [middleware] })
    await agent.invoke({ messages }, { context: { project: scope.projectId } })
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 27 })
  })

  it('holds what an estimate says', async () => {
    provider.answer(openAi.text)
    const middleware = [pays({ estimate: () => ({ inputTokens: 400, maxOutputTokens: 600 }) })]
    const agent = createAgent({ model: chatModel(provider.url), middleware })
    expect(await heldTokens(() => agent.invoke({ messages }))).toEqual([1000])
  })

  it('gives the error of the budget as the cause of that of LangChain', async () => {
    const agent = createAgent({ model: chatModel(provider.url, { maxTokens: 20_000 }), middleware: [pays()] })
    await expect(agent.invoke({ messages })).rejects.toMatchObject({ cause: { code: 'BUDGET_EXHAUSTED' } })
  })

  it('settles an answer without usage by policy', async () => {
    const [choice] = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
    const silent = json({
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'small',
      choices: [choice],
    })
    provider.answer(silent, silent)
    const model = chatModel(provider.url, { maxTokens: 100 })
    await createAgent({ model, middleware: [pays({ onUnknownUsage: 'release' })] }).invoke({ messages })
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 0, reservedTokens: 0 })
    await createAgent({ model, middleware: [pays()] }).invoke({ messages })
    const { usedTokens, reservedTokens } = await budgets.state(scope)
    expect(usedTokens).toBeGreaterThan(100)
    expect(reservedTokens).toBe(0)
  })
})

it('refuses what is no option', () => {
  const holds = {
    budget: { withBudget: () => Promise.reject(new Error('not asked')) },
    scope: { tenantId: 't', projectId: 'p' },
  }
  for (const bad of [{ estimate: 7 }, { hold: 'money' }, { budget: {} }]) {
    // They are wrong on purpose.
    const options = { ...holds, ...bad } as unknown as BudgetMiddlewareOptions
    expect(() => budgetMiddleware(options)).toThrow(Object.keys(bad)[0])
  }
})
