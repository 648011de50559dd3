import type { Actor } from '@golden-arch/core/audit'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { StorageError } from '@golden-arch/core/storage'
import { type PersonDecision, type Task, type TaskFacts, TaskStore } from '@golden-arch/core/tasks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assembleSharedParts, type SharedParts } from '../../shared-parts.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { Orchestrator } from './orchestrator.ts'
import { inputWithParts, PLAIN_INPUT } from './testing/coding-situation.ts'

const orchestrating: Actor = { id: 'orchestrator', kind: 'service' }
const olga: Actor = { id: 'olga', kind: 'human' }
const store = new TaskStore()

let database: Awaited<ReturnType<typeof openServerDatabase>>
let parts: SharedParts
let orchestrator: Orchestrator
/** What a look ends with that asks for a step; undefined: as it should. */
let failure: Error | undefined
let last = 0

beforeAll(async () => {
  database = await openServerDatabase()
  parts = await assembleSharedParts({
    ...{ database, logger: silentLogger, metrics: silentMetrics, tenantId: 'acme', projectId: 'p' },
    projectLimitTokens: 3_000_000,
    taskLimitTokens: 1_000_000,
  })
  const { steps } = parts
  const request: typeof steps.request = async (...given) => {
    if (failure !== undefined) throw failure
    return steps.request(...given)
  }
  orchestrator = new Orchestrator({
    ...parts,
    // Safe: an orchestrator asks for steps and lists them, and does nothing else with them.
    steps: { request, list: steps.list.bind(steps) } as typeof steps,
    limits: { maxParallelParts: 4 },
  })
})
afterAll(async () => {
  await parts.broker.close({ drainTimeoutMs: 10_000 })
  await database.close()
})
beforeEach(() => {
  failure = undefined
})

const get = (taskId: string): Promise<Task> => store.get(database, { tenantId: 'acme', taskId })

async function newRoot(input: TaskFacts = PLAIN_INPUT): Promise<Task> {
  const taskId = `failing-${++last}`
  const task = { tenantId: 'acme', taskId, projectId: 'p', title: taskId, input }
  return parts.machine.create({ task, actor: orchestrating })
}

async function move(
  { taskId }: Pick<Task, 'taskId'>,
  asked: Omit<Parameters<SharedParts['machine']['transition']>[0], 'task' | 'actor'>,
): Promise<Task> {
  await parts.machine.transition({ task: await get(taskId), actor: orchestrating, ...asked })
  return get(taskId)
}

/** So many looks at a task, one after the other, whatever pause is due between them. */
async function look({ tenantId, taskId }: Task, times = 1): Promise<Task> {
  for (let time = 0; time < times; time++) {
    await parts.queue.wake({ tenantId, taskId })
    await orchestrator.advance({ tenantId, taskId })
  }
  return get(taskId)
}

async function settle(task: Task, decision: PersonDecision): Promise<Task> {
  if (task.waitingFor?.kind !== 'approval') throw new Error(`${task.taskId} asks nothing`)
  const { askedAtVersion } = task.waitingFor
  await parts.machine.settle({ task, askedAtVersion, decision, actor: olga })
  return look(task)
}

/** A root whose first answer could not be read, and the remediation task that is to ask for another. */
async function fixedRoot(): Promise<{ readonly root: Task; readonly fix: Task }> {
  const { taskId } = await newRoot()
  await move({ taskId }, { to: 'executing' })
  const answerFailure = { code: 'unreadable', feedback: 'no code', remediable: true }
  const root = await move(
    { taskId },
    { to: 'reviewing', evidence: { solution: null, attempt: 1, answerFailure } },
  )
  if (root.waitingFor?.kind !== 'fix') throw new Error('no fix is at work')
  return { root, fix: await get(root.waitingFor.taskId) }
}

describe('a task whose looks fail', () => {
  it('asks a person at the fifth', async () => {
    const root = await newRoot()
    failure = new TypeError('out of order')
    expect(await look(root, 4)).toMatchObject({ status: 'executing' })
    expect(await look(root)).toMatchObject({
      status: 'escalated',
      statusReason: 'cannot-go-on',
      waitingFor: { question: 'out of order' },
    })
  })

  it.each(['OUTCOME_UNKNOWN', 'DATABASE_UNAVAILABLE', 'QUERY_CANCELLED'] as const)(
    'asks nobody while it is %s that they fail by: that passes',
    async (code) => {
      const root = await newRoot()
      failure = StorageError.of(code, 'the database is slow')
      expect(await look(root, 7)).toMatchObject({ status: 'executing' })
      failure = undefined
      await look(root)
      expect(await parts.steps.list(root)).toMatchObject([{ stepId: 'generate:1' }])
    },
  )

  it('has failed where it is a remediation task, and the task above goes on', async () => {
    const { root, fix } = await fixedRoot()
    failure = new TypeError('out of order')
    expect(await look(fix, 5)).toMatchObject({ status: 'failed', statusReason: 'cannot-go-on' })
    failure = undefined
    expect(await look(root)).toMatchObject({ status: 'executing' })
    expect(await parts.steps.list(root)).toMatchObject([{ stepId: 'generate:2' }])
  })
})

describe('a remediation task that asks a person', () => {
  it.each(['approve', 'retry', 'reject'] as const)('ends at %s, and the task above goes on', async (word) => {
    const { root, fix } = await fixedRoot()
    const asking = await move(fix, { to: 'escalated', reason: 'cannot-go-on', question: 'what now?' })
    expect(await settle(asking, word)).toMatchObject({ status: 'failed' })
    expect(await look(root)).toMatchObject({ status: 'executing' })
  })
})

it('a root that could not wait for its parts waits on once a person says so', async () => {
  const { taskId } = await newRoot(inputWithParts('a', 'b'))
  await move({ taskId }, { to: 'planning' })
  const plan = { steps: ['a', 'b'].map((entryPoint) => ({ entryPoint, goal: 'g', dependsOn: [] })) }
  const children = ['a', 'b'].map((name) => ({
    taskId: `${taskId}/${name}`,
    title: name,
    input: { ...PLAIN_INPUT, uses: [] },
  }))
  const evidence = { plan, planAttempt: 1 }
  const root = await move({ taskId }, { to: 'waiting', resumeTo: 'executing', evidence, children })
  const asking = await move(root, { to: 'escalated', reason: 'cannot-go-on', question: 'what now?' })
  expect(await settle(asking, 'retry')).toMatchObject({
    status: 'waiting',
    resumeTo: 'executing',
    waitingFor: { kind: 'children' },
  })
  expect(await get(`${taskId}/a`)).toMatchObject({ status: 'executing' })
})
