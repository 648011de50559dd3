import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { TaskSweeper } from '@golden-arch/core/tasks'
import { Inbox } from '@golden-arch/messaging'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { assembleSharedParts, type SharedParts } from '../../shared-parts.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { forgetEnded } from './forget-ended.ts'

const DAY_MS = 86_400_000
const PATIENT = { timeout: 110_000, interval: 50 }
const tenantId = 'acme'
const ada = { id: 'ada', kind: 'human' } as const
let database: Awaited<ReturnType<typeof openServerDatabase>>
let parts: SharedParts

beforeAll(async () => {
  database = await openServerDatabase()
  const limits = { projectLimitTokens: 1000, taskLimitTokens: 100 }
  const surroundings = { database, logger: silentLogger, metrics: silentMetrics }
  parts = await assembleSharedParts({ ...surroundings, ...limits, tenantId, projectId: 'p' })
})
afterAll(async () => {
  await parts.broker.close({ drainTimeoutMs: 10_000 })
  await database.close()
})

async function task(taskId: string, { isEnded }: { readonly isEnded: boolean }): Promise<void> {
  const base = { tenantId, projectId: 'p', kind: 'root', title: 't', input: {} } as const
  const created = await parts.machine.create({ task: { ...base, taskId }, actor: ada })
  const step = { tenantId, taskId, stepId: 'test:1', service: 'sandbox-executor', request: {} }
  await database.transaction((tx) => parts.steps.request(step, { tx }))
  if (isEnded) await parts.machine.transition({ task: created, to: 'cancelled', actor: ada })
}
async function deadLetter(id: number, { isSettled }: { readonly isSettled: boolean }): Promise<void> {
  await database.query(
    `INSERT INTO dlq_messages (tenant_id, source_stream, source_seq, original_subject, consumer, error, fingerprint, attempts,
                               status, resolved_by, resolved_at, first_seen_at)
     VALUES ($1, 'TASKS', $2, 'task.created', 'c', 'e', 'f', 5, $3, $4, $5, clock_timestamp())`,
    [
      tenantId,
      id,
      ...(isSettled ? ['resolved', 'ada', new Date(Date.now() - 40 * DAY_MS)] : ['open', null, null]),
    ],
  )
}
const left = async (sql: string): Promise<readonly unknown[]> =>
  (await database.query<{ id: unknown }>(`SELECT ${sql} ORDER BY 1`)).rows.map(({ id }) => id)

it('what ended long ago is forgotten: tasks with their steps, settled dead letters, marks of messages; and nothing else', async () => {
  await task('old', { isEnded: true })
  await task('new', { isEnded: true })
  await task('open', { isEnded: false })
  await database.query(
    `UPDATE tasks SET updated_at = updated_at - interval '40 days' WHERE task_id IN ('old', 'open')`,
  )
  await deadLetter(1, { isSettled: true })
  await deadLetter(2, { isSettled: false })
  const inbox = new Inbox({ database })
  for (const messageId of ['old', 'new'])
    await inbox.handle({ consumer: 'c', messageId }, async () => undefined)
  await database.query(
    `UPDATE inbox SET received_at = received_at - interval '40 days' WHERE message_id = 'old'`,
  )
  const report = {
    tenantId,
    subject: { kind: 'task', id: 'old' },
    reason: 'odd',
    evidence: { askedAtVersion: 1 },
  }
  const asked = await database.transaction((tx) => parts.escalations.report(report, { tx }))
  const stopping = new AbortController()
  const { machine, steps, deadLetters } = parts
  const tasks = new TaskSweeper({ database, machine, steps })
  const order = { database, tasks, deadLetters, logger: silentLogger, retentionMs: 30 * DAY_MS }
  const running = forgetEnded(order, stopping.signal)
  await expect.poll(() => left('task_id AS id FROM tasks'), PATIENT).toEqual(['new', 'open'])
  await expect.poll(() => left('source_seq AS id FROM dlq_messages'), PATIENT).toEqual([2n])
  await expect.poll(() => left('message_id AS id FROM inbox'), PATIENT).toEqual(['new'])
  stopping.abort()
  await running
  expect(await left('task_id AS id FROM task_steps')).toEqual(['new', 'open'])
  // A word on a task that is forgotten stands with the escalation alone.
  const { escalationId } = asked.escalation
  const word = { actor: ada, resolution: 'late', decision: 'retry' } as const
  await parts.escalations.resolve({ tenantId, escalationId, ...word })
  expect(await left(`resolution AS id FROM escalations`)).toEqual(['late'])
})
