import { BudgetController } from '@golden-arch/budget'
import { describeWithService } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callCli } from '../testing/called-cli.ts'
import { openPostgresOfATest, type PostgresOfATest } from '../testing/postgres-of-a-test.ts'

describeWithService('postgres', 'golden-arch tenant', (address) => {
  let postgres: PostgresOfATest

  beforeEach(async () => {
    postgres = await openPostgresOfATest(address, ['tasks', 'budget', 'audit', 'security'])
    const { database } = postgres
    const budgets = new BudgetController({ database })
    const actor = { id: 'ada', kind: 'human' } as const
    await budgets.setLimit({ scope: { tenantId: 'acme' }, limitTokens: 9000, actor })
    const project = { tenantId: 'acme', projectId: 'p' }
    await budgets.setLimit({ scope: project, limitTokens: null, actor })
    await budgets.requestTokens({ requestId: 'r-1', ...project, tokens: 40 })
    await budgets.commit({ tenantId: 'acme', requestId: 'r-1', usage: { totalTokens: 30 } })
    await budgets.requestTokens({ requestId: 'r-2', ...project, tokens: 7 })
    await database.query(
      `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, status, is_admitted, created_by)
       SELECT 'globex', 't-' || i, 'p', 't-' || i, 'root', 'a task',
              CASE WHEN i = 3 THEN 'completed' ELSE 'submitted' END, i = 1, 'u' FROM generate_series(1, 3) i`,
    )
    await database.query(
      `INSERT INTO users (tenant_id, user_id, name, name_key, role, kind) VALUES ('initech', 'u', 'u', 'u', 'admin', 'human')`,
    )
  })
  afterEach(() => postgres.close())

  const tenant = (...words: readonly string[]) =>
    callCli(['tenant', ...words], { environment: { DATABASE_URL: postgres.url } })

  test('lists every tenant with its people, tasks and tokens, page by page', async () => {
    const { document } = await tenant('list', '--limit', '2', '--json')
    const { items, nextCursor } = document.result
    const none = { users: 0, openTasks: 0, runningTasks: 0, maxOpenTasks: null, maxRunningTasks: null }
    expect(items).toEqual([
      { ...none, tenantId: 'acme', usedTokens: 30, reservedTokens: 7, limitTokens: 9000 },
      {
        ...{ ...none, tenantId: 'globex', openTasks: 2, runningTasks: 1 },
        ...{ usedTokens: 0, reservedTokens: 0, limitTokens: null },
      },
    ])
    const second = await tenant('list', '--cursor', nextCursor)
    expect(second.said).toEqual([
      expect.stringMatching(/^TENANT +USERS +OPEN +OF +RUNNING +OF +USED TOKENS +HELD +OF$/),
      expect.stringMatching(/^initech +1 +0 +- +0 +- +0 +0 +-$/),
      '1 tenant',
    ])
  })

  test('lists one at a time, and as many as may be asked for', async () => {
    const first = await tenant('list', '--limit', '1')
    expect(first.said.at(-2)).toBe('1 tenant')
    expect(first.said.at(-1)).toMatch(/^more: --cursor [\w-]+$/)
    const all = await tenant('list', '--limit', '500')
    expect([all.exitCode, all.said.at(-1)]).toEqual([0, '3 tenants'])
  })

  test('in a database without any of the tables there is none', async () => {
    const empty = await openPostgresOfATest(address)
    const environment = { DATABASE_URL: empty.url }
    const { exitCode, document } = await callCli(['tenant', 'list', '--json'], { environment })
    await empty.close()
    expect([exitCode, document.result]).toEqual([0, { items: [], nextCursor: null }])
  })

  test('sets how many tasks one may have, keeps what is left out, and writes it down', async () => {
    expect((await tenant('quota', '--tenant', 'acme')).said).toEqual([
      'acme: open by default, running by default',
    ])
    const given = await tenant(
      'quota',
      '--tenant',
      'acme',
      '--open',
      '100',
      '--actor',
      'ada',
      '--reason',
      'a plan',
    )
    expect(given.said).toEqual(['acme: open 100, running by default'])
    await tenant('quota', '--tenant', 'acme', '--running', '5')
    const { document } = await tenant('quota', '--tenant', 'acme', '--open', 'default', '--json')
    expect(document.result).toEqual({ tenantId: 'acme', maxOpen: null, maxRunning: 5 })
    const { rows } = await postgres.database.query(
      `SELECT tenant_id, actor, action, details FROM audit_log WHERE action = 'tenant.quota' ORDER BY entry_id LIMIT 1`,
    )
    const details = { maxOpen: 100, reason: 'a plan' }
    expect(rows).toEqual([{ tenant_id: 'acme', actor: 'ada', action: 'tenant.quota', details }])
  })

  test('sets the most that may be granted, where there is no audit log as well', async () => {
    const plain = await openPostgresOfATest(address, ['tasks'])
    const environment = { DATABASE_URL: plain.url }
    const words = ['tenant', 'quota', '--tenant', 'acme', '--open', '1000000', '--running', '100000']
    const { said } = await callCli(words, { environment })
    const none = await callCli(['tenant', 'quota', '--tenant', 'acme', '--open', '0'], { environment })
    await plain.close()
    expect(said).toEqual(['acme: open 1000000, running 100000'])
    expect(none.said).toEqual(['acme: open 0, running 100000'])
  })

  test('lists what it can where an application has the tables of some modules alone', async () => {
    const budget = await openPostgresOfATest(address, ['budget'])
    const actor = { id: 'ada', kind: 'human' } as const
    const budgets = new BudgetController({ database: budget.database })
    await budgets.setLimit({ scope: { tenantId: 'acme', projectId: 'p' }, limitTokens: 1, actor })
    const environment = { DATABASE_URL: budget.url }
    const { document } = await callCli(['tenant', 'list', '--json'], { environment })
    await budget.close()
    expect(document.result.items).toMatchObject([
      { tenantId: 'acme', users: null, openTasks: null, usedTokens: 0 },
    ])
  })
})

test.each([
  [[], 'tenant must be followed by list, quota'],
  [['grant'], 'tenant must be followed by list, quota, received grant'],
  [['quota'], '--tenant is needed'],
  [['quota', '--tenant', 'a', '--open', '-1'], '--open'],
  [['quota', '--tenant', 'a', '--open', '1000001'], '--open must be 0 to 1000000, or default'],
  [['quota', '--tenant', 'a', '--running', '100001'], '--running must be 0 to 100000, or default'],
  [['quota', '--tenant', 'a', '--running', 'none'], '--running must be a number, received none'],
  [['list', '--limit', '0'], '--limit must be 1 to 500'],
  [['list', '--limit', '501'], '--limit must be 1 to 500'],
  [['list', '--limit', 'many'], '--limit must be'],
  [['list', 'acme'], 'acme'],
])('tenant %j is not understood: %s', async (words, message) => {
  const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/x' }
  const { exitCode, document } = await callCli(['tenant', ...words, '--json'], { environment })
  expect(exitCode).toBe(2)
  expect(document.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) })
})
