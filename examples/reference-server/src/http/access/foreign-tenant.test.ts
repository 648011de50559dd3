import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

const CORPUS = join(import.meta.dirname, '..', '..', '..', 'demo', 'tasks-practical.jsonl')
// A line of the corpus is a task.
const TASK = JSON.parse(readFileSync(CORPUS, 'utf8').split('\n')[0] ?? '') as Record<string, unknown>

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer()
  const developer = await server.tokenOf('developer')
  for (const id of ['theirs', 'cancelled-by-them', 'of-both']) {
    const posted = await server.call('POST', '/api/v1/tasks', { token: developer, body: { ...TASK, id } })
    expect(posted.status).toBe(202)
  }
}, SLOW_START_MS)
afterAll(() => server.stop())

describe("another tenant's things", () => {
  it.each([
    ['GET', '/api/v1/tasks/theirs'],
    ['HEAD', '/api/v1/tasks/theirs'],
    ['POST', '/api/v1/tasks/theirs/cancel'],
    ['GET', '/tasks/theirs'],
    ['POST', '/tasks/theirs/cancel'],
    ['GET', '/api/v1/budget/state?project_id=coding-tasks&task_id=theirs'],
    ['GET', '/api/v1/budget/forecast?project_id=coding-tasks&task_id=theirs'],
  ])('are not there for its administrator: %s %s', async (method, path) => {
    const token = await server.tokenOf('admin', 'globex')
    const foreign = await server.call(method, path, { token })
    expect(foreign.status).toBe(404)
    const absent = await server.call(method, path.replace('theirs', 'absent'), { token })
    expect(absent.status).toBe(404)
    const strip = (text: string): string =>
      text.replaceAll(/theirs|absent/g, 'x').replace(/"request_id":"[^"]+"/, '')
    expect(strip(foreign.text)).toBe(strip(absent.text))
  })

  it.each([
    '/api/v1/tasks',
    '/tasks',
    '/api/v1/escalations',
    '/api/v1/reviews',
    '/api/v1/governance/proposals',
    '/api/v1/governance/status',
    '/api/v1/governance/prompts/developer/history',
    '/api/v1/audit',
    '/api/v1/audit/export',
    '/api/v1/budget/limits',
    '/api/v1/dlq',
    '/api/v1/dlq/groups',
    '/stats',
  ])('stand in none of its lists: %s', async (path) => {
    const token = await server.tokenOf('admin', 'globex')
    const { status, text } = await server.call('GET', path, { token })
    expect(status).toBe(200)
    expect(text).not.toMatch(/theirs|cancelled-by-them|acme/)
  })

  it('keep their names free: a task of one id lives in each tenant', async () => {
    const token = await server.tokenOf('admin', 'globex')
    const posted = await server.call('POST', '/api/v1/tasks', { token, body: { ...TASK, id: 'of-both' } })
    expect(posted.status).toBe(202)
  })
})

describe("somebody else's task of one tenant", () => {
  async function signInAs(name: string): Promise<string> {
    const { passwordHash } = (await server.gateway.users.credentialsOf('developer@acme')) ?? {}
    if (typeof passwordHash !== 'string') throw new Error('the developer has a password')
    const user = { tenantId: 'acme', userId: name, name, role: 'developer', passwordHash }
    await server.gateway.users.create(user, { id: 'test', kind: 'service' })
    const signedIn = await server.call('POST', '/api/v1/auth/login', {
      body: { username: name, password: server.password },
    })
    return String(signedIn.body?.token)
  }

  it('is taken, and no more, for a developer who posts one of its id, whatever it holds', async () => {
    const token = await signInAs('eager')
    const post = async (body: object): Promise<unknown> => {
      const answer = await server.call('POST', '/api/v1/tasks', { token, body })
      return [answer.status, answer.body]
    }
    const taken = [
      409,
      { error_code: 'TASK_EXISTS', message: 'the id is taken', request_id: expect.any(String) },
    ]
    expect(await post({ ...TASK, id: 'theirs' })).toEqual(taken)
    expect(await post({ ...TASK, id: 'theirs', title: 'another' })).toEqual(taken)
    const operator = await server.tokenOf('operator')
    const body = { ...TASK, id: 'theirs' }
    expect((await server.call('POST', '/api/v1/tasks', { token: operator, body })).status).toBe(202)
    const other = { ...body, description: 'another' }
    expect((await server.call('POST', '/api/v1/tasks', { token: operator, body: other })).body).toMatchObject(
      {
        error_code: 'TASK_EXISTS',
        details: expect.anything(),
      },
    )
  })

  it('is denied on record, and by the words for what is not there', async () => {
    const token = await signInAs('curious')
    for (const [method, path] of [
      ['GET', '/api/v1/tasks/theirs'],
      ['POST', '/api/v1/tasks/theirs/cancel'],
    ] as const) {
      const strip = ({ text }: Answer): string =>
        text.replaceAll(/theirs|absent/g, 'x').replace(/"request_id":"[^"]+"/, '')
      const denied = await server.call(method, path, { token })
      const absent = await server.call(method, path.replace('theirs', 'absent'), { token })
      expect(strip(denied)).toBe(strip(absent))
    }
    const admin = await server.tokenOf('admin')
    const denials = async (): Promise<unknown> => {
      const { body } = await server.call('GET', '/api/v1/audit?actor=curious&outcome=denied', {
        token: admin,
      })
      const entries = body?.entries as { resource: string; details: { permission: string; reason: string } }[]
      return entries.map(({ resource, details }) => [resource, details.permission, details.reason])
    }
    await expect.poll(denials, { timeout: 110_000 }).toEqual([
      ['task/theirs', 'task:cancel', 'not-owner'],
      ['task/theirs', 'task:read', 'not-owner'],
    ])
    const { text } = await server.call('GET', '/metrics', { token: admin })
    expect(text).toMatch(/^rbac_permission_denied_total\{[^}]*task:cancel[^}]*\} [1-9]/m)
  })

  it('is not there for a developer, and is for whoever reads all', async () => {
    const token = await signInAs('another developer')
    expect((await server.call('GET', '/api/v1/tasks/theirs', { token })).status).toBe(404)
    expect((await server.call('POST', '/api/v1/tasks/theirs/cancel', { token })).status).toBe(404)
    expect((await server.call('GET', '/api/v1/tasks', { token })).body).toMatchObject({ tasks: [] })
    const observer = await server.tokenOf('observer')
    expect((await server.call('GET', '/api/v1/tasks/theirs', { token: observer })).status).toBe(200)
  })

  it('is cancelled by its developer', async () => {
    const token = await server.tokenOf('developer')
    const { status, body } = await server.call('POST', '/api/v1/tasks/cancelled-by-them/cancel', { token })
    expect([status, body?.status]).toEqual([200, 'cancelled'])
  })
})
