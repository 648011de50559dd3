import { BudgetController } from '@golden-arch/budget'
import type { Actor } from '@golden-arch/core/audit'
import { silentMetrics } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Task, TaskStore } from '@golden-arch/core/tasks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assembleSystem, type System } from '../../system.ts'
import { complete, startEndpoint, type TestEndpoint } from '../../testing/model-endpoint.ts'
import { mortalDatabase } from '../../testing/mortal-database.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import type { CodingTask } from './coding-task.ts'

const tests = Array.from({ length: 2 }, (_, n) => ({ name: `n${n}`, run: `return f(${n})`, equals: n }))
const part = (entryPoint: string): NonNullable<CodingTask['parts']>[number] => ({
  entryPoint,
  signature: `${entryPoint}(x)`,
  description: 'gives x back',
  tests: [{ name: 'one', run: `return ${entryPoint}(1)`, equals: 1 }],
})
const vote = { decision: 'approve', severity: 'none', rationale: 'sound', confidence: 1 }
const plan = { steps: ['g', 'h'].map((entryPoint) => ({ entryPoint, goal: 'x', dependsOn: [] })) }
const ada: Actor = { id: 'ada', kind: 'human' }
const olga: Actor = { id: 'olga', kind: 'human' }
const store = new TaskStore()

let database: Awaited<ReturnType<typeof openServerDatabase>>
let endpoint: TestEndpoint
/** What the model says at a step of a task, such as `generate`; called once for each call. */
let say: (step: string, task: string) => unknown
let next = 0

beforeAll(async () => {
  database = await openServerDatabase()
  endpoint = await startEndpoint((response, request) => {
    const [task = '', step = ''] = String(request.headers['x-golden-arch-step']).split('|')
    const answer = say(step, task)
    if (answer !== undefined) complete(response, JSON.stringify(answer))
  })
})
afterAll(async () => {
  await endpoint.stop()
  await database.close()
})
beforeEach(() => {
  say = (step, task) => {
    if (step === 'plan') return plan
    return step === 'generate' ? solutionOf(task) : vote
  }
})

function solutionOf(task: string): object {
  return { explanation: 'x', code: `function ${task.split('/')[1] ?? 'f'}(x) { return x }` }
}

function newTask(parts?: CodingTask['parts']): CodingTask {
  const id = `task-${++next}`
  const base = { id, title: id, description: 'd', signature: 'f(x)', entryPoint: 'f', tests }
  return parts === undefined ? base : { ...base, parts }
}

async function onSystem<T>(seen: SqlDatabase, use: (system: System) => Promise<T>): Promise<T> {
  const system = await assembleSystem({
    database: seen,
    endpoint: { baseUrl: endpoint.baseUrl, apiKey: 'key', model: 'test' },
    logger: new RecordingLogger(),
    metrics: silentMetrics,
    tenantId: 'acme',
    projectId: 'p',
    projectLimitTokens: 100_000_000,
    taskLimitTokens: 1_000_000,
    concurrency: 1,
  })
  try {
    return await use(system)
  } finally {
    await system.close()
  }
}

async function runAll(system: System): Promise<void> {
  await system.claims.releaseAll()
  await system.runner.run({ signal: new AbortController().signal, untilIdle: true })
}

const get = (taskId: string): Promise<Task> => store.get(database, { tenantId: 'acme', taskId })

describe('an orchestrator', () => {
  it('brings a task with parts to its end', async () => {
    const task = newTask([part('g'), part('h')])
    await onSystem(database, async (system) => {
      await system.intake.accept('acme', task, ada)
      await runAll(system)
    })
    expect(await get(task.id)).toMatchObject({ status: 'completed', statusReason: null })
    expect(await get(`${task.id}/h`)).toMatchObject({ status: 'completed' })
  })

  it('stops at a cancellation, and leaves no part of the task open', async () => {
    const task = newTask([part('g'), part('h')])
    await onSystem(database, async (system) => {
      await system.intake.accept('acme', task, ada)
      say = (step, asked) => {
        if (step === 'plan') return plan
        if (!asked.endsWith('/g')) throw new Error(`${asked} was worked on after it was cancelled`)
        void get(task.id)
          .then((root) => system.machine.transition({ task: root, to: 'cancelled', actor: olga }))
          .then(() => (say = () => undefined))
        return { explanation: 'x', code: 'function g() { return 2 }' }
      }
      await runAll(system)
    })
    for (const id of [task.id, `${task.id}/g`, `${task.id}/h`]) {
      expect(await get(id), id).toMatchObject({ status: 'cancelled' })
    }
    const below = await store.children(database, { tenantId: 'acme', taskId: `${task.id}/g` })
    expect(below.filter((one) => one.status !== 'cancelled')).toEqual([])
  })

  it('escalates a task whose part cannot be done, and cancels the parts behind it', async () => {
    const task = newTask([part('g'), part('h')])
    say = (step) => (step === 'plan' ? plan : { explanation: 'x', code: 'function g() { return 2 }' })
    await onSystem(database, async (system) => {
      await system.intake.accept('acme', task, ada)
      await runAll(system)
    })
    expect(await get(task.id)).toMatchObject({ status: 'escalated', statusReason: 'child-not-completed' })
    expect(await get(`${task.id}/g`)).toMatchObject({ statusReason: 'attempts-exhausted' })
    expect(await get(`${task.id}/h`)).toMatchObject({ status: 'cancelled', statusReason: 'parent-escalated' })
  })

  it('killed at any operation and run again, completes the task and sends no call twice', async () => {
    let kills = 0
    for (let at = 4; ; at += 5) {
      const task = newTask()
      const mortal = mortalDatabase(database, at, at % 2 === 0 ? 'before' : 'after')
      await onSystem(mortal.database, async (system) => {
        await system.intake.accept('acme', task, ada)
        const root = await get(task.id)
        await runOnce(system, root)
      }).catch(() => undefined)
      if (!mortal.isDead()) break
      kills++
      await onSystem(database, async (system) => {
        await system.intake.accept('acme', task, ada)
        await runAll(system)
      })
      expect(await get(task.id), `killed at operation ${at}`).toMatchObject({ status: 'completed' })
    }
    expect(kills).toBeGreaterThanOrEqual(5)
    expect(new Set(endpoint.keys).size).toBe(endpoint.keys.length)
    const budgets = new BudgetController({ database })
    const scope = { tenantId: 'acme', projectId: 'p' }
    expect((await budgets.verify(scope)).isConsistent).toBe(true)
    expect((await budgets.state(scope)).reservedTokens).toBe(0)
  })

  it('leaves a limit that people have set as it is, when the task is posted again', async () => {
    const task = newTask()
    await onSystem(database, async (system) => {
      await system.intake.accept('acme', task, ada)
      const scope = { tenantId: 'acme', projectId: 'p', taskId: task.id }
      await system.budgets.setLimit({ scope, limitTokens: 7, actor: olga })
      await system.intake.accept('acme', task, ada)
      expect((await system.budgets.state(scope)).limitTokens).toBe(7)
      await system.machine.transition({ task: await get(task.id), to: 'cancelled', actor: olga })
    })
  })
})

/** Runs the task without the patience of a runner, which would wait for a database that never returns. */
function runOnce(system: System, task: Task): Promise<Task> {
  return system.orchestrator.run(task.tenantId, task.taskId, new AbortController().signal)
}
