import { randomUUID } from 'node:crypto'
import { BudgetController } from '@golden-arch/budget'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { createEvent } from '@golden-arch/core/events'
import { METRICS } from '@golden-arch/core/observability'
import { bulkhead, retry } from '@golden-arch/core/resilience'
import { hashPassword, SqlUserStore } from '@golden-arch/core/security'
import { ack, EventConsumer, retryAfter } from '@golden-arch/messaging'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { expect } from 'vitest'
import type { ServerContext } from '../../server-context.ts'
import type { Answer } from '../../testing/assembled-server.ts'
import { failingDatabase } from '../../testing/failing-database.ts'
import { callServer, demoTask, signInAt } from '../../testing/server-client.ts'

/** Where events are provoked, and who calls. */
export interface Provocation {
  readonly context: ServerContext
  readonly address: string
  /** Calls the server as its administrator. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>
  /** How long is waited for what follows by itself. */
  readonly patience: Readonly<{ timeout: number; interval: number }>
}

/** Makes happen in a running server what no load brings about: refusals, failures, dead letters, escalations, tampering. */
export async function provokeEvents(stage: Provocation): Promise<void> {
  const { context, call } = stage
  context.alerts.raise({ kind: 'test.raised', severity: 'info', summary: 'a test' })
  await settleEscalation(stage)
  const forced = await call('POST', '/api/v1/circuit-breakers/scripted%2Fscripted/force', { state: 'open' })
  expect(forced.status).toBe(200)
  await beForbidden(stage)
  await loseMessages(stage)
  await failPolicies(stage)
  await failSandbox(stage)
  await tamper(stage)
  const acts = context.metrics.counter(METRICS.learningActs)
  for (let index = 0; index <= 1000; index++) acts.increment({ act: `act-${index}`, outcome: 'allowed' })
}

async function settleEscalation({ call }: Provocation): Promise<void> {
  const { body } = await call('GET', '/api/v1/escalations?subject_kind=task&subject_id=unknown')
  // The route answers with a list of escalations.
  const [escalation] = (body?.escalations ?? []) as { id: string }[]
  const path = `/api/v1/escalations/${escalation?.id}/resolve`
  expect((await call('POST', path, { resolution: 'no', decision: 'cancel' })).status).toBe(200)
}

async function beForbidden({ context, address, patience }: Provocation): Promise<void> {
  const { database, tenantId } = context
  const users = new SqlUserStore({ database, audit: new SqlAuditLog() })
  const password = randomUUID()
  const passwordHash = await hashPassword(password)
  const user = { tenantId, userId: 'olga', name: 'olga', role: 'observer', passwordHash } as const
  await users.create(user, { id: 'test', kind: 'service' })
  const refused = async (): Promise<number> => {
    const token = await signInAt(address, 'olga', password)
    return (await callServer(address, 'POST', '/api/v1/tasks', { token, body: demoTask('line-diff') })).status
  }
  await expect.poll(refused, patience).toBe(403)
}

/** A message that nobody can handle, published again in vain, and one that is handled at the second try. */
async function loseMessages({ context, call, patience }: Provocation): Promise<void> {
  const { broker, metrics, logger } = context
  const letters = async (): Promise<number> => {
    const { body } = await call('GET', '/api/v1/dlq')
    return Array.isArray(body?.dead_letters) ? body.dead_letters.length : 0
  }
  const before = await letters()
  const type = 'task.step.requested.agent-runtime'
  const told = createEvent({ source: 'test', type, tenantId: context.tenantId, data: {} }, new Date())
  const payload = new TextEncoder().encode(JSON.stringify(told))
  await broker.publish({ subject: type, messageId: told.id, payload })
  await expect.poll(letters, patience).toBeGreaterThan(before)
  expect((await call('POST', '/api/v1/dlq/redrive', {})).status).toBe(200)
  const ended = new AbortController()
  let tries = 0
  const consumer = new EventConsumer({
    ...{ broker, metrics, logger },
    stream: 'TASKS',
    durable: 'test',
    subjects: ['task.completed'],
    maxConcurrent: 1,
  })
  await consumer.run(
    async () => {
      if (tries++ === 0) return retryAfter(1)
      ended.abort()
      return ack()
    },
    { signal: ended.signal },
  )
}

async function failPolicies({ context }: Provocation): Promise<void> {
  const { metrics, logger, database } = context
  const failing = failingDatabase(database)
  failing.setAway(true)
  const budgets = new BudgetController({ database: failing.database, metrics, logger })
  const scope = { tenantId: 'acme', projectId: 'p' }
  await expect(budgets.requestTokens({ ...scope, requestId: 'r', tokens: 1 })).rejects.toThrow()
  const hurried = retry({
    name: 'test',
    metrics,
    isIdempotent: true,
    maxAttempts: 2,
    backoff: { initialDelayMs: 1 },
  })
  await expect(hurried.execute(() => Promise.reject(new Error('no')))).rejects.toThrow()
  const narrow = bulkhead({ name: 'test', metrics, maxConcurrent: 1, maxQueueLength: 1 })
  const held = Promise.withResolvers<void>()
  const calls = [narrow.execute(() => held.promise), narrow.execute(async () => {})]
  await expect(narrow.execute(async () => {})).rejects.toMatchObject({ code: 'BULKHEAD_FULL' })
  held.resolve()
  await Promise.all(calls)
}

async function failSandbox({ context }: Provocation): Promise<void> {
  const { metrics, logger } = context
  const backend = new QuickJsBackend()
  const sandbox = new SandboxExecutor({ backend, metrics, logger })
  const request = { executionId: 'x', tenantId: 'acme', language: 'javascript', code: '1' } as const
  await backend.close()
  await expect(sandbox.execute(request)).rejects.toThrow()
  await sandbox.close()
  await expect(sandbox.execute(request)).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
}

/** Changes an entry of the audit log behind the server's back. */
async function tamper({ context, call, patience }: Provocation): Promise<void> {
  const { database, tenantId } = context
  const verdict = async (): Promise<unknown> => (await call('GET', '/api/v1/audit/verify')).body
  await expect.poll(verdict, patience).toMatchObject({ ok: true })
  await database.transaction(async (tx) => {
    await tx.query(`SET LOCAL session_replication_role = 'replica'`)
    await tx.query(
      `UPDATE audit_log SET outcome = 'denied' WHERE tenant_id = $1
          AND entry_id = (SELECT entry_id FROM audit_chain WHERE tenant_id = $1 AND seq = 1)`,
      [tenantId],
    )
  })
  await expect.poll(verdict, patience).toMatchObject({ ok: false })
}
