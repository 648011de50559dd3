import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { StorageError } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assembleSharedParts, type SharedParts } from '../shared-parts.ts'
import { openServerDatabase } from '../testing/server-database.ts'
import { type WithdrawQuestionsOptions, withdrawQuestions } from './withdraw-questions.ts'

const ada = { id: 'ada', kind: 'human' } as const
const PATIENT = { timeout: 110_000, interval: 50 }
let database: Awaited<ReturnType<typeof openServerDatabase>>
let parts: SharedParts
let tenantId = ''

beforeAll(async () => {
  database = await openServerDatabase()
  parts = await assembleSharedParts({
    database,
    logger: silentLogger,
    metrics: silentMetrics,
    tenantId: 'acme',
    projectId: 'p',
    projectLimitTokens: 1000,
    taskLimitTokens: 100,
  })
})
beforeEach(() => {
  tenantId = randomName('t')
})
afterAll(async () => {
  await parts.broker.close({ drainTimeoutMs: 10_000 })
  await database.close()
})

/** A task that asks, with what is open of it. */
async function askingTask() {
  const base = { tenantId, projectId: 'p', kind: 'root', title: 't', input: {} } as const
  const created = await parts.machine.create({ task: { ...base, taskId: randomName('task') }, actor: ada })
  const asked = { to: 'escalated', actor: ada, reason: 'stuck', question: 'What now?' } as const
  const { task } = await parts.machine.transition({ task: created, ...asked })
  return task
}

/** Whose escalations are unresolved, by reason. */
async function unresolved(taskId: string): Promise<readonly string[]> {
  const subject = { kind: 'task', id: taskId }
  const { items } = await parts.escalations.list({ tenantId, status: 'unresolved', subject })
  return items.map(({ reason }) => reason)
}

/** Has messages delivered while `act` lasts. */
async function whileDelivering(
  act: () => Promise<void>,
  escalations: WithdrawQuestionsOptions['escalations'] = parts.escalations,
): Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = Promise.all([
    parts.relay.run({ signal }),
    withdrawQuestions({ ...parts, escalations, leaseMs: 60_000 }, signal),
  ])
  try {
    await act()
  } finally {
    stopping.abort()
    await running
  }
}

describe('questions of tasks', () => {
  it('are withdrawn once the task was cancelled, also while nobody listened; what others reported of it stays', async () => {
    const task = await askingTask()
    const other = await askingTask()
    const subject = { kind: 'task', id: task.taskId }
    await database.transaction((tx) => parts.escalations.report({ tenantId, subject, reason: 'odd' }, { tx }))
    expect(await unresolved(task.taskId)).toEqual(['stuck', 'odd'])
    await parts.machine.transition({ task, to: 'cancelled', actor: ada })
    await whileDelivering(() => expect.poll(() => unresolved(task.taskId), PATIENT).toEqual(['odd']))
    expect(await unresolved(other.taskId)).toEqual(['stuck'])
    const { items } = await parts.escalations.list({ tenantId, status: 'resolved', subject })
    expect(items).toMatchObject([
      {
        reason: 'stuck',
        resolved: { by: 'supervisor' },
        resolution: 'the task is cancelled',
        decision: null,
      },
    ])
    const { rows } = await database.query(
      `SELECT actor, outcome FROM audit_log WHERE tenant_id = $1 AND action = 'escalation.withdraw'`,
      [tenantId],
    )
    expect(rows).toEqual([{ actor: 'supervisor', outcome: 'allowed' }])
  })

  it('are withdrawn after an outage of the database, however often it was asked meanwhile', async () => {
    const task = await askingTask()
    await parts.machine.transition({ task, to: 'cancelled', actor: ada })
    let failures = 0
    const away: WithdrawQuestionsOptions['escalations'] = {
      list: (filter) => {
        // As many as a message has attempts.
        if (failures === 5) return parts.escalations.list(filter)
        failures++
        return Promise.reject(StorageError.of('DATABASE_UNAVAILABLE', 'the server is away'))
      },
      withdraw: (order) => parts.escalations.withdraw(order),
    }
    await whileDelivering(() => expect.poll(() => unresolved(task.taskId), PATIENT).toEqual([]), away)
    expect(failures).toBe(5)
    expect((await database.query('SELECT 1 FROM dlq_messages')).rowCount).toBe(0)
  })

  it('keep the word of the person who ended the task', async () => {
    const ended = await askingTask()
    const { items } = await parts.escalations.list({ tenantId })
    for (const { escalationId } of items) {
      const word = { actor: ada, resolution: 'no use', decision: 'reject' } as const
      await parts.escalations.resolve({ tenantId, escalationId, ...word })
    }
    const last = await askingTask()
    await parts.machine.transition({ task: last, to: 'failed', actor: ada })
    // Events come in their order: once the later one is done, so is the earlier.
    await whileDelivering(() => expect.poll(() => unresolved(last.taskId), PATIENT).toEqual([]))
    const subject = { kind: 'task', id: ended.taskId }
    expect((await parts.escalations.list({ tenantId, subject })).items).toMatchObject([
      { resolved: { by: 'ada' }, decision: 'reject' },
    ])
  })
})
