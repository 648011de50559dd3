import { BudgetController, money } from '@golden-arch/budget'
import { describeWithService } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { openPostgresOfATest, type PostgresOfATest } from '../testing/postgres-of-a-test.ts'

describeWithService('postgres', 'golden-arch budget', (address) => {
  let postgres: PostgresOfATest
  const scope = ['--tenant', 'acme', '--project', 'assistant']

  beforeEach(async () => {
    postgres = await openPostgresOfATest(address, ['budget'])
    const budgets = new BudgetController({ database: postgres.database })
    const actor = { id: 'ada', kind: 'human' } as const
    const project = { tenantId: 'acme', projectId: 'assistant' }
    const limitMoney = money('USD', 5_000_000n)
    await budgets.setLimit({ scope: project, limitTokens: 10_000, limitMoney, actor })
    await budgets.setLimit({ scope: { tenantId: 'acme', projectId: 'b' }, limitTokens: null, actor })
    await budgets.setLimit({ scope: { tenantId: 'other', projectId: 'c' }, limitTokens: 1, actor })
    await budgets.requestTokens({
      ...{ requestId: 'r-1', ...project, taskId: 't-1', tokens: 4000 },
      cost: money('USD', 40_000n),
    })
    await budgets.commit({
      ...{ tenantId: 'acme', requestId: 'r-1' },
      usage: { totalTokens: 3000, cost: money('USD', 30_000n) },
    })
  })
  afterEach(() => postgres.close())

  const budget = (...words: readonly string[]) =>
    callCli(['budget', ...words], { environment: { DATABASE_URL: postgres.url } })

  test('shows one budget, in lines and as a document', async () => {
    const { exitCode, document } = await budget('state', ...scope, '--json')
    expect(exitCode).toBe(0)
    expect(document.result).toMatchObject({
      scope: { tenantId: 'acme', projectId: 'assistant' },
      level: 'project',
      limitTokens: 10_000,
      usedTokens: 3000,
      reservedTokens: 0,
      availableTokens: 7000,
      money: { limit: { currency: 'USD', micros: '5000000' }, used: { currency: 'USD', micros: '30000' } },
    })
    expect((await budget('state', ...scope)).said).toEqual([
      'acme / assistant (project)',
      expect.stringMatching(/LIMIT +USED +RESERVED +AVAILABLE/),
      expect.stringMatching(/^tokens +10000 +3000 +0 +7000$/),
      expect.stringMatching(/^money +5\.00 USD +0\.03 USD +0\.00 USD +4\.97 USD$/),
      'starts again: never',
      expect.stringMatching(/^at this rate its tokens are used up: \d{4}-/),
    ])
    const none = await budget('state', '--tenant', 'nobody', '--json')
    expect(none.exitCode).toBe(1)
    expect(none.document.error).toMatchObject({
      code: 'BUDGET_NOT_FOUND',
      details: { scope: { tenantId: 'nobody' } },
    })
  })

  test('lists projects page by page', async () => {
    const first = await budget('limits', '--limit', '2', '--json')
    expect(first.document.result).toMatchObject({
      items: [
        { tenantId: 'acme', projectId: 'assistant', limitTokens: 10_000, availableTokens: 7000 },
        { tenantId: 'acme', projectId: 'b', limitTokens: null, availableTokens: null },
      ],
    })
    const cursor: string = first.document.result.nextCursor
    const second = await budget('limits', '--limit', '2', '--cursor', cursor, '--json')
    expect(second.document.result).toEqual({
      items: [
        {
          ...{ tenantId: 'other', projectId: 'c', limitTokens: 1 },
          ...{ usedTokens: 0, reservedTokens: 0, availableTokens: 1 },
        },
      ],
      nextCursor: null,
    })
    expect((await budget('limits', '--tenant', 'acme')).said.at(-1)).toBe('2 projects with a budget')
  })

  test('lists projects in lines, with where the next page begins', async () => {
    const first = await budget('limits', '--limit', '1')
    expect(first.said).toEqual([
      expect.stringMatching(/^TENANT +PROJECT +LIMIT +USED +RESERVED +AVAILABLE$/),
      expect.stringMatching(/^acme +assistant +10000 +3000 +0 +7000$/),
      '1 project with a budget',
      expect.stringMatching(/^more: --cursor [\w-]+$/),
    ])
    const cursor = first.said.at(-1)?.replace('more: --cursor ', '') ?? ''
    const { said } = await budget('limits', '--limit', '500', '--cursor', cursor)
    expect(said).toHaveLength(4)
    expect(said[1]).toMatch(/^acme +b +- +0 +0 +-$/)
    expect(said[2]).toMatch(/^other +c +1 +0 +0 +1$/)
    expect(said[3]).toBe('2 projects with a budget')
    expect((await budget('limits', '--tenant', 'nobody')).said).toEqual(['0 projects with a budget'])
  })

  test('shows one without money, of an agent, that starts again each day', async () => {
    const scopeOfAgent = { tenantId: 'acme', projectId: 'assistant', taskId: 't-1', agentId: 'a-1' }
    const budgets = new BudgetController({ database: postgres.database })
    const actor = { id: 'ada', kind: 'human' } as const
    await budgets.setLimit({
      scope: scopeOfAgent,
      limitTokens: null,
      period: { kind: 'day', timeZone: 'UTC' },
      actor,
    })
    const { said } = await budget('state', ...scope, '--task', 't-1', '--agent', 'a-1')
    expect(said).toEqual([
      'acme / assistant / t-1 / a-1 (agent)',
      expect.stringMatching(/LIMIT/),
      expect.stringMatching(/^tokens +- +0 +0 +-$/),
      expect.stringMatching(/^starts again: 20\d\d-\d\d-\d\dT00:00:00\.000Z$/),
      'at this rate its tokens are used up: never, in this period',
    ])
  })

  test('sets a limit, and says what was there before', async () => {
    const set = (...words: readonly string[]) =>
      budget('set', '--tenant', 'acme', '--project', 'd', ...words, '--actor', 'ada', '--reason', 'a plan')
    expect((await set('--tokens', '500')).said).toEqual(['acme / d: 500 tokens (created)'])
    expect((await set('--tokens', '1')).said).toEqual(['acme / d: 1 token (was 500 tokens)'])
    expect((await set('--tokens', 'none')).said).toEqual(['acme / d: not limited (was 1 token)'])
    const { document } = await set('--tokens', '0', '--json')
    expect(document.result).toMatchObject({
      ...{ isNew: false, previousLimitTokens: null },
      state: { limitTokens: 0, scope: { projectId: 'd' } },
    })
  })

  test('verifies the ledgers, and names a counter that was changed behind their back', async () => {
    const good = await budget('verify', '--json')
    expect(good.exitCode).toBe(0)
    expect(good.document.result.tenants).toMatchObject([
      { tenantId: 'acme', isConsistent: true, differences: [] },
      { tenantId: 'other', isConsistent: true },
    ])
    await postgres.database.query(
      `UPDATE budgets SET used_tokens = used_tokens + 7 WHERE tenant_id = 'acme' AND project_id = 'assistant'`,
    )
    const bad = await budget('verify', '--tenant', 'acme')
    expect(bad.exitCode).toBe(1)
    expect(bad.said).toEqual([
      'bad acme: 2 budgets checked, 1 difference',
      '  acme / assistant: used is 3007 tokens, by the ledger 3000',
    ])
    const all = await callCli(['budget', 'verify'], {
      environment: { DATABASE_URL: postgres.url },
      isTty: true,
    })
    expect(all.exitCode).toBe(1)
    const red = '\u001b[31mbad\u001b[39m acme: 2 budgets checked, 1 difference'
    const green = '\u001b[32mgood\u001b[39m other: 1 budget checked, 0 differences'
    expect(all.said).toEqual(expect.arrayContaining([red, green]))
    expect(all.complaints).toContain('verifying the ledger of other')
    expect((await budget('verify', '--tenant', 'acme', '--project', 'b')).exitCode).toBe(0)
  })

  test('verifies nothing where there is nothing', async () => {
    const none = await openPostgresOfATest(address, ['budget'])
    const { exitCode, said } = await callCli(['budget', 'verify'], {
      environment: { DATABASE_URL: none.url },
    })
    await none.close()
    expect([exitCode, said]).toEqual([0, ['no tenant has a budget']])
  })
})

/** A cursor that holds `place`. */
const cursorOf = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url')

test.each([
  [[], 'budget must be followed by state, limits, set, verify'],
  [['spend'], 'budget must be followed by state, limits, set, verify, received spend'],
  [['state'], '--tenant is needed'],
  [['state', '--tenant', 'a', '--task', 't'], '--task and --agent need a --project'],
  [['set', '--tenant', 'a'], '--tokens must be 0 to'],
  [['set', '--tenant', 'a', '--tokens', '-1'], '--tokens'],
  [
    ['set', '--tenant', 'a', '--tokens', '9007199254740993'],
    '--tokens must be 0 to 9007199254740991, or none',
  ],
  [['limits', '--limit', '0'], '--limit must be 1 to 500'],
  [['limits', '--limit', '501'], '--limit must be 1 to 500'],
  [['limits', '--limit', 'ten'], '--limit must be a number, received ten'],
  [['limits', '--cursor', 'x'], '--cursor must be the cursor of a page'],
  [['limits', '--cursor', cursorOf({ 0: 'a', 1: 'b' })], '--cursor must be the cursor of a page'],
  [['limits', '--cursor', cursorOf(['a', 5])], '--cursor must be the cursor of a page'],
  [['limits', '--cursor', cursorOf([5, 'a'])], '--cursor must be the cursor of a page'],
  [['state', '--tenant', 'a', '--agent', 'b'], '--task and --agent need a --project'],
  [['state', '--tenant', 'a', 'b'], 'unexpected word: b'],
  [['set', '--tenant', 'a', '--tokens', '1', 'b'], 'unexpected word: b'],
  [['limits', 'b'], 'unexpected word: b'],
  [['verify', 'b'], 'unexpected word: b'],
  [['verify', '--project', 'p'], '--project needs a --tenant'],
])('budget %j is not understood: %s', async (words, message) => {
  const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/x' }
  const { exitCode, document } = await callCli(['budget', ...words, '--json'], { environment })
  expect(exitCode).toBe(2)
  expect(document.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) })
})
