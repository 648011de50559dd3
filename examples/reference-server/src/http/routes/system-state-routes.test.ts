import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer({
    environment: {
      KEY_ENCRYPTION_KEY: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64'),
    },
  })
}, SLOW_START_MS)
afterAll(() => server.stop())

async function stateFor(tenantId: string): Promise<Record<string, unknown>> {
  const { status, body } = await server.call('GET', '/api/v1/system', {
    token: await server.tokenOf('observer', tenantId),
  })
  expect(status).toBe(200)
  return body ?? {}
}

/** A step of a service that has been due, or in hand, for so many seconds; of a lease that lapses in so many. */
async function addStep(
  service: string,
  step: { id: string; owner?: string; seconds: number; leaseSeconds?: number },
): Promise<void> {
  const { database } = server.system
  await database.query(
    `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, created_by)
     VALUES ('globex', 'watched', 'p', 'watched', 'root', 'x', 'test') ON CONFLICT DO NOTHING`,
  )
  await database.query(
    `INSERT INTO task_steps (tenant_id, task_id, step_id, service, kind, max_runs, timeout_ms, state, lease_owner, due_at, deadline_at, runs)
     SELECT 'globex', 'watched', $1, $2, 'x', 5, 600000, CASE WHEN $3::text IS NULL THEN 'requested' ELSE 'running' END, $3::text,
            clock_timestamp() + make_interval(secs => $5), CASE WHEN $3::text IS NULL THEN NULL
              ELSE clock_timestamp() + interval '600 seconds' - make_interval(secs => $4) END, CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END`,
    [step.id, service, step.owner ?? null, step.seconds, step.leaseSeconds ?? -step.seconds],
  )
}

describe('how the system stands', () => {
  it('is told of every service: what waits, what is in hand, and what a process that has gone left behind', async () => {
    await addStep('sandbox-executor', { id: 'test:1', seconds: 90 })
    await addStep('agent-runtime', { id: 'generate:1', owner: 'one', seconds: 240, leaseSeconds: 15 })
    await addStep('agent-runtime', { id: 'generate:2', owner: 'two', seconds: 30, leaseSeconds: -5 })
    const { services, version } = await stateFor('acme')
    const of = (service: string): unknown =>
      (services as { service: string }[]).find((one) => one.service === service)
    expect(version).toBe('0.0.0')
    expect(of('sandbox-executor')).toMatchObject({
      waiting: 1,
      running: 0,
      longest_running_ms: null,
      processes: 0,
    })
    expect(
      (of('sandbox-executor') as { oldest_waiting_ms: number }).oldest_waiting_ms,
    ).toBeGreaterThanOrEqual(90_000)
    expect(of('agent-runtime')).toMatchObject({ waiting: 1, running: 2, lost: 1, processes: 2 })
    expect((of('agent-runtime') as { longest_running_ms: number }).longest_running_ms).toBeGreaterThanOrEqual(
      240_000,
    )
    expect(of('peer-hub')).toMatchObject({ waiting: 0, oldest_waiting_ms: null, running: 0 })
    expect(of('orchestrator')).toMatchObject({ running: 0 })
  })

  it('is told of the keys that sign, and of no key itself', async () => {
    const { signing_keys: keys } = await stateFor('acme')
    expect(keys).toContainEqual({
      id: expect.any(String),
      algorithm: 'RS256',
      status: 'active',
      since: expect.stringMatching(/Z$/),
      until: null,
    })
    for (const key of keys as object[])
      expect(Object.keys(key)).toEqual(['id', 'algorithm', 'status', 'since', 'until'])
  })

  it('is no business of another tenant, save for the keys, which are public', async () => {
    const state = await stateFor('globex')
    expect([state.services, (state.signing_keys as unknown[]).length > 0]).toEqual([null, true])
    expect((await server.call('GET', '/api/v1/system')).status).toBe(401)
  })
})
