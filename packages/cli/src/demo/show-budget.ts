import { BudgetController } from '@golden-arch/budget'
import type { DemoStep } from './demo-step.ts'

const PROJECT = { tenantId: 'acme', projectId: 'assistant' }

/** A limit that holds, and a call that is charged once however often it is told. */
export const showBudget: DemoStep = {
  title: 'a budget is charged exactly once, and never passed',
  async run(database) {
    const budgets = new BudgetController({ database })
    await budgets.setLimit({ scope: PROJECT, limitTokens: 10_000, actor: { id: 'ada', kind: 'human' } })
    const request = { ...PROJECT, requestId: 'task-7/attempt-1', taskId: 'task-7', tokens: 4000 }
    await budgets.requestTokens(request)
    const usage = { tenantId: 'acme', requestId: request.requestId, usage: { totalTokens: 3120 } }
    await budgets.commit(usage)
    await budgets.commit(usage)
    const denied = await budgets.requestTokens({ ...request, requestId: 'task-8/attempt-1', tokens: 9000 })
    const { usedTokens, availableTokens } = await budgets.state(PROJECT)
    const { isConsistent } = await budgets.verify({ tenantId: 'acme' })
    return {
      isAsPromised: usedTokens === 3120 && denied.status === 'denied' && isConsistent,
      lines: [
        'limit 10000; held 4000 for a call, then charged the 3120 that it used, and was told so twice',
        `used ${usedTokens}, left ${availableTokens}; a call that may need 9000 is ${denied.status}`,
        `rebuilt from the ledger, the counters are ${isConsistent ? 'the same' : 'others'}`,
      ],
    }
  },
}
