import { BudgetController, type BudgetScope } from '@golden-arch/budget'
import type { Actor } from '@golden-arch/core/audit'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type PersonDecision, type Task, type TaskLook, TaskQueue, TaskStore } from '@golden-arch/core/tasks'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CodingWorkOptions } from '../../coding-work.ts'
import { takeOverWork } from '../../shared-parts.ts'
import { assembleSystem, type System } from '../../system.ts'
import { complete, startEndpoint, type TestEndpoint } from '../../testing/model-endpoint.ts'
import { mortalDatabase } from '../../testing/mortal-database.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { untilSettled } from '../../until-settled.ts'
import type { CodingTask } from './coding-task.ts'
import { Orchestrator } from './orchestrator.ts'
import { partLimitTokens } from './part-budgets.ts'

const tests = Array.from({ length: 2 }, (_, n) => ({ name: `n${n}`, run: `return f(${n})`, equals: n }))
const part = (entryPoint: string): NonNullable<CodingTask['parts']>[number] => ({
  entryPoint,
  signature: `${entryPoint}(x)`,
  description: 'gives x back',
  tests: [{ name: 'one', run: `return ${entryPoint}(1)`, equals: 1 }],
})
const approve = { decision: 'approve', severity: 'none', rationale: 'sound', confidence: 1 }
const veto = { decision: 'reject', severity: 'critical', rationale: 'unsafe', confidence: 1 }
const plan = { steps: ['g', 'h'].map((entryPoint) => ({ entryPoint, goal: 'x', dependsOn: [] })) }
const ada: Actor = { id: 'ada', kind: 'human' }
const olga: Actor = { id: 'olga', kind: 'human' }
const store = new TaskStore()
const TASK_LIMIT_TOKENS = 1_000_000
const LIMIT_TOKENS = { taskLimitTokens: TASK_LIMIT_TOKENS, projectLimitTokens: 3_000_000 }
/** What a machine may need that does much else. */
const TIMEOUT_MS = 900_000

let database: Awaited<ReturnType<typeof openServerDatabase>>
let endpoint: TestEndpoint
/** What the model says at an attempt of a step of a task, such as `generate`; undefined: nothing, ever. */
let say: (step: string, task: string, attempt: number, prompt: string) => unknown
/** Called when a call is cut off that nobody answered. */
let onCut: () => void
let next = 0

beforeAll(async () => {
  database = await openServerDatabase()
  endpoint = await startEndpoint((response, request, body) => {
    const [task = '', step = '', attempt] = String(request.headers['x-golden-arch-step']).split('|')
    const answer = say(step, task, Number(attempt), body)
    if (answer === undefined) response.once('close', () => onCut())
    else complete(response, JSON.stringify(answer))
  })
})
afterAll(async () => {
  await endpoint.stop()
  await database.close()
})
beforeEach(() => {
  say = answer
  onCut = () => undefined
})

function answer(step: string, task: string): unknown {
  if (step === 'plan') return plan
  return step === 'generate' ? solutionOf(task) : approve
}

function solutionOf(task: string): object {
  return { explanation: 'x', code: `function ${task.split('/')[1] ?? 'f'}(x) { return x }` }
}

function newTask(parts?: CodingTask['parts']): CodingTask {
  const id = `task-${++next}`
  const base = { id, title: id, description: 'd', signature: 'f(x)', entryPoint: 'f', tests }
  return parts === undefined ? base : { ...base, parts }
}

async function onSystem<T>(
  seen: SqlDatabase,
  use: (system: System) => Promise<T>,
  options: Partial<CodingWorkOptions> = {},
): Promise<T> {
  const system = await assembleSystem({
    database: seen,
    endpoint: { baseUrl: endpoint.baseUrl, apiKey: 'key', model: 'test' },
    logger: silentLogger,
    metrics: silentMetrics,
    tenantId: 'acme',
    projectId: 'p',
    projectLimitTokens: 100_000_000,
    taskLimitTokens: TASK_LIMIT_TOKENS,
    concurrency: 4,
    pace: { pollIntervalMs: 50, lookMs: 300 },
    ...options,
  })
  try {
    return await use(system)
  } finally {
    await system.close()
  }
}

/** Works until nothing moves of itself any more, or `until` is fulfilled. */
async function run(system: System, until?: Promise<unknown>): Promise<void> {
  const stop = new AbortController()
  const running = Promise.all([system.work(stop.signal), system.relayEvents(stop.signal)])
  await (until ?? untilSettled(database, stop.signal, 20))
  stop.abort()
  await running
}

/** Posts the task and works on it until nothing moves of itself any more. */
async function runTask(task: CodingTask, options: Partial<CodingWorkOptions> = {}): Promise<Task> {
  await onSystem(
    database,
    async (system) => {
      await takeOverWork(system)
      await system.intake.accept('acme', task, ada)
      await run(system)
    },
    options,
  )
  return get(task.id)
}

/** A person answers what the task asks, and the work goes on. */
async function settle(task: Task, decision: PersonDecision, reason?: string): Promise<Task> {
  if (task.waitingFor?.kind !== 'approval') throw new Error(`${task.taskId} asks nothing`)
  const { askedAtVersion } = task.waitingFor
  await onSystem(database, async (system) => {
    const words = { task, askedAtVersion, decision, reason, actor: olga }
    await system.machine.settle(words)
    await run(system)
  })
  return get(task.taskId)
}

/** A queue whose first look is overtaken: the task is woken before it is put to rest. */
class OvertakenQueue extends TaskQueue {
  /** Looks that were to be put to rest. */
  readonly looks: bigint[] = []

  override async settle(
    look: TaskLook,
    options?: { readonly afterMs?: number | undefined },
  ): Promise<boolean> {
    this.looks.push(look.token)
    if (this.looks.length === 1) await this.wake(look)
    // One that is settled in vain for ever would never give its turn away.
    if (this.looks.length > 10) throw new Error('the same looks are settled again and again')
    return super.settle(look, options)
  }
}

const get = (taskId: string): Promise<Task> => store.get(database, { tenantId: 'acme', taskId })

async function stepsOf(taskId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ step: string }>(
    "SELECT step_id || ' ' || state AS step FROM task_steps WHERE task_id = $1 ORDER BY position",
    [taskId],
  )
  return rows.map(({ step }) => step)
}

describe('an orchestrator', { timeout: TIMEOUT_MS }, () => {
  it('brings a task with parts to its end, and lets each part spend its share', async () => {
    const task = newTask([part('g'), part('h')])
    expect(await runTask(task)).toMatchObject({ status: 'completed', statusReason: null })
    expect(await get(`${task.id}/h`)).toMatchObject({ status: 'completed' })
    const scope = { tenantId: 'acme', projectId: 'p', taskId: task.id, agentId: 'part:h' }
    const share = await new BudgetController({ database }).state(scope)
    expect(share.limitTokens).toBe(partLimitTokens(TASK_LIMIT_TOKENS, 2))
    expect(share.usedTokens).toBe(100)
  })

  it('stops at a cancellation, and leaves no part of the task open', async () => {
    const task = newTask([part('g'), part('h')])
    await onSystem(database, async (system) => {
      await system.intake.accept('acme', task, ada)
      const asked = Promise.withResolvers<void>()
      say = (step, part) => {
        if (step === 'plan') return plan
        if (part.endsWith('/h')) return solutionOf(part)
        asked.resolve()
        return undefined
      }
      const working = run(system)
      await asked.promise
      await system.machine.transition({ task: await get(task.id), to: 'cancelled', actor: olga })
      await working
    })
    expect(await stepsOf(task.id)).toEqual(['plan:1 done'])
    expect(await get(task.id)).toMatchObject({ status: 'cancelled' })
    expect(await get(`${task.id}/g`)).toMatchObject({ status: 'cancelled', statusReason: 'parent-cancelled' })
    expect(await stepsOf(`${task.id}/g`)).toEqual(['generate:1 cancelled'])
  })

  it('cuts off a model that never answers, once its task is cancelled, and settles what it may have cost', async () => {
    const task = newTask()
    const asked = Promise.withResolvers<void>()
    const cut = Promise.withResolvers<void>()
    onCut = cut.resolve
    say = () => {
      asked.resolve()
      return undefined
    }
    await onSystem(database, async (system) => {
      await system.intake.accept('acme', task, ada)
      const working = run(system, cut.promise)
      await asked.promise
      await system.machine.transition({ task: await get(task.id), to: 'cancelled', actor: olga })
      await working
      const scope = { tenantId: 'acme', projectId: 'p', taskId: task.id }
      const { reservedTokens, usedTokens } = await system.budgets.state(scope)
      expect(reservedTokens).toBe(0)
      expect(usedTokens).toBeGreaterThan(0)
    })
    expect(await stepsOf(task.id)).toEqual(['generate:1 cancelled'])
  })

  it('ends a program that loops, once its task is cancelled', async () => {
    const task = newTask()
    say = () => ({ explanation: 'x', code: 'function f() { for (;;); }' })
    const backend = new QuickJsBackend()
    const limits = { timeoutMs: 300_000, cpuTimeMs: 300_000 }
    const sandbox = new SandboxExecutor({ backend, limits, minimumIsolation: 'wasm' })
    const began = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const options: Partial<CodingWorkOptions> = {
      sandbox,
      replace: (stages) => ({
        ...stages,
        tests: {
          run: (solution) => {
            began.resolve()
            return stages.tests.run(solution).finally(ended.resolve)
          },
        },
      }),
    }
    await onSystem(
      database,
      async (system) => {
        await system.intake.accept('acme', task, ada)
        const working = run(system, ended.promise)
        await began.promise
        await system.machine.transition({ task: await get(task.id), to: 'cancelled', actor: olga })
        await working
      },
      options,
    )
    await sandbox.close({ drainTimeoutMs: 60_000 })
    await backend.close()
    expect(await stepsOf(task.id)).toEqual(['generate:1 done', 'test:1 cancelled'])
  })

  it('asks a person where a part cannot be done, and again where that person gives it up', async () => {
    const task = newTask([part('g'), part('h')])
    say = (step, asked) => {
      if (step === 'plan') return plan
      return asked.endsWith('/h')
        ? solutionOf(asked)
        : { explanation: 'x', code: 'function g() { return 2 }' }
    }
    expect(await runTask(task)).toMatchObject({ status: 'waiting', waitingFor: { kind: 'children' } })
    const stuck = await get(`${task.id}/g`)
    expect(stuck).toMatchObject({
      status: 'escalated',
      statusReason: 'fixes-exhausted',
      attempts: { generate: 3 },
    })
    expect(await settle(stuck, 'reject')).toMatchObject({
      status: 'failed',
      statusReason: 'failed-by-person',
    })
    expect(await get(task.id)).toMatchObject({ status: 'escalated', statusReason: 'child-not-completed' })
  })

  it('has tests written for a task that came without any, and holds its solution to them', async () => {
    const { tests: _, ...task } = newTask()
    const written = [...tests, { name: 'more', run: 'return f(7)', equals: 7 }]
    say = (step, asked) => (step === 'write-tests' ? { tests: written } : answer(step, asked))
    const done = await runTask({ ...task, signature: 'export function f(x) {' })
    expect(done).toMatchObject({
      status: 'completed',
      input: { signature: 'function f(x)' },
      evidence: { writtenTests: written, testReport: { passed: 3, total: 3 } },
    })
  })

  it('asks a person about a veto, and completes what that person approves', async () => {
    const task = newTask()
    say = (step, asked) => (step === 'review:security' ? veto : answer(step, asked))
    const asking = await runTask(task)
    expect(asking).toMatchObject({ status: 'waiting', statusReason: 'review-vetoed', resumeTo: 'reviewing' })
    expect(await settle(asking, 'approve')).toMatchObject({ status: 'completed' })
  })

  it('tries again in the words of a person, after what it could not do by itself', async () => {
    const task = newTask()
    const isRight = (prompt: string): boolean => prompt.includes('give x back')
    say = (step, asked, _attempt, prompt) => {
      if (step !== 'generate') return answer(step, asked)
      return isRight(prompt) ? solutionOf(asked) : { explanation: 'x', code: 'function f() { return 9 }' }
    }
    const stuck = await runTask(task)
    expect(stuck).toMatchObject({ status: 'escalated', statusReason: 'fixes-exhausted' })
    expect(await settle(stuck, 'retry', 'just give x back')).toMatchObject({
      status: 'completed',
      attempts: { generate: 4 },
    })
  })

  it('takes what a person accepts as it is, though the reviewers do not agree', async () => {
    const task = newTask()
    say = (step, asked) =>
      step.startsWith('review:') ? { ...approve, decision: 'abstain' } : answer(step, asked)
    const split = await runTask(task)
    expect(split).toMatchObject({ status: 'escalated', statusReason: 'no-consensus' })
    expect(await settle(split, 'approve')).toMatchObject({ status: 'completed' })
  })

  it('killed at any operation and run again, completes the task and sends no call twice', async () => {
    let kills = 0
    for (const at of [6, 12, 19, 27, 36, 46, 58, 72, 90, 110]) {
      const task = newTask()
      const mortal = mortalDatabase(database, at, at % 2 === 0 ? 'before' : 'after')
      await onSystem(mortal.database, async (system) => {
        await system.intake.accept('acme', task, ada)
        await run(
          system,
          Promise.race([mortal.died, untilSettled(database, new AbortController().signal, 20)]),
        )
      }).catch((error: unknown) => {
        if (!mortal.isDead()) throw error
      })
      if (mortal.isDead()) kills++
      expect(await runTask(task), `killed at operation ${at}`).toMatchObject({ status: 'completed' })
    }
    expect(kills).toBeGreaterThanOrEqual(5)
    expect(new Set(endpoint.keys).size).toBe(endpoint.keys.length)
    const budgets = new BudgetController({ database })
    const scope = { tenantId: 'acme', projectId: 'p' }
    expect((await budgets.verify(scope)).isConsistent).toBe(true)
    expect((await budgets.state(scope)).reservedTokens).toBe(0)
  })

  it('takes a task anew that was woken during its look, and puts it to rest then', async () => {
    const task = newTask()
    await onSystem(database, async (system) => {
      await system.intake.accept('acme', task, ada)
      const queue = new OvertakenQueue({ database, lookMs: 3_600_000 })
      const orchestrator = new Orchestrator({
        ...system,
        ...LIMIT_TOKENS,
        queue,
        limits: { maxParallelParts: 4 },
      })
      await orchestrator.advance({ tenantId: 'acme', taskId: task.id })
      const [overtaken, ...later] = queue.looks
      expect(later).toHaveLength(1)
      expect(later).not.toContain(overtaken)
      expect(await queue.take({ tenantId: 'acme', taskId: task.id })).toBeUndefined()
      await system.machine.transition({ task: await get(task.id), to: 'cancelled', actor: olga })
    })
  })

  it('gives a task its budget before it is worked on, and leaves a limit that people have set as it is', async () => {
    const [task, limited] = [newTask(), newTask()]
    await onSystem(database, async (system) => {
      const { budgets, intake, machine } = system
      const scopeOf = ({ id }: CodingTask): BudgetScope => ({ tenantId: 'acme', projectId: 'p', taskId: id })
      for (const one of [task, limited]) await intake.accept('acme', one, ada)
      await expect(budgets.state(scopeOf(task))).rejects.toMatchObject({ code: 'BUDGET_NOT_FOUND' })
      await budgets.setLimit({ scope: scopeOf(limited), limitTokens: 7, actor: olga })
      const limits = { maxParallelParts: 4 }
      const orchestrator = new Orchestrator({ ...system, ...LIMIT_TOKENS, limits })
      for (const { id } of [task, limited]) await orchestrator.advance({ tenantId: 'acme', taskId: id })
      expect((await get(task.id)).status).not.toBe('submitted')
      expect((await budgets.state(scopeOf(task))).limitTokens).toBe(TASK_LIMIT_TOKENS)
      expect((await budgets.state(scopeOf(limited))).limitTokens).toBe(7)
      for (const { id } of [task, limited]) {
        await machine.transition({ task: await get(id), to: 'cancelled', actor: olga })
      }
    })
  })

  it('gives the project of every tenant a budget before its first task is worked on, and leaves one that people have set', async () => {
    await onSystem(database, async (system) => {
      const { budgets, intake, machine } = system
      const orchestrator = new Orchestrator({ ...system, ...LIMIT_TOKENS, limits: { maxParallelParts: 4 } })
      const projectOf = (tenantId: string): BudgetScope => ({ tenantId, projectId: 'p' })
      await budgets.setLimit({ scope: projectOf('globex'), limitTokens: 7, actor: olga })
      await expect(budgets.state(projectOf('initech'))).rejects.toMatchObject({ code: 'BUDGET_NOT_FOUND' })
      for (const tenantId of ['initech', 'globex']) {
        const { taskId } = await intake.accept(tenantId, newTask(), ada)
        await orchestrator.advance({ tenantId, taskId })
        const task = await store.get(database, { tenantId, taskId })
        expect(task.status).not.toBe('submitted')
        await machine.transition({ task, to: 'cancelled', actor: olga })
      }
      expect((await budgets.state(projectOf('initech'))).limitTokens).toBe(LIMIT_TOKENS.projectLimitTokens)
      expect((await budgets.state(projectOf('globex'))).limitTokens).toBe(7)
    })
  })
})
