import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfiguration } from './configuration.ts'
import { type RunningServer, serve } from './serve.ts'

interface Answer {
  readonly status: number
  // JSON of many shapes: each test says what it expects of it.
  readonly body: Record<string, unknown>
}

const CORPUS = join(import.meta.dirname, '..', 'demo', 'tasks-practical.jsonl')
/** More than these tests ask in a minute: what is limited is tested elsewhere. */
const RATE_LIMITS = 'admin=100000,anonymous=100000'

describe('the reference server', { timeout: 120_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let server: RunningServer
  let token = ''

  beforeAll(async () => {
    folder = await temporaryFolder('server')
    const configuration = readConfiguration({ DATA_DIR: folder.path, PORT: '0', RATE_LIMITS })
    server = await serve(configuration, pino({ level: 'silent' }))
    token = String((await call('POST', '/api/v1/auth/login', server.signIn)).body.token)
  })
  afterAll(async () => {
    await server.stop()
    await folder.remove()
  })

  async function call(method: string, path: string, body?: unknown, bearer: string = token): Promise<Answer> {
    const response = await fetch(`${server.address}${path}`, {
      method,
      headers: {
        ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    // Every route that is called here answers a JSON object.
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  function sampleTask(id: string): Record<string, unknown> {
    const line = readFileSync(CORPUS, 'utf8')
      .split('\n')
      .find((text) => text.includes(`"id":"${id}"`))
    return JSON.parse(line ?? '') as Record<string, unknown>
  }

  /** Waits for the task's status; each wait ends with the event, or with its test. */
  const waitFor = (id: string, status: string): Promise<void> =>
    expect
      .poll(async () => (await call('GET', `/api/v1/tasks/${id}`)).body.status, { timeout: 110_000 })
      .toBe(status)

  /** Posts the task, which another test may have posted before: the same task is the same. */
  async function complete(id: string): Promise<Answer> {
    const posted = await call('POST', '/api/v1/tasks', sampleTask(id))
    await waitFor(id, 'completed')
    return posted
  }

  it('tells what it is and how it is', async () => {
    expect((await call('GET', '/', undefined, '')).body).toMatchObject({ name: 'Golden Architecture' })
    const health = await call('GET', '/health', undefined, '')
    expect(health).toMatchObject({
      status: 200,
      body: { status: 'healthy', components: { database: 'healthy' } },
    })
    expect((await call('GET', '/.well-known/jwks.json', undefined, '')).body).toMatchObject({
      keys: [{ alg: 'RS256', use: 'sig' }],
    })
  })

  it('measures what is dead, though nothing has died', async () => {
    const metrics = async (): Promise<string> =>
      (await fetch(`${server.address}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text()
    await expect.poll(metrics, { timeout: 110_000 }).toMatch(/^dlq_message_count 0$/m)
  })

  it('signs in with the demo password, and refuses a wrong one and an unknown user alike', async () => {
    const good = await call('POST', '/api/v1/auth/login', server.signIn, '')
    expect(good.body).toMatchObject({ role: 'admin', expires_in: 900 })
    expect(good.body.permissions).toHaveLength(17)
    const wrong = await call(
      'POST',
      '/api/v1/auth/login',
      { username: 'admin', password: 'wrong-password' },
      '',
    )
    const unknown = await call(
      'POST',
      '/api/v1/auth/login',
      { username: 'nobody', password: 'wrong-password' },
      '',
    )
    expect(wrong.status).toBe(401)
    expect({ ...unknown.body, request_id: 0 }).toEqual({ ...wrong.body, request_id: 0 })
  })

  it('lets nobody in without a good token', async () => {
    for (const path of [
      '/api/v1/tasks',
      '/tasks',
      '/stats',
      '/metrics',
      '/api/v1/escalations',
      '/api/v1/budget/state?project_id=p',
    ]) {
      expect(await call('GET', path, undefined, '')).toMatchObject({
        status: 401,
        body: { error_code: 'TOKEN_MISSING' },
      })
      expect(await call('GET', path, undefined, `${token.slice(0, -4)}AAAA`)).toMatchObject({
        status: 401,
        body: { error_code: 'TOKEN_INVALID' },
      })
    }
  })

  it('brings a posted task to its reviewed end, and takes the same task again as the same', async () => {
    expect(await complete('line-diff')).toMatchObject({
      status: 202,
      body: { id: 'line-diff', kind: 'root' },
    })
    expect(await call('POST', '/tasks', sampleTask('line-diff'))).toMatchObject({
      status: 202,
      body: { status: 'completed' },
    })
    const { body } = await call('GET', '/api/v1/budget/state?project_id=coding-tasks&task_id=line-diff')
    expect(body).toMatchObject({ limit: 40_000, reserved: 0 })
    expect(body.used).toBeGreaterThan(0)
    const stats = (await call('GET', '/stats')).body
    expect(stats).toMatchObject({
      tasks: { by_status: { completed: expect.toSatisfy((count) => count > 0) } },
    })
  })

  it('shows a child task under its encoded id, and cancels no task that has ended', async () => {
    await complete('bank-statement-report')
    expect(await call('GET', '/api/v1/tasks/bank-statement-report%2FparseStatement')).toMatchObject({
      status: 200,
      body: { kind: 'child', parent_id: 'bank-statement-report', status: 'completed' },
    })
    expect(await call('POST', '/api/v1/tasks/bank-statement-report/cancel')).toMatchObject({
      status: 409,
      body: { error_code: 'TASK_TRANSITION_INVALID' },
    })
  })

  it('never shows the hidden tests', async () => {
    await complete('line-diff')
    const text = JSON.stringify((await call('GET', '/api/v1/tasks?kind=root')).body)
    expect(text).toContain('line-diff')
    for (const test of sampleTask('line-diff').tests as { name: string; run: string }[]) {
      expect(text).not.toContain(JSON.stringify(test.run).slice(1, -1))
    }
  })

  it('escalates what it has no answer for, and lists the escalation', async () => {
    const task = { ...sampleTask('line-diff'), id: 'unknown-task' }
    await call('POST', '/api/v1/tasks', task)
    await waitFor('unknown-task', 'escalated')
    const escalation = { task_id: 'unknown-task', reason: 'model-unavailable', status: 'open' }
    expect((await call('GET', '/api/v1/escalations')).body).toMatchObject({
      escalations: expect.arrayContaining([expect.objectContaining(escalation)]),
    })
  })

  it('refuses a task of other content under a known id, and a task that is none, naming the field', async () => {
    await call('POST', '/api/v1/tasks', sampleTask('line-diff'))
    expect(
      await call('POST', '/api/v1/tasks', { ...sampleTask('line-diff'), title: 'another' }),
    ).toMatchObject({
      status: 409,
      body: { error_code: 'TASK_EXISTS' },
    })
    const { status, body } = await call('POST', '/api/v1/tasks', {
      ...sampleTask('line-diff'),
      id: 'Not An Id',
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ error_code: 'INVALID_REQUEST' })
    expect(JSON.stringify(body.details)).toContain('id')
  })

  it('stores a hostile title byte for byte', async () => {
    const title = 'test; DROP TABLE users;'
    const posted = await call('POST', '/api/v1/tasks', { ...sampleTask('line-diff'), id: 'hostile', title })
    expect(posted).toMatchObject({ status: 202, body: { title } })
    expect((await call('GET', '/api/v1/tasks/hostile')).body.title).toBe(title)
  })

  it.each([
    ['a body that is no JSON', 'POST', '/api/v1/tasks', '{"id":', 400],
    ['a route that is none', 'GET', '/nowhere', undefined, 404],
    ['a task that is none', 'GET', '/api/v1/tasks/no-such-task', undefined, 404],
    ['a limit out of range', 'GET', '/api/v1/tasks?limit=100000', undefined, 422],
    ['a query that is unknown', 'GET', '/api/v1/tasks?colour=red', undefined, 422],
    ['a body that is too large', 'POST', '/api/v1/tasks', 'x'.repeat(1_100_000), 413],
  ])('answers %s in the one form of failure', async (_name, method, path, body, status) => {
    const answer = await call(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({
      error_code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.any(String),
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('serves a status page that may run its own script only', async () => {
    const response = await fetch(`${server.address}/status`)
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-/)
    expect(await response.text()).toContain('<title>Golden Architecture</title>')
  })

  it('refuses a second server on the same folder, naming the holder', async () => {
    const configuration = readConfiguration({ DATA_DIR: folder.path, PORT: '0', RATE_LIMITS })
    await expect(serve(configuration, pino({ level: 'silent' }))).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
      details: { holderPid: process.pid },
    })
  })
})
