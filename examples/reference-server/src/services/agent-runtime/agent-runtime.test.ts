import { BudgetController } from '@golden-arch/budget'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { EffectLedger, TaskSteps } from '@golden-arch/core/tasks'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { complete, startEndpoint, type TestEndpoint } from '../../testing/model-endpoint.ts'
import { mortalDatabase } from '../../testing/mortal-database.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { AgentRuntime } from './agent-runtime.ts'
import { strictAnswerParser } from './answer-parser.ts'
import { ModelClient } from './model-client.ts'
import type { Question } from './question.ts'
import { tokenBudgetGate } from './token-budget-gate.ts'

const schema = z.strictObject({ n: z.number() })
type Answer = z.infer<typeof schema>
const USED = 100
/** Tokens of the hold of a call with an empty prompt: what it is charged where its end is unknown. */
const ESTIMATE = 4000

let database: Awaited<ReturnType<typeof openServerDatabase>>
let endpoint: TestEndpoint
let answer: Parameters<typeof startEndpoint>[0]
let next = 0

beforeAll(async () => {
  database = await openServerDatabase()
  endpoint = await startEndpoint((...call) => answer(...call))
})
afterEach(() => {
  answer = (response) => complete(response, '{"n":1}', { total_tokens: USED })
})
answer = (response) => complete(response, '{"n":1}', { total_tokens: USED })
afterAll(async () => {
  await endpoint.stop()
  await database.close()
})

function runtimeOn(seen: SqlDatabase): AgentRuntime {
  return new AgentRuntime({
    database: seen,
    model: new ModelClient({ baseUrl: endpoint.baseUrl, apiKey: 'key', model: 'test' }),
    budget: tokenBudgetGate(new BudgetController({ database: seen })),
    parse: strictAnswerParser(silentMetrics),
    logger: silentLogger,
    retryDelayMs: 1,
  })
}

/** A question in the name of a task of its own, whose budget is a project's of its own. */
async function newQuestion(limitTokens = 1_000_000): Promise<Question<Answer>> {
  const name = `q${++next}`
  await new BudgetController({ database }).setLimit({
    scope: { tenantId: 'acme', projectId: name },
    limitTokens,
    actor: { id: 'test', kind: 'human' },
  })
  await database.query(
    `INSERT INTO tasks (tenant_id, task_id, root_task_id, project_id, kind, title, created_by)
     VALUES ('acme', $1, $1, $1, 'root', 'a task', 'test')`,
    [name],
  )
  return {
    tenantId: 'acme',
    projectId: name,
    rootTaskId: name,
    taskId: name,
    label: name,
    agentId: 'developer-1',
    step: 'generate',
    attempt: 1,
    messages: [{ role: 'user', content: '' }],
    schema,
  }
}

async function budgetOf(question: Question<Answer>): Promise<{ used: number; held: number; calls: number }> {
  const budgets = new BudgetController({ database })
  const scope = { tenantId: 'acme', projectId: question.projectId }
  const { usedTokens, reservedTokens } = await budgets.state(scope)
  expect((await budgets.verify(scope)).isConsistent).toBe(true)
  const calls = endpoint.keys.filter((key) => key.startsWith(`${question.taskId}|`))
  expect(new Set(calls).size, 'a call was sent twice under one key').toBe(calls.length)
  return { used: usedTokens, held: reservedTokens, calls: calls.length }
}

const VALUE = { kind: 'value', value: { n: 1 } }

describe('an agent runtime', () => {
  it('charges a call once, and replays it without another', async () => {
    const question = await newQuestion()
    expect(await runtimeOn(database).ask(question)).toMatchObject(VALUE)
    expect(await runtimeOn(database).ask(question)).toMatchObject(VALUE)
    expect(await budgetOf(question)).toEqual({ used: USED, held: 0, calls: 1 })
  })

  it('killed at any operation and run again, sends each call once and charges each that was sent once', async () => {
    let kills = 0
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; ; at++) {
        const question = await newQuestion()
        const mortal = mortalDatabase(database, at, when)
        const first = await runtimeOn(mortal.database)
          .ask(question)
          .catch((error: Error) => error)
        if (!mortal.isDead()) break
        expect(first).toBeInstanceOf(Error)
        kills++
        expect(await runtimeOn(database).ask(question)).toMatchObject(VALUE)
        const { used, held, calls } = await budgetOf(question)
        const [lost] = (
          await database.query<{ count: bigint }>(
            "SELECT count(*) AS count FROM task_effects WHERE task_id = $1 AND state = 'uncertain'",
            [question.taskId],
          )
        ).rows
        const where = `killed ${when} operation ${at}`
        expect(held, where).toBe(0)
        expect(used, where).toBe(USED + Number(lost?.count) * ESTIMATE)
        expect(calls, where).toBeLessThanOrEqual(1 + Number(lost?.count))
      }
    }
    expect(kills).toBeGreaterThanOrEqual(10)
  })

  it('goes on however often it is killed during the call: lost calls are not held against the model', async () => {
    const question = await newQuestion()
    const ledger = new EffectLedger({ database })
    const budgets = new BudgetController({ database })
    for (let call = 1; call <= 5; call++) {
      const effectId = `${question.taskId}|generate|1|${call}`
      await budgets.requestTokens({
        requestId: effectId,
        tenantId: 'acme',
        projectId: question.projectId,
        taskId: question.taskId,
        agentId: 'developer-1',
        tokens: ESTIMATE,
      })
      await ledger.intend({ tenantId: 'acme', taskId: question.taskId, effectId })
    }
    expect(await runtimeOn(database).ask(question)).toMatchObject(VALUE)
    expect(await budgetOf(question)).toEqual({ used: 5 * ESTIMATE + USED, held: 0, calls: 1 })
  })

  it.each([
    ['whose hold expired while the process was down', ESTIMATE, new Date(Date.now() - 3_600_000)],
    ['whose hold was made with another prompt', 1, new Date()],
  ])('makes a call anew %s', async (_, tokens, heldAt) => {
    const question = await newQuestion()
    const budgets = new BudgetController({ database, now: async () => heldAt })
    await budgets.requestTokens({
      requestId: `${question.taskId}|generate|1|1`,
      tenantId: 'acme',
      projectId: question.projectId,
      taskId: question.taskId,
      agentId: 'developer-1',
      tokens,
    })
    await new BudgetController({ database }).sweepExpired()
    expect(await runtimeOn(database).ask(question)).toMatchObject(VALUE)
    expect(await budgetOf(question)).toEqual({ used: USED, held: 0, calls: 1 })
    expect(endpoint.keys.at(-1)).toBe(`${question.taskId}|generate|1|2`)
  })

  it('pays an aborted call as estimated before it stops', async () => {
    const question = await newQuestion()
    const stop = new AbortController()
    answer = () => stop.abort()
    await expect(runtimeOn(database).ask({ ...question, signal: stop.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(await budgetOf(question)).toEqual({ used: ESTIMATE, held: 0, calls: 1 })
  })

  it('asks three times of a server that is busy, releases each hold, and says why it gave up', async () => {
    const question = await newQuestion()
    answer = (response) => response.writeHead(503).end()
    expect(await runtimeOn(database).ask(question)).toMatchObject({
      kind: 'failure',
      code: 'model-unavailable',
      feedback: 'HTTP 503',
    })
    expect(await budgetOf(question)).toEqual({ used: 0, held: 0, calls: 3 })
  })

  it('sends nothing where the budget has no room', async () => {
    const question = await newQuestion(ESTIMATE - 1)
    expect(await runtimeOn(database).ask(question)).toMatchObject({
      kind: 'failure',
      code: 'budget-denied',
      feedback: 'The budget of the project has no room in tokens for another call.',
    })
    expect(await budgetOf(question)).toEqual({ used: 0, held: 0, calls: 0 })
  })

  it.each([
    ['holds NUL', 'a\u0000b'],
    ['holds half a surrogate pair', '{"n":1} \ud800'],
  ])('makes an answer that %s a failure, not an error of the database', async (_, content) => {
    const question = await newQuestion()
    answer = (response) => complete(response, content)
    expect(await runtimeOn(database).ask(question)).toMatchObject({ kind: 'failure', isRemediable: true })
    expect(await budgetOf(question)).toEqual({ used: USED, held: 0, calls: 1 })
  })

  it('charges the estimate where the server claims a usage beyond belief', async () => {
    const question = await newQuestion()
    answer = (response) => complete(response, '{"n":1}', { total_tokens: Number.MAX_SAFE_INTEGER })
    expect(await runtimeOn(database).ask(question)).toMatchObject(VALUE)
    expect(await budgetOf(question)).toEqual({ used: ESTIMATE, held: 0, calls: 1 })
  })

  it('leaves the call to the runner that makes it', async () => {
    const question = await newQuestion()
    const ledger = new EffectLedger({ database })
    const effectId = `${question.taskId}|generate|1|1`
    const racing: SqlDatabase = {
      ...mortalDatabase(database, -1, 'before').database,
      query: async (text, values) => {
        if (text.includes('INSERT INTO task_effects')) {
          await ledger.intend({ tenantId: 'acme', taskId: question.taskId, effectId })
        }
        return database.query(text, values)
      },
    }
    await expect(runtimeOn(racing).ask(question)).rejects.toMatchObject({ code: 'EFFECT_TAKEN' })
    expect(endpoint.keys).not.toContain(effectId)
  })

  it('of a run that lost its step gives up no call that the newer run makes', async () => {
    const question = await newQuestion()
    const { tenantId, taskId } = question
    const steps = new TaskSteps({ database })
    const key = { tenantId, taskId, stepId: 'generate:1' }
    await database.transaction((tx) => steps.request({ ...key, service: 'agent', request: {} }, { tx }))
    const stale = await steps.claim(key, { owner: 'old' })
    await database.query(
      "UPDATE task_steps SET due_at = clock_timestamp() - interval '1 hour' WHERE task_id = $1",
      [taskId],
    )
    const newer = await steps.claim(key, { owner: 'new' })
    if (stale === undefined || newer === undefined) throw new Error('the step was not free')
    const ledger = new EffectLedger({ database })
    const effect = { tenantId, taskId, effectId: `${taskId}|generate|1|1` }
    expect(await ledger.intend(effect, newer)).toBe(true)
    await expect(runtimeOn(database).ask({ ...question, heldBy: stale })).rejects.toMatchObject({
      code: 'STEP_LEASE_LOST',
    })
    expect(await ledger.find(effect)).toEqual({ state: 'intended', fence: newer.fence })
    expect(endpoint.keys).not.toContain(effect.effectId)
  })
})
