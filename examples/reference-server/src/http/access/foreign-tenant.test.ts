import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'

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
    '/api/v1/audit',
    '/api/v1/audit/export',
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
  it('is not there for a developer, and is for whoever reads all', async () => {
    const { passwordHash } = (await server.gateway.users.credentialsOf('developer@acme')) ?? {}
    if (typeof passwordHash !== 'string') throw new Error('the developer has a password')
    const user = { tenantId: 'acme', name: 'another developer', role: 'developer', passwordHash }
    await server.gateway.users.create(user, { id: 'test', kind: 'service' })
    const signedIn = await server.call('POST', '/api/v1/auth/login', {
      body: { username: user.name, password: server.password },
    })
    const token = String(signedIn.body?.token)
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
