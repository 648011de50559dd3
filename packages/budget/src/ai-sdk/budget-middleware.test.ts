import { expect, it } from 'vitest'
import type { BudgetLease } from '../leases/budget-lease.ts'
import type { Usage } from '../pricing/usage.ts'
import type { AiSdkGenerateResult } from './ai-sdk-model.ts'
import { budgetMiddleware } from './budget-middleware.ts'

const scope = { tenantId: 't', projectId: 'p' }

it('gives the answer of a model that leaves its usage out, and reports none', async () => {
  const reported: Usage[] = []
  const budget = {
    async withBudget<T>(_request: unknown, run: (lease: BudgetLease) => Promise<T>): Promise<T> {
      const reportUsage = (usage: Usage) => reported.push(usage)
      // No more of a lease is used here.
      return await run({ signal: new AbortController().signal, reportUsage } as unknown as BudgetLease)
    },
  }
  const { wrapGenerate, wrapStream } = budgetMiddleware({ budget, scope })
  const params = { prompt: 'Hello' }
  for (const usage of [undefined, {}]) {
    // They are what the types of the SDK do not allow.
    const answer = { usage } as unknown as AiSdkGenerateResult
    const model = { modelId: 'small', doGenerate: async () => answer }
    expect(await wrapGenerate({ params, model })).toBe(answer)

    const stream = ReadableStream.from([{ type: 'finish', usage }])
    const streaming = { modelId: 'small', doStream: async () => ({ stream }) }
    const parts: unknown[] = []
    for await (const part of (await wrapStream({ params, model: streaming })).stream) parts.push(part)
    expect(parts).toEqual([{ type: 'finish', usage }])
  }
  expect(reported).toEqual([])
})
