import { afterAll, expect, it } from 'vitest'
import { SqlEventOutbox } from '../events/index.ts'
import { RecordingMetrics, RecordingTracer } from '../observability/testing/index.ts'
import { TaskQueue } from './queue/task-queue.ts'
import { TaskSteps } from './steps/task-steps.ts'
import { TaskMachine } from './task-machine.ts'
import { SharedPglite } from './testing/task-databases.ts'
import { TransitionTable } from './transition-table.ts'

const pglite = new SharedPglite()
afterAll(() => pglite.close())

const ada = { id: 'ada', kind: 'human' } as const
const table = new TransitionTable([
  { from: 'submitted', to: 'planning', kinds: ['root', 'child'] },
  { from: 'planning', to: 'waiting' },
])
const escalations = { raise: async () => {} }

it('a task and its steps know where in a trace they were asked for, and so do their events', async () => {
  const { database } = await pglite.open()
  const tracer = new RecordingTracer()
  const outbox = new SqlEventOutbox({ tracer })
  const machine = new TaskMachine({ database, table, escalations, outbox, tracer })
  const steps = new TaskSteps({ database, outbox, tracer })
  const queue = new TaskQueue({ database })
  const key = { tenantId: 'acme', taskId: 'one' }

  await tracer.trace('POST /tasks', {}, () =>
    machine.create({ task: { ...key, projectId: 'p', title: 't', input: {} }, actor: ada }),
  )
  const [posted] = tracer.spans('POST /tasks')
  const look = await queue.take(key)
  expect(look?.trace?.traceparent).toBe(`00-${posted?.traceId}-${posted?.spanId}-01`)

  const step = { ...key, stepId: 'plan:1', service: 'agent', request: {} }
  await tracer.trace('look', { parent: look?.trace ?? null }, () =>
    database.transaction((tx) => steps.request(step, { tx })),
  )
  const [looked] = tracer.spans('look')
  expect(looked?.traceId).toBe(posted?.traceId)
  const claim = await steps.claim(step, { owner: 'worker' })
  expect(claim?.trace?.traceparent).toBe(`00-${looked?.traceId}-${looked?.spanId}-01`)

  const { rows } = await database.query<{ type: string; place: string }>(
    `SELECT event_type AS type, envelope->>'traceparent' AS place FROM outbox WHERE tenant_id = 'acme' ORDER BY position`,
  )
  expect(rows.map(({ type, place }) => [type, place.split('-')[2]])).toEqual([
    ['task.created', posted?.spanId],
    ['task.step.requested.agent', looked?.spanId],
  ])
})

it('without a trace there is none to go on with', async () => {
  const { database } = await pglite.open()
  const machine = new TaskMachine({ database, table, escalations })
  const key = { tenantId: 'globex', taskId: 'two' }
  await machine.create({ task: { ...key, projectId: 'p', title: 't', input: {} }, actor: ada })
  expect(await new TaskQueue({ database }).take(key)).not.toHaveProperty('trace')
})

it('without an outbox and an audit log nothing is told or recorded, and all else is as with them', async () => {
  const { database } = await pglite.open()
  const machine = new TaskMachine({ database, table, escalations })
  const steps = new TaskSteps({ database })
  const key = { tenantId: 'hooli', taskId: 'quiet' }
  const task = await machine.create({ task: { ...key, projectId: 'p', title: 't', input: {} }, actor: ada })
  await machine.transition({ task, to: 'planning', actor: ada })
  const step = { ...key, stepId: 'generate:1', service: 'agent', request: {} }
  await database.transaction((tx) => steps.request(step, { tx }))
  const claim = await steps.claim(step, { owner: 'a' })
  if (claim === undefined) throw new Error('the step is not free')
  await steps.finish(claim, {})
  for (const table of ['outbox', 'audit_log'])
    expect((await database.query(`SELECT FROM ${table} WHERE tenant_id = 'hooli'`)).rowCount).toBe(0)
})

it('a task that ends is counted once, with what ends below it', async () => {
  const { database } = await pglite.open()
  const metrics = new RecordingMetrics()
  const machine = new TaskMachine({ database, table, escalations, metrics })
  const key = { tenantId: 'initech', taskId: 'three' }
  let task = await machine.create({ task: { ...key, projectId: 'p', title: 't', input: {} }, actor: ada })
  task = (await machine.transition({ task, to: 'planning', actor: ada })).task
  const children = [{ taskId: 'three/a', title: 'a', input: {} }]
  task = (await machine.transition({ task, to: 'waiting', actor: ada, children })).task
  await machine.transition({ task, to: 'cancelled', actor: ada })
  for (const kind of ['root', 'child']) {
    expect(metrics.values('tasks_ended_total', { kind, status: 'cancelled' })).toEqual([1])
  }
})
