import { MCP_PEERS, type McpCalled } from '@golden-arch/testkit/mcp'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { addBudgetTools } from './add-budget-tools.ts'

const alice = { id: 'alice', kind: 'human' } as const

let database: TestDatabase
let budgets: BudgetController
let tenants = 0
beforeAll(async () => {
  database = await openPglite()
  budgets = new BudgetController({ database: database.database })
})
afterAll(() => database.close())

describe.each(MCP_PEERS)('a budget as a tool of $name', (peer) => {
  let tenantId: string
  beforeEach(() => {
    tenantId = `t${tenants++}`
  })

  async function state(
    input: Record<string, unknown>,
    permissions: readonly string[] = ['task:read'],
  ): Promise<McpCalled> {
    const client = await peer.open((server, schema) =>
      addBudgetTools(server, { budgets, caller: () => ({ tenantId, actor: alice, permissions }), schema }),
    )
    try {
      return await client.call('budget_state', input)
    } finally {
      await client.close()
    }
  }

  it('is told with limit, use and holds, and only ever read', async () => {
    const scope = { tenantId, projectId: 'assistant' }
    await budgets.setLimit({ scope, limitTokens: 1000, actor: alice })
    await budgets.requestTokens({ ...scope, taskId: 'a', requestId: 'r1', tokens: 300 })
    await budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 250 } })
    await budgets.requestTokens({ ...scope, taskId: 'a', requestId: 'r2', tokens: 100 })

    const { isError, structured, text } = await state({ project_id: 'assistant' })
    expect(isError).toBe(false)
    expect(structured).toMatchObject({
      level: 'project',
      limit_tokens: 1000,
      used_tokens: 250,
      held_tokens: 100,
      available_tokens: 650,
      forecast: { tokens: { rate_per_hour: expect.any(Number) } },
    })
    expect(JSON.parse(text)).toEqual(structured)
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 250, reservedTokens: 100 })
  })

  it('is told with money and a period, exactly', async () => {
    const scope = { tenantId }
    const limitMoney = { currency: 'USD', micros: 2_500_000n }
    await budgets.setLimit({
      scope,
      limitTokens: null,
      limitMoney,
      period: { kind: 'month', timeZone: 'UTC' },
      actor: alice,
    })
    await budgets.requestTokens({
      tenantId,
      projectId: 'p',
      taskId: 'a',
      requestId: 'r1',
      tokens: 10,
      cost: { currency: 'USD', micros: 1n },
    })
    const { structured } = await state({})
    expect(structured).toMatchObject({
      level: 'tenant',
      money: { limit: '2.50 USD', used: '0.00 USD', held: '0.000001 USD', available: '2.499999 USD' },
      resets_at: expect.stringMatching(/^\d{4}-\d\d-01T00:00:00.000Z$/),
      forecast: { money: { rate_per_hour: 0 } },
    })
    expect(structured).not.toHaveProperty('limit_tokens')
  })

  it('that is overdrawn is told as what it is', async () => {
    const scope = { tenantId, projectId: 'p' }
    await budgets.setLimit({ scope, limitTokens: 100, actor: alice })
    await budgets.requestTokens({ ...scope, taskId: 'a', requestId: 'r1', tokens: 100 })
    await budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 130 } })
    expect(await state({ project_id: 'p' })).toMatchObject({
      structured: { available_tokens: -30, forecast: { tokens: { exhausts_at: expect.any(String) } } },
    })
  })

  it('is told to nobody of another tenant, or without the permission', async () => {
    const scope = { tenantId: `${tenantId} of others`, projectId: 'p' }
    await budgets.setLimit({ scope, limitTokens: 100, actor: alice })
    expect(await state({ project_id: 'p' })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^BUDGET_NOT_FOUND: /),
    })
    expect(await state({ project_id: 'p' }, ['task:create'])).toMatchObject({
      isError: true,
      text: 'MCP_PERMISSION_DENIED: the tool budget_state needs the permission task:read',
    })
  })

  it.each([
    [{ project_id: '' }, 'Invalid arguments for tool budget_state'],
    [{ tenant_id: 'others' }, 'Invalid arguments for tool budget_state'],
    [{ task_id: 'a' }, 'INVALID_OPTION: option projectId'],
    [{ project_id: 'a\nb' }, 'INVALID_OPTION: option projectId'],
  ])('is not asked for by %j', async (input, problem) => {
    const { isError, text } = await state(input)
    expect(isError).toBe(true)
    expect(text).toContain(problem)
  })

  it('is not added without budgets', async () => {
    const client = await peer.open((server, schema) => {
      const caller = () => undefined
      // The casts stand for code without types.
      const add = (options: unknown) => () => addBudgetTools(server as never, options as never)
      expect(add(undefined)).toThrow(invalidOption('options'))
      expect(add({ caller, schema })).toThrow(invalidOption('budgets', 'an object with the function state'))
      expect(add({ budgets: {}, caller, schema })).toThrow(
        invalidOption('budgets', 'an object with the function state'),
      )
      addBudgetTools(server, { budgets, caller, schema })
    })
    await client.close()
  })

  it('is listed as what only reads', async () => {
    const client = await peer.open((server, schema) =>
      addBudgetTools(server, { budgets, caller: () => undefined, schema }),
    )
    expect(await client.tools()).toMatchObject([
      {
        name: 'budget_state',
        title: 'State of a budget',
        description: expect.stringContaining('limits, use, holds and forecast'),
        annotations: {
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: false,
        },
      },
    ])
    await client.close()
  })
})
