import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { AI_SDKS, aiSdkClient } from '../model-calls/testing/ai-sdk-client.ts'
import { openAi } from '../model-calls/testing/dialects.ts'
import { describePayingClient } from '../model-calls/testing/paying-client.contract.ts'
import { json, ScriptedProvider } from '../model-calls/testing/scripted-provider.ts'
import { createPriceTable } from '../pricing/price-table.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { type BudgetMiddlewareOptions, budgetMiddleware } from './budget-middleware.ts'

for (const [name, sdk, makeModel] of AI_SDKS) {
  const client = aiSdkClient(sdk, ({ url, holds }) =>
    sdk.wrapLanguageModel({ model: makeModel(url), middleware: budgetMiddleware(holds) }),
  )
  describePayingClient(`${name} with a middleware that pays`, client)
}

describe.each(AI_SDKS)('%s with a middleware that pays', (_name, sdk, makeModel) => {
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
      models: { small: { input: 1_000_000, output: 4_000_000 } },
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

  const ask = (options: Partial<BudgetMiddlewareOptions>, settings: object = {}) => {
    const middleware = budgetMiddleware({ budget: budgets, scope, hold: 'price', ...options })
    const model = sdk.wrapLanguageModel({ model: makeModel(provider.url), middleware })
    return sdk.generateText({ model, prompt: 'Hello', maxRetries: 0, ...settings })
  }

  it('holds and charges by the price of the model', async () => {
    provider.answer(openAi.text)
    await ask({})
    const { money } = await budgets.state(scope)
    expect(money).toMatchObject({ used: { micros: 20n + 4n * 7n }, reserved: { micros: 0n } })
  })

  it('has a hold for each attempt of the SDK', async () => {
    provider.answer(json({ error: { message: 'slow down' } }, 429, { 'retry-after-ms': '1' }), openAi.text)
    expect((await ask({}, { maxRetries: 1 })).text).toBe('Hello there')
    expect(provider.calls).toHaveLength(2)
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 27, reservedTokens: 0 })
  })

  it('charges the hold of each attempt that a 500 ended, or gives it back where that is asked for', async () => {
    const down = json({ error: { message: 'down' } }, 500, { 'retry-after-ms': '1' })
    provider.answer(down, down, down, down)
    const once = { maxOutputTokens: 50, maxRetries: 1 }
    const held: number[] = []
    const off = budgets.on('budget.reserved', ({ reservation }) => held.push(reservation.tokens))
    await expect(ask({}, once)).rejects.toThrow('down')
    off()
    const [tokens = 0] = held
    expect(held).toEqual([tokens, tokens])
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 2 * tokens, reservedTokens: 0 })
    await expect(ask({ onUnknownUsage: 'release' }, once)).rejects.toThrow('down')
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 2 * tokens, reservedTokens: 0 })
  })

  it('settles by the policy where the provider tells no usage', async () => {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
    const silent = json({ id: 'c1', object: 'chat.completion', created: 1, model: 'small', choices })
    provider.answer(silent, silent)
    await ask({ onUnknownUsage: 'release' })
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 0, reservedTokens: 0 })
    await ask({})
    expect((await budgets.state(scope)).usedTokens).toBeGreaterThan(4096)
  })

  it('holds what an estimate says, of a file as many bytes as it has', async () => {
    const held: number[] = []
    const off = budgets.on('budget.reserved', ({ reservation }) => held.push(reservation.tokens))
    provider.answer(openAi.text, openAi.text)
    await ask({ estimate: () => ({ inputTokens: 400, maxOutputTokens: 600 }) })
    const file = { type: 'file' as const, mediaType: 'image/png', data: new Uint8Array(4800) }
    const messages = [{ role: 'user' as const, content: [file] }]
    await ask({ bytesPerToken: 16 }, { prompt: undefined, messages, maxOutputTokens: 50 })
    off()
    expect(held[0]).toBe(1000)
    expect(held[1]).toBeGreaterThan(350)
    expect(held[1]).toBeLessThan(400)
  })

  it('says a call that has no room as the error of the budget', async () => {
    const dear = ask({}, { maxOutputTokens: 20_000, maxRetries: 2 })
    await expect(dear).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' })
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
  const nobody = { ...holds, scope: { tenantId: 't' } } as unknown as BudgetMiddlewareOptions
  expect(() => budgetMiddleware(nobody)).toThrow('option projectId must be')
})
