import { validationMiddleware } from '@golden-arch/core/ai-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { BudgetController } from '../budget-controller.ts'
import { AI_SDKS } from '../model-calls/testing/ai-sdk-client.ts'
import {
  events,
  json,
  type ProviderAnswer,
  ScriptedProvider,
} from '../model-calls/testing/scripted-provider.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { budgetMiddleware } from './budget-middleware.ts'

const schema = z.object({ n: z.number() })
const USAGE = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 }
const about = { id: 'c1', created: 1, model: 'small' }
const answer = (content: string): ProviderAnswer =>
  json({
    ...{ ...about, object: 'chat.completion', usage: USAGE },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  })
const streamed = (content: string): ProviderAnswer => {
  const chunk = { ...about, object: 'chat.completion.chunk' }
  return events(
    { ...chunk, choices: [{ index: 0, delta: { content }, finish_reason: null }] },
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { ...chunk, choices: [], usage: USAGE },
    '[DONE]',
  )
}

let database: TestDatabase
let budgets: BudgetController
let projects = 0

beforeAll(async () => {
  // The provider is not told of the schema, and the SDK would say so at each call.
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false)
  database = await openPglite()
  budgets = new BudgetController({ database: database.database })
})
afterAll(async () => {
  vi.unstubAllGlobals()
  await database.close()
})

describe.each(AI_SDKS)(
  '%s with a middleware that validates before one that pays',
  (_name, sdk, makeModel) => {
    let provider: ScriptedProvider
    let scope: { readonly tenantId: string; readonly projectId: string }

    beforeEach(async () => {
      provider = await ScriptedProvider.start()
      scope = { tenantId: 't', projectId: `p${projects++}` }
      // Room for the holds of two calls, which use 27 tokens each, and not for that of a third.
      await budgets.setLimit({ scope, limitTokens: 140, actor: { id: 'alice', kind: 'human' } })
    })
    afterEach(() => provider.stop())

    const settings = (order: 'validates first' | 'pays first' = 'validates first') => {
      const validates = validationMiddleware({ schema })
      const estimate = () => ({ inputTokens: 10, maxOutputTokens: 90 })
      const pays = budgetMiddleware({ budget: budgets, scope, estimate })
      const middleware = order === 'validates first' ? [validates, pays] : [pays, validates]
      return {
        model: sdk.wrapLanguageModel({ model: makeModel(provider.url), middleware }),
        output: sdk.Output.object({ schema }),
        prompt: 'How many?',
        maxRetries: 0,
      }
    }
    const books = async () => {
      expect(await budgets.verify(scope)).toMatchObject({ isConsistent: true })
      const { usedTokens, reservedTokens } = await budgets.state(scope)
      return { used: usedTokens, held: reservedTokens }
    }

    it('charges each call to the token', async () => {
      provider.answer(answer('three'), answer("{'n': 3}"))
      const { output, totalUsage } = await sdk.generateText(settings())
      expect({ output, tokens: totalUsage.totalTokens }).toEqual({ output: { n: 3 }, tokens: 54 })
      expect(await books()).toEqual({ used: 54, held: 0 })
      const [, second] = provider.calls
      expect(JSON.stringify(second?.body)).toContain('the answer holds no JSON')
    })

    it('charges each call of a stream to the token', async () => {
      provider.answer(streamed('three'), streamed("{'n': 3}"))
      const { output, totalUsage } = sdk.streamText(settings())
      expect(await output).toEqual({ n: 3 })
      expect((await totalUsage).totalTokens).toBe(54)
      expect(await books()).toEqual({ used: 54, held: 0 })
    })

    it('is refused the call that has no room, and is charged those before it', async () => {
      provider.answer(answer('three'), answer('four'), answer('{"n": 3}'))
      await expect(sdk.generateText(settings())).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' })
      expect(provider.calls).toHaveLength(2)
      expect(await books()).toEqual({ used: 54, held: 0 })
    })

    it('tells of the call that has no room in a stream too', async () => {
      provider.answer(streamed('three'), streamed('four'), streamed('{"n": 3}'))
      const errors: unknown[] = []
      await sdk.streamText({ ...settings(), onError: ({ error }) => void errors.push(error) }).consumeStream()
      expect(errors).toMatchObject([{ code: 'BUDGET_EXHAUSTED' }])
      expect(await books()).toEqual({ used: 54, held: 0 })
    })

    it('is charged for answers that nobody can take, and not for a call that was turned away', async () => {
      provider.answer(answer('three'), answer('three'))
      await expect(sdk.generateText(settings())).rejects.toMatchObject({ code: 'OUTPUT_INVALID' })
      expect(await books()).toEqual({ used: 54, held: 0 })
      provider.answer(json({ error: { message: 'slow down' } }, 429))
      await expect(sdk.generateText(settings())).rejects.toThrow()
      expect(await books()).toEqual({ used: 54, held: 0 })
    })

    it('has one hold for all calls where it pays first, settled by what they used together', async () => {
      provider.answer(answer('three'), answer('four'), answer('{"n": 3}'))
      expect((await sdk.generateText(settings('pays first'))).output).toEqual({ n: 3 })
      expect(await books()).toEqual({ used: 81, held: 0 })
    })
  },
)
