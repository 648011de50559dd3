import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Task, TaskError, type TaskMachine, TaskStore, TaskSweeper } from '@golden-arch/core/tasks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  type CallOptions,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'
import { cancelTask } from './cancel-task.ts'

const CORPUS = join(import.meta.dirname, '..', '..', '..', 'demo', 'tasks-practical.jsonl')
// A line of the corpus is a task.
const { id: _id, ...TASK } = JSON.parse(readFileSync(CORPUS, 'utf8').split('\n')[0] ?? '') as Record<
  string,
  unknown
>

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer({ environment: { TASK_TIMEOUT_MS: '60000' } })
}, SLOW_START_MS)
afterAll(() => server.stop())

async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  return server.call(method, path, { token: await server.tokenOf('operator'), ...options })
}

describe('a posted task', () => {
  it('may leave its id to the server', async () => {
    const first = await call('POST', '/api/v1/tasks', { body: TASK })
    const second = await call('POST', '/api/v1/tasks', { body: TASK })
    expect([first.status, second.status]).toEqual([202, 202])
    expect(first.body?.id).not.toBe(second.body?.id)
    const location = String(first.headers.get('location'))
    expect((await call('GET', location)).body).toMatchObject({ id: first.body?.id, title: TASK.title })
  })

  it('is made once for an idempotency key, however often it is posted at once', async () => {
    const headers = { 'idempotency-key': 'order-1' }
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call('POST', '/api/v1/tasks', { body: TASK, headers })),
    )
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
    expect(new Set(answers.map(({ body }) => body?.id)).size).toBe(1)
  })

  it('of other content is refused under a key that was used', async () => {
    const headers = { 'idempotency-key': 'order-2' }
    await call('POST', '/api/v1/tasks', { body: TASK, headers })
    const other = await call('POST', '/api/v1/tasks', { body: { ...TASK, title: 'another' }, headers })
    expect([other.status, other.body?.error_code]).toEqual([409, 'TASK_EXISTS'])
  })

  it('of another person is another one under the same key', async () => {
    const headers = { 'idempotency-key': 'order-3' }
    const mine = await call('POST', '/api/v1/tasks', { body: TASK, headers })
    const theirs = await call('POST', '/api/v1/tasks', {
      token: await server.tokenOf('admin'),
      body: TASK,
      headers,
    })
    expect([mine.status, theirs.status]).toEqual([202, 202])
    expect(mine.body?.id).not.toBe(theirs.body?.id)
  })

  it('is refused under a key that is none', async () => {
    const answer = await call('POST', '/api/v1/tasks', {
      body: TASK,
      headers: { 'idempotency-key': 'two words' },
    })
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({
      error_code: 'INVALID_REQUEST',
      details: [{ path: ['idempotency-key'] }],
    })
  })

  it('keeps a name that would be an attack to the byte, and is warned of', async () => {
    const title = 'test; DROP TABLE users;'
    const posted = await call('POST', '/api/v1/tasks', { body: { ...TASK, id: 'injection', title } })
    expect(posted.status).toBe(202)
    expect(posted.body).toMatchObject({ title, warnings: [{ field: 'title', rule: 'sql-statement-writes' }] })
    const shown = await call('GET', '/api/v1/tasks/injection')
    expect(shown.body?.title).toBe(title)
    expect(shown.body).not.toHaveProperty('warnings')
  })

  it('without anything odd has no warnings', async () => {
    expect((await call('POST', '/tasks', { body: { ...TASK, id: 'plain' } })).body?.warnings).toEqual([])
  })

  it('with an id that is none is refused by its rule', async () => {
    const answer = await call('POST', '/api/v1/tasks', { body: { ...TASK, id: 'test; DROP TABLE users;' } })
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ error_code: 'INVALID_REQUEST', details: [{ path: ['id'] }] })
  })
})

describe('the project of a posted task', () => {
  const post = async (project_id: string, role: 'operator' | 'developer'): Promise<Answer> =>
    call('POST', '/api/v1/tasks', { body: { ...TASK, project_id }, token: await server.tokenOf(role) })

  it('is coding-tasks where none is named', async () => {
    expect((await call('POST', '/api/v1/tasks', { body: TASK })).body).toMatchObject({
      project_id: 'coding-tasks',
    })
  })

  it('is any that has a budget, for whoever may post tasks', async () => {
    const limit = { project_id: 'billing', limit_tokens: 5000 }
    expect((await call('PUT', '/api/v1/budget/limits', { body: limit })).status).toBe(200)
    const posted = await post('billing', 'developer')
    expect([posted.status, posted.body?.project_id]).toEqual([202, 'billing'])
    expect((await call('GET', '/api/v1/tasks?project_id=billing')).body?.tasks).toHaveLength(1)
  })

  it('without a budget is opened by those alone who may grant one', async () => {
    const refused = await post('a-new-one', 'developer')
    expect([refused.status, refused.body?.error_code]).toEqual([403, 'PERMISSION_DENIED'])
    expect((await call('GET', '/api/v1/tasks?project_id=a-new-one')).body?.tasks).toEqual([])
    expect((await post('a-new-one', 'operator')).status).toBe(202)
    expect((await post('', 'operator')).status).toBe(422)
  })
})

describe('the deadline of a task', () => {
  const deadlineOf = async (id: string, more: object): Promise<unknown> => {
    const { status, body } = await call('POST', '/api/v1/tasks', { body: { ...TASK, id, ...more } })
    expect(status).toBe(202)
    return body?.deadline_at
  }
  const after = (ms: number): string => new Date(server.clock.now().getTime() + ms).toISOString()

  it('is as the server is told, or sooner where its client wants that', async () => {
    expect(await deadlineOf('patient', {})).toBe(after(60_000))
    expect(await deadlineOf('impatient', { timeout_ms: 1000 })).toBe(after(1000))
    expect(await deadlineOf('impatient', { timeout_ms: 5000 })).toBe(after(1000))
  })

  it.each([999, 60_001, 1.5, null, 3e9])('is refused at %s milliseconds', async (timeout_ms) => {
    expect((await call('POST', '/api/v1/tasks', { body: { ...TASK, timeout_ms } })).status).toBe(422)
  })

  it('ends it as failed once it has passed', async () => {
    const { database, machine, steps } = server.system
    await deadlineOf('overdue', {})
    await database.query('UPDATE tasks SET deadline_at = $2 WHERE task_id = $1', ['overdue', new Date(0)])
    // Those of other tests may be overdue too.
    expect((await new TaskSweeper({ database, machine, steps }).runOnce()).overdue).toBeGreaterThan(0)
    expect((await call('GET', '/api/v1/tasks/overdue')).body).toMatchObject({
      status: 'failed',
      status_reason: 'deadline-exceeded',
      deadline_at: '1970-01-01T00:00:00.000Z',
    })
  })
})

describe('a task that is shown', () => {
  it('is not sent again while it is as it was', async () => {
    await call('POST', '/api/v1/tasks', { body: { ...TASK, id: 'watched' } })
    const shown = await call('GET', '/api/v1/tasks/watched')
    const etag = String(shown.headers.get('etag'))
    const again = await call('GET', '/api/v1/tasks/watched', { headers: { 'if-none-match': etag } })
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
    await call('POST', '/api/v1/tasks/watched/cancel')
    const changed = await call('GET', '/api/v1/tasks/watched', { headers: { 'if-none-match': etag } })
    expect([changed.status, changed.body?.status]).toEqual([200, 'cancelled'])
    expect(changed.headers.get('etag')).not.toBe(etag)
  })
})

describe('a task that is called off', () => {
  const cancel = (id: string): Promise<Answer> => call('POST', `/api/v1/tasks/${id}/cancel`)

  it('by several at once, and again, is cancelled once and answered alike', async () => {
    await call('POST', '/api/v1/tasks', { body: { ...TASK, id: 'called-off' } })
    const answers = await Promise.all([1, 2, 3].map(() => cancel('called-off')))
    answers.push(await cancel('called-off'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(answers[0]?.body).toMatchObject({ id: 'called-off', status: 'cancelled', version: 2 })
    for (const { body } of answers) expect(body).toEqual(answers[0]?.body)
  })

  it('and has ended otherwise is refused', async () => {
    await call('POST', '/api/v1/tasks', { body: { ...TASK, id: 'failed-before' } })
    const { machine, database } = server.system
    const task = await new TaskStore().get(database, { tenantId: 'acme', taskId: 'failed-before' })
    await machine.transition({ task, to: 'failed', actor: { id: 'ada', kind: 'human' } })
    const { status, body } = await cancel('failed-before')
    expect([status, body?.error_code]).toEqual([409, 'TASK_TRANSITION_INVALID'])
  })

  it('while it is moved on is cancelled all the same, and told so where that happens again and again', async () => {
    const { machine, database } = server.system
    const store = new TaskStore()
    const actor = { id: 'ada', kind: 'human' } as const
    await call('POST', '/api/v1/tasks', { body: { ...TASK, id: 'moved-on' } })
    const key = { tenantId: 'acme', taskId: 'moved-on' }
    const again = (): Promise<Task> => store.get(database, key)
    const seen = await again()
    await machine.transition({ task: seen, to: 'executing', actor })
    expect(await cancelTask(machine, seen, actor, again)).toMatchObject({ status: 'cancelled' })
    let tries = 0
    const restless: Pick<TaskMachine, 'transition'> = {
      transition: async () => {
        tries++
        throw new TaskError({ code: 'TASK_VERSION_CONFLICT', message: 'moved', retryable: true })
      },
    }
    await expect(cancelTask(restless, seen, actor, async () => seen)).rejects.toMatchObject({
      code: 'TASK_VERSION_CONFLICT',
    })
    expect(tries).toBe(10)
  })
})

describe('the list of tasks', () => {
  it('is narrowed by what a query names', async () => {
    await call('POST', '/api/v1/tasks', {
      body: { ...TASK, id: 'listed' },
      token: await server.tokenOf('admin'),
    })
    const idsOf = async (query: string): Promise<unknown> => {
      const { body } = await call('GET', `/api/v1/tasks?limit=200&${query}`)
      return ((body?.tasks ?? []) as { id: string }[]).map(({ id }) => id)
    }
    expect(await idsOf('created_by=admin-of-acme&kind=root&project_id=coding-tasks')).toContain('listed')
    expect(await idsOf('created_by=operator-of-acme')).not.toContain('listed')
    expect(await idsOf('project_id=another')).toEqual([])
    expect(await idsOf('kind=child')).toEqual([])
    expect(await idsOf('status=completed')).toEqual([])
  })

  it('holds nothing of others for a developer, whoever is asked for', async () => {
    await call('POST', '/api/v1/tasks', { body: { ...TASK, id: 'not-theirs' } })
    const token = await server.tokenOf('developer')
    const { status, body } = await call('GET', '/api/v1/tasks?created_by=operator-of-acme', { token })
    expect([status, body]).toEqual([200, { tasks: [], next_cursor: null }])
  })

  it.each([
    'status=none',
    'kind=none',
    'limit=0',
    'limit=201',
    'order=random',
    'other=1',
    'status=failed&status=failed',
  ])('refuses %s', async (query) => expect((await call('GET', `/api/v1/tasks?${query}`)).status).toBe(422))

  it.each(['oldest', 'newest'])(
    'goes on where its cursor points, to the last, the %s first',
    async (order) => {
      for (let count = 0; count < 3; count++) await call('POST', '/api/v1/tasks', { body: TASK })
      const { body: oldest } = await call('GET', '/api/v1/tasks?limit=200')
      const whole = {
        tasks: order === 'oldest' ? oldest?.tasks : ((oldest?.tasks ?? []) as unknown[]).toReversed(),
      }
      const path = `/api/v1/tasks?limit=2&order=${order}`
      const pages: unknown[] = []
      let cursor: unknown = ''
      while (cursor !== null) {
        const { body } = await call('GET', `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`)
        pages.push(...((body?.tasks ?? []) as unknown[]))
        cursor = body?.next_cursor ?? null
      }
      expect(pages).toEqual(whole.tasks)
    },
  )
})
